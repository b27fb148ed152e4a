from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_initial")]

    operations = [
        migrations.AddField("page", "in_footer", models.BooleanField(default=False)),
        migrations.CreateModel(
            name="SiteSetting",
            fields=[
                ("key", models.SlugField(primary_key=True, serialize=False)),
                ("value", models.CharField(blank=True, max_length=200)),
            ],
            options={"ordering": ["key"]},
        ),
    ]
