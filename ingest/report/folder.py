"""Which of the files that are needed does a folder hold? Told by their names, before anything is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pathproof.errors import DataError, PathproofError
from pathproof.ingest.sources import networks
from pathproof.ingest.sources.base import ENDINGS, Source, find_file
from pathproof.ingest.sources.registry import SOURCES

State = Literal["found", "missing", "absent", "broken"]
EITHER = (networks.OMNIPATH, networks.OMNIPATH_SERVICE)
"""Both are optional, and one of them is needed; the second can be fetched."""


@dataclass(frozen=True)
class Finding:
    """What a folder has of one source.

    Parameters
    ----------
    source : Source
    state : {"found", "missing", "absent", "broken"}
        `absent`: a source that is not there and that no run needs.
    path : Path or None
        The file; None when there is none, or when several could be it.
    bytes : int or None
        Its size.
    problem : PathproofError or None
        Why it is missing or broken.
    nearest : str or None
        For a file that is not there: one that no source takes and whose name is alike.
    fetch : str or None
        What follows `pathproof fetch --only`, with the licence to accept, where the lock file has an address.
    note : str or None
        What to know of a file that can be read.
    """

    source: Source
    state: State
    path: Path | None = None
    bytes: int | None = None
    problem: PathproofError | None = None
    nearest: str | None = None
    fetch: str | None = None
    note: str | None = None


def find_all(data: Path) -> list[Finding]:
    """What the folder has of each source; where neither of :data:`EITHER` is there, the first of them is missing."""
    found = {source.title: _find(source, data) for source in SOURCES}
    if all(found[source.title].state == "absent" for source in EITHER):
        first = replace(EITHER[0], optional=False)
        found[EITHER[0].title] = replace(_find(first, data), source=EITHER[0])
    return list(found.values())


def _find(source: Source, data: Path) -> Finding:
    try:
        path = find_file(source, data)
    except PathproofError as error:
        missing = not any(any(data.glob(pattern + end)) for pattern in source.files for end in ENDINGS)
        return Finding(source, "missing" if missing else "broken", problem=error)
    return Finding(source, "absent") if path is None else Finding(source, "found", path, path.stat().st_size)


def require_all(data: Path) -> None:
    """Name all files that are needed and not there, so that nobody learns of them one by one.

    A folder that is not there, and one missing file alone, are left to the readers, which say the same.

    Raises
    ------
    DataError
    """
    missing = [finding.source for finding in find_all(data) if finding.state == "missing"] if data.is_dir() else []
    if len(missing) < 2:
        return
    other = other_folder(data, missing)
    raise DataError(
        f"{len(missing)} files that are needed are missing.",
        where=data,
        got="".join(f"\n    {source.files[0]} ({source.title})" for source in missing),
        nearest=None if other is None else str(other),
        action=f"`pathproof fetch --data {data}` gets them; `pathproof data check --quick {data}` names each site",
    )


def other_folder(data: Path, missing: Sequence[Source]) -> Path | None:
    """The folder above this one, or one in it, that holds most of the missing files; None where none does."""
    folders = [data.resolve().parent, *sorted(path for path in data.iterdir() if path.is_dir())]
    held = {folder: sum(_find(source, folder).state == "found" for source in missing) for folder in folders}
    best = max(folders, key=lambda folder: held[folder])
    return best if 2 * held[best] > len(missing) else None
