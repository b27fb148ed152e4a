from django.db import migrations, models


def fill(apps, schema_editor):
    apps.get_model("beyond", "Row").objects.create(text="from a migration")


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            name="Row",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("text", models.CharField(max_length=80)),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
