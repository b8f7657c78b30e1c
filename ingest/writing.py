"""Typed Parquet files of the knowledge, checked against the graph schema, and the swap into place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from pathproof.errors import WorkspaceError
from pathproof.graph_schema.check import Violations, arrow_schema, check_tables
from pathproof.graph_schema.schema import KNOWLEDGE_EDGES, KNOWLEDGE_NODES, EdgeKind, NodeKind
from pathproof.ingest.builder import Knowledge
from pathproof.ingest.tables import Tables
from pathproof.workspace import Workspace

_PREFIX = ".ingest."
_PARTS = ("tables", "knowledge", "manifest.json")
_LISTS = ("synonyms", "targets")
_REPORT = "the reader of the named source is wrong: report this with the release of its file"


@dataclass
class CheckedKnowledge:
    """The knowledge as typed tables that fit the graph schema; `genes` is the table of genes."""

    genes: pd.DataFrame
    nodes: dict[str, pa.Table] = field(default_factory=dict)
    edges: dict[str, pa.Table] = field(default_factory=dict)


def check_knowledge(knowledge: Knowledge) -> CheckedKnowledge:
    """Type the frames and hold them against the graph schema.

    Raises
    ------
    DataError
        All violations at once (see :func:`pathproof.graph_schema.check.check_tables`).
    """
    wrong = Violations()
    checked = CheckedKnowledge(knowledge.genes)
    for node in KNOWLEDGE_NODES:
        checked.nodes[node.label] = _table(knowledge.nodes[node.label], node.label, node, wrong)
    for edge in KNOWLEDGE_EDGES:
        checked.edges[edge.type] = _table(knowledge.edges[edge.type], edge.type, edge, wrong)
    check_tables(checked.nodes, checked.edges, wrong)
    wrong.raise_if_any("the knowledge that was read", done="nothing was written", action=_REPORT)
    return checked


def _table(frame: pd.DataFrame, name: str, kind: NodeKind | EdgeKind, wrong: Violations) -> pa.Table:
    """The frame as a typed table; a column that does not fit its type is told and read as absent."""
    schema = arrow_schema(kind)
    columns = {}
    for column in frame.columns:
        type_ = schema.field(column).type if column in schema.names else None
        try:
            columns[column] = pa.array(frame[column], type_, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            wrong.add(f"{name}.{column}: not of the schema's type", [error])
    return pa.table(columns)


def write_all(folder: Path, tables: Tables, knowledge: CheckedKnowledge) -> None:
    """Write tables/ and knowledge/ under `folder`."""
    frames = {
        "cell_lines": tables.cell_lines,
        "genes": knowledge.genes,
        "molecules": tables.drugs.molecules,
        "agreement": tables.agreement,
        **{f"screens/{name}": screen.table for name, screen in tables.screens.items()},
    }
    for name, frame in frames.items():
        _write(folder / "tables" / f"{name}.parquet", pa.Table.from_pandas(frame, preserve_index=False))
    wide = {"expression": tables.expression, "mutations": tables.mutations}
    wide |= {f"layers/{name}": layer for name, layer in tables.layers.items()}
    for name, frame in wide.items():
        _write(folder / "tables" / f"{name}.parquet", _wide(frame))
    drugs = tables.drugs.table
    texts = pa.list_(pa.string())
    schema = pa.schema([(name, texts if name in _LISTS else pa.string()) for name in drugs.columns])
    _write(folder / "tables" / "drugs.parquet", pa.Table.from_pandas(drugs, schema, preserve_index=False))
    for part, kinds in (("nodes", knowledge.nodes), ("edges", knowledge.edges)):
        for name, table in kinds.items():
            _write(folder / "knowledge" / part / f"{name}.parquet", table)


def _wide(frame: pd.DataFrame) -> pa.Table:
    """Cell lines x columns, the index as the first column; one row group, as a table of many columns asks for."""
    values = frame.to_numpy()
    arrays = [pa.array(frame.index.astype(str), pa.string()), *(pa.array(values[:, i]) for i in range(values.shape[1]))]
    return pa.table(arrays, names=["cell_line", *map(str, frame.columns)])


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
