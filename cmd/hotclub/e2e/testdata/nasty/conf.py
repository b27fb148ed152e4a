SECRET_KEY = "x"
INSTALLED_APPS = ["shelf"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
ROOT_URLCONF = "shelf.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
