"""What docs/py2neo.md says of py2neo on the two servers: what works, what does not, and how it fails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pathproof.graph_schema.fingerprint import fingerprint
from pathproof.graph_schema.py2neo_bridge import to_subgraph
from pathproof.graph_schema.records import Explanation, ModelRecord
from pathproof.graph_schema.store import GraphStore
from pathproof.workspace import Workspace

if os.environ.get("CI", "").lower() == "true":
    import py2neo
else:
    py2neo = pytest.importorskip("py2neo", reason="py2neo is an optional extra")

PAGE = Path(__file__).resolve().parents[2] / "docs" / "py2neo.md"


@pytest.fixture
def loaded(both: GraphStore, workspace: Workspace, model: ModelRecord, explanations: list[Explanation]) -> GraphStore:
    """The small graph with its explanations."""
    both.load_knowledge(workspace)
    both.write_explanations(model, explanations)
    return both


@pytest.fixture
def address(loaded: GraphStore, request: pytest.FixtureRequest) -> dict[str, Any]:
    """What `py2neo.Graph` is given for the server."""
    if loaded.kind == "embedded":
        server = loaded._embedded
        assert server is not None
        return {"profile": loaded.uri, "auth": (server.status.user, server.password), "name": server.status.database}
    server = request.getfixturevalue("neo4j_server")
    return {"profile": loaded.uri, "auth": (server.user, server.password)}


@pytest.fixture
def graph(address: dict[str, Any]) -> Any:
    return py2neo.Graph(**address)


def test_it_reads_our_graph(graph: Any, loaded: GraphStore, explanations: list[Explanation]) -> None:
    rows = "MATCH (g:Gene) RETURN g.symbol AS symbol ORDER BY symbol"
    assert graph.run(rows).data() == loaded.read(rows)
    assert graph.evaluate("MATCH (g:Gene {symbol: $symbol}) RETURN g.id", symbol="BRAF") == "hgnc:1097"
    assert list(graph.run(rows).to_data_frame().columns) == ["symbol"]
    gene = py2neo.NodeMatcher(graph).match("Gene", symbol="BRAF").first()
    assert (set(gene.labels), gene["id"]) == ({"Gene"}, "hgnc:1097")
    assert py2neo.NodeMatcher(graph).match("Gene").count() == 8
    claims = py2neo.RelationshipMatcher(graph).match(r_type="HAS_CLAIM").all()
    assert len(claims) == sum(len(one.claims) for one in explanations)
    path = graph.evaluate("MATCH p = (:Explanation)-[:HAS_CLAIM]->(:GeneClaim) RETURN p LIMIT 1")
    assert [type(one).__name__ for one in path.relationships] == ["HAS_CLAIM"]
    record = graph.evaluate("MATCH (e:Explanation {id: $id}) RETURN e.record", id=explanations[0].id)
    assert Explanation.from_json(record) == explanations[0]
    assert "Gene" in graph.schema.node_labels
    assert "HAS_CLAIM" in graph.schema.relationship_types


def test_a_subgraph_is_merged_into_the_loaded_graph(
    graph: Any, loaded: GraphStore, explanations: list[Explanation]
) -> None:
    genes = loaded.read("MATCH (g:Gene) RETURN g.id AS id, g.symbol AS symbol ORDER BY id")
    drugs = loaded.read("MATCH (d:Drug) RETURN d AS d ORDER BY d.id")
    one = explanations[0].model_copy(update={"seed": 7})  # another one of the same drug
    graph.merge(to_subgraph(one))
    assert loaded.read("MATCH (g:Gene) RETURN g.id AS id, g.symbol AS symbol ORDER BY id") == genes
    assert loaded.read("MATCH (d:Drug) RETURN d AS d ORDER BY d.id") == drugs
    assert one in loaded.read_explanations()
    found = loaded.read(
        "MATCH (:Explanation {id: $id})-[:HAS_CLAIM]->(c)-[r:CLAIMS_GENE]->(g:Gene) "
        "RETURN c.id AS claim, g.symbol AS gene, g.id AS id",
        {"id": one.id},
    )
    told = {(one.claim_id(claim), gene) for claim in one.claims for gene in claim.genes}
    assert {(row["claim"], row["gene"]) for row in found} == told
    assert all(row["id"] for row in found), "merged with the genes of the knowledge, not beside them"
    graph.merge(to_subgraph(one))
    again = loaded.read("MATCH (:Explanation {id: $id})-[:HAS_CLAIM]->(c) RETURN count(c) AS n", {"id": one.id})
    assert again == [{"n": len(one.claims)}]


def test_a_stored_explanation_stays_as_it_is_when_it_is_merged_with_the_ids_of_its_genes(
    graph: Any, loaded: GraphStore, explanations: list[Explanation]
) -> None:
    """Without them the ids of CLAIMS_GENE change, and only these."""
    genes = {row["symbol"]: row["id"] for row in loaded.read("MATCH (g:Gene) RETURN g.symbol AS symbol, g.id AS id")}
    ids = "MATCH (a)-[r]->(b) RETURN type(r) AS type, a.id AS start, b.id AS end, r.id AS id ORDER BY type, start, end"
    kept, before = fingerprint(loaded), loaded.read(ids)
    graph.merge(to_subgraph(explanations[0], genes))
    assert fingerprint(loaded) == kept
    graph.merge(to_subgraph(explanations[0]))
    after = loaded.read(ids)
    assert {one["type"] for one, other in zip(before, after, strict=True) if one != other} == {"CLAIMS_GENE"}


def test_what_it_says_of_the_schema_is_older_than_neo4j_5(graph: Any) -> None:
    for call in (graph.schema.get_indexes, graph.schema.get_uniqueness_constraints):
        with pytest.raises(py2neo.errors.Neo4jError, match=r"db\.indexes"):
            call("Gene")
    for call in (graph.schema.create_index, graph.schema.create_uniqueness_constraint):
        with pytest.raises(py2neo.errors.Neo4jError, match="(?i)syntax"):
            call("Anything", "id")


def test_create_refuses_a_node_that_is_there_or_says_nothing(
    graph: Any, loaded: GraphStore, explanations: list[Explanation]
) -> None:
    one = explanations[0].model_copy(update={"seed": 8})
    before = loaded.read_explanations()
    if loaded.kind == "neo4j":
        with pytest.raises(py2neo.errors.ClientError, match="already exists"):
            graph.create(to_subgraph(one))
    else:
        graph.create(to_subgraph(one))  # the server refuses at the commit, and py2neo does not say so
    assert loaded.read_explanations() == before


def test_routing_works_on_neo4j_only(address: dict[str, Any], loaded: GraphStore) -> None:
    address["profile"] = address["profile"].replace("bolt:", "neo4j:")
    if loaded.kind == "neo4j":
        assert py2neo.Graph(**address).evaluate("RETURN 1") == 1
    else:
        with pytest.raises(py2neo.errors.Neo4jError, match="getRoutingTable"):
            py2neo.Graph(**address).evaluate("RETURN 1")


def test_it_speaks_bolt_4_where_the_official_driver_speaks_5(graph: Any, loaded: GraphStore) -> None:
    connection = py2neo.client.Connection.open(graph.service.profile)
    assert connection.protocol_version[0] == 4
    connection.close()
    if loaded.kind == "neo4j":
        assert loaded._driver.get_server_info().protocol_version[0] == 5


@pytest.mark.parametrize("said", ["db.indexes", "getRoutingTable", "CREATE INDEX", "already exists", "graph.merge"])
def test_the_page_says_so(said: str) -> None:
    assert said in PAGE.read_text(encoding="utf-8")
