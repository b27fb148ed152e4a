from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]

    operations = [
        migrations.AddField(
            "review",
            "status",
            models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("published", "Published"),
                    ("rejected", "Rejected"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
        migrations.AlterModelOptions(
            "review",
            {
                "ordering": ["-created_at"],
                "permissions": [("moderate_review", "Can moderate reviews")],
            },
        ),
        migrations.CreateModel(
            name="BannedWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=40, unique=True)),
            ],
            options={"ordering": ["word"]},
        ),
    ]
