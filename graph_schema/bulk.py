"""A table into the graph in as few bytes as it takes: most of a load's time goes into packing and unpacking them.

Rows travel as lists, not as maps, so that no property name is sent with every row; and what all rows of a batch
share (mostly the source, its release and its licence) is sent once. This halves the time of a load.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

BATCH_ROWS = 5_000
Batch = tuple[str, dict[str, Any], int]


def node_batches(table: pa.Table, label: str, *, fresh: bool) -> Iterator[Batch]:
    """Statement, parameters and number of rows for each batch of nodes.

    Parameters
    ----------
    table : pyarrow.Table
        One column for each property, `id` among them; null where a row lacks it.
    fresh : bool
        The graph has no such nodes yet; else those with the same id are replaced.
    """
    for names, params, n in _batches(table, ()):
        properties = "{" + ", ".join(f"{name}: {value}" for name, value in names.items()) + "}"
        if fresh:
            put = f"CREATE (n:{label} {properties})"
        else:
            put = f"MERGE (n:{label} {{id: {names['id']}}}) SET n = {properties}"
        yield f"UNWIND $rows AS row {put}", params, n


def edge_batches(table: pa.Table, type_: str, start: str, end: str) -> Iterator[Batch]:
    """Statement, parameters and number of rows for each batch of new relationships between nodes of these labels.

    Parameters
    ----------
    table : pyarrow.Table
        The columns `start` and `end`, and one for each property; null where a row lacks it.
    """
    for names, params, n in _batches(table, ("start", "end")):
        properties = ", ".join(f"{name}: {value}" for name, value in names.items())
        yield (
            f"UNWIND $rows AS row MATCH (a:{start} {{id: row[0]}}) MATCH (b:{end} {{id: row[1]}}) "
            f"CREATE (a)-[r:{type_} {{{properties}}}]->(b)",
            params,
            n,
        )


def _batches(table: pa.Table, first: tuple[str, ...]) -> Iterator[tuple[dict[str, str], dict[str, Any], int]]:
    """Each batch as property -> where the statement finds its value; parameters; number of rows.

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
        places = {name: f"row[{position}]" for position, name in enumerate(varying, start=len(first))}
        places |= {name: f"$same.{name}" for name, value in same.items() if value is not None}
        yield places, {"rows": list(map(list, zip(*lists, strict=True))), "same": same}, batch.num_rows
