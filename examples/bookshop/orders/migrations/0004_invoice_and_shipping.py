import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_load_tax_rates")]

    operations = [
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(unique=True)),
                ("issued_on", models.DateField(default=django.utils.timezone.localdate)),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice",
                        to="orders.order",
                    ),
                ),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.AlterField(
            "order",
            "status",
            models.CharField(
                choices=[
                    ("placed", "Placed"),
                    ("paid", "Paid"),
                    ("shipped", "Shipped"),
                    ("cancelled", "Cancelled"),
                ],
                default="placed",
                max_length=10,
            ),
        ),
        migrations.AlterModelOptions(
            "order",
            {
                "ordering": ["-placed_at", "-pk"],
                "permissions": [("ship_order", "Can ship orders")],
            },
        ),
    ]
