"""neo4j-admin import, run for real: the same graph, the same answers, the constraints after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import query_world as world
from admin_import import admin_import
from exchange_world import AWKWARD
from neo4j_server import RealNeo4j
from test_queries import ASKED

from pathproof.graph_schema.exchange.export import export_graph
from pathproof.graph_schema.fingerprint import fingerprint
from pathproof.graph_schema.schema import NODES
from pathproof.graph_schema.store import GraphStore

AWKWARD_LISTS = [[text for text in AWKWARD if ";" not in text], ["", "b", ""], ["a"]]

pytestmark = pytest.mark.neo4j


@pytest.fixture(scope="module")
def imported(
    neo4j_home: Path, embedded_store: GraphStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GraphStore]:
    """The world of the queries, with awkward texts and numbers, out of the embedded store and through neo4j-admin."""
    world.fill(embedded_store, tmp_path_factory.mktemp("workspace"))
    rows = [
        {
            "id": f"gdsc.drug:9{i}",
            "name": text,
            "target_pathway": "" if i % 2 else None,
            "synonyms": AWKWARD_LISTS[i % len(AWKWARD_LISTS)],
        }
        for i, text in enumerate(AWKWARD)
    ]
    embedded_store.write(
        "UNWIND $rows AS row MATCH (d:Drug {id: 'gdsc.drug:1373'}) "
        "CREATE (n:Drug {provided_by: d.provided_by, dataset_version: d.dataset_version, licence: d.licence}) "
        "SET n.id = row.id, n.name = row.name, n.synonyms = row.synonyms, n.target_pathway = row.target_pathway",
        {"rows": rows},
    )
    numbers = "MATCH (p:Pathway) SET p.n_genes = 9223372036854775807"
    embedded_store.write(numbers)
    embedded_store.write("MATCH ()-[r:RESPONDS_TO]->() SET r.max_conc = 1.7976931348623157e308, r.rmse = 5e-324")
    export_graph(embedded_store, "neo4j-admin", folder := tmp_path_factory.mktemp("exported") / "graph")
    server = RealNeo4j(neo4j_home, tmp_path_factory.mktemp("neo4j"))
    server.start()
    try:
        assert admin_import(server, neo4j_home, folder) > 0
        with server.open() as store:
            yield store
    finally:
        server.end()


def test_the_graph_is_the_same(imported: GraphStore, embedded_store: GraphStore) -> None:
    """Counts by label and type, and every property of every node and relationship."""
    assert imported.counts() == embedded_store.counts()
    assert fingerprint(imported) == fingerprint(embedded_store)


def test_the_answers_are_the_same(imported: GraphStore, embedded_store: GraphStore) -> None:
    """Every query of the library, with every set of its test's parameters."""
    asked = [(name, params) for name, sets in ASKED.items() for params in sets]
    assert len(asked) > 30
    for name, params in asked:
        assert imported.rows(name, params) == embedded_store.rows(name, params), (name, params)


def test_the_constraints_are_there(imported: GraphStore) -> None:
    """Those of the schema, made by the statements that come after the import."""
    rows = imported.read("SHOW CONSTRAINTS YIELD name, labelsOrTypes, properties, type")
    unique = {row["labelsOrTypes"][0] for row in rows if row["properties"] == ["id"] and row["type"] == "UNIQUENESS"}
    assert unique == {kind.label for kind in NODES}
    indexes = imported.read("SHOW INDEXES YIELD labelsOrTypes, properties, state WHERE labelsOrTypes IS NOT NULL")
    looked_up = {(row["labelsOrTypes"][0], row["properties"][0]) for row in indexes if row["labelsOrTypes"]}
    assert {(kind.label, kind.lookup) for kind in NODES if kind.lookup is not None} <= looked_up
