import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analytics", "0002_dailysales")]

    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(unique=True)),
                ("host", models.CharField(blank=True, max_length=100)),
            ],
            options={"ordering": ["slug"]},
        ),
        migrations.AddField("pageview", "status", models.PositiveSmallIntegerField(default=200)),
        migrations.AddField(
            "pageview",
            "channel",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="analytics.channel",
            ),
        ),
        migrations.AddIndex(
            "pageview", models.Index(fields=["path", "at"], name="analytics_path_at")
        ),
    ]
