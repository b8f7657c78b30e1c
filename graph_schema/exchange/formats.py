"""The exchange formats by name, and whether a path can be one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pathproof.errors import DataError, UsageError, nearest
from pathproof.graph_schema.exchange import graphml, kgx, neo4j_admin
from pathproof.graph_schema.exchange.rows import Edge, Node

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Format:
    """A format: what its path is, and the functions that write and read it.

    Parameters
    ----------
    needs : tuple of str
        Files that a folder of this format holds (patterns); empty when the format is one file.
    """

    name: str
    needs: tuple[str, ...]
    write: Callable[[Path, Iterable[Node], Iterable[Edge]], None]
    nodes: Callable[[Path], Iterator[Node]]
    edges: Callable[[Path], Iterator[Edge]]


FORMATS = {
    one.name: one
    for one in (
        Format("graphml", (), graphml.write, graphml.nodes, graphml.edges),
        Format("kgx", ("nodes.tsv", "edges.tsv"), kgx.write, kgx.nodes, kgx.edges),
        Format("neo4j-admin", ("*-header.csv", "*-part*.csv"), neo4j_admin.write, neo4j_admin.nodes, neo4j_admin.edges),
    )
}


def format_named(name: str) -> Format:
    """The format of this name.

    Raises
    ------
    UsageError
        There is none.
    """
    if name not in FORMATS:
        raise UsageError(
            "Unknown exchange format.", got=name, allowed=", ".join(FORMATS), nearest=nearest(name, FORMATS)
        )
    return FORMATS[name]


def check_source(path: Path, form: Format) -> None:
    """Refuse a path that cannot be of this format.

    Raises
    ------
    DataError
        Nothing is there, a file where a folder belongs or the other way round, a packed file, a folder without
        the format's files; the format that it looks like is named.
    """
    if not path.exists():
        raise DataError("There is nothing to import here.", where=path, action="check the path after --from")
    other = _looks_like(path)
    action = f"give --format {other}" if other and other != form.name else None
    if path.is_dir() != bool(form.needs):
        is_, wanted = ("a folder", "a file") if path.is_dir() else ("a file", "a folder")
        holds = f" with {' and '.join(form.needs)}" if form.needs else ""
        raise DataError(f"This is no {form.name}.", where=path, got=is_, allowed=wanted + holds, action=action)
    if lacking := [pattern for pattern in form.needs if not any(path.glob(pattern))]:
        raise DataError(f"This is no {form.name} folder.", where=path, got=f"no {', no '.join(lacking)}", action=action)
    files = [path] if path.is_file() else [one for pattern in form.needs for one in sorted(path.glob(pattern))]
    for one in files:
        with one.open("rb") as handle:
            if handle.read(2) == _GZIP:
                raise DataError("This file is packed with gzip.", where=one, action="unpack it first (gunzip)")


def _looks_like(path: Path) -> str | None:
    for form in FORMATS.values():
        if form.needs and path.is_dir() and all(any(path.glob(pattern)) for pattern in form.needs):
            return form.name
    if path.is_file():
        with path.open("rb") as handle:
            if b"<graphml" in handle.read(1000):
                return "graphml"
    return None
