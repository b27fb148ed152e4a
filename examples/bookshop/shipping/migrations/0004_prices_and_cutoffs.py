from datetime import time

from django.db import migrations, models


def set_cutoffs(apps, schema_editor):
    """The last order of a day that is sent the same day; earlier on the eve of a closed day."""
    if schema_editor.connection.alias != "default":
        return
    following_open = False
    for day in apps.get_model("shipping", "Day").objects.order_by("-date"):
        if day.open:
            day.cutoff = time(16) if following_open else time(13)
            day.save(update_fields=["cutoff"])
        following_open = day.open


class Migration(migrations.Migration):
    dependencies = [("shipping", "0003_load_calendar")]

    operations = [
        migrations.AddField(
            "zone", "price", models.DecimalField(decimal_places=2, default=0, max_digits=6)
        ),
        migrations.AddField("day", "cutoff", models.TimeField(blank=True, null=True)),
        migrations.RunPython(set_cutoffs, migrations.RunPython.noop),
    ]
