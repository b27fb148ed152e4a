from django.db import migrations, models


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    if alias == "unused":
        raise RuntimeError("the database 'unused' was created although no test asked for it")
    apps.get_model("tour", "Book").objects.using(alias).create(title="from a migration")


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            name="Shelf",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name="Book",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=80)),
                ("shelf", models.ForeignKey("tour.Shelf", models.CASCADE, null=True)),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
