SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.contenttypes", "shop", "loose"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SEED = "setting"
