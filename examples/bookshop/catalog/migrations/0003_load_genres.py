from django.db import migrations

GENRES = {
    "fiction": "Fiction",
    "crime": "Crime",
    "science-fiction": "Science fiction",
    "history": "History",
    "poetry": "Poetry",
    "children": "Children",
    "cookery": "Cookery",
    "computing": "Computing",
}


def load_genres(apps, schema_editor):
    genre = apps.get_model("catalog", "Genre")
    genre.objects.using(schema_editor.connection.alias).bulk_create(
        genre(slug=slug, name=name) for slug, name in GENRES.items()
    )


def remove_genres(apps, schema_editor):
    genre = apps.get_model("catalog", "Genre")
    genre.objects.using(schema_editor.connection.alias).filter(slug__in=GENRES).delete()


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_stockitem")]

    operations = [migrations.RunPython(load_genres, remove_genres)]
