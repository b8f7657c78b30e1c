"""Scores of a table against direct computation; intervals hold what they should; sentences follow the intervals."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import r2_score

from pathproof.explain.conformal import UNSEEN, coverage_rows, drug_scales, half_widths, interval_table
from pathproof.explain.metrics import per_drug_errors, pooled_metrics
from pathproof.explain.score_table import Judged, edges_say, plain_says, table_of, verdict_of, weighted_pearson
from pathproof.explain.scores import NAIVE, fold_parts
from pathproof.explain.splits import Split
from pathproof.explain.train_table import markdown

N, D, FOLDS = 80, 12, 4


def judged(noise: dict[str, float], seed: int = 0, missing: float = 0.2) -> Judged:
    """Models that see the truth through noise of their own, on four folds over lines."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(N, D)) * np.linspace(0.5, 3, D)
    observed = truth + rng.normal(0, 0.3, (N, D))
    observed[rng.random((N, D)) < missing] = np.nan
    of = np.tile((np.arange(N) % FOLDS)[:, None], (1, D))
    split = Split("lco", FOLDS, 0, of, np.ones(N, dtype=bool), {})
    seen = np.isfinite(observed)
    models = {NAIVE: np.zeros((N, D))}
    models |= {name: truth + rng.normal(0, sd, (N, D)) for name, sd in noise.items()}
    return Judged(
        {name: np.where(seen, values, np.nan) for name, values in models.items()},
        observed,
        split,
        tuple(f"class {i % 3}" for i in range(D)),
        seed,
    )


@given(st.integers(0, 999))
@settings(max_examples=15, deadline=None)
def test_weights_are_repeats(seed: int) -> None:
    rng = np.random.default_rng(seed)
    observed = rng.normal(5, 2, (25, 4))
    observed[rng.random(observed.shape) < 0.3] = np.nan
    predicted = np.nan_to_num(observed) + rng.normal(size=(25, 4))
    predicted[:, 3] = 2.0
    counts = rng.multinomial(25, np.full(25, 1 / 25), size=3)
    ours = weighted_pearson(observed, predicted, counts.astype(float))
    for draw, count in enumerate(counts):
        for d in range(4):
            rows = np.repeat(np.arange(25), count)
            rows = rows[np.isfinite(observed[rows, d])]
            if len(set(rows)) > 2:
                wanted = 0.0 if d == 3 else scipy.stats.pearsonr(observed[rows, d], predicted[rows, d])[0]
                assert ours[draw, d] == pytest.approx(wanted, abs=1e-9)


def test_pooled_metrics_equal_scipy_and_sklearn() -> None:
    one = judged({"good": 0.5})
    seen = np.isfinite(one.observed)
    a, b = one.observed[seen], one.predictions["good"][seen]
    found = pooled_metrics(one.observed, np.nan_to_num(one.predictions["good"]))
    assert found["r2"] == pytest.approx(r2_score(a, b))
    assert found["pearson"] == pytest.approx(scipy.stats.pearsonr(a, b)[0])
    assert found["spearman"] == pytest.approx(scipy.stats.spearmanr(a, b)[0])
    assert found["rmse"] == pytest.approx(np.sqrt(np.mean((a - b) ** 2)))
    errors = per_drug_errors(one.observed, np.nan_to_num(one.predictions["good"]))
    by_drug = [(one.observed[s, d], one.predictions["good"][s, d]) for d, s in enumerate(seen.T)]
    assert errors["r2"] == pytest.approx(np.mean([r2_score(y, p) for y, p in by_drug]))
    assert errors["rmse"] == pytest.approx(np.mean([np.sqrt(np.mean((y - p) ** 2)) for y, p in by_drug]))


def test_folds_over_pairs_are_cut_pair_by_pair() -> None:
    observed = np.arange(12.0).reshape(4, 3)
    of = np.array([[0, 1, 0], [1, 1, 1], [0, 0, 0], [-1, 0, 1]])
    (rows, first), (others, second) = fold_parts(observed, of)
    assert rows.tolist() == [0, 2, 3]
    assert others.tolist() == [0, 1, 3]
    assert np.isfinite(first).sum() == 6
    assert np.isfinite(second).sum() == 5
    assert not np.isin(9.0, np.concatenate([first.ravel(), second.ravel()]))


def test_the_interval_over_lines_holds_the_mean_and_narrows_for_a_difference() -> None:
    one = judged({"ridge": 1.0, "close": 1.02})
    row = one.row("ridge")
    low, high = row["ci95_lines"]
    assert low < row["per_drug"]["pearson"] < high
    assert row["normalised"]["pearson"] == pytest.approx(row["pooled"]["pearson"])  # naive is 0 here
    same = Judged({**one.predictions, "twin": one.predictions["ridge"]}, one.observed, one.split, one.classes)
    assert same.difference("twin", "ridge")["ci95_lines"] == [0.0, 0.0]


def test_sentences_follow_both_intervals() -> None:
    table = table_of(judged({"ridge": 1.5, "ridge-anchored-gnn": 0.4, "anchored-no-edges": 1.4, "ridge+mlp": 0.4}))
    said = " ".join(table["says"])
    assert "ridge-anchored-gnn is ahead of ridge" in said
    assert "naive-mean-effects is behind ridge" in said
    assert "The edges add nothing measurable to ridge-anchored-gnn" in said  # a network without edges does as well
    wide = {"model": "gnn", "minus": "x", "mean": 0.1, "ci95_folds": [0.05, 0.15], "ci95_lines": [-0.01, 0.2]}
    assert verdict_of(wide) == "level"
    assert "cannot be told from" in plain_says(wide)
    clear = {**wide, "ci95_lines": [0.02, 0.2]}
    figures = "+0.100 (over folds +0.050 to +0.150; over lines +0.020 to +0.200)"
    assert edges_say([clear]) == [f"The edges help gnn: over x {figures}."]
    worse = {**wide, "mean": -0.1, "ci95_folds": [-0.2, -0.05], "ci95_lines": [-0.2, -0.01]}
    assert "a control is ahead" in edges_say([clear, worse])[0]


def test_classes_average_their_drugs() -> None:
    one = judged({"ridge": 0.5})
    rows = {row["class"]: row for row in table_of(one)["classes"]}
    means = one.scores.drug_means("ridge")
    assert rows["class 1"]["drugs"] == 4
    assert rows["class 1"]["pearson"]["ridge"] == pytest.approx(means[1::3].mean())


def test_the_page_holds_the_classes() -> None:
    one = table_of(judged({"ridge": 0.5}))
    rows = [{**row, "fit_seconds": None} for row in one["models"]]
    page = markdown({**one, "models": rows, "screen": "S", "split": "leave-cell-lines-out", "folds": FOLDS})
    lines = page.splitlines()
    start = lines.index(f"| class | drugs | {NAIVE} | ridge |")
    assert lines[start + 2 : start + 5] == [
        f"| {row['class']} | 4 | 0.000 | {row['pearson']['ridge']:.3f} |" for row in one["classes"]
    ]
    assert "by pathway" not in markdown({**one, "models": rows, "classes": [], "screen": "", "split": "", "folds": 2})


def test_an_unseen_drug_has_no_width_of_its_own() -> None:
    one = judged({"ridge": 0.8})
    drugs = tuple(f"d{i}" for i in range(D))
    known = interval_table(one, drugs)
    assert (len(known), known["half_width"].nunique()) == (2 * 2 * D, 2 * 2 * D)
    unseen = interval_table(dataclasses.replace(one, split=dataclasses.replace(one.split, name="ldo")), drugs)
    assert unseen["drug"].tolist() == [UNSEEN] * 4
    residuals = np.abs(one.observed - one.predictions["ridge"])
    residuals = residuals[np.isfinite(residuals)]
    widths = unseen[unseen["model"] == "ridge"].set_index("level")["half_width"]
    for level in (0.8, 0.95):
        assert (residuals <= widths[level]).mean() == pytest.approx(level, abs=0.01)


def test_conformal_intervals_hold_what_they_promise() -> None:
    rows = {(row["model"], row["level"]): row for row in coverage_rows(judged({"ridge": 0.8}, missing=0.1))}
    for level in (0.8, 0.95):
        row = rows["ridge", level]
        assert row["coverage"] == pytest.approx(level, abs=0.04)
        assert row["ci95_lines"][0] < row["coverage"] < row["ci95_lines"][1]
    assert rows["ridge", 0.95]["mean_width"] > rows["ridge", 0.8]["mean_width"]
    assert rows["ridge", 0.8]["mean_width"] < rows[NAIVE, 0.8]["mean_width"]  # the better model says more


def test_each_drug_has_its_own_width_and_a_rare_one_that_of_all() -> None:
    rng = np.random.default_rng(0)
    residuals = rng.normal(size=(400, 3)) * [1.0, 3.0, 1.0]
    residuals[10:, 2] = np.nan
    scale = drug_scales(residuals)
    assert scale[:2] == pytest.approx([1.0, 3.0], rel=0.1)
    assert scale[2] == pytest.approx(np.sqrt(np.nanmean(residuals**2)))
    wide = half_widths(residuals[:, :2], 0.8)
    for d in range(2):
        assert (np.abs(residuals[:, d]) <= wide[d]).mean() == pytest.approx(0.8, abs=0.03)
