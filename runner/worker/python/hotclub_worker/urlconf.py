"""The URLconf, loaded ahead of the tests although Django loads it after them.

A test module may register models with an admin site when it is imported; a URLconf that is loaded
later has their URLs, one that was loaded before has not. So where a registry has changed the
modules of the URLconf are executed once more. The views that they import stay as they are.
"""

import sys
from types import ModuleType
from typing import Any


class Urlconf:
    """What the URLconf was loaded from."""

    def __init__(self) -> None:
        self._registered: set[Any] = set()
        self._converters: dict[str, Any] = {}

    def before(self) -> None:
        """To be called before the URLconf is loaded."""
        from django.urls import converters

        self._converters = dict(converters.REGISTERED_CONVERTERS)

    def remember(self) -> None:
        """To be called once it is loaded."""
        self._registered = _registered()

    def renew_if_registered(self) -> None:
        registered = _registered()
        if registered == self._registered:
            return
        self._registered = registered
        from django.urls import clear_url_caches, converters

        for module in _modules():
            sys.modules.pop(module, None)
        # A second register_converter of the same name is an error since Django 6.0.
        converters.REGISTERED_CONVERTERS.clear()
        converters.REGISTERED_CONVERTERS.update(self._converters)
        converters.get_converters.cache_clear() if hasattr(
            converters.get_converters, "cache_clear"
        ) else None
        clear_url_caches()


def _registered() -> set[Any]:
    """All that is registered with any admin site."""
    sites = sys.modules.get("django.contrib.admin.sites")
    if sites is None:
        return set()
    return {(id(site), model) for site in list(sites.all_sites) for model in site._registry}


def _modules() -> set[str]:
    """The project's URLconf modules, from the root one down."""
    from django.conf import settings

    found: set[str] = set()
    waiting: list[Any] = [sys.modules.get(getattr(settings, "ROOT_URLCONF", ""))]
    while waiting:
        urlconf = waiting.pop()
        if isinstance(urlconf, ModuleType):
            if urlconf.__name__ in found:
                continue
            found.add(urlconf.__name__)
            urlconf = getattr(urlconf, "urlpatterns", ())
        for pattern in urlconf if isinstance(urlconf, (list, tuple)) else ():
            nested = getattr(pattern, "urlconf_name", None)
            waiting.append(sys.modules.get(nested) if isinstance(nested, str) else nested)
    return found
