from django.db import migrations, models

from bookshop.compat import check_constraint


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_invoice_and_shipping")]

    operations = [
        migrations.CreateModel(
            name="Coupon",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("percent", models.PositiveSmallIntegerField()),
                ("valid_until", models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.AddConstraint(
            "coupon",
            check_constraint(
                models.Q(("percent__gte", 1), ("percent__lte", 100)), "orders_coupon_percent"
            ),
        ),
        migrations.AddField(
            "order", "discount", models.DecimalField(decimal_places=2, default=0, max_digits=10)
        ),
    ]
