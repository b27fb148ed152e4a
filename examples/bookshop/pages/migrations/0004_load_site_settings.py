from django.db import migrations

SETTINGS = {
    "name": "The Corner Bookshop",
    "banner": "Free delivery from £40",
    "currency": "GBP",
}


def load_settings(apps, schema_editor):
    setting = apps.get_model("pages", "SiteSetting")
    for key, value in SETTINGS.items():
        setting.objects.using(schema_editor.connection.alias).update_or_create(
            key=key, defaults={"value": value}
        )


class Migration(migrations.Migration):
    dependencies = [("pages", "0003_load_pages")]

    operations = [migrations.RunPython(load_settings, migrations.RunPython.noop)]
