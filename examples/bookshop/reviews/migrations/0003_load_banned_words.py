from django.db import migrations

WORDS = ["casino", "lottery", "miracle", "viagra"]


def load_words(apps, schema_editor):
    banned = apps.get_model("reviews", "BannedWord")
    banned.objects.using(schema_editor.connection.alias).bulk_create(
        banned(word=word) for word in WORDS
    )


def remove_words(apps, schema_editor):
    banned = apps.get_model("reviews", "BannedWord")
    banned.objects.using(schema_editor.connection.alias).filter(word__in=WORDS).delete()


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_moderation")]

    operations = [migrations.RunPython(load_words, remove_words)]
