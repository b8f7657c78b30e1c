"""Explanations and validation runs: written whole, read back equal, deleted without harm."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathproof.errors import DataError, StoreError
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Judgement, ModelRecord, Sign
from pathproof.graph_schema.schema import CLAIM_LABELS, EDGE_BY_TYPE, NODE_BY_LABEL
from pathproof.graph_schema.store import GraphStore
from pathproof.workspace import Workspace


@pytest.fixture
def filled(both: GraphStore, workspace: Workspace, model: ModelRecord, explanations: list[Explanation]) -> GraphStore:
    both.load_knowledge(workspace)
    both.write_explanations(model, explanations)
    return both


def _sorted(explanations: list[Explanation]) -> list[Explanation]:
    return sorted(explanations, key=lambda one: (one.explainer, one.drug_name, one.id))


def test_what_is_read_is_what_was_written(filled: GraphStore, explanations: list[Explanation]) -> None:
    assert filled.read_explanations() == _sorted(explanations)
    assert filled.read_explanations("association-lmm") == [explanations[2]]
    assert filled.read_explanations("nobody") == []


def test_the_subgraph_keeps_to_the_schema(filled: GraphStore, explanations: list[Explanation]) -> None:
    nodes = filled.read("MATCH (n) RETURN n, labels(n) AS labels")
    for row in nodes:
        assert len(row["labels"]) == 1
        declared = {one.name for one in NODE_BY_LABEL[row["labels"][0]].properties}
        assert set(row["n"]) - {"labels"} <= declared
    for row in filled.read("MATCH (a)-[r]->(b) RETURN labels(a) AS a, type(r) AS t, labels(b) AS b, keys(r) AS k"):
        kind = EDGE_BY_TYPE[row["t"]]
        assert row["a"][0] in kind.start
        assert row["b"][0] in kind.end
    counts = filled.counts()
    assert counts["nodes"]["Explanation"] == 3
    assert {label: counts["nodes"][label] for label in CLAIM_LABELS.values()} == {
        "GeneClaim": 3,
        "InteractionClaim": 1,
        "ModuleClaim": 2,
        "PathwayClaim": 1,
        "RuleClaim": 1,
    }
    assert counts["edges"]["CLAIMS_GENE"] == 15
    assert counts["edges"]["OF_MODEL"] == 2
    edge = filled.read(
        "MATCH (:GeneClaim {key: 'BRAF'})-[r:CLAIMS_GENE]->(g:Gene) RETURN DISTINCT r.weight AS w, r.layer AS l"
    )
    assert edge == [{"w": -0.75, "l": "mutation"}]
    claim = filled.read("MATCH (c:GeneClaim {key: 'EGFR'}) RETURN c")[0]["c"]
    assert (claim["sign"], claim["edges"], "confirmed" in claim) == ("resistance", [], False)


def test_writing_again_changes_nothing_and_keeps_judgements(
    filled: GraphStore, model: ModelRecord, explanations: list[Explanation]
) -> None:
    claim_id = explanations[0].claim_id(explanations[0].claims[0])
    filled.write_validation("run:1", "PASS", "0" * 64, [Judgement(claim_id=claim_id, supported_by=("targets",))])
    before = filled.counts()
    filled.write_explanations(model, explanations)
    filled.write_validation("run:1", "PASS", "0" * 64, [Judgement(claim_id=claim_id, supported_by=("targets",))])
    assert filled.counts() == before
    assert before["edges"]["JUDGED"] == 1


def test_a_changed_explanation_replaces_the_old_one(
    filled: GraphStore, model: ModelRecord, explanations: list[Explanation]
) -> None:
    fewer = explanations[0].model_copy(update={"claims": explanations[0].claims[:1]})
    assert fewer.id == explanations[0].id
    filled.write_explanations(model, [fewer])
    assert filled.read_explanations() == _sorted([fewer, *explanations[1:]])
    assert filled.counts()["nodes"]["PathwayClaim"] == 0


def test_deleting_never_touches_knowledge(filled: GraphStore, explanations: list[Explanation]) -> None:
    before = filled.counts()
    ours = {"Explanation", "HAS_CLAIM", "EXPLAINS", "OF_MODEL", "CLAIMS_GENE", "CLAIMS_PATHWAY", "MechanismPath"}
    ours |= {"HAS_PATH", "PASSES", *CLAIM_LABELS.values()}
    filled.delete_explanations([one.id for one in explanations])
    after = filled.counts()
    assert filled.read_explanations() == []
    for what, kinds in before.items():
        for name, n in kinds.items():
            assert after[what][name] == (0 if name in ours else n), name


def _one(**changes: Any) -> Explanation:
    return Explanation(
        **{"explainer": "x", "version": "1", "drug": "gdsc.drug:1373", "drug_name": "D", "screen": "gdsc2", **changes}
    )


def test_names_that_the_graph_lacks_are_listed_and_nothing_is_written(filled: GraphStore, model: ModelRecord) -> None:
    claims = (
        Claim(kind=ClaimKind.GENE, genes=("BRAFF",), value=1.0, rank=1),
        Claim(kind=ClaimKind.PATHWAY, genes=("BRAF",), pathway="reactome:R-HSA-0", value=1.0, rank=1),
    )
    wrong = [_one(claims=claims), _one(drug="gdsc.drug:0")]
    with pytest.raises(DataError) as caught:
        filled.write_explanations(model, wrong)
    assert "1 genes: BRAFF; 1 pathways: reactome:R-HSA-0; 1 drugs: gdsc.drug:0" in str(caught.value)
    assert filled.counts()["nodes"]["Explanation"] == 3


def test_the_same_claim_twice_is_refused(embedded_store: GraphStore, model: ModelRecord) -> None:
    claim = Claim(kind=ClaimKind.INTERACTION, genes=("KRAS", "NF1"), value=1.0, rank=1)
    twice = _one(claims=(claim, claim.model_copy(update={"genes": ("NF1", "KRAS"), "rank": 2})))
    with pytest.raises(DataError, match="same id"):
        embedded_store.write_explanations(model, [twice])
    with pytest.raises(DataError, match="same id"):
        embedded_store.write_explanations(model, [_one(), _one()])


def test_an_explanation_of_another_model_is_refused(embedded_store: GraphStore, model: ModelRecord) -> None:
    with pytest.raises(DataError, match="another model(.|\n)*m2"):
        embedded_store.write_explanations(model, [_one(model_id="m2")])


def test_a_lossy_store_is_noticed(
    both: GraphStore,
    workspace: Workspace,
    model: ModelRecord,
    explanations: list[Explanation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both.load_knowledge(workspace)
    write = type(both).write_one_transaction

    def lossy(self: GraphStore, statements: list[Any]) -> None:
        write(self, [one for one in statements if ":InteractionClaim" not in one[0]])

    monkeypatch.setattr(type(both), "write_one_transaction", lossy)
    with pytest.raises(StoreError, match="all claims that were written(.|\n)*7(.|\n)*8"):
        both.write_explanations(model, explanations)


def test_judgements_are_replaced_with_their_run(filled: GraphStore, explanations: list[Explanation]) -> None:
    ids = [explanations[0].claim_id(claim) for claim in explanations[0].claims]
    filled.write_validation("run:1", "FAIL", "a", [Judgement(claim_id=one) for one in ids])
    filled.write_validation("run:2", "PASS", "b", [Judgement(claim_id=ids[0], contradicted_by=("x",))])
    filled.write_validation(
        "run:1", "PASS", "c", [Judgement(claim_id=ids[4], supporting=("e2",), contradicting=("e1",))]
    )
    rows = filled.read(
        "MATCH (v:ValidationRun)-[j:JUDGED]->(c) RETURN v.id AS run, v.status AS status, v.report_sha256 AS sha, "
        "c.id AS claim, j.evidence AS evidence, j.contradicted_by AS against ORDER BY run"
    )
    assert rows == [
        {"run": "run:1", "status": "PASS", "sha": "c", "claim": ids[4], "evidence": ["e1", "e2"], "against": []},
        {"run": "run:2", "status": "PASS", "sha": "b", "claim": ids[0], "evidence": [], "against": ["x"]},
    ]


def test_a_judgement_of_an_unknown_claim_is_refused(filled: GraphStore, explanations: list[Explanation]) -> None:
    known = explanations[0].claim_id(explanations[0].claims[0])
    with pytest.raises(DataError, match="1 judged claims are not in the graph(.|\n)*claim:x"):
        filled.write_validation("run:1", "PASS", "a", [Judgement(claim_id="claim:x"), Judgement(claim_id=known)])
    with pytest.raises(DataError, match="judged twice"):
        filled.write_validation("run:1", "PASS", "a", [Judgement(claim_id=known), Judgement(claim_id=known)])
    assert filled.counts()["nodes"]["ValidationRun"] == 0


_FLOATS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
_SHARES = st.none() | st.floats(0, 1)
_CLAIMS = st.builds(
    Claim,
    kind=st.just(ClaimKind.GENE),
    genes=st.sampled_from([("BRAF",), ("TP53",), ("EGFR",)]),
    value=st.floats(allow_nan=False, allow_infinity=False),
    sign=st.sampled_from([None, *Sign]),
    rank=st.integers(1, 10**6),
    confidence=_SHARES,
    sd=st.none() | st.floats(0, allow_nan=False, allow_infinity=False),
    effect=_FLOATS,
    confirmed=st.none() | st.booleans(),
    reason=st.none() | st.text(),
    edges=st.lists(st.text(), max_size=3).map(tuple),
)


@given(
    st.lists(_CLAIMS, max_size=3, unique_by=lambda claim: claim.genes),
    st.integers(-(2**62), 2**62),
    st.text(min_size=1),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_record_comes_back_equal(
    embedded_store: GraphStore, workspace: Workspace, claims: list[Claim], seed: int, name: str
) -> None:
    embedded_store.load_knowledge(workspace)
    one = _one(claims=tuple(claims), seed=seed, drug_name=name)
    embedded_store.write_explanations(ModelRecord(id="model:m1", name="x", universe=()), [one])
    try:
        assert embedded_store.read_explanations("x") == [one]
    finally:
        embedded_store.delete_explanations([one.id])
