"""What is written as a result is held against the schema: all violations at once, and nothing else refused."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest

from pathproof.errors import DataError
from pathproof.graph_schema.bulk import BATCH_ROWS
from pathproof.graph_schema.check import Violations, arrow_schema, check_tables
from pathproof.graph_schema.exchange.check import Checker
from pathproof.graph_schema.exchange.rows import Edge, Node
from pathproof.graph_schema.kinds import Property
from pathproof.graph_schema.provenance import RESULT_LICENCE, Origin, edge_id
from pathproof.graph_schema.row_check import check_rows
from pathproof.graph_schema.schema import EDGE_BY_TYPE, EDGE_CORE, KNOWLEDGE_EDGES, KNOWLEDGE_NODES, NODE_BY_LABEL
from pathproof.graph_schema.subgraph import Subgraph

SOME = (
    Property("id", "str", "", required=True),
    Property("n", "int", "", low=0, high=3),
    Property("x", "float", "", low=0),
    Property("yes", "bool", ""),
    Property("way", "str", "", allowed=("up", "down")),
    Property("signs", "list[int]", "", allowed=(1, -1)),
    Property("of", "str", "", refers_to="Gene"),
    Property("one", "str", "", allowed=("a",)),
)
RIGHT = {"id": "a", "n": 3, "x": 0.5, "yes": False, "way": "up", "signs": [1, -1], "of": "g", "one": "a"}
ORIGIN = Origin("explainer:x", "1")


def _wrong(*rows: dict[str, object]) -> dict[str, int]:
    wrong = Violations()
    check_rows("K", SOME, rows, wrong, lambda label, one: (label, one) == ("Gene", "g"))
    return dict(wrong.counts)


def test_right_rows_pass_also_with_what_may_be_absent() -> None:
    assert _wrong(RIGHT, {"id": "b"}, {"id": "c", "n": None, "signs": []}) == {}
    assert _wrong() == {}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("id", None, "K.id: required and missing"),
        ("id", "", "K.id: required and missing"),
        ("of", "h", "K.of: no Gene that is there"),
        ("one", "b", "K.one: not a"),
        ("id", 1, "K.id: not of type str"),
        ("n", True, "K.n: not of type int"),
        ("n", 1.0, "K.n: not of type int"),
        ("n", 4, "K.n: more than 3"),
        ("n", -1, "K.n: less than 0"),
        ("x", 1, "K.x: not of type float"),
        ("x", math.nan, "K.x: not of type float"),
        ("x", math.inf, "K.x: not of type float"),
        ("x", -0.1, "K.x: less than 0"),
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


GENE = {"id": "hgnc:1", "provided_by": "source:hgnc", "dataset_version": "1", "licence": "free", "symbol": "A"}
HGNC = {"id": "source:hgnc", "name": "HGNC", "release": "1", "licence": "free", "sha256": "0"}
CONFERS = {
    "id": "e", "predicate": "biolink:associated_with_resistance_to", "primary_knowledge_source": "source:civic",
    "knowledge_level": "knowledge_assertion", "agent_type": "manual_agent", "dataset_version": "1", "licence": "free",
    "evidence_item": "civic.eid:1", "evidence_level": "A", "molecular_profile": "A", "significance": "s",
    "combination": False,
}  # fmt: skip
DRUG = {**GENE, "id": "d", "provided_by": "source:civic", "name": "D"}
del DRUG["symbol"]
ITEM = {
    **{name: DRUG[name] for name in ("provided_by", "dataset_version", "licence")},
    **{name: CONFERS[name] for name in ("evidence_level", "molecular_profile", "significance", "combination")},
    "id": "civic.eid:1", "name": "EID1", "direction": "resistance", "supports": True,
}  # fmt: skip
SOUND: dict[str, list[dict[str, object]]] = {
    "Gene": [GENE],
    "Drug": [DRUG],
    "EvidenceItem": [ITEM],
    "KnowledgeSource": [HGNC, {**HGNC, "id": "source:civic"}],
    "CONFERS_RESISTANCE_TO": [{**CONFERS, "start": "hgnc:1", "end": "d"}],
}


def _told_of_tables(rows: dict[str, list[dict[str, object]]]) -> dict[str, int]:
    wrong = Violations()
    nodes, edges = (
        {
            name: pa.Table.from_pylist(rows.get(name, []), None if rows.get(name) else arrow_schema(kind))
            for name, kind in kinds
        }
        for kinds in (
            [(kind.label, kind) for kind in KNOWLEDGE_NODES],
            [(kind.type, kind) for kind in KNOWLEDGE_EDGES],
        )
    )
    check_tables(nodes, edges, wrong)
    return dict(wrong.counts)


def _told_of_file(rows: dict[str, list[dict[str, object]]]) -> dict[str, int]:
    checker = Checker()
    checker.node(Node("Dataset", {"id": "dataset:knowledge", "key": "k", "complete": True}))
    for label in sorted(rows.keys() & NODE_BY_LABEL.keys()):
        for row in rows[label]:
            checker.node(Node(label, row))
    checker.flush()
    for type_ in rows.keys() & EDGE_BY_TYPE.keys():
        for row in rows[type_]:
            own = {name: value for name, value in row.items() if name not in ("start", "end")}
            checker.edge(Edge(type_, str(row["start"]), str(row["end"]), own))
    checker.flush()
    checker.close()
    return dict(checker.wrong.counts)


@pytest.mark.parametrize(
    ("kind", "name", "value", "reason"),
    [
        ("Gene", "symbol", "", "Gene.symbol: required and missing"),
        ("Gene", "symbol", None, "Gene.symbol: required and missing"),
        ("Gene", "symbl", "A", "Gene: no such property in the schema"),
        ("Gene", "entrez", 1, "Gene.entrez: not of type str"),
        ("Gene", "provided_by", "source:x", "Gene.provided_by: no KnowledgeSource that is there"),
        ("Gene", "provided_by", "source:civic", "Gene.provided_by: no source of this kind in the schema"),
        ("Gene", "dataset_version", "2", "Gene.dataset_version: not that of source:hgnc"),
        ("Gene", "licence", "mine", "Gene.licence: not that of source:hgnc"),
        ("EvidenceItem", "rating", 6, "EvidenceItem.rating: more than 5"),
        ("EvidenceItem", "rating", 0, "EvidenceItem.rating: less than 1"),
        ("EvidenceItem", "direction", "up", "EvidenceItem.direction: not one of resistance, sensitivity"),
        ("CONFERS_RESISTANCE_TO", "predicate", "biolink:X", ".predicate: not biolink:associated_with_resistance_to"),
        ("CONFERS_RESISTANCE_TO", "predicate", "", ".predicate: required and missing"),
        ("CONFERS_RESISTANCE_TO", "evidence_item", "civic.eid:9", ".evidence_item: no EvidenceItem that is there"),
        ("CONFERS_RESISTANCE_TO", "primary_knowledge_source", "source:i_made_it_up",
         ".primary_knowledge_source: no KnowledgeSource that is there"),
        ("CONFERS_RESISTANCE_TO", "licence", "", ".licence: required and missing"),
        ("CONFERS_RESISTANCE_TO", "combination", "no", ".combination: not of type bool"),
        ("CONFERS_RESISTANCE_TO", "end", "hgnc:1", ": end is no Drug that is there"),
    ],
)  # fmt: skip
def test_tables_and_files_are_held_to_the_same_rules(kind: str, name: str, value: object, reason: str) -> None:
    """The same sentences, the same numbers."""
    assert _told_of_tables(SOUND) == _told_of_file(SOUND) == {}
    broken = {**SOUND, kind: [{**SOUND[kind][0], name: value}, *SOUND[kind][1:]]}
    told = _told_of_tables(broken)
    assert told == _told_of_file(broken)
    assert told[reason if reason.startswith(kind) else kind + reason] == 1


@pytest.mark.parametrize(
    ("source", "licence", "reasons"),
    [
        ("explainer:x", RESULT_LICENCE, {}),
        (
            "source:civic",
            RESULT_LICENCE,
            {"EXPLAINS.primary_knowledge_source: no explainer:<name> or pathproof:<name>": 1},
        ),
        ("pathproof:validate", "mine", {f"EXPLAINS.licence: not that of results ({RESULT_LICENCE!r})": 1}),
    ],
)
def test_a_result_is_of_an_explainer_and_carries_the_licence_of_results(
    source: str, licence: str, reasons: dict[str, int]
) -> None:
    checker = Checker()
    checker.labels = {"e": "Explanation", "d": "Drug"}
    own = {**ORIGIN.edge("EXPLAINS", "e", "d"), "primary_knowledge_source": source, "licence": licence}
    checker.edge(Edge("EXPLAINS", "e", "d", own))
    checker.flush()
    checker.close()
    assert dict(checker.wrong.counts) == reasons


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
