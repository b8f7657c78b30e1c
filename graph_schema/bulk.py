"""A table into the graph in as few bytes as it takes: most of a load's time goes into packing and unpacking them.

Rows travel as lists, not as maps, so that no property name is sent with every row; and what all rows of a batch
share (mostly the source, its release and its licence) is sent once. This halves the time of a load.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

BATCH_ROWS = 5_000
Batch = tuple[str, dict[str, Any], int]
Rows = list[list[Any]]


def node_batches(table: pa.Table, label: str, *, fresh: bool) -> Iterator[Batch]:
    """Statement, parameters and number of rows for each batch of nodes.

    Parameters
    ----------
    table : pyarrow.Table
        One column for each property, `id` among them; null where a row lacks it.
    fresh : bool
        The graph has no such nodes yet; else those with the same id are replaced.
    """
    for names, same, rows in _batches(table, ()):
        yield put_nodes(label, names, same, rows, fresh=fresh)


def edge_batches(table: pa.Table, type_: str, start: str, end: str) -> Iterator[Batch]:
    """Statement, parameters and number of rows for each batch of new relationships between nodes of these labels.

    Parameters
    ----------
    table : pyarrow.Table
        The columns `start` and `end`, and one for each property; null where a row lacks it.
    """
    for names, same, rows in _batches(table, ("start", "end")):
        yield put_edges(type_, start, end, names, same, rows)


def put_nodes(label: str, names: Sequence[str], same: Mapping[str, Any], rows: Rows, *, fresh: bool = True) -> Batch:
    """Statement, parameters and number of rows of one batch of nodes.

    Parameters
    ----------
    names : sequence of str
        The properties that the rows hold, in their order; None in a row where a node lacks one.
    same : mapping
        The properties that all have.
    """
    values = _values(names, same, 0)
    properties = "{" + ", ".join(f"{name}: {value}" for name, value in values.items()) + "}"
    if fresh:
        put = f"CREATE (n:{label} {properties})"
    else:
        put = f"MERGE (n:{label} {{id: {values['id']}}}) SET n = {properties}"
    return f"UNWIND $rows AS row {put}", {"rows": rows, "same": same}, len(rows)


def put_edges(type_: str, start: str, end: str, names: Sequence[str], same: Mapping[str, Any], rows: Rows) -> Batch:
    """Statement, parameters and number of rows of one batch of relationships; rows begin with the ids of the ends."""
    properties = ", ".join(f"{name}: {value}" for name, value in _values(names, same, 2).items())
    cypher = (
        f"UNWIND $rows AS row MATCH (a:{start} {{id: row[0]}}) MATCH (b:{end} {{id: row[1]}}) "
        f"CREATE (a)-[r:{type_} {{{properties}}}]->(b)"
    )
    return cypher, {"rows": rows, "same": same}, len(rows)


def _values(names: Sequence[str], same: Mapping[str, Any], first: int) -> dict[str, str]:
    """Where a statement finds the value of each property; those of rows begin at position `first`."""
    values = {name: f"row[{position}]" for position, name in enumerate(names, start=first)}
    return values | {name: f"$same.{name}" for name, value in same.items() if value is not None}


def _batches(table: pa.Table, first: tuple[str, ...]) -> Iterator[tuple[list[str], dict[str, Any], Rows]]:
    """Each batch as names of the properties in its rows, what all of them share, and the rows.

    The columns `first` lead every row and are no properties.
    """
    others = [name for name in table.column_names if name not in first]
    for batch in table.to_batches(max_chunksize=BATCH_ROWS):
        columns = {name: batch.column(name).to_pylist() for name in others}
        same = {name: values[0] for name, values in columns.items() if values.count(values[0]) == len(values)}
        varying = [name for name in others if name not in same]
        if not first and not varying:  # one row: it still needs a row
            varying = [others[0]]
            same.pop(others[0])
        lists = [batch.column(name).to_pylist() for name in first] + [columns[name] for name in varying]
        yield varying, same, list(map(list, zip(*lists, strict=True)))
