"""Several explainers in one table: ranks, paired differences by hand, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scoring_world import DRUGS, GENES, PER_GROUP, context, evidence, right, row, shuffled, store, table

from pathproof.validate.families import adjusted
from pathproof.validate.metrics import difference_interval, resamples
from pathproof.validate.profiles import profile_named
from pathproof.validate.run import validate
from pathproof.validate.words_beside import beside


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    rows = [*right(), *right("twin", seed=3), *shuffled(right())]
    return validate(store(), table(rows), context("right")).report


def test_rows_are_ranked_and_carry_their_nulls(report: dict[str, Any]) -> None:
    board = report["leaderboard"]
    assert [entry["explainer"] for entry in board["rows"]][-1] == "shuffled"
    assert [entry["rank"] for entry in board["rows"]] == [1, 2, 3]
    values = [entry["precision"] for entry in board["rows"]]
    assert values == sorted(values, reverse=True)
    for entry in board["rows"]:
        assert entry["drug_swap"]["mean"] is not None
        assert entry["base_rate"] == pytest.approx(2 / len(GENES))


def test_differences_are_paired_over_shared_drugs(report: dict[str, Any]) -> None:
    found = {(r["explainer"], r["minus"]): r for r in report["leaderboard"]["differences"]}
    assert len(found) == 3
    last = next(r for pair, r in found.items() if pair[1] == "shuffled" and pair[0] == "right")
    assert last["ci95"][0] > 0
    assert last["n_target_groups"] == len(DRUGS) // PER_GROUP
    twins = next(r for pair, r in found.items() if "shuffled" not in pair)
    assert twins["ci95"][0] <= 0 <= twins["ci95"][1]


def test_the_mean_difference_by_hand() -> None:
    rows = [row("a", d, evidence(i)[0][0], 0.9) for i, d in enumerate(DRUGS)]
    rows += [row("b", d, evidence(i)[0][0] if i < 21 else GENES[150], 0.9) for i, d in enumerate(DRUGS[:40])]
    found = validate(store(), table(rows), context("a")).report["leaderboard"]["differences"]
    assert len(found) == 1
    assert (found[0]["explainer"], found[0]["minus"], found[0]["n_drugs"]) == ("a", "b", 40)
    assert found[0]["mean"] == pytest.approx(19 / 40)


def said(
    gap: dict[str, Any], top: tuple[float, float], chosen: tuple[float, float] = (0.6, 0.0), coverage: float = 0.0
) -> str:
    """What the verdict says of `other` beside `own`, whose interval without selection is 0.10 to 0.40."""
    profile = profile_named("default")
    both = {"screen": "S", "reference": profile.reference, "claim_kind": profile.claim_kind, "circular": "excluded"}
    interval = {"ci95": [0.1, 0.4], "selection": "top3"}
    names = ("own", "other")
    precision = [{**both, **interval, "explainer": n, "precision": p} for n, p in zip(names, top, strict=True)]
    shares = zip(names, chosen, (0.2, coverage), strict=True)
    selective = [{**both, "explainer": n, "precision": p, "coverage_at_threshold": c} for n, p, c in shares]
    lists = beside(("own", "S"), profile, precision, selective, differences=[gap] if gap else [])
    (sentence,) = lists["supported"] + lists["not_supported"]
    return sentence


def paired(mean: float, low: float, high: float, *, turned: bool = False, screen: str = "S") -> dict[str, Any]:
    """The difference of `own` minus `other`, or the same told the other way round."""
    if turned:
        return {**paired(-mean, -high, -low), "explainer": "other", "minus": "own"}
    pair = {"explainer": "own", "screen": "S", "minus": "other", "minus_screen": screen}
    return {**pair, "mean": mean, "ci95": [low, high]}


@pytest.mark.parametrize("turned", [False, True])
def test_the_verdict_keeps_to_the_paired_difference(turned: bool) -> None:
    worse = said(paired(0.077, 0.018, 0.149, turned=turned), (0.24, 0.16))
    assert worse.startswith("No compared explainer reaches own, the best is other: almost none selected against 0.60")
    assert worse.endswith("on shared drugs −0.077 (95 % interval −0.149 to −0.018).")
    alike = said(paired(0.077, -0.018, 0.149, turned=turned), (0.24, 0.05))
    assert alike.startswith("other, compared with it, cannot be told from own: almost none selected")
    as_good = said(paired(-0.077, -0.149, -0.018, turned=turned), (0.24, 0.16))
    assert as_good.startswith("other, compared with it, does as well or better: ")


def test_without_a_paired_difference_the_own_interval_decides() -> None:
    for gap in ({}, paired(0.077, 0.018, 0.149, screen="T"), {**paired(0.1, 0, 0), "ci95": None}):
        assert "cannot be told from own (not below its 95 % interval)" in said(gap, (0.24, 0.16))
        assert said(gap, (0.24, 0.05)).startswith("No compared explainer reaches own")


def test_claims_selected_as_widely_still_count_beside_a_paired_difference() -> None:
    gap = paired(0.077, 0.018, 0.149)
    assert "does as well or better: 0.70 at 20 % coverage" in said(gap, (0.24, 0.16), (0.6, 0.7), 0.2)
    assert said(gap, (0.24, 0.16), (0.6, 0.5), 0.01).startswith("No compared explainer reaches own")


def test_a_report_says_of_two_explainers_what_their_difference_says() -> None:
    rows = [row("a", d, evidence(i)[0][0], 0.9) for i, d in enumerate(DRUGS)]
    rows += [row("b", d, evidence(i)[0][0] if i < 21 else GENES[150], 0.9) for i, d in enumerate(DRUGS[:40])]
    verdict = validate(store(), table(rows), context("a")).report["verdict"]
    (sentence,) = [told for told in verdict["supported"] if told.startswith("No compared explainer reaches a")]
    assert "on shared drugs −0.475 (95 % interval −" in sentence


def test_no_shared_drug_gives_no_figure_and_a_reason() -> None:
    rows = [row("a", d, GENES[20], 0.9) for d in DRUGS[:9]] + [row("b", d, GENES[20], 0.9) for d in DRUGS[9:]]
    found = validate(store(), table(rows), context("a")).report["leaderboard"]["differences"][0]
    assert found["mean"] is None
    assert found["ci95"] is None
    assert "no drug" in found["reason"]


def test_a_paired_interval_may_be_negative_and_agrees_with_brute_force() -> None:
    rng = np.random.default_rng(0)
    sums, weights = rng.normal(-0.5, 1, 12), np.ones(12)
    low, high = difference_interval(sums, weights, resamples(12, 20_000, rng)) or (0.0, 0.0)
    draws = [rng.choice(sums, 12).mean() for _ in range(20_000)]
    assert (low, high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=0.03)
    assert low < 0


def test_q_within_its_family_by_hand(report: dict[str, Any]) -> None:
    family = [
        r["drug_swap"]
        for r in report["precision"]
        if (r["explainer"], r["selection"], r["circular"], r["claim_kind"]) == ("right", "top3", "excluded", "gene")
        and r["drug_swap"]
    ]
    p = [entry["p"] for entry in family]
    n = len(p)
    assert n > 3
    order = np.argsort(p)
    raw = np.array(p)[order] * n * sum(1 / k for k in range(1, n + 1)) / np.arange(1, n + 1)
    byhand = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    assert np.array([entry["q"] for entry in family])[order] == pytest.approx(byhand)
    assert adjusted(p) == pytest.approx(stats.false_discovery_control(p, method="by"))
    gate = next(g for g in report["gates"] if g["id"] == "above_drug_swap")
    assert gate["q"] >= gate["p"]
