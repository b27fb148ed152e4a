"""Item 21: a module that does not import."""

from tour import no_such_module  # noqa: F401
