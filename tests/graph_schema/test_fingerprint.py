"""The fingerprint of a graph: equal for equal graphs on both servers, different after any change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pathproof.graph_schema.fingerprint import fingerprint
from pathproof.graph_schema.store import GraphStore
from pathproof.workspace import Workspace

CHANGES = {
    "a property": "MATCH (g:Gene {symbol: 'BRAF'}) SET g.entrez = '674'",
    "a property that goes": "MATCH (g:Gene {symbol: 'BRAF'}) REMOVE g.entrez",
    "an empty list": "MATCH (g:Gene {symbol: 'BRAF'}) SET g.more = []",
    "a float for an int": "MATCH ()-[r:AFFECTS]->() SET r.sign = toFloat(r.sign)",
    "a node that goes": "MATCH (g:Gene {symbol: 'BRAF'}) DETACH DELETE g",
    "a node of no known kind": "CREATE (:Stranger {x: 1})",
    "an edge twice": "MATCH (a)-[r:REGULATES]->(b) CREATE (a)-[s:REGULATES]->(b) SET s = properties(r)",
    "an edge the other way": "MATCH (a)-[r:PART_OF]->(b) CREATE (b)-[s:PART_OF]->(a) SET s = properties(r) DELETE r",
}


def test_equal_on_both_servers(embedded_store: GraphStore, neo4j_store: GraphStore, workspace: Workspace) -> None:
    """The same load on two servers gives the same fingerprint, and counts are in it."""
    found = []
    for store in (embedded_store, neo4j_store):
        store.write("MATCH (n) DETACH DELETE n")
        store.load_knowledge(workspace)
        found.append(fingerprint(store))
        counts = store.counts()
        assert found[-1].startswith("-".join(str(sum(counts[what].values())) for what in ("nodes", "edges")) + "-")
    assert found[0] == found[1]


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_is_seen(both: GraphStore, workspace: Workspace, what: str) -> None:
    both.load_knowledge(workspace)
    before = fingerprint(both)
    assert fingerprint(both) == before
    both.write(CHANGES[what])
    assert fingerprint(both) != before


def test_the_order_of_writing_does_not_matter(
    both: GraphStore, make_workspace: Callable[..., Workspace], tables: dict[str, dict[str, list[dict[str, object]]]]
) -> None:
    both.load_knowledge(make_workspace(tables))
    before = fingerprint(both)
    both.write("MATCH (n) DETACH DELETE n")
    turned = {what: {kind: rows[::-1] for kind, rows in kinds.items()} for what, kinds in tables.items()}
    both.load_knowledge(make_workspace(turned))
    assert fingerprint(both) == before
