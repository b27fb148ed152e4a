from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField("user", "display_name", models.CharField(blank=True, max_length=80)),
        migrations.AddField("user", "newsletter", models.BooleanField(default=False)),
        migrations.AddField("user", "loyalty_points", models.PositiveIntegerField(default=0)),
    ]
