"""The settings of the package's own tests, with three SQLite databases in memory."""

from test_project.settings import *  # noqa: F403

DATABASES = {
    alias: {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    for alias in ("default", "postgres", "mysql")
}
