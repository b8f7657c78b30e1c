"""Metrics of whole rankings against scipy, scikit-learn and plain loops, and their rows in the report."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scoring_world import DRUGS, GENES, context, evidence, row, store, table
from sklearn.metrics import average_precision_score, roc_auc_score

from pathproof.validate.rank_metrics import RANK_METRICS, Auroc, AveragePrecision, BestRank, RankMetric, enrichment_p
from pathproof.validate.run import validate


def world(seed: int, ties: bool = False) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    scores = (
        rng.integers(0, 6, (4, 60)).astype(float) if ties else rng.permuted(np.tile(np.arange(60.0), (4, 1)), axis=1)
    )
    held = rng.random((60, 5)) < 0.1
    held[rng.integers(60, size=5), np.arange(5)] = True
    return scores, held


@pytest.mark.parametrize("ties", [False, True])
def test_against_scikit_learn_and_scipy(ties: bool) -> None:
    scores, held = world(1, ties)
    auroc, ap = Auroc().matrix(scores, held), AveragePrecision().matrix(scores, held)
    p = enrichment_p(scores, auroc, held)
    for i in range(4):
        for j in range(5):
            assert auroc[i, j] == pytest.approx(roc_auc_score(held[:, j], scores[i]))
            other = stats.mannwhitneyu(
                *(scores[i][held[:, j]], scores[i][~held[:, j]]),
                alternative="greater", method="asymptotic", use_continuity=False,
            )  # fmt: skip
            assert p[i, j] == pytest.approx(other.pvalue)
            assert ap[i, j] == pytest.approx(average_precision_score(held[:, j], scores[i]))


def test_best_rank_by_hand() -> None:
    scores = np.array([[5.0, 4.0, 3.0, 3.0, -1.0]])
    held = np.array([[False, True], [False, False], [True, False], [False, False], [True, True]])
    assert BestRank().matrix(scores, held).tolist() == [[4 / 5, 1 / 5]]  # a tie counts against the explainer


@pytest.mark.parametrize("metric", RANK_METRICS, ids=lambda m: m.name)
def test_the_contract_of_a_metric(metric: RankMetric) -> None:
    rng = np.random.default_rng(3)
    held = np.zeros((40, 3), dtype=bool)
    held[:1, 0] = held[:6, 1] = held[:20, 2] = True
    scores = rng.permuted(np.tile(np.arange(40.0), (6000, 1)), axis=1)
    found = metric.matrix(scores, held)
    assert (metric.low <= found).all()
    assert (found <= metric.high).all()
    error = 4 * found.std(axis=0) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - metric.expected(40, held.sum(axis=0))) < error).all()
    best, worst = (metric.matrix((sign * np.arange(40.0))[None, :], held)[0] for sign in (-1, 1))
    assert ((best > worst) == metric.larger_is_better).all()
    assert metric.formula
    assert metric.name


@pytest.mark.parametrize("metric", RANK_METRICS, ids=lambda m: m.name)
def test_equal_scores_are_no_better_than_chance(metric: RankMetric) -> None:
    _, held = world(2)
    flat, chance = metric.matrix(np.ones((1, 60)), held)[0], metric.expected(60, held.sum(axis=0))
    assert ((flat <= chance) if metric.larger_is_better else (flat >= chance)).all()


def ranked(right: bool) -> dict[str, dict[str, Any]]:
    rng = np.random.default_rng(0)
    rows = []
    for i, d in enumerate(DRUGS):
        known = {s for s, _ in evidence(i)}
        for g in rng.choice(GENES[20:], 60, replace=False):
            rows.append(row("all", d, str(g), (0.9 if right and g in known else 0.8) * rng.random()))
        rows += [
            row("all", d, s, 0.95) for s in known if right and not any(r["drug"] == d and r["key"] == s for r in rows)
        ]
    report = validate(store(), table(rows), context("all")).report
    return {r["metric"]: r for r in report["rankings"] if r["reference"] == "resistance_evidence_class"}


def test_a_ranking_that_knows_and_one_that_does_not() -> None:
    good, bad = ranked(True), ranked(False)
    assert set(good) == {"auroc", "average_precision", "best_rank"}
    assert good["auroc"]["value"] > 0.8 > bad["auroc"]["value"]
    assert good["auroc"]["n_enriched"] > bad["auroc"]["n_enriched"]
    for name, found in good.items():
        assert found["drug_swap"]["p"] == pytest.approx(1 / 1001), name
        assert found["drug_swap"]["q"] >= found["drug_swap"]["p"]
        assert found["prevalence"] == pytest.approx(2 / len(GENES))
    assert bad["auroc"]["drug_swap"]["p"] > 0.01


def test_few_claims_are_no_ranking() -> None:
    rows = [row("few", d, s, 0.9) for i, d in enumerate(DRUGS) for s, _ in evidence(i)]
    assert validate(store(), table(rows), context("few")).report["rankings"] == []
