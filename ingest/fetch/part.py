"""A file on its way: its bytes, and beside them what is needed to go on after a break."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pathproof.errors import WorkspaceError
from pathproof.workspace import read_json, write_json


class Part:
    """The bytes that have come so far, with the facts that a range request needs.

    Parameters
    ----------
    path : Path
        The unfinished file; the facts lie beside it, with .json at the end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._facts = path.with_name(path.name + ".json")

    def _known(self) -> dict[str, Any]:
        try:
            found = read_json(self._facts) if self._facts.is_file() else {}
        except WorkspaceError:
            return {}  # facts that cannot be read allow no resumption: the download starts again
        return found if isinstance(found, dict) else {}

    @property
    def size(self) -> int:
        """Bytes that are here."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def total(self) -> int | None:
        """Bytes of the whole file, where the server said so."""
        total = self._known().get("total")
        return total if isinstance(total, int) else None

    @property
    def validator(self) -> str | None:
        """ETag or date of the version that these bytes are of."""
        found = self._known().get("validator")
        return found if isinstance(found, str) else None

    @property
    def complete(self) -> bool:
        """Whether the last byte has come."""
        if not self.path.is_file():
            return False
        return self._known().get("complete") is True or self.size == self.total

    def resume_point(self) -> tuple[int, str]:
        """Where to go on, and the version to go on with; (0, "") when it is safer to begin anew."""
        validator = self.validator
        return (self.size, validator) if validator and self.size else (0, "")

    def begin(self, validator: str | None, total: int | None) -> None:
        """Start with no byte. The old bytes go before the new facts come: they are never mixed."""
        self.discard()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_json(self._facts, {"validator": validator, "total": total, "complete": False})

    def finish(self) -> None:
        """Everything has come: bring it to the disk, then say so."""
        sync(self.path)
        write_json(self._facts, {**self._known(), "complete": True})

    def discard(self) -> None:
        """Throw away what is here."""
        self.path.unlink(missing_ok=True)
        self._facts.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Bring a file or a folder's entries to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
