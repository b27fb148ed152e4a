"""Values that a template may turn out to depend on: of settings and of environment variables.

A value travels as a digest only. What has none here is absent, or as Django's defaults have it.
"""

import re
from typing import Any

from hotclub_worker.reads import Recorder, digest_of_text

# What lets somebody in is no part of what is in there. PGPASSWORD and its like are not facts.
_SECRET_VARIABLES = ("PGPASSWORD", "MYSQL_PWD")
_SECRETS = ("PASSWORD", "SAVED_PASSWORD", "password", "passwd", "sslpassword", "wallet_password")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def facts(recorder: Recorder) -> dict[str, str]:
    """All of them, as this process was started with them."""
    from django.conf import global_settings, settings

    found = {
        f"environment {name}": value
        for name, value in recorder.born_with().items()
        if name not in _SECRET_VARIABLES
    }
    for name in dir(settings):
        if name.isupper():
            value = getattr(settings, name)
            if name == "DATABASES":
                value = {alias: _without_password(each) for alias, each in value.items()}
            if value is not getattr(global_settings, name, settings):
                found[f"setting {name}"] = digest_of_text(stable(value))
    return found


def _without_password(database: Any) -> Any:
    if not isinstance(database, dict):
        return database
    return {
        name: _without_password(value) for name, value in database.items() if name not in _SECRETS
    }


def stable(value: Any) -> str:
    """A representation that is the same in the next process."""
    from django.utils.functional import Promise

    if isinstance(value, dict):
        pairs = sorted((str(key), stable(each)) for key, each in value.items())
        return "{" + ", ".join(f"{key}: {each}" for key, each in pairs) + "}"
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(stable(each) for each in value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(stable(each) for each in value) + "]"
    if isinstance(value, Promise):
        # Its text would load the translations of the language that is active just now.
        return "lazy " + stable(value.__reduce__()[1][1:])
    return _ADDRESS.sub("", repr(value))
