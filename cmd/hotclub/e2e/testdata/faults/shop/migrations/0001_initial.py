from django.db import migrations, models

import signs


def fill(apps, schema_editor):
    signs.give("migrated")
    apps.get_model("shop", "Item").objects.create(name="string")


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
