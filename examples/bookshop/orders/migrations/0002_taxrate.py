from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("country", models.CharField(max_length=2, unique=True)),
                ("percent", models.DecimalField(decimal_places=2, max_digits=5)),
            ],
            options={"ordering": ["country"]},
        ),
        migrations.AddField(
            "order", "tax", models.DecimalField(decimal_places=2, default=0, max_digits=10)
        ),
    ]
