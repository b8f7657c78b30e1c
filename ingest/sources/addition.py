"""An optional source in one module: what its file is, how it is read, and what it adds to the graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from pathproof.ingest.sources.base import Source, Tally

if TYPE_CHECKING:
    from pathproof.ingest.builder import Builder

Read = TypeVar("Read")


@dataclass(frozen=True)
class Addition(Generic[Read]):
    """One optional file that no other source needs; without it the graph is what it was.

    Parameters
    ----------
    source : Source
    read : callable
        Reads the file at a path; it counts what it leaves out, and refuses a wrong file with a DataError.
    add : callable
        Maps the names of what was read, counts those it does not know, and adds nodes and edges. It is called when
        all drugs of the other sources are known, and makes none of its own.
    """

    source: Source
    read: Callable[[Path, Tally], Read]
    add: Callable[[Builder, Read], None]
