"""Tables of knowledge held against the schema, column by column: everything that is wrong, at once.

One checker for both sides: `ingest` uses it before it writes, the load before it touches the graph. The rules are
those of :mod:`.rules`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pathproof.errors import DataError, nearest
from pathproof.graph_schema.rules import (
    MISSING,
    Sources,
    dangling,
    forbidden,
    lost_end,
    mistyped,
    named_by,
    properties_of,
    source_faults,
    too_high,
    too_low,
)
from pathproof.graph_schema.schema import KNOWLEDGE_EDGES, KNOWLEDGE_NODES, EdgeKind, NodeKind, Property

EXAMPLES = 3
_SHOWN = 20
_ENDS = ("start", "end")
_TYPES = {"str": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}
_FITS = {
    "str": lambda type_: pa.types.is_string(type_) or pa.types.is_large_string(type_),
    "int": lambda type_: pa.types.is_integer(type_) or pa.types.is_floating(type_),
    "float": lambda type_: pa.types.is_integer(type_) or pa.types.is_floating(type_),
    "bool": pa.types.is_boolean,
}


@dataclass
class Violations:
    """Everything that is wrong, gathered: how often, and the first few examples of each kind."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, cases: Iterable[object], each: int = 1) -> None:
        """Count the cases under this reason; each stands for as many rows."""
        for case in cases:
            self.counts[reason] += each
            if len(shown := self.examples.setdefault(reason, [])) < EXAMPLES:
                shown.append(str(case))

    def raise_if_any(
        self, where: Path | str, *, done: str, action: str, what: str = "The knowledge tables break the graph's schema"
    ) -> None:
        """Raise one DataError that lists them all."""
        if not self.counts:
            return
        lines = [f"{reason}: {n:,} (e.g. {'; '.join(self.examples[reason])})" for reason, n in self.counts.items()]
        more = [f"and {len(lines) - _SHOWN} more kinds of violation"] if len(lines) > _SHOWN else []
        raise DataError(
            f"{what} in {len(lines)} {'way' if len(lines) == 1 else 'ways'}; {done}.",
            where=where,
            got="\n    ".join(["", *lines[:_SHOWN], *more]),
            action=action,
        )


def arrow_schema(kind: NodeKind | EdgeKind) -> pa.Schema:
    """Columns of the kind's table: a relationship's ends, then the properties."""
    fields = [pa.field(one.name, arrow_type(one)) for one in properties_of(kind)]
    ends = [pa.field(side, pa.string()) for side in _ENDS] if isinstance(kind, EdgeKind) else []
    return pa.schema([*ends, *fields])


def arrow_type(one: Property) -> pa.DataType:
    """The column type of a property."""
    item = _TYPES[one.type.removeprefix("list[").removesuffix("]")]
    return pa.list_(item) if one.type.startswith("list[") else item


def check_tables(nodes: Mapping[str, pa.Table], edges: Mapping[str, pa.Table], wrong: Violations) -> None:
    """Hold the tables of every kind of knowledge against the schema; what is wrong is gathered.

    Parameters
    ----------
    nodes, edges : mapping of str to pyarrow.Table
        By label and by type; one column for each property (an absent column is a property that no row has).
        Null and NaN mean that the row lacks the property.
    wrong : Violations
        Filled: columns that the schema does not name, wrong types, required values that are missing, values that
        are not allowed or out of bounds (of list items too), ids that are not unique, ends and references without
        a node, sources that are unknown or that do not give the kind, and a release or licence that is not the
        source's.
    """
    ids = {label: _ids(table) for label, table in nodes.items()}
    sources = _sources(nodes["KnowledgeSource"])
    for node in KNOWLEDGE_NODES:
        _check_table(node.label, nodes[node.label], node, ids, wrong)
        _check_source(node.label, nodes[node.label], node, sources, wrong)
    for edge in KNOWLEDGE_EDGES:
        table = edges[edge.type]
        _check_table(edge.type, table, edge, ids, wrong)
        _check_source(edge.type, table, edge, sources, wrong)
        _check_ends(table, edge, ids, wrong)


def _ids(table: pa.Table) -> pa.Array:
    """The table's ids; none where the column is absent or no text (which is told elsewhere)."""
    if "id" not in table.column_names or not _FITS["str"](table["id"].type):
        return pa.array([], pa.string())
    return pc.unique(table["id"].drop_null()).cast(pa.string())


def _check_table(
    name: str, table: pa.Table, kind: NodeKind | EdgeKind, ids: Mapping[str, pa.Array], wrong: Violations
) -> None:
    declared = {one.name: one for one in properties_of(kind)}
    allowed = [*declared, *(_ENDS if isinstance(kind, EdgeKind) else ())]
    for column in table.column_names:
        if column not in allowed:
            near = nearest(column, allowed)
            wrong.add(f"{name}: no such property in the schema", [f"{column}" + (f", like {near}" if near else "")])
    for one in declared.values():
        _check_column(f"{name}.{one.name}", table, one, ids, wrong)
    if len(own := _ids(table)) < table.num_rows and len(own):
        repeated = [found for found in pc.value_counts(table["id"].drop_null()).to_pylist() if found["counts"] > 1]
        wrong.add(f"{name}.id: not unique", (f"{found['values']} ({found['counts']} times)" for found in repeated))


def _check_column(name: str, table: pa.Table, one: Property, ids: Mapping[str, pa.Array], wrong: Violations) -> None:
    row = _namer(table)
    column = table[one.name].combine_chunks() if one.name in table.column_names else pa.nulls(table.num_rows)
    absent = pc.is_null(column, nan_is_null=True)
    if _FITS["str"](column.type):
        absent = pc.or_(absent, pc.equal(column, "").fill_null(False))
    if one.required:
        wrong.add(f"{name}: {MISSING}", map(row, _where(absent)))
    if pa.types.is_null(column.type):
        return
    item_type = one.type.removeprefix("list[").removesuffix("]")
    items, row_of = column, np.arange(len(column))
    if (is_list := item_type != one.type) and _is_list(column.type):
        items, row_of = pc.list_flatten(column), np.asarray(pc.list_parent_indices(column))
    elif is_list or not _FITS[item_type](column.type):
        items = None
    if items is None or not (pa.types.is_null(items.type) or _FITS[item_type](items.type)):
        cases = (f"{column[i].as_py()!r} in {row(i)}" for i in _where(pc.is_valid(column)))
        wrong.add(f"{name}: {mistyped(one)}", cases)
        return
    if is_list:
        wrong.add(f"{name}: an item is missing", (row(row_of[i]) for i in _where(pc.is_null(items))))
    for reason, bad in _bad_values(items, item_type, one, ids):
        cases = (f"{items[i].as_py()!r} in {row(row_of[i])}" for i in _where(bad))
        wrong.add(f"{name}: {reason}", cases)


def _bad_values(
    items: pa.Array, type_: str, one: Property, ids: Mapping[str, pa.Array]
) -> Iterable[tuple[str, pa.Array]]:
    """Reason and mask of each kind of bad value; null where a value is absent."""
    if pa.types.is_null(items.type):
        return
    if pa.types.is_floating(items.type):
        items = pc.if_else(pc.is_nan(items), None, items)
        yield mistyped(one), pc.invert(pc.is_finite(items))
        if type_ == "int":
            yield mistyped(one), pc.not_equal(items, pc.floor(items))
    given = pc.is_valid(items)
    if one.allowed:
        inside = pc.is_in(items, pa.array(one.allowed).cast(items.type))
        yield forbidden(one), pc.and_(given, pc.invert(inside))
    if one.low is not None:
        yield too_low(one), pc.less(items, one.low)
    if one.high is not None:
        yield too_high(one), pc.greater(items, one.high)
    if one.refers_to is not None:
        inside = pc.is_in(items, ids[one.refers_to].cast(items.type))
        yield dangling(one), pc.and_(given, pc.invert(inside))


def _check_ends(table: pa.Table, kind: EdgeKind, ids: Mapping[str, pa.Array], wrong: Violations) -> None:
    if not table.num_rows:
        return
    row = _namer(table)
    for side, labels in zip(_ENDS, (kind.start, kind.end), strict=True):
        if side not in table.column_names:
            wrong.add(f"{kind.type}: column missing", [side])
            continue
        known = pa.concat_arrays([ids[label] for label in labels])
        lost = _where(pc.invert(pc.is_in(table[side].cast(pa.string()), known)))
        cases = (f"{table[side][i].as_py()} in {row(i)}" for i in lost)
        wrong.add(f"{kind.type}: {lost_end(kind, side)}", cases)


def _sources(table: pa.Table) -> dict[str, tuple[str, str]]:
    """Release and licence of each KnowledgeSource; none where a column is absent (which is told elsewhere)."""
    if not {"id", "release", "licence"} <= set(table.column_names):
        return {}
    return {row["id"]: (row["release"], row["licence"]) for row in table.to_pylist()}


def _check_source(name: str, table: pa.Table, kind: NodeKind | EdgeKind, sources: Sources, wrong: Violations) -> None:
    columns = [named_by(kind), "dataset_version", "licence"]
    if not set(columns) <= set(table.column_names):
        return
    for found in table.select(columns).group_by(columns).aggregate([([], "count_all")]).to_pylist():
        source, version, licence = (found[column] for column in columns)
        if source and version and licence:  # else required and missing
            for what, reason, case in source_faults(kind, (source, version, licence), sources):
                wrong.add(f"{name}.{what}: {reason}", [case], found["count_all"])


def _namer(table: pa.Table) -> Callable[[int], str]:
    """A row's id, or its number where it has none."""
    ids = table["id"] if "id" in table.column_names else pa.chunked_array([pa.nulls(table.num_rows)])
    return lambda i: str(ids[int(i)].as_py() or f"row {i}")


def _is_list(type_: pa.DataType) -> bool:
    return bool(pa.types.is_list(type_) or pa.types.is_large_list(type_))


def _where(mask: pa.Array) -> list[int]:
    """Positions of true; null is not."""
    return [int(i) for i in np.flatnonzero(np.asarray(mask.fill_null(False)))]
