"""Evidence for and against a claim: from the edges that validation names to the items behind them."""

from __future__ import annotations

from typing import Any

import pytest

from pathproof.cli.pipeline import HELD
from pathproof.errors import StoreError
from pathproof.graph_schema.check import Violations
from pathproof.graph_schema.records import Explanation, Judgement, ModelRecord
from pathproof.graph_schema.row_check import check_rows
from pathproof.graph_schema.schema import EDGE_CORE, RESULT_EDGES, RESULT_NODES
from pathproof.graph_schema.store import GraphStore
from pathproof.workspace import Workspace


@pytest.fixture
def filled(both: GraphStore, workspace: Workspace, model: ModelRecord, explanations: list[Explanation]) -> GraphStore:
    both.load_knowledge(workspace)
    both.write_explanations(model, explanations)
    return both


def _edges(store: GraphStore) -> dict[str, str]:
    rows = store.read(
        "MATCH (g:Gene)-[r:CONFERS_RESISTANCE_TO|CONFERS_SENSITIVITY_TO|TARGETS]-(:Drug) "
        "RETURN type(r) AS type, g.symbol AS gene, r.id AS id ORDER BY id"
    )
    return {f"{row['type']} {row['gene']}": row["id"] for row in rows}


def _judged(store: GraphStore, one: Explanation) -> list[Judgement]:
    """The first claim with evidence on both sides and a target, the second without any."""
    edges = _edges(store)
    first, second = (one.claim_id(claim) for claim in one.claims[:2])
    return [
        Judgement(
            claim_id=first,
            supported_by=("resistance_evidence", "targets"),
            supporting=(edges["CONFERS_SENSITIVITY_TO BRAF"], edges["TARGETS BRAF"]),
            contradicting=(edges["CONFERS_RESISTANCE_TO MAP2K1"],),
        ),
        Judgement(claim_id=second, novel_in=("targets",)),
    ]


def _evidence(store: GraphStore) -> list[dict[str, Any]]:
    return store.read(
        "MATCH (c)-[r:SUPPORTED_BY|CONTRADICTED_BY]->(i:EvidenceItem) "
        "RETURN r.run AS run, type(r) AS type, c.key AS claim, i.name AS item, size(r.edges) AS edges "
        "ORDER BY run, item"
    )


def test_the_items_behind_the_edges_are_tied_to_the_claim(filled: GraphStore, explanations: list[Explanation]) -> None:
    judged = _judged(filled, explanations[0])
    filled.write_validation("run:1", "PASS", "0" * 64, judged)
    assert _evidence(filled) == [
        {"run": "run:1", "type": "CONTRADICTED_BY", "claim": "BRAF", "item": "EID1", "edges": 1},
        {"run": "run:1", "type": "SUPPORTED_BY", "claim": "BRAF", "item": "EID2", "edges": 1},
    ]
    found = filled.read(
        "MATCH ()-[j:JUDGED]->(c) WHERE size(j.evidence) > 0 RETURN c.key AS claim, j.evidence AS edges"
    )
    assert found == [{"claim": "BRAF", "edges": sorted(judged[0].supporting + judged[0].contradicting)}]


def test_a_run_that_is_written_again_replaces_its_own_evidence_only(
    filled: GraphStore, explanations: list[Explanation]
) -> None:
    judged = _judged(filled, explanations[0])
    for run in ("run:1", "run:2"):
        filled.write_validation(run, "PASS", "0" * 64, judged)
    assert [row["run"] for row in _evidence(filled)] == ["run:1", "run:1", "run:2", "run:2"]
    filled.write_validation("run:1", "FAIL", "1" * 64, [Judgement(claim_id=judged[0].claim_id)])
    assert [row["run"] for row in _evidence(filled)] == ["run:2", "run:2"]
    assert filled.counts()["edges"]["JUDGED"] == 3
    filled.delete_explanations([one.id for one in explanations])
    assert _evidence(filled) == []
    assert filled.counts()["nodes"]["EvidenceItem"] == 2


def test_a_finished_run_is_known_by_all_that_it_left(filled: GraphStore, explanations: list[Explanation]) -> None:
    asked = {"knowledge": "small", "run": "run:1"}
    assert filled.read(HELD, asked) == []
    for run in ("run:1", "run:2"):
        filled.write_validation(run, "PASS", "0" * 64, _judged(filled, explanations[0]))
    assert filled.read(HELD, asked) == [{"judged": 2, "evidence": 2}]
    assert filled.read(HELD, {**asked, "knowledge": "another"}) == []
    filled.write("MATCH (i:EvidenceItem {name: 'EID1'}) DETACH DELETE i")
    assert filled.read(HELD, asked) == [{"judged": 2, "evidence": 1}]
    filled.write_validation("run:1", "PASS", "0" * 64, [])
    assert filled.read(HELD, asked) == [{"judged": 0, "evidence": 0}]


def test_an_item_that_the_graph_lacks_is_noticed(filled: GraphStore, explanations: list[Explanation]) -> None:
    judged = _judged(filled, explanations[0])
    filled.write("MATCH (i:EvidenceItem {name: 'EID1'}) DETACH DELETE i")
    with pytest.raises(StoreError, match="all CONTRADICTED_BY(.|\n)*got: 0(.|\n)*1"):
        filled.write_validation("run:1", "PASS", "0" * 64, judged)


def test_every_result_in_the_graph_keeps_to_the_schema(filled: GraphStore, explanations: list[Explanation]) -> None:
    filled.write_validation("run:1", "PASS", "0" * 64, _judged(filled, explanations[0]))
    wrong, ids = Violations(), []
    for node in RESULT_NODES:
        rows = [row["p"] for row in filled.read(f"MATCH (n:{node.label}) RETURN properties(n) AS p")]
        assert rows, node.label
        check_rows(node.label, node.properties, rows, wrong)
    for kind in RESULT_EDGES:
        rows = [row["p"] for row in filled.read(f"MATCH ()-[r:{kind.type}]->() RETURN properties(r) AS p")]
        assert rows, kind.type
        check_rows(kind.type, EDGE_CORE + kind.properties, rows, wrong)
        assert {row["predicate"] for row in rows} == {kind.predicate}
        ids += [row["id"] for row in rows]
    assert dict(wrong.examples) == {}
    assert len(ids) == len(set(ids))
    who = {
        row["who"]
        for row in filled.read("MATCH (n) WHERE n.provided_by IS NOT NULL RETURN DISTINCT n.provided_by AS who")
        if not row["who"].startswith("source:")
    }
    assert who == {"explainer:pathproof", "explainer:association-lmm", "pathproof:mechanism", "pathproof:validate"}
