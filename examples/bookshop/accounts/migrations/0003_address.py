import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_profile_fields")]

    operations = [
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line1", models.CharField(max_length=120)),
                ("city", models.CharField(max_length=80)),
                ("postcode", models.CharField(max_length=12)),
                ("country", models.CharField(default="GB", max_length=2)),
                ("is_default", models.BooleanField(default=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name_plural": "addresses", "ordering": ["-is_default", "pk"]},
        ),
        migrations.AddConstraint(
            "address",
            models.UniqueConstraint(
                condition=models.Q(("is_default", True)),
                fields=("user",),
                name="accounts_one_default_address",
            ),
        ),
    ]
