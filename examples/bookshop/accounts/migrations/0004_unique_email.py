from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_address")]

    operations = [
        migrations.AlterField(
            "user",
            "email",
            models.EmailField(max_length=254, unique=True, verbose_name="email address"),
        ),
    ]
