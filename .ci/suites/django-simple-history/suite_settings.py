"""The settings of the package's own runtests.py, with a password hasher that is quick."""

import runtests

globals().update(runtests.get_default_settings())

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
