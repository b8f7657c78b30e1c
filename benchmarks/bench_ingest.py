"""Measure ingest: the public files at hand, the full releases simulated in size, and peers reading the same files.

    python benchmarks/bench_ingest.py [--data DIR] [--only PART ...] [--tiny] [--out FILE] [--docs FILE]

Every figure comes from a process of its own; seconds include starting it, memory is the largest resident set (sampled
five times a second). pandas alone, reading every table of the same folder without a check or a join, is the floor. A
tool that is not installed is named and left out. The exit code is 0 unless a measurement itself failed: a missed target
is said in words, because seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import GIB, clean_environment, machine, measure
from full_ids import FULL, LARGE_SCREEN, TINY
from full_releases import write_full
from ingest_jobs import NOT_INSTALLED
from store_report import number

JOBS = Path(__file__).with_name("ingest_jobs.py")
PARTS = ("real", "full", "screen", "gmt")
GMT_TOOLS = ("gseapy", "decoupler")
TARGETS = {
    ("real", "first call"): (60.0, 2.0),
    ("real", "second call"): (3.0, None),
    ("full", "first call"): (300.0, 4.0),
    ("full", "second call"): (None, None),
    ("screen", "first call"): (None, None),
    ("screen", "second call"): (None, None),
}
HEADER = ("part", "figure", "measured", "unit", "target", "", "floor", "ours / floor")


@dataclass(frozen=True)
class Figure:
    """One figure of ours, its target, and the same figure of a peer that reads the same files (the floor)."""

    part: str
    name: str
    unit: str
    measured: float
    target: float | None = None
    floor: float | None = None

    def cells(self) -> tuple[str, ...]:
        """The figure as a row of the table."""
        target = "" if self.target is None else f"<= {number(self.target)}"
        word = "" if self.target is None else ("met" if self.measured <= self.target else "MISSED")
        ratio = number(self.measured / self.floor) if self.floor else ""
        return (self.part, self.name, number(self.measured), self.unit, target, word, number(self.floor), ratio)


@dataclass
class Bench:
    """What was measured so far."""

    folder: Path
    tiny: bool = False
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def say(self, figure: Figure) -> None:
        """Keep a figure and print it."""
        self.figures.append(figure)
        print("  ".join(cell.ljust(w) for cell, w in zip(figure.cells(), WIDTHS, strict=True)).rstrip(), flush=True)

    def job(self, *arguments: object) -> tuple[dict[str, Any], float, float] | None:
        """Run a job: what it says, seconds and GiB; None when it failed or its tool is absent, which is noted."""
        call = measure([sys.executable, str(JOBS), *map(str, arguments)], clean_environment())
        if call.code == NOT_INSTALLED:
            self.notes.append(f"{arguments[-1]} is not installed: left out.")
            return None
        if call.code != 0:
            self.failed.append(f"{arguments[0]}: exit code {call.code}\n{call.output[-2000:]}")
            return None
        found: dict[str, Any] = json.loads(call.output.splitlines()[-1])
        return found, call.seconds, call.tree_gib

    def ingest(self, part: str, data: Path) -> None:
        """Two calls into one fresh workspace, and pandas alone on the same folder."""
        floor = self.job("pandas", data)
        for name in ("first call", "second call"):
            call = self.job("ingest", data, self.folder / f"{part}-workspace")
            if call is None:
                return
            found, seconds, gib = call
            first = floor if name == "first call" else None
            wanted = TARGETS[part, name]
            self.say(Figure(part, f"{name}, seconds", "s", seconds, wanted[0], first[1] if first else None))
            busy = first[0]["processor seconds"] if first else None
            self.say(Figure(part, f"{name}, processor seconds", "s", found["processor seconds"], None, busy))
            if name == "first call":
                self.say(Figure(part, f"{name}, peak memory", "GiB", gib, wanted[1], first[2] if first else None))
                self._about(part, found)

    def _about(self, part: str, found: dict[str, Any]) -> None:
        slowest = sorted(found["parts"].items(), key=lambda one: -one[1])[:6]
        longest = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in slowest)
        size = f"{found['files']} files, {found['bytes'] / GIB:.2f} GiB, {found['rows in']:,} rows"
        self.notes.append(f"{part}: {size}; longest: {longest}.")

    def full(self) -> None:
        """The simulated releases, written first (not measured)."""
        data = self.folder / "full"
        write_full(data, TINY if self.tiny else FULL)
        self.ingest("full", data)

    def screen(self) -> None:
        """One screen as large as CTRPv2, with little else beside it."""
        data = self.folder / "screen"
        write_full(data, TINY if self.tiny else LARGE_SCREEN)
        self.ingest("screen", data)

    def gmt(self, data: Path | None) -> None:
        """Gene sets by ours and by the tools of the field, in seconds without starting."""
        folder = data if data is not None else self.folder / "gmt"
        if data is None:
            write_full(folder, TINY)
        path = folder / "reactome" / "ReactomePathways.gmt"
        ours = self.job("gmt", path, "pathproof")
        for tool in GMT_TOOLS:
            peer = self.job("gmt", path, tool)
            if ours is not None and peer is not None:
                name = f"gene sets of {path.name}, against {tool}"
                self.say(Figure("gmt", name, "s", ours[0]["seconds"], None, peer[0]["seconds"]))
                self.notes.append(f"{tool} finds {peer[0]['sets']:,} sets in {path.name}, ours {ours[0]['sets']:,}.")
        if ours is not None:
            self.say(Figure("gmt", f"{ours[0]['sets']:,} gene sets of {path.name}", "s", ours[0]["seconds"]))


WIDTHS = (7, 52, 9, 4, 8, 6, 9, 12)


def page(record: dict[str, Any], figures: Sequence[Figure]) -> str:
    """The page of docs/."""
    facts = record["machine"]
    rows = [HEADER, ("---",) * len(HEADER), *(figure.cells() for figure in figures)]
    return "\n".join(
        [
            "# Ingest, measured",
            "",
            "Written by `python benchmarks/bench_ingest.py --data DIR --docs docs/ingest-benchmarks.md`. The floor is",
            "pandas alone reading every table of the same folder, without a check or a join. A missed target is left",
            "as it was measured. Processor seconds say what a busy machine hides. A call reads, checks, joins and",
            "writes the tables; the load into the graph, which `pathproof ingest` does after it, is measured",
            "[by itself](store-benchmarks.md).",
            "",
            f"- Measured {record['created']} on {facts['cores']} cores, {facts['memory_gib']} GiB, {facts['system']} "
            f"{facts['architecture']}, Python {facts['python']}; load average before the run {record['load_before']}.",
            *(f"- {note}" for note in record["notes"]),
            "",
            *("| " + " | ".join(row) + " |" for row in rows),
            "",
        ]
    )


def main(given: Sequence[str] | None = None) -> int:
    """Run the benchmark; 0 unless a measurement failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("PATHPROOF_DATA"), help="folder with the real data")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts only")
    parser.add_argument("--tiny", action="store_true", help="releases of a few rows: shows that the benchmark runs")
    parser.add_argument("--out", type=Path, default=Path("build/bench-ingest.json"), help="where the JSON goes")
    parser.add_argument("--docs", type=Path, help="where the page goes, e.g. docs/ingest-benchmarks.md")
    arguments = parser.parse_args(given)
    data = None if arguments.data is None else Path(arguments.data).resolve()
    load = round(os.getloadavg()[0], 2)
    print("  ".join(cell.ljust(w) for cell, w in zip(HEADER, WIDTHS, strict=True)).rstrip())
    with tempfile.TemporaryDirectory(prefix="pathproof-bench-") as folder:
        bench = Bench(Path(folder), arguments.tiny)
        if "real" in arguments.only:
            if data is None:
                bench.notes.append("The public files were not measured: give --data DIR or $PATHPROOF_DATA.")
            else:
                bench.ingest("real", data)
        if "full" in arguments.only:
            bench.full()
        if "screen" in arguments.only:
            bench.screen()
        if "gmt" in arguments.only:
            bench.gmt(data)
    record = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "load_before": load,
        "figures": [asdict(figure) for figure in bench.figures],
        "notes": bench.notes,
        "failed": bench.failed,
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("\n".join([*bench.notes, *(f"FAILED: {text}" for text in bench.failed), f"written: {arguments.out}"]))
    if arguments.docs is not None:
        arguments.docs.write_text(page(record, bench.figures), encoding="utf-8")
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
