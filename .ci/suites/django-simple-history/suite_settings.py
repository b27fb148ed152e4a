"""The settings of the package's own runtests.py, with a password hasher that is quick.

The databases are SQLite's, or on a PostgreSQL that POSTGRES_HOST and its like name.
"""

import os

import runtests

globals().update(runtests.get_default_settings())

if "POSTGRES_HOST" in os.environ:
    DATABASES = {
        alias: {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": os.environ["POSTGRES_USER"],
            "PASSWORD": os.environ["POSTGRES_PASSWORD"],
            "HOST": os.environ["POSTGRES_HOST"],
            "PORT": os.environ["POSTGRES_PORT"],
        }
        for alias, name in (("default", "test"), ("other", "other"))
    }

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The default. A test deletes it, which settings.configure(), used by
# runtests.py, would let it do to a setting that is not there.
SIMPLE_HISTORY_DATE_INDEX = True
