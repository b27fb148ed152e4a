from django.db import migrations


def more(apps, schema_editor):
    alias = schema_editor.connection.alias
    apps.get_model("flow", "Note").objects.using(alias).filter(pk=1).update(text="from the new migration")


class Migration(migrations.Migration):
    dependencies = [("flow", "0001_initial")]
    operations = [migrations.RunPython(more, migrations.RunPython.noop)]
