"""Settings that make what the checklist of DJANGO.md speaks of visible to tests."""

import os
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SEEN_ARGV = list(sys.argv)
SEEN_MANAGE = os.environ.get("TOUR_MANAGE")

SECRET_KEY = "x"
DEBUG = True
ALLOWED_HOSTS = ["example.com"]
USE_TZ = True
ROOT_URLCONF = "tour.urls"
STATIC_URL = "static/"
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER = "tour.runner.TourRunner"
TEST_NON_SERIALIZED_APPS = ["django.contrib.auth"]
MIGRATION_MODULES = {"auth": None, "contenttypes": None}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "tour",
]
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "table": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "tour_cache"},
}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]


def _sqlite(name, **test):
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / name, "TEST": test}


DATABASES = {
    "default": _sqlite("dev.sqlite3"),
    # The same database twice, in a file.
    "filed": _sqlite("dev_filed.sqlite3", NAME=BASE_DIR / "test_filed.sqlite3"),
    "twin": _sqlite("dev_filed.sqlite3", NAME=BASE_DIR / "test_filed.sqlite3"),
    "replica": _sqlite("dev.sqlite3", MIRROR="default"),
    "plain": _sqlite("dev_plain.sqlite3", MIGRATE=False, DEPENDENCIES=["filed"]),
    # Its migrations raise: whoever creates it needlessly is found out.
    "unused": _sqlite("dev_unused.sqlite3"),
}
