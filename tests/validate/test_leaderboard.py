"""Several explainers in one table: ranks, paired differences by hand, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scoring_world import DRUGS, GENES, PER_GROUP, context, evidence, right, row, shuffled, store, table

from pathproof.validate.families import adjusted
from pathproof.validate.leaderboard import said
from pathproof.validate.metrics import difference_interval, resamples
from pathproof.validate.run import validate


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
    assert said({"differences": found}, ("a", "S")) == {
        "above": ["On shared drugs a is better than b (paired bootstrap, 95 %)."]
    }
    assert "below" in said({"differences": found}, ("b", "S"))


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
