"""Evidence for and against a claim is told apart by the rule by which the references judge it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring_world import DRUGS, GENES, drug, gene, row, store, table

from pathproof.graph_schema.records import Judgement
from pathproof.validate.run import validate

CLAIMED, OTHER = gene(0), gene(1)
PROFILES = ("Mutation", "Loss", "Wildtype", "V600E")
SIGNED = {f"resistance_evidence{by}{level}" for by in ("", "_class") for level in ("", "_no_D")}


def judge(items: list[dict[str, Any]], claims: list[dict[str, Any]]) -> dict[str, Judgement]:
    """Judgements of the claims where these are the only evidence items, by claim id."""
    world = store()
    world.tables["evidence-edges"] = items
    result = validate(world, table(claims), {"universe": list(GENES)}, seed=0)
    return {one.claim_id: one for one in result.judgements}


def item(number: int, symbol: str, direction: str, profile: str = "Mutation", **more: Any) -> dict[str, Any]:
    return {
        "drug": DRUGS[0],
        "gene": symbol,
        "direction": direction,
        "evidence_level": "B",
        "molecular_profile": f"{symbol} {profile}",
        "combination": False,
        "edge": f"e{number}",
        **more,
    }


def claim(sign: int, layer: str = "mutation", symbol: str = CLAIMED) -> list[dict[str, Any]]:
    return [row("x", DRUGS[0], symbol, 0.9, sign, layer=layer)]


def sides(items: list[dict[str, Any]], sign: int, layer: str = "mutation") -> tuple[set[str], set[str]]:
    (one,) = judge(items, claim(sign, layer)).values()
    return {e for e in one.supporting if e[0] == "e"}, {e for e in one.contradicting if e[0] == "e"}


def test_both_sides_of_a_disputed_gene() -> None:
    items = [item(1, CLAIMED, "resistance"), item(2, CLAIMED, "sensitivity"), item(3, OTHER, "resistance")]
    assert sides(items, 1) == ({"e1"}, {"e2"})
    assert sides(items, -1) == ({"e2"}, {"e1"})
    assert sides(items, 0) == ({"e1", "e2"}, set())


def test_the_layer_of_the_claim_decides_what_an_item_says() -> None:
    loss = [item(1, CLAIMED, "resistance", "Loss")]
    assert sides(loss, 1, "mutation") == ({"e1"}, set())
    assert sides(loss, 1, "expression") == (set(), {"e1"})
    assert sides(loss, 1, "") == ({"e1"}, set())
    wild = [item(1, CLAIMED, "resistance", "Wildtype")]
    assert sides(wild, 1, "mutation") == (set(), {"e1"})
    assert sides(wild, 1, "expression") == ({"e1"}, set()), "nothing is said of expression: it holds the gene"
    assert sides([*wild, item(2, CLAIMED, "sensitivity")], 1, "expression") == (set(), {"e2"})
    assert sides([*wild, item(2, CLAIMED, "resistance")], 1, "expression") == ({"e1", "e2"}, set())


def test_unsigned_references_only_support_and_other_claims_have_no_evidence() -> None:
    items = [item(1, CLAIMED, "sensitivity")]
    one = judge(items, claim(1))[f"x/{DRUGS[0]}/{CLAIMED}"]
    assert "targets" in one.supported_by
    assert "t0" in one.supporting
    assert one.contradicting == ("e1",)
    assert one.evidence == tuple(sorted({*one.supporting, "e1"}))
    novel = judge(items, claim(1, symbol=gene(150)))[f"x/{DRUGS[0]}/{gene(150)}"]
    assert novel.novel_in
    assert novel.evidence == ()


_ITEMS = st.lists(
    st.tuples(st.sampled_from(["resistance", "sensitivity"]), st.sampled_from(PROFILES), st.sampled_from("BD")),
    min_size=1,
    max_size=4,
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(_ITEMS, st.sampled_from([1, -1, 0]), st.sampled_from(["mutation", "expression", ""]))
@settings(max_examples=12, deadline=None)
def test_the_sides_agree_with_the_verdicts(rows: list[tuple[str, str, str]], sign: int, layer: str) -> None:
    items = [
        item(i, CLAIMED, direction, profile, evidence_level=level, drug=drug(i % 2))
        for i, (direction, profile, level) in enumerate(rows)
    ]
    (one,) = judge(items, claim(sign, layer)).values()
    supported, contradicted = SIGNED & set(one.supported_by), SIGNED & set(one.contradicted_by)
    assert bool(supported) == any(edge[0] == "e" for edge in one.supporting)
    if contradicted:
        assert one.contradicting
    if one.contradicting:
        assert sign != 0
        assert supported | contradicted
    assert not {*one.supporting} & {*one.contradicting} or len(supported) * len(contradicted) > 0
