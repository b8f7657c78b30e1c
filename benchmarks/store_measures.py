"""The measurements of the store's benchmark: each gives numbers for one server."""

from __future__ import annotations

import shutil
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import store_results as results
from admin_import import admin_import
from neo4j_server import RealNeo4j

from pathproof.graph_schema import embedded
from pathproof.graph_schema.exchange.export import export_graph
from pathproof.graph_schema.queries import list_queries
from pathproof.graph_schema.schema import KNOWLEDGE_EDGES, KNOWLEDGE_NODES
from pathproof.graph_schema.store import GraphStore, open_store
from pathproof.graph_schema.tables import read_knowledge
from pathproof.workspace import Workspace, read_json

RUNS = 7
SLOW_SECONDS = 3.0  # a query that takes longer is asked three times only
POLL_SECONDS = 0.05
MIB = 1024**2


class PeakMemory:
    """The largest resident set of a process while the block runs, in MiB, sampled 20 times a second."""

    def __init__(self, pid: int) -> None:
        self.peak = 0.0
        self._process = psutil.Process(pid)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.peak = max(self.peak, self._process.memory_info().rss / MIB)
            if self._ended.wait(POLL_SECONDS):
                return


@dataclass
class Load:
    """A first load: seconds in all, for reading and checking, and by kind; counts; peak memory of the server in MiB."""

    seconds: float
    checking: float
    by_kind: dict[str, float]
    nodes: int
    relationships: int
    peak_mib: float

    @property
    def edge_seconds(self) -> float:
        """Seconds that went into relationships."""
        return sum(self.by_kind.get(kind.type, 0.0) for kind in KNOWLEDGE_EDGES)

    @property
    def node_seconds(self) -> float:
        """Seconds that went into nodes, with constraints and indexes."""
        return sum(self.by_kind.get(kind.label, 0.0) for kind in KNOWLEDGE_NODES) - self.checking


def first_load(store: GraphStore, workspace: Workspace, pid: int) -> Load:
    """Load the workspace's knowledge into an empty store, as the program does it: read, check, write, compare."""
    began = time.perf_counter()
    read_knowledge(workspace)
    checking = time.perf_counter() - began
    by_kind: dict[str, float] = {}
    mark = began = time.perf_counter()

    def progress(message: str, _share: float | None) -> None:
        nonlocal mark
        now = time.perf_counter()
        kind = message.rpartition(" ")[2]
        by_kind[kind] = by_kind.get(kind, 0.0) + now - mark
        mark = now

    with PeakMemory(pid) as memory:
        if not store.load_knowledge(workspace, progress):
            raise RuntimeError("the store was not empty: nothing was loaded")
        seconds = time.perf_counter() - began
    counts = store.counts()
    n_nodes = sum(counts["nodes"][kind.label] for kind in KNOWLEDGE_NODES)
    n_edges = sum(counts["edges"][kind.type] for kind in KNOWLEDGE_EDGES)
    return Load(seconds, checking, by_kind, n_nodes, n_edges, memory.peak)


@dataclass
class AdminImport:
    """`neo4j-admin database import full` of an exported graph: seconds to export and to import, MiB of the files."""

    export_seconds: float
    import_seconds: float
    size_mib: float


def export_for_admin(store: GraphStore, folder: Path) -> tuple[dict[str, dict[str, int]], float]:
    """Export the store's knowledge for Neo4j's own import: what was written, and seconds."""
    began = time.perf_counter()
    counts = export_graph(store, "neo4j-admin", folder, "knowledge")
    return counts, time.perf_counter() - began


def import_by_admin(
    server: RealNeo4j, home: Path, folder: Path, exported: tuple[dict[str, dict[str, int]], float]
) -> AdminImport:
    """Import the export with Neo4j's own tool over the database of a running server, and see that all is there."""
    told, export_seconds = exported
    seconds = admin_import(server, home, folder)
    with server.open() as store:
        counts = store.counts()
    differing = [name for what in told for name, n in told[what].items() if counts[what][name] != n]
    if differing:
        raise RuntimeError(f"neo4j-admin did not import every {', '.join(differing)}")
    return AdminImport(export_seconds, seconds, size_mib(folder))


def size_mib(folder: Path) -> float:
    """Size of all files under a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MIB


@dataclass
class Asked:
    """A query as it was asked: parameters, rows of the answer, seconds of each warm run."""

    parameters: dict[str, Any]
    rows: int
    seconds: list[float] = field(default_factory=list)


def ask_library(
    store: GraphStore, runs: int = RUNS, same_as: dict[str, dict[str, Asked]] | None = None
) -> tuple[dict[str, dict[str, Asked]], list[str]]:
    """Every query of the library: one warm-up, then at least `runs` runs with each set of parameters.

    A set of parameters is the first of its kind that has rows (`store_results.parameters`), or the first of all
    where none has; `same_as` gives what was asked of another server, to ask this one the same.

    Returns
    -------
    dict, list
        Query -> set of parameters -> what was measured; names of the queries that nothing could be asked.
    """
    if same_as is not None:
        again = {
            name: {label: ask(store, name, one.parameters, runs) for label, one in sets.items()}
            for name, sets in same_as.items()
        }
        return again, [query.name for query in list_queries() if query.name not in again]
    known = results.candidates(store)
    asked: dict[str, dict[str, Asked]] = {}
    left_out = []
    for query in list_queries():
        sets = results.parameters(query, known)
        if sets is None:
            left_out.append(query.name)
            continue
        asked[query.name] = {
            label: ask(store, query.name, with_rows(store, query.name, some), runs) for label, some in sets.items()
        }
    return asked, left_out


def with_rows(store: GraphStore, name: str, some: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """The first of these parameters that the query has rows for; the first of all where it has none."""
    first = next(some)
    return next((given for given in chain([first], some) if store.rows(name, given)), first)


def ask(store: GraphStore, name: str, given: dict[str, Any], runs: int) -> Asked:
    """Ask one query, once to warm up and then `runs` times."""
    began = time.perf_counter()
    found = Asked(given, len(store.rows(name, given)))
    slow = time.perf_counter() - began > SLOW_SECONDS
    for _ in range(min(runs, 3) if slow else runs):
        began = time.perf_counter()
        store.rows(name, given)
        found.seconds.append(time.perf_counter() - began)
    return found


@dataclass
class Writing:
    """Seconds to write explanations: the first with what it has to learn, the next one by one, many at once."""

    first: float
    single: list[float]
    each_of_many: float
    validation: float
    relationships_each: float


def write_results(store: GraphStore, many: int = 100, single: int = 10) -> Writing:
    """Write explanations, and a validation run of some of them."""
    some = results.explanations(store, many, "pathproof", seed=0)
    others = results.explanations(store, single + 1, "association-lmm", seed=0)
    before = sum(store.counts()["edges"].values())
    times = [_seconds(partial(store.write_explanations, results.MODEL, [one])) for one in others]
    at_once = _seconds(lambda: store.write_explanations(results.MODEL, some))
    written = [*some, *others]
    each = (sum(store.counts()["edges"].values()) - before) / len(written)
    verdicts = results.judgements(store, written, seed=2)
    validation = _seconds(lambda: store.write_validation("validation:benchmark", "INCONCLUSIVE", "0" * 64, verdicts))
    return Writing(times[0], times[1:], at_once / many, validation, each)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def starts(workspace: Workspace, times: int = 3) -> float:
    """Median seconds from nothing to an embedded store that answers; it is stopped in between."""
    taken = []
    for _ in range(times):
        embedded.stop(workspace)
        began = time.perf_counter()
        store = open_store(None, workspace)
        taken.append(time.perf_counter() - began)
        store.close()
    return statistics.median(taken)


def server_pid(workspace: Workspace) -> int:
    """Process number of the workspace's running server."""
    pid = embedded.status(workspace).pid
    assert pid is not None
    return pid


def copy_knowledge(source: Workspace, folder: Path) -> Workspace:
    """A workspace of its own with the same knowledge, so that the store of `source` is left alone."""
    copy = Workspace.open(folder)
    shutil.copytree(source.knowledge, copy.knowledge)
    shutil.copy(source.root / "manifest.json", copy.root / "manifest.json")
    return copy


def graph_facts(workspace: Workspace) -> dict[str, Any]:
    """What the graph is: kind of data and size, from the manifest."""
    manifest = read_json(workspace.root / "manifest.json")
    counts = manifest["counts"]
    return {
        "kind": manifest["kind"],
        "nodes": sum(counts["nodes"].values()),
        "relationships": sum(counts["edges"].values()),
    }


@dataclass
class Server:
    """What was measured on one server; None or empty where a part was not wanted."""

    agent: str
    load: Load
    writing: Writing | None = None
    asked: dict[str, dict[str, Asked]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def median_ms(found: Sequence[Asked]) -> float:
    """Median over all warm runs, in ms."""
    return 1000 * statistics.median(value for one in found for value in one.seconds)


def worst_ms(found: Sequence[Asked]) -> float:
    """The slowest warm run, in ms."""
    return 1000 * max(value for one in found for value in one.seconds)
