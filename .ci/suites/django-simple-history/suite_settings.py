"""The settings of the package's own runtests.py as a module."""

import runtests

globals().update(runtests.get_default_settings())
