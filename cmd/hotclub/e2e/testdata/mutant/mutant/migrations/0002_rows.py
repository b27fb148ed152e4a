from django.db import migrations

ROWS = 1


def fill(apps, schema_editor):
    for _ in range(ROWS):
        apps.get_model("mutant", "Gadget").objects.create(name="migrated")


class Migration(migrations.Migration):
    dependencies = [("mutant", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
