from django.db import migrations, models

import catalog.models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_book_details")]

    operations = [
        migrations.AlterField("book", "title", models.CharField(max_length=200)),
        migrations.AlterField("book", "price", models.DecimalField(decimal_places=2, max_digits=8)),
        migrations.AlterField(
            "book",
            "isbn",
            models.CharField(
                max_length=13,
                unique=True,
                validators=[catalog.models.validate_isbn],
                verbose_name="ISBN",
            ),
        ),
    ]
