"""What is written as a result is held against the schema: all violations at once, and nothing else refused."""

from __future__ import annotations

import math

import pytest

from pathproof.errors import DataError
from pathproof.graph_schema.bulk import BATCH_ROWS
from pathproof.graph_schema.check import Violations
from pathproof.graph_schema.kinds import Property
from pathproof.graph_schema.provenance import Origin, edge_id
from pathproof.graph_schema.row_check import check_rows
from pathproof.graph_schema.schema import EDGE_CORE
from pathproof.graph_schema.subgraph import Subgraph

SOME = (
    Property("id", "str", "", required=True),
    Property("n", "int", "", low=0, high=3),
    Property("x", "float", "", low=0),
    Property("yes", "bool", ""),
    Property("way", "str", "", allowed=("up", "down")),
    Property("signs", "list[int]", "", allowed=(1, -1)),
)
RIGHT = {"id": "a", "n": 3, "x": 0.5, "yes": False, "way": "up", "signs": [1, -1]}
ORIGIN = Origin("explainer:x", "1")


def _wrong(*rows: dict[str, object]) -> dict[str, int]:
    wrong = Violations()
    check_rows("K", SOME, rows, wrong)
    return dict(wrong.counts)


def test_right_rows_pass_also_with_what_may_be_absent() -> None:
    assert _wrong(RIGHT, {"id": "b"}, {"id": "c", "n": None, "signs": []}) == {}
    assert _wrong() == {}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("id", None, "K.id: required and missing"),
        ("id", 1, "K.id: not of type str"),
        ("n", True, "K.n: not of type int"),
        ("n", 1.0, "K.n: not of type int"),
        ("n", 4, "K.n: not within 0 to 3"),
        ("n", -1, "K.n: not within 0 to 3"),
        ("x", 1, "K.x: not of type float"),
        ("x", math.nan, "K.x: not of type float"),
        ("x", math.inf, "K.x: not of type float"),
        ("x", -0.1, "K.x: not within 0 to inf"),
        ("yes", 1, "K.yes: not of type bool"),
        ("way", "left", "K.way: not one of up, down"),
        ("signs", 1, "K.signs: not of type list[int]"),
        ("signs", (1,), "K.signs: not of type list[int]"),
        ("signs", [1, "1"], "K.signs: not of type list[int]"),
        ("signs", [1, 0], "K.signs: not one of 1, -1"),
        ("sings", [1], "K: no such property in the schema"),
    ],
)
def test_each_violation_is_told(name: str, value: object, reason: str) -> None:
    assert _wrong(RIGHT, {**RIGHT, name: value}) == {reason: 1}


def test_all_violations_of_a_subgraph_at_once() -> None:
    graph = Subgraph()
    graph.node("ValidationRun", "run:1", ORIGIN, {"status": "MAYBE"})
    graph.edge(("GeneClaim", "c"), "CLAIMS_GENE", ("Gene", "hgnc:1"), ORIGIN, layer="proteome", weigth=1.0)
    graph.edge(("Gene", "hgnc:1"), "HAS_CLAIM", ("GeneClaim", "c"), ORIGIN)
    with pytest.raises(DataError) as caught:
        graph.check()
    for text in (
        "ValidationRun.status: not one of PASS, FAIL, INCONCLUSIVE: 1 (e.g. 'MAYBE')",
        "ValidationRun.report_sha256: required and missing: 1 (e.g. run:1)",
        "CLAIMS_GENE.layer: not one of expression, mutation: 1 (e.g. 'proteome')",
        "CLAIMS_GENE: no such property in the schema: 1 (e.g. weigth, like weight)",
        "HAS_CLAIM: not from a Gene to a GeneClaim: 1",
    ):
        assert text in str(caught.value)


def test_every_edge_has_its_provenance_and_an_id_of_its_own() -> None:
    ends = ("GeneClaim", "c"), ("EvidenceItem", "i")
    graph = Subgraph()
    for run in ("run:1", "run:2"):
        graph.edge(ends[0], "SUPPORTED_BY", ends[1], ORIGIN, run=run, edges=["e"])
    graph.edge(ends[0], "CONTRADICTED_BY", ends[1], ORIGIN, run="run:1", edges=["e"])
    graph.check()
    ids = [row["id"] for rows in graph.edges.values() for row in rows]
    assert len(set(ids)) == 3
    assert edge_id("SUPPORTED_BY", "c", "i", "run:1") == ids[0] == "908a4df5309fe60d"
    assert (graph.count("SUPPORTED_BY"), graph.count("CONTRADICTED_BY"), graph.count("JUDGED")) == (2, 1, 0)
    for cypher, params in graph.statements():
        sent = params["same"]
        assert (sent["knowledge_level"], sent["agent_type"]) == ("prediction", "computational_model")
        assert (sent["primary_knowledge_source"], sent["dataset_version"]) == ("explainer:x", "1")
        assert sent["predicate"].startswith("biolink:")
        assert all(f"{one.name}: " in cypher for one in EDGE_CORE)


def test_what_the_origin_says_is_checked_too_and_told_once() -> None:
    graph = Subgraph()
    nobody = Origin("explainer:x", None)  # type: ignore[arg-type]
    for i in range(3):
        graph.node("ValidationRun", f"run:{i}", nobody, {"status": "PASS", "report_sha256": "0"})
    with pytest.raises(DataError, match=r"ValidationRun\.dataset_version: required and missing: 1"):
        graph.check()


def test_each_origin_has_its_own_statements_and_each_kind_one_text() -> None:
    graph, other = Subgraph(), Origin("explainer:y", "2")
    graph.node("ValidationRun", "run:1", ORIGIN, {"status": "PASS", "report_sha256": "0"})
    graph.node("ValidationRun", "run:2", other, {"status": "PASS"})
    (text, first), (same_text, second) = graph.statements()
    assert text == same_text
    assert (first["same"]["provided_by"], first["rows"]) == ("explainer:x", [["run:1", "PASS", "0"]])
    assert (second["same"]["provided_by"], second["rows"]) == ("explainer:y", [["run:2", "PASS", None]])


def test_statements_hold_at_most_so_many_rows_and_nodes_come_first() -> None:
    graph = Subgraph()
    graph.edge(("Explanation", "e"), "EXPLAINS", ("Drug", "d"), ORIGIN)
    for i in range(BATCH_ROWS + 1):
        graph.node("Explanation", f"e{i}", ORIGIN, {})
    statements = list(graph.statements())
    assert [len(params["rows"]) for _, params in statements] == [BATCH_ROWS, 1, 1]
    assert "MATCH" in statements[-1][0]
