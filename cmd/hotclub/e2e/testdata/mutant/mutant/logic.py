"""What is read while the project boots."""

import os

from mutant import part_one as part
from mutant import shape

try:
    from mutant import optional
except ImportError:
    optional = None
try:
    import mutant_extension
except ImportError:
    mutant_extension = None

DATA = os.path.join(os.path.dirname(__file__), "data")
with open(os.path.join(DATA, "table.txt")) as file:
    TABLE = file.read().strip()
with open(os.path.join(DATA, "current.txt")) as file:
    CURRENT = file.read().strip()
with open(os.path.join(DATA, "folder", "value.txt")) as file:
    FOLDER = file.read().strip()
NAMES = sorted(os.listdir(os.path.join(DATA, "names")))


def answer():
    return 1


def part_value():
    return part.VALUE


def shape_value():
    return shape.VALUE


def lazy_value():
    from mutant import lazy

    return lazy.VALUE
