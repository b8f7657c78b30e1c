"""Measure the store: first load, library queries, explanations, start and memory; embedded and on Neo4j in one run.

    python benchmarks/bench_store.py [--data DIR | --workspace DIR] [--only PART ...] [--out FILE] [--docs FILE]

Without data the demonstration's graph is measured. Neo4j is found by $PATHPROOF_NEO4J_HOME; without one its column
is empty, which is said. Prints a table for each part, writes JSON, and with --docs the page of docs/. The exit code
is 0 unless a measurement itself failed: a missed target is said in words, because seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import neo4j_server
import store_figures as figures
import store_growth as growth
import store_measures as measures
import store_report as report
from synthetic import write_synthetic

from pathproof.graph_schema.store import GraphStore, open_store
from pathproof.graph_schema.tables import read_knowledge
from pathproof.ingest.pipeline import ingest
from pathproof.workspace import Workspace

PARTS = ("load", "admin", "explanations", "queries", "start", "growth", "floor")
SIZES = (100_000, 300_000, 1_000_000)


class Bench:
    """One run: its settings, and the figures so far."""

    def __init__(self, only: tuple[str, ...], sizes: tuple[int, ...], runs: int, folder: Path) -> None:
        self.only = only
        self.sizes = sizes
        self.runs = runs
        self.folder = folder
        self.figures: list[report.Figure] = []
        self.notes: list[str] = []
        self.servers: dict[str, measures.Server] = {}

    def say(self, some: list[report.Figure]) -> None:
        """Keep the figures of a part and print them."""
        self.figures += some
        for part, ordered in report.by_part(some).items():
            print(report.text(part, ordered), flush=True)

    def run(self, source: Workspace) -> None:
        """All wanted parts, on the graph of this workspace."""
        if set(self.only) - {"growth", "floor"}:
            self._both(source)
        if "growth" in self.only:
            self._growth()
        if "floor" in self.only:
            self._floor()

    def _both(self, source: Workspace) -> None:
        home = neo4j_server.found()
        export = self.folder / "csv" if "admin" in self.only and home is not None else None
        exported = admin = None
        own = measures.copy_knowledge(source, self.folder / "embedded")
        read_knowledge(own)  # so that the first server does not pay for what is read for the first time
        empty = measures.starts(own) if "start" in self.only else None
        with open_store(None, own) as store:
            self._measure("embedded", store, own, measures.server_pid(own))
            if export is not None:
                exported = measures.export_for_admin(store, export)
        full = measures.starts(own) if "start" in self.only else None
        if home is None:
            self.notes.append("Neo4j was not measured: set $PATHPROOF_NEO4J_HOME, and have java.")
        else:
            server = neo4j_server.RealNeo4j(home, self.folder / "neo4j")
            server.start()
            try:
                with server.open() as store:
                    self._measure("neo4j", store, source, server.pid)
                if export is not None and exported is not None:
                    admin = measures.import_by_admin(server, home, export, exported)
            finally:
                server.end()
        self._tell(admin, empty, full)

    def _measure(self, name: str, store: GraphStore, workspace: Workspace, pid: int) -> None:
        print(f"-- {store.server}: loading", flush=True)
        found = measures.Server(store.server, measures.first_load(store, workspace, pid))
        if set(self.only) & {"explanations", "queries"}:
            print(f"-- loaded in {found.load.seconds:.1f} s; writing explanations", flush=True)
            found.writing = measures.write_results(store)
        if "queries" in self.only:
            print("-- asking the library", flush=True)
            there = next((other.asked for other in self.servers.values()), None)
            found.asked, found.left_out = measures.ask_library(store, self.runs, there)
        self.servers[name] = found

    def _tell(self, admin: measures.AdminImport | None, empty: float | None, full: float | None) -> None:
        if set(self.only) & {"load", "admin"}:
            self.say(figures.load_figures(self.servers, admin))
        if "explanations" in self.only:
            self.say(figures.writing_figures(self.servers))
        if "queries" in self.only:
            self.say(figures.query_figures(self.servers))
            self.say(figures.each_query(self.servers))
            self.notes += figures.query_notes(self.servers, self.runs)
        if "start" in self.only:
            self.say(figures.start_figures(empty, full, self.servers))

    def _growth(self) -> None:
        grown: dict[int, growth.Grown] = {}
        for size in self.sizes:
            print(f"-- {size:,} synthetic relationships", flush=True)
            grown[size] = growth.grow(write_synthetic(self.folder / f"synthetic-{size}", size))
        self.say(figures.growth_figures(grown))

    def _floor(self) -> None:
        size = self.sizes[0]
        print(f"-- floor, {size:,} synthetic relationships", flush=True)
        workspace = write_synthetic(self.folder / "floor", size)
        with open_store(None, workspace) as store:
            ours = measures.first_load(store, workspace, measures.server_pid(workspace)).seconds
        tables = read_knowledge(workspace)
        bare = growth.floor(tables, self.folder / "bare", plain=False)
        plain = growth.floor(tables, self.folder / "plain", plain=True)
        self.say(figures.floor_figures(size, ours, bare, plain))


def workspace_of(arguments: argparse.Namespace, folder: Path) -> Workspace:
    """The knowledge to measure: a finished workspace, the real data, or the demonstration."""
    if arguments.workspace is not None:
        return Workspace.open(arguments.workspace, create=False)
    data, kind = arguments.data, "real"
    if data is None:
        from pathproof.ingest.demo.world import write_demo

        data, kind = folder / "demo", "demonstration"
        write_demo(data)
    workspace = Workspace.open(folder / "source")
    print(f"-- ingesting the {kind} data", flush=True)
    ingest(Path(data), workspace, kind=kind)
    return workspace


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    given = os.environ.get("PATHPROOF_DATA")
    parser.add_argument("--data", type=Path, default=given, help="folder with the real data")
    parser.add_argument("--workspace", type=Path, help="a workspace that `pathproof ingest` made, in place of --data")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts only")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="relationships of the synthetic graphs")
    parser.add_argument("--runs", type=int, default=measures.RUNS, help="warm runs of each query")
    parser.add_argument("--out", type=Path, default=Path("build/bench-store.json"), help="where the JSON goes")
    parser.add_argument("--docs", type=Path, help="where the page goes, e.g. docs/store-benchmarks.md")
    arguments = parser.parse_args()
    began = time.perf_counter()
    facts = report.machine()
    with tempfile.TemporaryDirectory(prefix="pathproof-bench-") as folder:
        source = workspace_of(arguments, Path(folder))
        graph = measures.graph_facts(source)
        bench = Bench(tuple(arguments.only), tuple(sorted(arguments.sizes)), arguments.runs, Path(folder))
        bench.run(source)
    record = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": time.perf_counter() - began,
        "machine": {**facts, "load_after": round(os.getloadavg()[0], 2)},
        "graph": graph,
        "servers": {name: server.agent for name, server in bench.servers.items()},
        "figures": report.as_json(bench.figures),
        "raw": {name: asdict(server) for name, server in bench.servers.items()},
        "notes": bench.notes,
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("\n".join([*bench.notes, f"written: {arguments.out}"]))
    if arguments.docs is not None:
        arguments.docs.write_text(report.page(record, bench.figures), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
