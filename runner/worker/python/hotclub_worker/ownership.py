"""Whose file it is: the project's own, or the standard library's or an installed package's."""

import os

_STDLIB = os.path.dirname(os.__file__) + os.sep


def own(root: str, path: str) -> bool:
    """Whether a file is the project's."""
    below = os.path.join(root, "")
    return path.startswith(below) and not installed(os.sep + path[len(below) :])


def installed(path: str) -> bool:
    """Whether a file belongs to the standard library or to an installed package."""
    places = ("site-packages", "dist-packages", f"{os.sep}lib{os.sep}python")
    return any(part in path for part in places) or path.startswith(_STDLIB)
