"""Typed Parquet files of the knowledge, checked against the graph schema, and the swap into place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from pathproof.errors import DataError, WorkspaceError
from pathproof.graph_schema.schema import EDGE_CORE, KNOWLEDGE_EDGES, KNOWLEDGE_NODES, Property
from pathproof.ingest.knowledge import Knowledge
from pathproof.ingest.tables import Tables
from pathproof.workspace import Workspace

_TYPES = {
    "str": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "list[str]": pa.list_(pa.string()),
}
_PREFIX = ".ingest."
_PARTS = ("tables", "knowledge", "manifest.json")


def check_knowledge(knowledge: Knowledge) -> None:
    """Hold the frames against `graph_schema.schema`: kinds, columns, required values, unique ids, ends.

    Raises
    ------
    DataError
        Naming the kind, the property and an example.
    """
    ids: dict[str, set[str]] = {}
    for node in KNOWLEDGE_NODES:
        frame = knowledge.nodes[node.label]
        _check_frame(node.label, frame, [p.name for p in node.properties], node.properties)
        ids[node.label] = set(frame["id"])
    for edge in KNOWLEDGE_EDGES:
        frame = knowledge.edges[edge.type]
        properties = (*EDGE_CORE, *edge.properties)
        _check_frame(edge.type, frame, ["start", "end", *(p.name for p in properties)], properties)
        for side, labels in (("start", edge.start), ("end", edge.end)):
            missing = set(frame[side]) - set().union(*(ids[label] for label in labels))
            if missing:
                raise _broken(edge.type, f"{side} without a node", min(missing))
    for label in ("Gene", "Pathway"):
        names = knowledge.nodes[label]["id"]
        if names.duplicated().any():
            raise _broken(label, "id twice", names[names.duplicated()].iloc[0])


def _check_frame(kind: str, frame: pd.DataFrame, columns: list[str], properties: tuple[Property, ...]) -> None:
    if list(frame.columns) != columns:
        raise _broken(kind, f"columns {list(frame.columns)}", f"expected {columns}")
    if frame["id"].duplicated().any():
        raise _broken(kind, "id twice", frame.loc[frame["id"].duplicated(), "id"].iloc[0])
    for item in properties:
        if item.required and frame[item.name].isna().any():
            raise _broken(kind, f"no {item.name}", frame.loc[frame[item.name].isna(), "id"].iloc[0])


def _broken(kind: str, what: str, example: str) -> DataError:
    return DataError(f"The knowledge does not fit the graph schema: {kind}: {what}.", got=example)


def write_all(folder: Path, tables: Tables, knowledge: Knowledge) -> None:
    """Write tables/ and knowledge/ under `folder`."""
    frames = {
        "screen": tables.screen,
        "expression": tables.expression.copy().reset_index(),
        "mutations": tables.mutations.copy().reset_index(),
        "cell_lines": tables.cell_lines,
        "genes": knowledge.genes,
    }
    for name, frame in frames.items():
        _write(folder / "tables" / f"{name}.parquet", pa.Table.from_pandas(frame, preserve_index=False))
    lists = {"synonyms", "targets"}
    schema = pa.schema([(name, _TYPES["list[str]" if name in lists else "str"]) for name in tables.drugs.columns])
    _write(folder / "tables" / "drugs.parquet", _typed(tables.drugs, schema))
    for node in KNOWLEDGE_NODES:
        schema = pa.schema([(item.name, _TYPES[item.type]) for item in node.properties])
        _write(folder / "knowledge" / "nodes" / f"{node.label}.parquet", _typed(knowledge.nodes[node.label], schema))
    for edge in KNOWLEDGE_EDGES:
        fields = [(item.name, _TYPES[item.type]) for item in (*EDGE_CORE, *edge.properties)]
        schema = pa.schema([("start", pa.string()), ("end", pa.string()), *fields])
        _write(folder / "knowledge" / "edges" / f"{edge.type}.parquet", _typed(knowledge.edges[edge.type], schema))


def _typed(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    """The frame as Arrow; an empty one has no types of its own to convert from."""
    return schema.empty_table() if frame.empty else pa.Table.from_pandas(frame, schema, preserve_index=False)


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without pandas' own notes in the file, every reader gets the plain Arrow types.
    pq.write_table(table.replace_schema_metadata(None), path)


@contextmanager
def staging(workspace: Workspace) -> Iterator[Path]:
    """A folder in the workspace whose content replaces the old tables when the block ends well.

    The manifest goes first and comes back last: whoever finds a manifest finds whole tables. A process
    that is killed before the swap leaves the old state; leftovers of dead processes are removed here.
    """
    try:
        _sweep(workspace.root)
        part = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}.", dir=workspace.root))
    except OSError as error:
        raise _unwritable(workspace.root, error) from error
    try:
        yield part
        _swap(part, workspace.root)
    except OSError as error:
        raise _unwritable(workspace.root, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _swap(part: Path, root: Path) -> None:
    old = part / "old"
    old.mkdir()
    try:
        for name in reversed(_PARTS):
            if (root / name).exists():
                (root / name).rename(old / name)
        for name in _PARTS:
            (part / name).rename(root / name)
    except OSError:
        for name in _PARTS:
            if (old / name).exists():
                if (root / name).exists():
                    (root / name).rename(part / name)
                (old / name).rename(root / name)
        raise


def _sweep(root: Path) -> None:
    for path in root.glob(f"{_PREFIX}*"):
        number = path.name.removeprefix(_PREFIX).split(".")[0]
        if not number.isdigit() or not psutil.pid_exists(int(number)):
            shutil.rmtree(path, ignore_errors=True)


def _unwritable(path: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        f"Cannot write the ingested tables: {error.strerror or error}",
        where=path,
        action="free some space or choose another folder (--workspace DIR)",
    )
