"""The settings that the package's own tests/conftest.py makes for pytest."""

SECRET_KEY = "not very secret in tests"
DEBUG_PROPAGATE_EXCEPTIONS = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
    "secondary": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
}
SITE_ID = 1
USE_I18N = True
STATIC_URL = "/static/"
ROOT_URLCONF = "tests.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"debug": True},
    },
]
MIDDLEWARE = (
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)
INSTALLED_APPS = (
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "tests.authentication",
    "tests.generic_relations",
    "tests.importable",
    "tests",
)
PASSWORD_HASHERS = ("django.contrib.auth.hashers.MD5PasswordHasher",)
# The tests' models, made to be imported a few at a time, and pytest runs no checks.
SILENCED_SYSTEM_CHECKS = [
    *("admin.E402", "admin.E404", "admin.E406"),
    *("fields.E304", "fields.E305", "fields.E901"),
]
