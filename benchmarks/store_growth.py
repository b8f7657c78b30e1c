"""How the embedded store grows with the size of the graph, and what the driver alone would take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import neo4j
import pyarrow as pa
from store_measures import Load, PeakMemory, first_load, server_pid, size_mib

from pathproof.graph_schema import embedded
from pathproof.graph_schema.bulk import BATCH_ROWS, edge_batches, node_batches
from pathproof.graph_schema.driver import literal
from pathproof.graph_schema.schema import KNOWLEDGE_EDGES, KNOWLEDGE_NODES
from pathproof.graph_schema.store import open_store
from pathproof.graph_schema.tables import KnowledgeTables
from pathproof.workspace import Workspace


@dataclass
class Grown:
    """The embedded store with a synthetic graph of one size."""

    load: Load
    start_seconds: float
    held_mib: float
    disk_mib: float


def grow(workspace: Workspace) -> Grown:
    """Load a workspace's knowledge into its own embedded store, start it again, and read every relationship."""
    with open_store(None, workspace) as store:
        load = first_load(store, workspace, server_pid(workspace))
    began = time.perf_counter()
    with open_store(None, workspace) as store:
        start_seconds = time.perf_counter() - began
        with PeakMemory(server_pid(workspace)) as memory:
            store.read("MATCH (a)-[r]->(b) RETURN count(r.id) AS n")
    disk = size_mib(workspace.store)
    return Grown(load, start_seconds, memory.peak, disk)


def floor(tables: KnowledgeTables, folder: Path, *, plain: bool) -> float:
    """Seconds that the bare driver needs to write the tables into an empty embedded store.

    Nothing is checked, compared or locked, and the batches are made beforehand: what is left is the server and
    the wire.

    Parameters
    ----------
    plain : bool
        Rows as maps of all their properties, as one would write it at first; else as our load sends them.
    """
    work = list(_plain_batches(tables) if plain else _our_batches(tables))
    server = embedded.attach_or_start(Workspace.open(folder))
    try:
        auth = (server.status.user, server.password)
        with neo4j.GraphDatabase.driver(str(server.status.uri), auth=auth) as driver:
            began = time.perf_counter()
            with driver.session(database=server.status.database) as session:
                for kind in KNOWLEDGE_NODES:
                    cypher = f"CREATE CONSTRAINT FOR (n:{kind.label}) REQUIRE n.id IS UNIQUE"
                    session.run(literal(cypher)).consume()
                for cypher, params in work:
                    session.execute_write(partial(_run, cypher, params))  # auto-commit would be slower by far
            return time.perf_counter() - began
    finally:
        server.close()


def _run(cypher: str, params: dict[str, Any], tx: neo4j.ManagedTransaction) -> None:
    tx.run(literal(cypher), params).consume()


def _our_batches(tables: KnowledgeTables) -> Iterator[tuple[str, dict[str, Any]]]:
    for node in KNOWLEDGE_NODES:
        for cypher, params, _ in node_batches(tables.nodes[node.label], node.label, fresh=True):
            yield cypher, params
    for edge in KNOWLEDGE_EDGES:
        for cypher, params, _ in edge_batches(tables.edges[edge.type], edge.type, edge.start[0], edge.end[0]):
            yield cypher, params


def _plain_batches(tables: KnowledgeTables) -> Iterator[tuple[str, dict[str, Any]]]:
    for node in KNOWLEDGE_NODES:
        for some in _maps(tables.nodes[node.label]):
            yield f"UNWIND $rows AS row CREATE (n:{node.label}) SET n = row", {"rows": some}
    for edge in KNOWLEDGE_EDGES:
        cypher = (
            f"UNWIND $rows AS row MATCH (a:{edge.start[0]} {{id: row.start}}) MATCH (b:{edge.end[0]} {{id: row.end}}) "
            f"CREATE (a)-[r:{edge.type}]->(b) SET r = row.properties"
        )
        for some in _maps(tables.edges[edge.type]):
            yield (
                cypher,
                {"rows": [{"start": row.pop("start"), "end": row.pop("end"), "properties": row} for row in some]},
            )


def _maps(table: pa.Table) -> Iterator[list[dict[str, Any]]]:
    for batch in table.to_batches(max_chunksize=BATCH_ROWS):
        yield [{name: value for name, value in row.items() if value is not None} for row in batch.to_pylist()]
