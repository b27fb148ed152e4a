import shop.models
from django.conf import settings
from django.core.management import call_command
from django.db import migrations, models
from shop import helpers

import journal


def fill(apps, schema_editor):
    journal.note("migrated")
    items = apps.get_model("shop", "Item").objects
    for name in [*helpers.words(), *helpers.COMPUTED, settings.SEED]:
        items.create(name=name)


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("code", helpers.Code(max_length=20, default=helpers.default_code)),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(
            lambda apps, schema_editor: call_command("loaddata", "more", verbosity=0),
            migrations.RunPython.noop,
        ),
    ]
