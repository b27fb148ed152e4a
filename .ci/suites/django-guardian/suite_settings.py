"""The settings of the package's own tests, with a password hasher that is quick."""

from guardian.testapp.testsettings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
