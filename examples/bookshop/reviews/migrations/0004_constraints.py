from django.db import migrations, models

from bookshop.compat import check_constraint


class Migration(migrations.Migration):
    dependencies = [("reviews", "0003_load_banned_words")]

    operations = [
        migrations.AddConstraint(
            "review",
            models.UniqueConstraint(fields=("book", "user"), name="reviews_one_per_user"),
        ),
        migrations.AddConstraint(
            "review",
            check_constraint(
                models.Q(("rating__gte", 1), ("rating__lte", 5)), "reviews_rating_1_to_5"
            ),
        ),
    ]
