"""The contents of a migrated database as Django keeps them for ``serialized_rollback``.

They depend on the template and on the code of the models, so they lie in a file beside the
template, under the name of the generation; the first worker that needs them writes it.
"""

import os
from typing import Any, Optional

from hotclub_worker.wire import JSON


def contents(connection: Any, place: JSON) -> str:
    """What ``serialize_db_to_string`` says of the clone at a place, which is as it was cloned."""
    path, generation = place.get("serialized", ""), place.get("generation", "")
    if not path or not generation:
        return str(connection.creation.serialize_db_to_string())
    kept = _read(path, generation)
    if kept is None:
        kept = str(connection.creation.serialize_db_to_string())
        _write(path, generation, kept)
    return kept


def _read(path: str, generation: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read() if file.readline() == f"{generation}\n" else None
    except (OSError, ValueError):
        return None


def _write(path: str, generation: str, text: str) -> None:
    """Replaces the file at once. If that fails, the next one has to serialize again."""
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "w", encoding="utf-8", newline="") as file:
            file.write(f"{generation}\n{text}")
        os.replace(temporary, path)
    except (OSError, ValueError):
        try:
            os.remove(temporary)
        except OSError:
            pass
