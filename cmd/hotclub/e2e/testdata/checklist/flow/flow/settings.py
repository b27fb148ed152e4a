"""A project that writes down when it is asked for what. FLOW_* choose its faults."""

import os
from pathlib import Path

from flow.journal import note

BASE_DIR = Path(__file__).resolve().parent.parent
FLOW_BAD_CHECK = os.environ.get("FLOW_BAD_CHECK")
FLOW_BAD_INIT = os.environ.get("FLOW_BAD_INIT")
FLOW_CIRCULAR = os.environ.get("FLOW_CIRCULAR")

SECRET_KEY = "x"
ROOT_URLCONF = "flow.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER = "flow.runner.FlowRunner"
INSTALLED_APPS = ["flow"]
DATABASES = {
    "default": {
        "ENGINE": os.environ.get("FLOW_ENGINE", "django.db.backends.sqlite3"),
        "NAME": BASE_DIR / "dev.sqlite3",
        "TEST": {"DEPENDENCIES": ["second"]},
    },
    "second": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "dev_second.sqlite3",
        "TEST": {"DEPENDENCIES": ["default"] if FLOW_CIRCULAR else []},
    },
}
note("settings")
