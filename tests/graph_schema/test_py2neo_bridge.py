"""An explanation as a py2neo subgraph, without a server."""

from __future__ import annotations

import sys

import pytest

from pathproof.errors import DataError, DependencyError
from pathproof.graph_schema.provenance import edge_id
from pathproof.graph_schema.py2neo_bridge import to_subgraph
from pathproof.graph_schema.records import Explanation
from pathproof.graph_schema.schema import EDGE_CORE


def test_the_subgraph_holds_the_explanation(explanations: list[Explanation]) -> None:
    pytest.importorskip("py2neo", reason="py2neo is an optional extra")
    one = explanations[0]
    graph = to_subgraph(one)
    assert set(graph.labels()) == {
        "Drug", "Explanation", "GeneClaim", "InteractionClaim", "ModuleClaim", "PathwayClaim", "Gene", "Pathway",
    }  # fmt: skip
    assert set(graph.types()) == {"EXPLAINS", "HAS_CLAIM", "CLAIMS_GENE", "CLAIMS_PATHWAY"}
    by_label = {label: [node for node in graph.nodes if label in node.labels] for label in graph.labels()}
    assert {node["symbol"] for node in by_label["Gene"]} == {"BRAF", "EGFR", "NF1", "KRAS", "MAP2K1", "MAPK1"}
    assert len(by_label["Gene"]) == 6  # one node each, however many claims name it
    assert Explanation.from_json(by_label["Explanation"][0]["record"]) == one
    names = [edge for edge in graph.relationships if type(edge).__name__ == "CLAIMS_GENE"]
    assert len(names) == sum(len(claim.genes) for claim in one.claims)
    braf = next(edge for edge in names if edge["layer"] == "mutation")
    assert (braf.start_node["key"], braf.end_node["symbol"], braf["weight"]) == ("BRAF", "BRAF", -0.75)
    for edge in graph.relationships:
        assert {prop.name for prop in EDGE_CORE if prop.required} <= set(edge)
    assert len({edge["id"] for edge in graph.relationships}) == len(graph.relationships)


def test_genes_are_known_by_id_where_ids_are_given(explanations: list[Explanation]) -> None:
    pytest.importorskip("py2neo", reason="py2neo is an optional extra")
    one = explanations[0]
    symbols = sorted({symbol for claim in one.claims for symbol in claim.genes})
    ids = {symbol: f"hgnc:{i}" for i, symbol in enumerate(symbols)}
    graph = to_subgraph(one, ids)
    assert {node["symbol"]: node["id"] for node in graph.nodes if "Gene" in node.labels} == ids
    for edge in graph.relationships:
        if type(edge).__name__ == "CLAIMS_GENE":
            assert edge["id"] == edge_id("CLAIMS_GENE", edge.start_node["id"], edge.end_node["id"])
    with pytest.raises(DataError, match=r"Genes of the explanation have no id(?s:.*)BRAF, EGFR"):
        to_subgraph(one, {symbol: "hgnc:1" for symbol in symbols if symbol not in ("BRAF", "EGFR")})


def test_a_missing_package_names_the_extra(explanations: list[Explanation], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py2neo", None)
    with pytest.raises(DependencyError, match=r"pip install 'pathproof\[py2neo\]'"):
        to_subgraph(explanations[0])
