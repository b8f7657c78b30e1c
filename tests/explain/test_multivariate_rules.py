"""Rules as joint half-spaces: made on some lines, counted on others, and searched without a gap."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import binomtest

from pathproof.explain.multivariate.readout import Module
from pathproof.explain.multivariate.rules import (
    LEAST_COVERAGE,
    QUANTILES,
    Count,
    HalfSpace,
    Rule,
    best_rule,
    count,
    directions,
    in_words,
    wilson,
)

N, M = 300, 12
Z = np.random.default_rng(0).standard_normal((N, M))
MADE, HELD = np.arange(200), np.arange(200, N)


def _joint(z: np.ndarray) -> np.ndarray:
    """High where the sum of 0 and 1 and the difference of 4 and 5 both are."""
    return ((z[:, 0] + z[:, 1] > 0.0) & (z[:, 4] - z[:, 5] > -0.3)).astype(float) * 2.0 + 0.1 * z[:, 9]


PAIRED = [(np.array([0, 1]), np.array([0.8, 0.6])), (np.array([4, 5]), np.array([0.6, -0.8]))]
NOISE = [(np.array([i]), np.array([1.0])) for i in (2, 3, 6, 7)]


def test_a_planted_joint_rule_is_found_and_holds_on_lines_held_out() -> None:
    rule = best_rule([*NOISE, *PAIRED], Z[MADE], _joint(Z[MADE]), upward=True)
    assert rule is not None
    assert {half.features for half in rule.halves} == {(0, 1), (4, 5)}
    held = count(rule, Z[HELD], _joint(Z[HELD]))
    assert held.precision is not None
    assert held.precision > 0.85
    assert held.interval[0] > 1.8 * held.base
    assert held.coverage > LEAST_COVERAGE
    alone = [count(Rule((half,), True, rule.level), Z[HELD], _joint(Z[HELD])).precision for half in rule.halves]
    assert all(own is not None and own < held.precision for own in alone)


def test_a_rule_of_noise_is_not_better_than_chance_on_lines_held_out() -> None:
    sure = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        z, output = rng.standard_normal((150, 6)), rng.standard_normal(150)
        rule = best_rule([(np.array([i, i + 1]), np.array([0.6, 0.8])) for i in (0, 2, 4)], z[:100], output[:100], True)
        assert rule is not None
        held = count(rule, z[100:], output[100:])
        sure += held.interval[0] > held.base
    assert sure <= 4


@pytest.mark.parametrize("upward", [True, False])
def test_no_pair_of_thresholds_has_a_higher_lower_limit(upward: bool) -> None:
    candidates, z = [*PAIRED, NOISE[0]], Z[:80]
    output = _joint(z)
    rule = best_rule(candidates, z, output, upward)
    assert rule is not None
    halves = [
        HalfSpace(tuple(f.tolist()), tuple(w.tolist()), float(cut))
        for f, w in candidates
        for cut in np.quantile(z[:, f] @ w, QUANTILES, method="nearest")
    ]
    limits = []
    for a, b in itertools.combinations_with_replacement(halves, 2):
        if (a is b and len(a.features) > 1) or (a is not b and set(a.features).isdisjoint(b.features)):
            own = count(Rule((a,) if a is b else (a, b), upward, rule.level), z, output)
            limits += [own.interval[0]] if own.coverage >= LEAST_COVERAGE else []
    assert count(rule, z, output).interval[0] == pytest.approx(max(limits))


def test_wilson_is_that_of_scipy() -> None:
    for hits, n in ((0, 7), (3, 9), (41, 41), (20, 50)):
        low, high = wilson(np.array([hits]), np.array([n]))
        wanted = binomtest(hits, n).proportion_ci(method="wilson")
        assert (low[0], high[0]) == pytest.approx((wanted.low, wanted.high))
    assert Count(20, 0, 0, 0.3).interval == (0.0, 1.0)
    assert Count(20, 0, 0, 0.3).precision is None


def test_directions_group_what_moves_together_and_turn_with_the_outcome() -> None:
    z = Z.copy()
    z[:, 1] = z[:, 0] + 0.3 * z[:, 1]
    slope = np.zeros(M)
    slope[[0, 1, 4]] = [0.5, 0.4, -0.3]
    bend = Module((6, 7), (0.6, -0.8), 0.1, 1.0)
    up, down = (directions(slope, [bend], z, upward) for upward in (True, False))
    assert [features.tolist() for features, _ in up] == [[0, 1], [4], [6, 7], [6, 7]]
    assert up[0][1] == pytest.approx(np.array([0.5, 0.4]) / np.hypot(0.5, 0.4))
    assert down[1][1] == pytest.approx([1.0])
    assert all(np.linalg.norm(weights) == pytest.approx(1.0) for _, weights in (*up, *down))
    assert directions(np.zeros(M), [], z, True) == []


def test_where_nothing_can_be_said_there_is_no_rule() -> None:
    assert best_rule([], Z, _joint(Z), True) is None
    assert best_rule(PAIRED, Z, np.ones(N), True) is None
    assert best_rule(NOISE[:1], Z, Z[:, 2], True) is None, "one gene is no joint rule"
    constant = np.ones((N, 2))
    assert best_rule([(np.array([0, 1]), np.array([0.6, 0.8]))], constant, Z[:, 0], True) is None


def test_a_low_outcome_turns_the_weights_of_the_record() -> None:
    rule = Rule((HalfSpace((3, 1), (0.6, -0.8), 0.5),), False, -1.0)
    assert rule.weights == (-0.6, 0.8)
    assert rule.outcome(np.array([-1.5, 0.0])).tolist() == [True, False]
    assert rule.holds(np.array([[0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0]])).tolist() == [True, False]


def test_a_rule_reads_as_one_sentence() -> None:
    held = {"lines": 88, "covered": 20, "coverage": 0.227, "precision": 0.85, "ci95": [0.64, 0.95], "base_rate": 0.33}
    when = [{"weights": {"expression:A": 0.8, "mutation:B": -0.6}, "at_least": 0.51}]
    text = in_words({"when": when, "then": {"at_most": -0.4}, "held_out": held}, "Drug")
    assert text == (
        "Drug: where +0.80 A -0.60 B (mutation) >= 0.51, the prediction minus what all drugs share is at most -0.40 ln "
        "IC50; on 88 lines held out coverage 0.23, precision 0.85 [0.64, 0.95], base rate 0.33"
    )
    silent = in_words({"when": when, "then": {"at_least": 1.0}, "held_out": {**held, "precision": None}}, "Drug")
    assert "none of them covered" in silent
