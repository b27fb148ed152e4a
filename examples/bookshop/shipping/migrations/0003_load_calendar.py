from datetime import date, timedelta

from django.db import migrations

from shipping.holidays import is_open

FIRST, LAST = date(2010, 1, 1), date(2039, 12, 31)


def load_calendar(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    days = apps.get_model("shipping", "Day").objects
    day = FIRST
    while day <= LAST:
        days.create(date=day, open=is_open(day))
        day += timedelta(days=1)


class Migration(migrations.Migration):
    dependencies = [("shipping", "0002_load_zones")]

    operations = [migrations.RunPython(load_calendar, migrations.RunPython.noop)]
