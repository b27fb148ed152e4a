import django.db.models.deletion
from django.db import migrations, models


def primary_key():
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Author",
            fields=[
                ("id", primary_key()),
                ("name", models.CharField(max_length=120)),
                ("slug", models.SlugField(unique=True)),
                ("biography", models.TextField(blank=True)),
            ],
            options={"ordering": ["name"]},
        ),
        migrations.CreateModel(
            name="Genre",
            fields=[
                ("id", primary_key()),
                ("name", models.CharField(max_length=60)),
                ("slug", models.SlugField(unique=True)),
            ],
            options={"ordering": ["name"]},
        ),
        migrations.CreateModel(
            name="Publisher",
            fields=[
                ("id", primary_key()),
                ("name", models.CharField(max_length=120, unique=True)),
                ("country", models.CharField(default="GB", max_length=2)),
            ],
            options={"ordering": ["name"]},
        ),
        migrations.CreateModel(
            name="Book",
            fields=[
                ("id", primary_key()),
                ("title", models.CharField(max_length=120)),
                ("slug", models.SlugField(unique=True)),
                ("isbn", models.CharField(max_length=13, verbose_name="ISBN")),
                ("price", models.DecimalField(decimal_places=2, max_digits=6)),
                ("published", models.DateField(blank=True, null=True)),
                ("is_available", models.BooleanField(default=True)),
                ("authors", models.ManyToManyField(related_name="books", to="catalog.author")),
                (
                    "genres",
                    models.ManyToManyField(blank=True, related_name="books", to="catalog.genre"),
                ),
                (
                    "publisher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="books",
                        to="catalog.publisher",
                    ),
                ),
            ],
            options={"ordering": ["title"]},
        ),
    ]
