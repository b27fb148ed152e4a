from django.db import migrations, models

from flow.journal import note


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    note("migrate", alias)
    apps.get_model("flow", "Note").objects.using(alias).create(text="from a migration")


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("text", models.CharField(max_length=80)),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
