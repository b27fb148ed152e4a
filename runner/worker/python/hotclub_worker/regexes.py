"""Compiles the regular expressions that Django compiles when they are first used
(``django.utils.regex_helper._lazy_re_compile``). That of ``EmailValidator`` alone takes longer than
most tests, and each worker would pay for it anew.
"""

import re
import sys
from collections.abc import Iterator
from typing import Any


def compile_all() -> None:
    """Compiles those of the modules of Django that are loaded, if any. They are constants: it is
    only earlier."""
    if "django.utils.regex_helper" not in sys.modules:
        return
    for lazy in _lazies():
        try:
            lazy.pattern  # noqa: B018 - asking compiles it
        except re.error:
            continue  # whoever uses it is told


def _lazies() -> Iterator[Any]:
    from django.utils.functional import SimpleLazyObject, empty

    for name, module in list(sys.modules.items()):
        if not name.startswith("django."):
            continue
        for value in list(vars(module).values()):
            parts = [value]
            if issubclass(type(value), type) and value.__module__ == name:
                parts = list(vars(value).values())
            for part in parts:
                if type(part) is not SimpleLazyObject:
                    continue
                lazy: Any = part
                if lazy._wrapped is empty and _compiles(lazy.__dict__["_setupfunc"]):
                    yield lazy


def _compiles(function: Any) -> bool:
    return getattr(function, "__module__", "") == "django.utils.regex_helper"
