from decimal import Decimal

from django.db import migrations, models

from bookshop.compat import check_constraint


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_longer_titles_unique_isbn")]

    operations = [
        migrations.AddIndex(
            "book", models.Index(fields=["published"], name="catalog_book_published")
        ),
        migrations.AddIndex(
            "book", models.Index(fields=["is_available", "title"], name="catalog_book_listing")
        ),
        migrations.AddConstraint(
            "book",
            check_constraint(
                models.Q(("price__gte", Decimal("0"))), "catalog_book_price_not_negative"
            ),
        ),
        migrations.AddConstraint(
            "stockitem",
            check_constraint(models.Q(("quantity__gte", 0)), "catalog_stock_not_negative"),
        ),
    ]
