from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_load_genres")]

    operations = [
        migrations.AddField(
            "author", "born", models.PositiveSmallIntegerField(blank=True, null=True)
        ),
        migrations.AddField("book", "pages", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("book", "language", models.CharField(default="en", max_length=5)),
    ]
