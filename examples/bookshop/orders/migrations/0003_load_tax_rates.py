from decimal import Decimal

from django.db import migrations

RATES = {"GB": "0", "IE": "0", "DE": "7", "FR": "5.5", "NL": "9", "ES": "4", "IT": "4"}


def load_rates(apps, schema_editor):
    rate = apps.get_model("orders", "TaxRate")
    rate.objects.using(schema_editor.connection.alias).bulk_create(
        rate(country=country, percent=Decimal(percent)) for country, percent in RATES.items()
    )


def remove_rates(apps, schema_editor):
    rate = apps.get_model("orders", "TaxRate")
    rate.objects.using(schema_editor.connection.alias).filter(country__in=RATES).delete()


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_taxrate")]

    operations = [migrations.RunPython(load_rates, remove_rates)]
