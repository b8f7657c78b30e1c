"""What was fetched into a data folder, with hashes: trusted on first use, held from then on."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pathproof.errors import DataError
from pathproof.workspace import read_json, write_json

NAME = "pathproof-fetch.lock.json"


class Fetched(BaseModel):
    """One file as it was when it was fetched (`url` None: it lay there already)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    release: str
    licence: str
    url: str | None
    bytes: int
    sha256: str
    on: str


class Record(BaseModel):
    """All files of a data folder by path, and the licences that were accepted for it, with the date."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    accepted: dict[str, str] = Field(default_factory=dict)
    files: dict[str, Fetched] = Field(default_factory=dict)

    @classmethod
    def read(cls, data: Path) -> Record:
        """The record of a folder; an empty one where there is none.

        Raises
        ------
        DataError
            When the file is there and is no record: what it holds is not thrown away in silence.
        """
        path = data / NAME
        if not path.is_file():
            return cls()
        try:
            return cls.model_validate(read_json(path))
        except ValidationError as error:
            raise DataError(
                "The record of what was fetched cannot be read.",
                where=path,
                got="; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5]),
                action="mend it, or delete it: the files that are here are then trusted anew",
            ) from error

    def write(self, data: Path) -> None:
        """Write the record, whole or not at all."""
        write_json(data / NAME, self.model_dump(mode="json"))


def now() -> str:
    """The time, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder for one fetch; a second one is refused at once.

    Raises
    ------
    DataError
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataError(
                "Another pathproof process is fetching into this folder.",
                where=folder.parent,
                action="wait until it has finished",
            ) from error
        yield
