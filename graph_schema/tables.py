"""The knowledge tables of a workspace, read and held against the schema before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pathproof.errors import DataError, nearest
from pathproof.graph_schema.check import Violations, arrow_schema, check_tables
from pathproof.graph_schema.schema import KNOWLEDGE_EDGES, KNOWLEDGE_NODES, EdgeKind, NodeKind
from pathproof.workspace import Workspace, read_json


@dataclass
class KnowledgeTables:
    """Tables ready to load: nodes by label; relationships by type, with the columns `start` and `end`."""

    key: str
    counts: dict[str, dict[str, int]]
    nodes: dict[str, pa.Table] = field(default_factory=dict)
    edges: dict[str, pa.Table] = field(default_factory=dict)


def read_knowledge(workspace: Workspace) -> KnowledgeTables:
    """Read and check the knowledge of a workspace.

    Raises
    ------
    DataError
        All violations of the schema at once: unknown kinds and properties, missing required values, wrong
        types, values that are not allowed, duplicate ids, ends and references that do not exist, facts whose
        source is unknown (all of :func:`.check.check_tables`), counts that differ from the manifest's.
    WorkspaceError
        There is no manifest.
    """
    folder = workspace.knowledge
    manifest = read_manifest(workspace)
    wrong = Violations()
    _check_names(folder / "nodes", [kind.label for kind in KNOWLEDGE_NODES], wrong)
    _check_names(folder / "edges", [kind.type for kind in KNOWLEDGE_EDGES], wrong)
    nodes = {kind.label: _read(folder / "nodes" / f"{kind.label}.parquet", kind) for kind in KNOWLEDGE_NODES}
    edges = {kind.type: _read(folder / "edges" / f"{kind.type}.parquet", kind) for kind in KNOWLEDGE_EDGES}
    check_tables(nodes, edges, wrong)
    _check_counts({"nodes": nodes, "edges": edges}, manifest["counts"], wrong)
    wrong.raise_if_any(
        folder,
        done="nothing was loaded",
        action="run `pathproof ingest` again; if it stays, the reader of the named source is wrong",
    )
    tables = KnowledgeTables(str(manifest["key"]), manifest["counts"])
    tables.nodes = {kind.label: _typed(nodes[kind.label], kind) for kind in KNOWLEDGE_NODES}
    tables.edges = {kind.type: _typed(edges[kind.type], kind) for kind in KNOWLEDGE_EDGES}
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
            wrong.add(
                f"{folder.name}: no such kind in the schema", [f"{path.stem}" + (f", like {near}" if near else "")]
            )


def _read(path: Path, kind: NodeKind | EdgeKind) -> pa.Table:
    if not path.is_file():
        return arrow_schema(kind).empty_table()
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(
            f"Cannot read {path.name}: {error}", where=path, action="run `pathproof ingest` again"
        ) from error


def _typed(table: pa.Table, kind: NodeKind | EdgeKind) -> pa.Table:
    """The checked table with the schema's columns and types; NaN is null."""
    schema = arrow_schema(kind)
    columns = []
    for one in schema:
        column = table[one.name] if one.name in table.column_names else pa.nulls(table.num_rows)
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), None, column)
        columns.append(column.cast(one.type))
    return pa.table(columns, schema=schema)


def _check_counts(found: dict[str, dict[str, pa.Table]], counts: dict[str, dict[str, int]], wrong: Violations) -> None:
    for what, tables in found.items():
        told = counts.get(what, {})
        here = {name: table.num_rows for name, table in tables.items()}
        differing = (
            f"{name}: {here.get(name, 0)} rows, {told.get(name, 0)} in the manifest"
            for name in sorted({*told, *here})
            if here.get(name, 0) != told.get(name, 0)
        )
        wrong.add(f"{what}: rows differ from the manifest", differing)
