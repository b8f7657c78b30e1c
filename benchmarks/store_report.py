"""Figures of the store's benchmark: what was measured on each server, beside its target; as text and as a page."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import psutil

PACKAGES = ("pathproof", "arcadedb-embedded", "neo4j", "pandas", "pyarrow")
GIB = 1024**3
HEADER = ("embedded / Neo4j", "embedded", "Neo4j", "unit", "target", "", "figure")


@dataclass(frozen=True)
class Figure:
    """One figure, on one server or on both.

    Parameters
    ----------
    part, name, unit : str
    embedded, neo4j : float or None
        None where it was not measured.
    target : float or None
    least : bool
        The target is the least that is wanted, else the most.
    held_by : tuple of str
        The servers of which the target speaks.
    """

    part: str
    name: str
    unit: str
    embedded: float | None = None
    neo4j: float | None = None
    target: float | None = None
    least: bool = False
    held_by: tuple[str, ...] = ("embedded",)

    @property
    def ratio(self) -> float | None:
        """Embedded over Neo4j."""
        if self.embedded is None or not self.neo4j:
            return None
        return self.embedded / self.neo4j

    @property
    def met(self) -> bool | None:
        """Whether every server of which the target speaks meets it; None without a target or a figure."""
        measured = {"embedded": self.embedded, "neo4j": self.neo4j}
        values = [value for name in self.held_by if (value := measured[name]) is not None]
        if self.target is None or not values:
            return None
        return min(values) >= self.target if self.least else max(values) <= self.target

    def cells(self) -> tuple[str, ...]:
        """The figure as a row of the table."""
        target = "" if self.target is None else f"{'>=' if self.least else '<='} {number(self.target)}"
        met = {None: "", True: "met", False: "MISSED"}[self.met]
        values = (number(self.ratio), number(self.embedded), number(self.neo4j))
        return (*values, self.unit, target, met, self.name)


def number(value: float | None) -> str:
    """Three significant digits, thousands separated; empty for none."""
    if value is None:
        return ""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def by_part(figures: Iterable[Figure]) -> dict[str, list[Figure]]:
    """The figures of each part; those of queries by falling ratio."""
    parts: dict[str, list[Figure]] = {}
    for one in figures:
        parts.setdefault(one.part, []).append(one)
    for name, some in parts.items():
        if name.startswith("queries, each"):
            some.sort(key=lambda one: (-(one.ratio or 0.0), one.name))
    return parts


def text(part: str, figures: list[Figure]) -> str:
    """One part as aligned text."""
    rows = [HEADER, *(one.cells() for one in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
    lines = [
        "  ".join(
            cell.rjust(width) if i < 3 else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join([f"== {part}", *(line.rstrip() for line in lines), ""])


def page(record: dict[str, Any], figures: list[Figure]) -> str:
    """The page of docs/: the same tables, and what they were measured on."""
    facts = record["machine"]
    counts = record["graph"]
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    lines = [
        "# The store, measured",
        "",
        "Written by `python benchmarks/bench_store.py --data DIR --docs docs/store-benchmarks.md`; both servers in one",
        "run, one after the other. The first column is the embedded server's figure over Neo4j's: below 1 the embedded",
        "one is faster where the unit is a time. A missed target is left as it was measured.",
        "",
        f"- Measured {record['created']} on {facts['cores']} cores, {facts['memory_gib']} GiB, {facts['system']} "
        f"{facts['architecture']}, Python {facts['python']}; load average before the run {facts['load_before']}, "
        f"after it {facts['load_after']}.",
        f"- {packages}; " + "; ".join(f"{name}: {agent}" for name, agent in record["servers"].items()) + ".",
        f"- The graph: {counts['kind']} data, {counts['nodes']:,} nodes, {counts['relationships']:,} relationships.",
        f"- The whole run took {record['seconds'] / 60:.1f} minutes.",
        "",
    ]
    for part, some in by_part(figures).items():
        lines += [f"## {part[0].upper()}{part[1:]}", "", *markdown(some), ""]
    if record["notes"]:
        lines += ["## Notes", "", *(f"- {note}" for note in record["notes"]), ""]
    return "\n".join(lines)


def markdown(figures: list[Figure]) -> list[str]:
    """A table of markdown."""
    rows = [HEADER, ("---:",) * 3 + ("---",) * (len(HEADER) - 3), *(one.cells() for one in figures)]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]


def machine() -> dict[str, Any]:
    """What the seconds depend on."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / GIB, 1),
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "load_before": round(os.getloadavg()[0], 2),
    }


def as_json(figures: Iterable[Figure]) -> list[dict[str, Any]]:
    """The figures with ratio and verdict, for the JSON."""
    return [{**asdict(one), "ratio": one.ratio, "met": one.met} for one in figures]
