"""The settings of the package's own tests, with SQLite in memory."""

import os

os.environ["SQLITE"] = "1"

from tests.settings import *  # noqa: F403
