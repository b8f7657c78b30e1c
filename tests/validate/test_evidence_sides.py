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


def texts(items: list[dict[str, Any]], sign: int, layer: str = "mutation") -> tuple[list[str], int, int]:
    """What the report shows of these items for one claim, without its target, and how many there are in all."""
    world = store()
    world.tables["evidence-edges"] = items
    world.tables["target-edges"] = [edge for edge in world.tables["target-edges"] if edge["gene"] != CLAIMED]
    report = validate(world, table(claim(sign, layer)), {"universe": list(GENES)}, seed=0).report
    shown = report["drugs"][0]["claims"][0]
    return [text.partition(" [")[0] for text in shown["evidence"]], shown["n_evidence"], shown["n_opposite"]


def test_what_says_the_same_as_the_claim_is_shown_first_and_the_opposite_says_so() -> None:
    items = [item(1, CLAIMED, "resistance", "V600E"), item(2, CLAIMED, "sensitivity", "V600K")]
    same, other = (f"{CLAIMED} V600K: sensitivity, level B (civic)", f"{CLAIMED} V600E: resistance, level B (civic)")
    assert texts(items, -1) == ([same, f"{other}; opposite to the claim"], 2, 1)
    assert texts(items, 1) == ([other, f"{same}; opposite to the claim"], 2, 1)
    assert texts(items, 0) == ([other, same], 2, 0)


def test_many_opposite_facts_are_counted_though_none_is_shown() -> None:
    items = [item(i, CLAIMED, "resistance" if i < 7 else "sensitivity", f"V{i}A") for i in range(10)]
    shown, in_all, opposite = texts(items, 1)
    assert (len(shown), in_all, opposite) == (6, 10, 3)
    assert all("resistance" in text and "opposite" not in text for text in shown)


def test_how_a_loss_and_a_wild_type_are_read_stands_in_words() -> None:
    loss, wild = item(1, CLAIMED, "resistance", "Loss"), item(2, CLAIMED, "resistance", "Wildtype")
    assert texts([loss], -1, "expression")[0] == [
        f"{CLAIMED} Loss: resistance, level B (civic); so a high expression goes with sensitivity"
    ]
    assert texts([wild], -1)[0] == [
        f"{CLAIMED} Wildtype: resistance, level B (civic); so a mutation goes with sensitivity"
    ]
    change = item(3, CLAIMED, "resistance")
    assert texts([wild, change], -1, "expression")[0][0].endswith("; no direction told for this kind of feature")
