from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shipping", "0004_prices_and_cutoffs")]

    operations = [
        migrations.AddField("day", "note", models.CharField(blank=True, max_length=80)),
        migrations.AddIndex(
            "day", models.Index(fields=["open", "date"], name="shipping_open_days")
        ),
    ]
