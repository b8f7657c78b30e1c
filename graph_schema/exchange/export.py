"""A graph as files: read page by page, checked against the schema, under its final name only when whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pathproof.errors import DataError, StoreError, UsageError, nearest
from pathproof.graph_schema.exchange.check import Checker
from pathproof.graph_schema.exchange.formats import Format, format_named
from pathproof.graph_schema.exchange.live import compare_counts, node_ids, read_edges, read_nodes, way_out
from pathproof.graph_schema.exchange.rows import Edge, Node
from pathproof.graph_schema.load import marker_of
from pathproof.graph_schema.schema import (
    EDGES,
    KNOWLEDGE_EDGES,
    KNOWLEDGE_NODES,
    NODES,
    RESULT_EDGES,
    RESULT_NODES,
    STORE_NODES,
    EdgeKind,
    NodeKind,
)
from pathproof.graph_schema.writer import one_writer

if TYPE_CHECKING:
    from pathproof.graph_schema.store import GraphStore

Progress = Callable[[str, float | None], None]
Counts = dict[str, dict[str, int]]
Row = TypeVar("Row", Node, Edge)
PARTS: dict[str, tuple[tuple[NodeKind, ...], tuple[EdgeKind, ...]]] = {
    "knowledge": (KNOWLEDGE_NODES + STORE_NODES, KNOWLEDGE_EDGES),
    "explanations": (RESULT_NODES, RESULT_EDGES),
    "all": (NODES, EDGES),
}


def export_graph(
    store: GraphStore, form: str, path: Path, what: str = "all", progress: Progress = lambda _message, _share: None
) -> Counts:
    """Write what the graph holds to a file or folder.

    Parameters
    ----------
    store : GraphStore
        Read in pages of about 5,000 rows; only the ids are held in memory. Other processes of PathProof cannot write
        meanwhile; on a Neo4j nobody else may.
    form : str
        "graphml" (one file), "kgx" or "neo4j-admin" (a folder).
    path : Path
        Where it goes; nothing may be there. The same graph gives the same bytes.
    what : str
        "knowledge"; "explanations" (all results, with the nodes of the knowledge that they name, but not its
        relationships); or "all".

    Returns
    -------
    dict
        {"nodes": {label: n}, "edges": {type: n}}, as written.

    Raises
    ------
    UsageError
        No such format or part.
    DataError
        Something stands at `path`, the graph holds what the schema does not name (all is listed), an id is
        used by two labels, or the format cannot say a value. Nothing is left under `path` then.
    StoreError
        The graph is empty, not completely loaded, being written to by another process, or has not as many nodes
        and relationships at the end as at the start.
    """
    chosen = format_named(form)
    if what not in PARTS:
        allowed, near = ", ".join(PARTS), nearest(what, PARTS)
        raise UsageError("Unknown part of the graph.", got=what, allowed=allowed, nearest=near)
    if path.exists():
        raise DataError("Something is here already.", where=path, action="choose another path, or delete it first")
    with one_writer(store):
        export = _Export(store, chosen, what, progress)
        _write_whole(export, path)
    return {"nodes": dict(export.checker.n_nodes), "edges": dict(export.checker.n_edges)}


def _write_whole(export: _Export, path: Path) -> None:
    """Write beside the path, and give the result its name when it is whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        made = part / "whole"
        if export.form.needs:
            made.mkdir()
        export.write(made)
        made.rename(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _unwritable(path: Path, error: OSError) -> DataError:
    what = f"Cannot write {path.name}: {error.strerror or error}"
    return DataError(what, where=path, action="free some space or choose another path (--to PATH)")


class _Export:
    """One export under way."""

    def __init__(self, store: GraphStore, form: Format, what: str, progress: Progress) -> None:
        marker = marker_of(store)
        if marker is None or not marker["complete"]:
            raise StoreError(
                "This graph holds no knowledge." if marker is None else "This graph is not completely loaded.",
                where=store.uri,
                action="run `pathproof ingest`" if marker is None else way_out(marker["key"]),
            )
        self.store, self.form, self.what, self.progress = store, form, what, progress
        self.kinds = PARTS[what]
        self.checker = Checker()
        self._counts = store.counts()

    def write(self, made: Path) -> None:
        """Write and check; the caller gives the result its final name."""
        labels, types = ({kind.label for kind in self.kinds[0]}, {kind.type for kind in self.kinds[1]})
        expected = {
            "nodes": {label: n for label, n in self._counts["nodes"].items() if label in labels},
            "edges": {type_: n for type_, n in self._counts["edges"].items() if type_ in types},
        }
        if not sum(expected["nodes"].values()):
            raise StoreError(f"This graph holds no {self.what}.", where=self.store.uri, action="run `pathproof run`")
        self.form.write(made, self._nodes(), self._edges())
        self.checker.close()
        self.checker.wrong.raise_if_any(
            self.store.uri, what="The graph breaks its schema", done="nothing was exported", action=_REPAIR
        )
        sentence = "The graph changed while it was read, or holds relationships between nodes of the wrong kinds."
        written: Counts = {"nodes": self.checker.n_nodes, "edges": self.checker.n_edges}
        read = {part: {name: written[part][name] for name in names} for part, names in expected.items()}
        compare_counts(self.store, read, sentence, "let nobody write meanwhile and export again")

    def _nodes(self) -> Iterator[Node]:
        for kind in NODES:
            ids = node_ids(self.store, kind.label) if kind in self.kinds[0] else self._named(kind.label)
            for page in read_nodes(self.store, kind.label, ids):
                for node in page:
                    self.checker.node(node)
                yield from self._sound(page)
                self._tell(kind.label)

    def _tell(self, name: str) -> None:
        total = sum(sum(part.values()) for part in self._counts.values())
        self.progress(f"writing {name}", self.checker.rows / total if self.what == "all" else None)

    def _named(self, label: str) -> list[str]:
        """Ids of the nodes of knowledge that the exported relationships name."""
        ends = [(kind, start) for kind in self.kinds[1] if label in kind.end for start in kind.start]
        found: set[str] = set()
        for kind, start in ends:
            cypher = f"MATCH (:{start})-[:{kind.type}]->(b:{label}) RETURN DISTINCT b.id AS id"
            found |= {row["id"] for row in self.store.read(cypher)}
        return sorted(found)

    def _edges(self) -> Iterator[Edge]:
        for kind in self.kinds[1]:
            for page in read_edges(self.store, kind):
                for edge in page:
                    self.checker.edge(edge)
                yield from self._sound(page)
                self._tell(kind.type)

    def _sound(self, page: list[Row]) -> list[Row]:
        """The page, checked; nothing once something is wrong: the rest is only checked then, so that all is told."""
        self.checker.flush()
        return [] if self.checker.wrong.counts else page


_REPAIR = "load the knowledge again with `pathproof ingest`, and the explanations with `pathproof explain`"
