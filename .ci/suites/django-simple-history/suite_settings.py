"""The settings of the package's own runtests.py, with a password hasher that is quick."""

import runtests

globals().update(runtests.get_default_settings())

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The default. A test deletes it, which settings.configure(), used by
# runtests.py, would let it do to a setting that is not there.
SIMPLE_HISTORY_DATE_INDEX = True
