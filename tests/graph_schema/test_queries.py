"""The library of queries: headers, parameters, and the same rows from both servers."""

from __future__ import annotations

from typing import Any

import pytest

from pathproof.errors import UsageError
from pathproof.graph_schema.queries import list_queries, load_query, parse_query
from pathproof.graph_schema.records import Explanation, Judgement, ModelRecord
from pathproof.graph_schema.store import GraphStore
from pathproof.workspace import Workspace

NAMES = [query.name for query in list_queries()]
PARAMETERS: dict[str, list[dict[str, Any]]] = {
    "explanation-of-drug": [
        {"drug": "dabrafenib"},
        {"drug": "gsk2118436", "explainer": "association-lmm"},
        {"drug": "gdsc.drug:1373"},
        {"drug": "erlotinib"},
    ],
    "evidence-for-claim": [
        {"drug": "Dabrafenib", "gene": "BRAF"},
        {"drug": "Dabrafenib", "gene": "MAP2K1"},
        {"drug": "Erlotinib", "gene": "EGFR"},
        {"drug": "Nutlin-3a (-)", "gene": "TP53"},
    ],
    "drugs-sharing-module": [{}, {"min_shared": "1"}, {"min_shared": 3}],
    "contradicted-claims": [{}, {"run": "run:1"}, {"run": "run:0"}],
    "confident-claims-without-support": [{}, {"min_confidence": 0.95}, {"min_confidence": "0.5", "run": "run:1"}],
}


def _fill(
    store: GraphStore, workspace: Workspace, model: ModelRecord, explanations: list[Explanation]
) -> dict[str, list[list[dict[str, Any]]]]:
    store.load_knowledge(workspace)
    store.write_explanations(model, explanations)
    first = explanations[0]
    ids = [first.claim_id(claim) for claim in first.claims]
    store.write_validation(
        "run:1",
        "FAIL",
        "0" * 64,
        [
            Judgement(claim_id=ids[0], supported_by=("targets",), novel_in=("resistance_evidence",), evidence=("e",)),
            Judgement(claim_id=ids[1], novel_in=("targets",), contradicted_by=("resistance_evidence",)),
            Judgement(claim_id=ids[3], novel_in=("targets",)),
        ],
    )
    return {name: [store.query(name, params) for params in PARAMETERS.get(name, [{}])] for name in NAMES}


@pytest.mark.neo4j
def test_both_servers_give_the_same_rows(
    embedded_store: GraphStore,
    neo4j_store: GraphStore,
    workspace: Workspace,
    model: ModelRecord,
    explanations: list[Explanation],
) -> None:
    answers = []
    for store in (embedded_store, neo4j_store):
        store.write("MATCH (n) DETACH DELETE n")
        answers.append(_fill(store, workspace, model, explanations))
    for name in NAMES:
        assert answers[0][name] == answers[1][name], name
        assert any(answers[0][name]), f"{name} was compared on no rows"
        for row in (row for rows in answers[0][name] for row in rows):
            assert list(row) == list(load_query(name).columns), name


def test_rows_are_right(
    both: GraphStore, workspace: Workspace, model: ModelRecord, explanations: list[Explanation]
) -> None:
    rows = _fill(both, workspace, model, explanations)
    assert [row["symbol"] for row in rows["genes"][0]][:2] == ["BRAF", "TP53"]  # by id, as text
    drugs = {row["name"]: row for row in rows["drugs"][0]}
    assert drugs["Dabrafenib"]["targets"] == ["BRAF"]
    assert drugs["Dabrafenib"]["synonyms"] == ["GSK2118436"]
    assert {(row["source"], row["target"], row["sign"]) for row in rows["signalling-edges"][0]} == {
        ("BRAF", "MAP2K1", 1),
        ("MAP2K1", "MAPK1", 1),
        ("NF1", "KRAS", -1),
        ("MDM2", "TP53", -1),
    }
    assert [(row["source"], row["target"]) for row in rows["regulation-edges"][0]] == [("TP53", "MDM2")]
    assert {(row["gene"], row["direction"], row["disease"]) for row in rows["evidence-edges"][0]} == {
        ("MAP2K1", "resistance", "Melanoma"),
        ("BRAF", "sensitivity", None),
    }
    assert [(row["drug"], row["gene"]) for row in rows["resistance-pathways"][0]] == [("gdsc.drug:1168", "EGFR")]
    assert len(rows["pathway-members"][0]) == 8
    by_name, by_synonym, by_id, none = rows["explanation-of-drug"]
    assert len(by_name) == 5
    assert by_id == by_name
    assert len(by_synonym) == 1
    assert none == []
    module = next(row for row in by_name if row["kind"] == "ModuleClaim")
    assert module["genes"] == ["BRAF", "MAP2K1", "MAPK1"]
    direct, other, pathway, reverse = rows["evidence-for-claim"]
    assert {row["relation"] for row in direct} == {"TARGETS", "CONFERS_SENSITIVITY_TO"}
    assert [(row["relation"], row["through"]) for row in other] == [("AFFECTS", "BRAF"), ("CONFERS_RESISTANCE_TO", "")]
    assert {row["relation"] for row in pathway} == {"TARGETS", "DESCRIBES_RESISTANCE_TO"}
    assert [row["says"] for row in reverse] == ["the target inhibits it", "it activates the target"]
    shared = rows["drugs-sharing-module"][0]
    assert [(row["drug_name"], row["other_name"], row["genes"]) for row in shared] == [
        ("PLX-4720", "Dabrafenib", ["BRAF", "MAP2K1"])
    ]
    assert rows["drugs-sharing-module"][1] == shared
    assert rows["drugs-sharing-module"][2] == []
    assert [row["claim"] for row in rows["contradicted-claims"][0]] == ["EGFR"]
    assert rows["contradicted-claims"][2] == []
    assert [row["claim"] for row in rows["confident-claims-without-support"][0]] == ["EGFR"]
    assert rows["confident-claims-without-support"][1] == []


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        (
            "explanation-of-drug",
            {"drug": "Dabrafenip"},
            r"no drug of this name(.|\n)*'Dabrafenip'(.|\n)*mean: Dabrafenib",
        ),
        ("explanation-of-drug", {"drug": "gsk2118437"}, "did you mean: GSK2118436"),
        ("evidence-for-claim", {"drug": "nothing", "gene": "BRAF"}, "parameter drug of the query evidence-for-claim"),
        (
            "evidence-for-claim",
            {"drug": "dabrafenib", "gene": "braf"},
            r"no gene of this name(.|\n)*did you mean: BRAF",
        ),
    ],
)
def test_an_unknown_name_is_told(
    both: GraphStore, workspace: Workspace, name: str, params: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match="no drug at all yet"):
        both.query(name, {**params, "drug": "Dabrafenib"})
    both.load_knowledge(workspace)
    with pytest.raises(UsageError, match=message):
        both.query(name, params)
    for known in ("Erlotinib", "ERLOTINIB", "gdsc.drug:1168", "gsk2118436"):
        assert both.query("explanation-of-drug", {"drug": known}) == []
    assert both.query("evidence-for-claim", {"drug": "Erlotinib", "gene": "hgnc:6973"}) == []


def test_signatures_are_short() -> None:
    assert load_query("explanation-of-drug").signature() == "drug, explainer='pathproof'"
    assert load_query("confident-claims-without-support").signature() == "min_confidence=0.5, run=None"
    assert load_query("genes").signature() == ""


def test_drugs_and_genes_are_declared() -> None:
    for query in list_queries():
        for one in query.parameters:
            assert one.names == (one.name if one.name in ("drug", "gene") else None), query.name


def test_every_header_is_whole() -> None:
    for query in list_queries():
        assert query.question.endswith("?"), query.name
        assert all(query.columns.values()), query.name
        assert "ORDER BY" in query.cypher, query.name
        for one in query.parameters:
            assert f"${one.name}" in query.cypher, query.name
            assert one.meaning


def test_an_unknown_query_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean: pathway-members"):
        load_query("pathway-member")


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("genes", {"x": 1}, "has no parameter 'x'"),
        ("explanation-of-drug", {"drugs": "x"}, "did you mean: drug"),
        ("explanation-of-drug", {}, "needs drug"),
        ("drugs-sharing-module", {"min_shared": "two"}, "wrong type(.|\n)*int"),
        ("drugs-sharing-module", {"min_shared": True}, "wrong type"),
        ("drugs-sharing-module", {"min_shared": 2.5}, "wrong type"),
    ],
)
def test_a_wrong_parameter_is_told(name: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_query(name).bind(params)


def test_defaults_and_text_are_converted() -> None:
    assert load_query("drugs-sharing-module").bind({"min_shared": "3"}) == {"min_shared": 3, "explainer": "pathproof"}
    assert load_query("confident-claims-without-support").bind({"min_confidence": 1})["min_confidence"] == 1.0


@pytest.mark.parametrize(
    "text",
    ["// name: other\n// question: x?\n// column a: b\nRETURN 1", "// name: x\n// what: y\nRETURN 1", "RETURN 1"],
)
def test_a_broken_header_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"x\.cypher"):
        parse_query(text, "x.cypher")
