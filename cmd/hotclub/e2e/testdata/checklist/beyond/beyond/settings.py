"""A project whose tests Django's own parallel runner does not survive, or reports wrongly."""

from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "x"
ROOT_URLCONF = "beyond.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["beyond"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "dev.sqlite3",
        "TEST": {"NAME": BASE_DIR / "test.sqlite3"},
    }
}
