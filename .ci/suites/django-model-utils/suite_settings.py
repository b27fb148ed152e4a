"""The settings of the package's own tests, with SQLite in memory unless POSTGRES_HOST is set."""

import os

if "POSTGRES_HOST" not in os.environ:
    os.environ["SQLITE"] = "1"

from tests.settings import *  # noqa: F403
