"""One hash of everything that a graph holds: two graphs with the same one hold the same."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import neo4j

from pathproof.graph_schema.calls import within
from pathproof.graph_schema.driver import literal, plain

if TYPE_CHECKING:
    from pathproof.graph_schema.connection import Connection

_NODES = "MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties"
_EDGES = (
    "MATCH (a)-[r]->(b) RETURN type(r) AS type, labels(a) AS start_labels, a.id AS start, "
    "labels(b) AS end_labels, b.id AS end, properties(r) AS properties"
)


def fingerprint(store: Connection) -> str:
    """Hash over all nodes and relationships of a graph, of whatever kind, with all their properties.

    Parameters
    ----------
    store : Connection
        An open store. Rows are hashed as they arrive and are not kept: memory does not grow with the graph.

    Returns
    -------
    str
        "<nodes>-<relationships>-<64 hexadecimal digits>". Equal on any server and after any order of writing:
        row hashes are added up. A whole float and the same int differ, and so do an absent property and an
        empty list or text. An end of a relationship is told by its labels and `id`; constraints and indexes
        do not enter.
    """
    n_nodes, nodes = _sum(store, _NODES)
    n_edges, edges = _sum(store, _EDGES)
    whole = hashlib.sha256(f"{n_nodes} {nodes} {n_edges} {edges}".encode()).hexdigest()
    return f"{n_nodes}-{n_edges}-{whole}"


def _sum(store: Connection, cypher: str) -> tuple[int, int]:
    def call() -> tuple[int, int]:
        n = total = 0
        # one transaction and no second try: a retry would count rows twice
        with store._errors(None), store._session(neo4j.READ_ACCESS) as session, session.begin_transaction() as tx:
            for record in tx.run(literal(cypher)):
                n, total = n + 1, (total + _row(record.data())) % 2**256
        return n, total

    return within(call, None, store.uri)


def _row(row: dict[str, Any]) -> int:
    """Number of one row; labels are a set, so their order is none."""
    ordered = {key: sorted(value) if key.endswith("labels") else plain(value) for key, value in row.items()}
    text = json.dumps(ordered, sort_keys=True, ensure_ascii=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
