from django.db import migrations, models


def number_genres(apps, schema_editor):
    genre = apps.get_model("catalog", "Genre")
    alias = schema_editor.connection.alias
    for position, row in enumerate(genre.objects.using(alias).order_by("pk"), start=1):
        row.position = position * 10
        row.save(using=alias, update_fields=["position"])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_indexes_and_constraints")]

    operations = [
        migrations.AddField("genre", "position", models.PositiveSmallIntegerField(default=0)),
        migrations.AlterModelOptions("genre", {"ordering": ["position", "name"]}),
        migrations.RunPython(number_genres, migrations.RunPython.noop),
    ]
