"""Figures against brute force, and the properties that nulls must have."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring_world import DRUGS, GENES, PER_GROUP, context, evidence, right, row, store, table

from pathproof.validate import nulls
from pathproof.validate.metrics import (
    METRICS,
    GroupPrecision,
    Metric,
    MicroPrecision,
    Precision,
    Tally,
    bootstrap_interval,
    resamples,
    sign_agreement,
)
from pathproof.validate.overlap import block_of, chance, compile_facts
from pathproof.validate.reference import Reference, fact_frame
from pathproof.validate.run import validate
from pathproof.validate.scoring import swap_entry
from pathproof.validate.universe import Universe


def tally(rng: np.random.Generator, n: int) -> Tally:
    testable = rng.integers(1, 9, n)
    supported = rng.binomial(testable, 0.3)
    return Tally(supported, np.zeros(n, dtype=np.int64), testable, rng.integers(0, 4, n), rng.random(n))


@given(st.integers(0, 10_000), st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_metrics_against_plain_loops(seed: int, n: int) -> None:
    t = tally(np.random.default_rng(seed), n)
    each = [s / k for s, k in zip(t.supported, t.testable, strict=True)]
    groups = [[p for p, g in zip(each, t.group, strict=True) if g == name] for name in sorted(set(t.group.tolist()))]
    assert Precision().value(t) == pytest.approx(sum(each) / n)
    assert MicroPrecision().value(t) == pytest.approx(sum(t.supported) / sum(t.testable))
    assert GroupPrecision().value(t) == pytest.approx(sum(sum(g) / len(g) for g in groups) / len(groups))
    for metric in METRICS:
        value = metric.value(t)
        assert value is not None
        assert metric.low <= value <= metric.high


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
def test_closed_form_expectation_lies_in_the_simulated_interval(metric: Metric) -> None:
    rng = np.random.default_rng(5)
    testable, group, luck = np.array([3, 5, 2, 8]), np.array([0, 0, 1, 2]), np.array([0.1, 0.2, 0.3, 0.05])
    draws = [
        metric.value(Tally(rng.binomial(testable, luck), np.zeros(4, dtype=np.int64), testable, group, luck))
        for _ in range(4000)
    ]
    error = 4 * np.std(draws) / np.sqrt(len(draws))
    assert abs(np.mean(draws) - metric.expected(Tally(testable, testable, testable, group, luck))) < error


def test_chance_of_genes_pairs_and_modules_against_sampling() -> None:
    universe = Universe.of(GENES[:30], (), "test")
    blank = {"drug": "d", "sign_mutation": 0, "sign_expression": 0, "sources": ("x",), "text": ""}
    held = [{**blank, "item": g, "edges": (g,)} for g in GENES[:9]]
    facts = compile_facts(Reference("r", "", "", fact_frame(held)), ["d"], universe, "gene")
    rng = np.random.default_rng(2)
    for kind, genes in (("gene", GENES[:1]), ("interaction", GENES[:2]), ("module", GENES[:5])):
        frame = table([row("x", DRUGS[0], "k", 0.5, genes=genes, kind=kind, key="|".join(genes))]).frame
        need = {"gene": 1, "interaction": 2, "module": 3}[kind]
        closed = chance(block_of(frame, universe, kind), facts, np.array([0]))[0]
        hits = [np.count_nonzero(rng.choice(30, len(genes), replace=False) < 9) >= need for _ in range(4000)]
        assert abs(closed - np.mean(hits)) < 4 * np.std(hits) / np.sqrt(4000) + 1e-9


def test_drug_swap_against_brute_force() -> None:
    rng = np.random.default_rng(0)
    supported, testable = rng.integers(0, 3, (3, 4)), np.full((3, 4), 3)
    places = np.array([0, 2, 3])
    orders = np.array(list(itertools.permutations(range(4))))
    found = nulls.drug_swap(supported, testable, places, orders)
    assert found is not None
    draws = [np.mean([supported[r, order[places[r]]] / 3 for r in range(3)]) for order in orders]
    observed = np.mean([supported[r, places[r]] / 3 for r in range(3)])
    assert found.draws == pytest.approx(draws)
    assert found.mean == pytest.approx(np.mean(draws))
    assert found.p == pytest.approx((sum(d >= observed - 1e-12 for d in draws) + 1) / (len(draws) + 1))
    others = [np.mean([supported[r, c] / 3 for c in range(4) if c != places[r]]) for r in range(3)]
    assert found.mean_other == pytest.approx(np.mean(others))


def test_a_drug_swap_that_tests_nothing_is_not_0() -> None:
    """Each claim can be tested for its own drug only: no null, and nothing that an explanation could beat."""
    own, orders = np.eye(3, dtype=int), np.array([[1, 2, 0], [2, 0, 1]])
    found = nulls.drug_swap(own, own, np.arange(3), orders)
    assert found is not None
    assert (found.mean, found.sd, found.mean_other, found.p) == (None, None, None, 1.0)
    assert swap_entry(found, 2)["mean"] is None


def test_drug_swap_p_is_super_uniform_when_claims_and_references_are_exchangeable() -> None:
    rng = np.random.default_rng(11)
    p = []
    for _ in range(600):
        supported = (rng.random((8, 8)) < 0.3).astype(int)
        found = nulls.drug_swap(supported, np.ones((8, 8), dtype=int), np.arange(8), nulls.permutations(8, 99, rng))
        assert found is not None
        p.append(found.p)
    for level in (0.01, 0.05, 0.1, 0.2, 0.5):
        assert np.mean(np.array(p) <= level) <= level + 3 * np.sqrt(level * (1 - level) / 600)


def test_bootstrap_against_brute_force_over_all_resamples() -> None:
    sums, weights = np.array([1.0, 0.0, 2.0]), np.array([1.0, 2.0, 2.0])
    every = [sum(sums[list(c)]) / sum(weights[list(c)]) for c in itertools.product(range(3), repeat=3)]
    counts = np.array([np.bincount(c, minlength=3) for c in itertools.product(range(3), repeat=3)])
    assert bootstrap_interval(sums, weights, counts) == pytest.approx(tuple(np.quantile(every, [0.025, 0.975])))
    drawn = resamples(3, 20_000, np.random.default_rng(0))
    assert set(drawn.sum(axis=1).tolist()) == {3}
    ratio = (drawn @ sums) / (drawn @ weights)
    assert ratio.mean() == pytest.approx(np.mean(every), abs=0.01)
    assert ratio.std() == pytest.approx(np.std(every), abs=0.01)


def test_interval_of_unanimous_groups_is_not_a_point() -> None:
    counts = resamples(10, 200, np.random.default_rng(0))
    low, high = bootstrap_interval(np.ones(10), np.ones(10), counts) or (1.0, 1.0)
    assert low == pytest.approx(0.025 ** (1 / 10))
    assert high == 1.0
    assert bootstrap_interval(np.ones(1), np.ones(1), np.ones((5, 1), dtype=np.int64)) is None


def test_popularity_by_hand() -> None:
    keys, drugs = ["A", "B", "A", "C", "A"], ["d1", "d1", "d2", "d2", "d3"]
    rows = nulls.popular_claims(keys, np.array([1, 0, -1, 0, -1]), drugs)
    assert [keys[r] for r in rows] == ["A", "B", "C"]
    assert rows[0] == 2  # two of three claims of A say sensitivity
    supported = np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]], dtype=bool)
    testable = np.array([[1, 1, 0], [1, 1, 0], [1, 1, 0]], dtype=bool)
    values, there = nulls.popularity_of_each(supported, testable, np.array([2, 2, 1]))
    assert values[:2].tolist() == [1 / 2, 0]
    assert there.tolist() == [True, True, False]


def test_sign_agreement() -> None:
    assert sign_agreement(3, 1) == 0.75
    assert sign_agreement(0, 0) is None


def test_precision_row_against_a_plain_recount() -> None:
    claims = table(right(noise=3))
    report = validate(store(), claims, context("right")).report
    for selection, most in (("all reported", 99), ("top1", 1), ("top3", 3)):
        found = next(
            r for r in report["precision"]
            if (r["reference"], r["selection"], r["circular"]) == ("resistance_evidence_class", selection, "excluded")
        )  # fmt: skip
        per_drug, facts = [], set()
        for d, part in claims.frame.groupby("drug"):
            top = part.sort_values("confidence", ascending=False).head(most)
            known = {s for s, _ in evidence(DRUGS.index(d))}
            per_drug.append(top["key"].isin(known).mean())
            facts |= {(DRUGS.index(d) // PER_GROUP, key) for key in top["key"]}
        assert found["precision"] == pytest.approx(np.mean(per_drug))
        assert found["n_distinct_facts"] == len(facts)
        assert found["base_rate"] == pytest.approx(2 / len(GENES))
        assert found["random"]["precision"] <= found["base_rate"] + 1e-12
        assert found["coverage"] == 1.0
        assert found["n_target_groups"] == len(DRUGS) // PER_GROUP
