"""The knowledge tables of a workspace, read and held against the schema before anything is loaded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pathproof.errors import DataError, nearest
from pathproof.graph_schema.schema import EDGE_CORE, KNOWLEDGE_EDGES, KNOWLEDGE_NODES, EdgeKind, NodeKind, Property
from pathproof.workspace import Workspace, read_json

EXAMPLES = 3
_SHOWN = 20
Rows = list[dict[str, Any]]


@dataclass
class KnowledgeTables:
    """Rows ready to load: nodes by label; edges by type, as {start, end, properties}."""

    key: str
    counts: dict[str, dict[str, int]]
    nodes: dict[str, Rows] = field(default_factory=dict)
    edges: dict[str, Rows] = field(default_factory=dict)


@dataclass
class Violations:
    """Everything that is wrong, gathered: how often, and the first few examples of each kind."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, cases: Iterable[object]) -> None:
        """Count the cases under this reason."""
        found = [str(case) for case in cases]
        if found:
            self.counts[reason] += len(found)
            self.examples.setdefault(reason, []).extend(found[:EXAMPLES])

    def raise_if_any(self, where: Path) -> None:
        """Raise one DataError that lists them all."""
        if not self.counts:
            return
        lines = [
            f"{reason}: {n:,} (e.g. {'; '.join(self.examples[reason][:EXAMPLES])})" for reason, n in self.counts.items()
        ]
        more = [f"and {len(lines) - _SHOWN} more kinds of violation"] if len(lines) > _SHOWN else []
        raise DataError(
            f"The knowledge tables break the graph's schema in {len(lines)} "
            f"{'way' if len(lines) == 1 else 'ways'}; nothing was loaded.",
            where=where,
            got="\n    ".join(["", *lines[:_SHOWN], *more]),
            action="run `pathproof ingest` again; if it stays, the reader of the named source is wrong",
        )


def read_knowledge(workspace: Workspace) -> KnowledgeTables:
    """Read and check the knowledge of a workspace.

    Raises
    ------
    DataError
        All violations of the schema at once: unknown kinds and properties, missing required values,
        wrong types, duplicate ids, edges whose ends do not exist, counts that differ from the manifest's.
    WorkspaceError
        There is no manifest.
    """
    folder = workspace.knowledge
    manifest = read_manifest(workspace)
    wrong = Violations()
    _check_names(folder / "nodes", [kind.label for kind in KNOWLEDGE_NODES], wrong)
    _check_names(folder / "edges", [kind.type for kind in KNOWLEDGE_EDGES], wrong)
    tables = KnowledgeTables(str(manifest["key"]), manifest["counts"])
    for node in KNOWLEDGE_NODES:
        tables.nodes[node.label] = _read_nodes(folder / "nodes" / f"{node.label}.parquet", node, wrong)
    ids = {label: {row.get("id") for row in rows} for label, rows in tables.nodes.items()}
    for edge in KNOWLEDGE_EDGES:
        tables.edges[edge.type] = _read_edges(folder / "edges" / f"{edge.type}.parquet", edge, ids, wrong)
    _check_counts(tables, wrong)
    wrong.raise_if_any(folder)
    return tables


def read_manifest(workspace: Workspace) -> dict[str, Any]:
    """The manifest that `ingest` wrote, with its `key` and `counts`."""
    path = workspace.root / "manifest.json"
    manifest = read_json(path)
    missing = [name for name in ("key", "counts") if not isinstance(manifest, dict) or name not in manifest]
    if missing:
        raise DataError(
            "The manifest of this workspace is incomplete.",
            where=path,
            got=f"no {' and no '.join(missing)}",
            action="run `pathproof ingest` again",
        )
    return dict(manifest)


def _check_names(folder: Path, allowed: list[str], wrong: Violations) -> None:
    for path in sorted(folder.glob("*.parquet")):
        if path.stem not in allowed:
            near = nearest(path.stem, allowed)
            wrong.add(f"{folder.name}: no such kind in the schema", [path.stem + (f", like {near}" if near else "")])


def _read(path: Path) -> pd.DataFrame:
    if not path.exists():
        return pd.DataFrame()
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise DataError(
            f"Cannot read {path.name}: {error}", where=path, action="run `pathproof ingest` again to rebuild it"
        ) from error


def _read_nodes(path: Path, kind: NodeKind, wrong: Violations) -> Rows:
    frame = _read(path)
    return _rows(frame, kind.properties, kind.label, wrong) if len(frame) else []


def _read_edges(path: Path, kind: EdgeKind, ids: Mapping[str, set[Any]], wrong: Violations) -> Rows:
    frame = _read(path)
    if not len(frame):
        return []
    missing = [name for name in ("start", "end") if name not in frame]
    wrong.add(f"{kind.type}: column missing", missing)
    if missing:
        return []
    properties = _rows(frame.drop(columns=["start", "end"]), EDGE_CORE + kind.properties, kind.type, wrong)
    rows = [
        {"start": start, "end": end, "properties": row}
        for start, end, row in zip(frame["start"].tolist(), frame["end"].tolist(), properties, strict=True)
    ]
    for side, labels in (("start", kind.start), ("end", kind.end)):
        known: set[Any] = set().union(*(ids.get(label, set()) for label in labels))
        lost = (f"{row[side]} in {row['properties'].get('id')}" for row in rows if row[side] not in known)
        wrong.add(f"{kind.type}: {side} is no {' or '.join(labels)} of the tables", lost)
    return rows


def _rows(frame: pd.DataFrame, properties: tuple[Property, ...], name: str, wrong: Violations) -> Rows:
    """The table's rows as dicts of plain values, absent ones left out; what is wrong is gathered."""
    declared = {one.name: one for one in properties}
    for column in frame.columns:
        if column not in declared:
            near = nearest(str(column), declared)
            wrong.add(f"{name}: no such property in the schema", [f"{column}" + (f", like {near}" if near else "")])
    rows: Rows = [{} for _ in range(len(frame))]
    for one in properties:
        column_values = frame[one.name].tolist() if one.name in frame else [None] * len(frame)
        values = [_plain(value, one.type) for value in column_values]
        if one.required:
            absent = (i for i, value in enumerate(values) if value is None or value == "")
            wrong.add(f"{name}.{one.name}: required and missing", (f"row {i}" for i in absent))
        fits = _CHECKS[one.type]
        bad = (f"{value!r} in row {i}" for i, value in enumerate(values) if value is not None and not fits(value))
        wrong.add(f"{name}.{one.name}: not of type {one.type}", bad)
        for row, value in zip(rows, values, strict=True):
            if value is not None:
                row[one.name] = value
    repeated = Counter(row["id"] for row in rows if "id" in row and isinstance(row["id"], str))
    wrong.add(f"{name}.id: not unique", (f"{key} ({n} times)" for key, n in repeated.items() if n > 1))
    return rows


def _plain(value: Any, kind: str) -> Any:
    """None for what is absent; arrays as lists; a whole float as an int where an int is meant."""
    if value is None or value is pd.NA:
        return None
    if isinstance(value, np.ndarray | list | tuple):
        return [item.item() if isinstance(item, np.generic) else item for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if kind == "int" and value.is_integer():
            return int(value)
    if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _is_list(of: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(of(item) for item in value)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, float) and math.isfinite(value),
    "bool": lambda value: isinstance(value, bool),
}
_CHECKS |= {f"list[{name}]": _is_list(check) for name, check in list(_CHECKS.items())}


def _check_counts(tables: KnowledgeTables, wrong: Violations) -> None:
    for what, found in (("nodes", tables.nodes), ("edges", tables.edges)):
        told = tables.counts.get(what, {})
        differing = (
            f"{name}: {len(found.get(name, []))} rows, {told.get(name, 0)} in the manifest"
            for name in sorted({*told, *found})
            if len(found.get(name, [])) != told.get(name, 0)
        )
        wrong.add(f"{what}: rows differ from the manifest", differing)
