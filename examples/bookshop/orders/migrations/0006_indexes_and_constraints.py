from decimal import Decimal

from django.db import migrations, models

from bookshop.compat import check_constraint


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_coupon")]

    operations = [
        migrations.AddIndex(
            "order", models.Index(fields=["status", "placed_at"], name="orders_by_status")
        ),
        migrations.AddConstraint(
            "order",
            check_constraint(models.Q(("total__gte", Decimal("0"))), "orders_total_not_negative"),
        ),
        migrations.AddConstraint(
            "cartline",
            models.UniqueConstraint(fields=("cart", "book"), name="orders_cart_book_once"),
        ),
    ]
