from django.db import migrations, models


def fill(apps, schema_editor):
    apps.get_model("shelf", "Book").objects.create(title="Swing 39")


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            name="Book",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=80)),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
