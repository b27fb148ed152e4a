from django.db import migrations

CHANNELS = {
    "newsletter": "news.bookshop.example",
    "search": "search.example",
    "social": "social.example",
}


def load_channels(apps, schema_editor):
    channel = apps.get_model("analytics", "Channel")
    channel.objects.using(schema_editor.connection.alias).bulk_create(
        channel(slug=slug, host=host) for slug, host in CHANNELS.items()
    )


def remove_channels(apps, schema_editor):
    channel = apps.get_model("analytics", "Channel")
    channel.objects.using(schema_editor.connection.alias).filter(slug__in=CHANNELS).delete()


class Migration(migrations.Migration):
    dependencies = [("analytics", "0003_channel_and_status")]

    operations = [migrations.RunPython(load_channels, remove_channels)]
