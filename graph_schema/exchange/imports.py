"""Files into a graph: checked whole before the first write, written in transactions of 5,000 rows, counted after.

What holds at any moment, also after a kill: while the rows are written, the marker of the graph (see
:mod:`pathproof.graph_schema.load`) says "import", the hash of the file and what the graph will hold, and
`complete = false`. The same import goes on from there; everybody else refuses the graph until it has.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathproof.errors import DataError, StoreError
from pathproof.graph_schema.check import Violations
from pathproof.graph_schema.exchange.check import Checker
from pathproof.graph_schema.exchange.formats import Format, check_source, format_named
from pathproof.graph_schema.exchange.live import compare_counts, page_of_edges, pages, read_nodes, way_out
from pathproof.graph_schema.exchange.rows import Edge, Node
from pathproof.graph_schema.load import (
    IMPORT,
    MARKER,
    apply_schema,
    edge_statement,
    mark,
    marker_of,
    node_statement,
    refuse_foreign,
)
from pathproof.graph_schema.schema import KNOWLEDGE_EDGES, KNOWLEDGE_NODES
from pathproof.graph_schema.writer import one_writer
from pathproof.workspace import canonical_json, file_sha256

if TYPE_CHECKING:
    from pathproof.graph_schema.store import GraphStore

Progress = Callable[[str, float | None], None]
Counts = dict[str, dict[str, int]]
Ends = tuple[str, str, str]
BATCH = 5_000
_KNOWLEDGE = {kind.label for kind in KNOWLEDGE_NODES} | {kind.type for kind in KNOWLEDGE_EDGES}
_EMPTY = "import into an empty database (a new --workspace, or another --store)"
_MEND = "mend the file, or export the graph again"


def import_graph(
    store: GraphStore, form: str, path: Path, progress: Progress = lambda _message, _share: None
) -> Counts:
    """Write what a file or folder holds into a graph.

    What is in the graph with the same id and the same properties is left as it is; with other properties,
    the import is refused. A file with knowledge needs a graph that is empty or holds the same knowledge;
    a file of explanations, a graph that holds the knowledge that they name.

    Parameters
    ----------
    store : GraphStore
    form : str
        "graphml", "kgx" or "neo4j-admin".
    path : Path
        What :func:`export_graph` wrote, or somebody else in the same form. Read three or four times; only ids
        are held in memory.

    Returns
    -------
    dict
        {"nodes": {label: n}, "edges": {type: n}}: what was new to the graph.

    Raises
    ------
    UsageError
        No such format.
    DataError
        The file is not of this format, damaged, or breaks the schema (everything at once, with file and line).
        Nothing was written.
    StoreError
        The graph holds something else, or afterwards not what was written.
    """
    chosen = format_named(form)
    check_source(path, chosen)
    job = _Import(store, chosen, path, progress)
    job.check_file()
    with one_writer(store):
        return job.run()


class _Import:
    """One import under way."""

    def __init__(self, store: GraphStore, form: Format, path: Path, progress: Progress) -> None:
        self.store, self.form, self.path, self.progress = store, form, path, progress
        self.file = Checker()
        self.dataset: dict[str, Any] | None = None
        self.before: Counts = {}
        self.there: dict[str, set[str]] = defaultdict(set)
        self.new: Counter[str] = Counter()

    def run(self) -> Counts:
        """Compare, write, count."""
        key, marker = self._key()
        self.before = self.store.counts()
        self._compare_with_graph()
        apply_schema(self.store)
        mark(self.store, marker, complete=False)
        self._write()
        expected = {
            part: {name: n + self.new[name] for name, n in names.items() if name != "Dataset"}
            for part, names in self.before.items()
        }
        sentence = "After the import the graph does not hold what was written."
        compare_counts(self.store, expected, sentence, "let nobody else write meanwhile and import again")
        mark(self.store, key, complete=True)
        return {
            "nodes": {name: self.new[name] for name in self.file.n_nodes if name != "Dataset"},
            "edges": {name: self.new[name] for name in self.file.n_edges},
        }

    def _nodes(self) -> Iterator[Node]:
        return (node for node in self.form.nodes(self.path) if node.label != "Dataset")

    def check_file(self) -> None:
        """Hold the whole file against the schema; the graph is not asked."""
        self.progress("checking the file", None)
        try:
            for node in self.form.nodes(self.path):
                self.file.node(node)
                if node.label == "Dataset":
                    self.dataset = node.properties
            self.file.flush()
            for edge in self.form.edges(self.path):
                self.file.edge(edge)
            self.file.flush()
            self.file.close()
        except UnicodeDecodeError as error:
            raise DataError("This file is not UTF-8 text.", where=self.path, got=error.reason, action=_MEND) from error
        if not self.file.rows:
            raise DataError("There is nothing in this file.", where=self.path, action=_MEND)
        wrong = self.file.wrong
        if self.dataset is not None and (self.dataset.get("id") != MARKER or self.dataset.get("complete") is not True):
            wrong.add(f"Dataset: not {MARKER} and complete", [self.dataset.get("id")])
        wrong.raise_if_any(
            self.path, what="What is to be imported breaks the graph's schema", done="nothing was written", action=_MEND
        )

    def _key(self) -> tuple[str, str]:
        """The marker's key for the end and for the time until then; refuses a graph that holds something else."""
        found = marker_of(self.store)
        theirs = None if self.dataset is None else str(self.dataset["key"])
        if found is None:
            refuse_foreign(self.store)
            if theirs is None:
                raise StoreError(
                    "The file holds no Dataset, so it is no whole knowledge, and this graph holds none yet.",
                    where=self.store.uri,
                    action="load the knowledge first (`pathproof ingest`, or import a file with all of it)",
                )
            found = {"key": theirs, "complete": True}
        begun = f"{IMPORT}{_digest(self.path)} "
        if not found["complete"]:
            if not found["key"].startswith(begun):
                raise StoreError(
                    "A load or another import into this graph was interrupted.",
                    where=self.store.uri,
                    action=way_out(found["key"]),
                )
            found = {"key": found["key"].removeprefix(begun), "complete": True}
        if theirs not in (None, found["key"]):
            raise StoreError(
                "This graph holds other knowledge than the file.",
                where=self.store.uri,
                got=f"knowledge {found['key']}",
                allowed=f"knowledge {theirs}, as in the file",
                action=_EMPTY,
            )
        return found["key"], begun + found["key"]

    def _compare_with_graph(self) -> None:
        """Find what is there already, and refuse what differs or what the graph must not hold besides."""
        self.progress("comparing with the graph", None)
        wrong = Violations()
        for label, nodes in _grouped(self._nodes(), lambda node: node.label):
            if self.before["nodes"][label]:
                self._compare_nodes(label, nodes, wrong)
        for ends, edges in _grouped(self.form.edges(self.path), self._ends):
            if self.before["edges"][ends[0]]:
                self._compare_edges(ends, edges, wrong)
        for name in sorted(_KNOWLEDGE):
            held = self.before["nodes"].get(name, 0) + self.before["edges"].get(name, 0)
            if self.dataset is not None and held > len(self.there[name]):
                wrong.add(f"{name}: the graph holds some that the file lacks", [held - len(self.there[name])])
            given = self.file.n_nodes[name] + self.file.n_edges[name]
            if self.dataset is None and (lost := given - len(self.there[name])) > 0:
                wrong.add(f"{name}: the graph lacks some that the explanations name", [lost])
        wrong.raise_if_any(self.path, what="The file and the graph disagree", done="nothing was written", action=_EMPTY)

    def _ends(self, edge: Edge) -> Ends:
        return edge.type, self.file.labels[edge.start], self.file.labels[edge.end]

    def _compare_nodes(self, label: str, nodes: list[Node], wrong: Violations) -> None:
        there = read_nodes(self.store, label, [node.id for node in nodes])
        found = {node.id: node for page in there for node in page}
        for node in nodes:
            if (other := found.get(node.id)) is not None:
                self.there[label].add(node.id)
                if canonical_json(other.properties) != canonical_json(node.properties):
                    wrong.add(f"{label}: not the same in file and graph", [f"{node.id} in {node.where}"])

    def _compare_edges(self, ends: Ends, edges: list[Edge], wrong: Violations) -> None:
        type_, start, end = ends
        starts = sorted({edge.start for edge in edges})
        rows = (one for page in pages((s, 50) for s in starts) for one in self._page(type_, start, end, page))
        found = {str(one.properties.get("id")): one for one in rows}
        for edge in edges:
            if (other := found.get(edge.properties["id"])) is not None:
                self.there[type_].add(edge.properties["id"])
                if _edge_text(edge) != _edge_text(other):
                    wrong.add(f"{type_}: not the same in file and graph", [f"{edge.properties['id']} in {edge.where}"])

    def _page(self, type_: str, start: str, end: str, ids: list[str]) -> list[Edge]:
        return page_of_edges(self.store, type_, start, (end,), ids)

    def _write(self) -> None:
        done, total = 0, self.file.rows
        for label, nodes in _grouped(self._nodes(), lambda node: node.label):
            rows = [node.properties for node in nodes if node.id not in self.there[label]]
            self.store.write_rows(node_statement(label, fresh=True), rows)
            self.new[label] += len(rows)
            done += len(nodes)
            self.progress(f"writing {label}", done / total)
        for (type_, start, end), edges in _grouped(self.form.edges(self.path), self._ends):
            new = [edge for edge in edges if edge.properties["id"] not in self.there[type_]]
            links = [{"start": edge.start, "end": edge.end, "properties": edge.properties} for edge in new]
            self.store.write_rows(edge_statement(type_, start, end), links)
            self.new[type_] += len(links)
            done += len(edges)
            self.progress(f"writing {type_}", done / total)


def _grouped(rows: Iterable[Any], key: Callable[[Any], Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Rows of a kind in groups of at most BATCH, in whatever order they come."""
    held: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        kind = key(row)
        held[kind].append(row)
        if len(held[kind]) >= BATCH:
            yield kind, held.pop(kind)
    yield from held.items()


def _edge_text(edge: Edge) -> str:
    return canonical_json([edge.start, edge.end, edge.properties])


def _digest(path: Path) -> str:
    """Hash of a file, or of the files of a folder."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    text = "".join(f"{one.name} {file_sha256(one)}\n" for one in files if one.is_file())
    return hashlib.sha256(text.encode()).hexdigest()[:16]
