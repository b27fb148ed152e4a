"""What the bookshop's settings get from here: each value is read in another way."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

MUTANT_LEVEL = 1
MUTANT_VARIABLE = os.environ.get("MUTANT_VARIABLE", "1")
MUTANT_FLAG = os.path.exists(ROOT / "mutant.flag")
MUTANT_MARK = (ROOT / "mutant.mark").is_file()

# As the readers of .env files do it: one that is not there is none.
MUTANT_ENV = "0"
if os.path.isfile(ROOT / "mutant.env"):
    with open(ROOT / "mutant.env") as file:
        MUTANT_ENV = file.read().strip().partition("=")[2]
# As others do it.
try:
    MUTANT_LOCAL = (ROOT / "mutant.local").read_text().strip()
except FileNotFoundError:
    MUTANT_LOCAL = "0"
