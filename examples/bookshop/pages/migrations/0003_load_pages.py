from django.db import migrations

PAGES = [
    ("about", "About us", "We have sold books since 1987.\n\nCome and see us.", True),
    ("delivery", "Delivery", "We post every order within two working days.", True),
    ("returns", "Returns", "Send back any book within thirty days.", True),
    ("opening-hours", "Opening hours", "Monday to Saturday, nine to six.", False),
]


def load_pages(apps, schema_editor):
    page = apps.get_model("pages", "Page")
    for slug, title, body, in_footer in PAGES:
        page.objects.using(schema_editor.connection.alias).create(
            slug=slug, title=title, body=body, in_footer=in_footer
        )


def remove_pages(apps, schema_editor):
    page = apps.get_model("pages", "Page")
    slugs = [slug for slug, *_ in PAGES]
    page.objects.using(schema_editor.connection.alias).filter(slug__in=slugs).delete()


class Migration(migrations.Migration):
    dependencies = [("pages", "0002_sitesetting_and_footer")]

    operations = [migrations.RunPython(load_pages, remove_pages)]
