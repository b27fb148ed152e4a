from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pages", "0004_load_site_settings")]

    operations = [
        migrations.CreateModel(
            name="ContactMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("email", models.EmailField(max_length=254)),
                ("subject", models.CharField(max_length=120)),
                ("message", models.TextField()),
                ("sent_at", models.DateTimeField(auto_now_add=True)),
                ("answered", models.BooleanField(default=False)),
            ],
            options={"ordering": ["-sent_at"]},
        ),
    ]
