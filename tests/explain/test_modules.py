"""Clumping and module values, against plain formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathproof.explain.modules import clump, correlations, module_values, tissue_residuals


def test_residuals_have_no_tissue_mean_and_unit_variance() -> None:
    rng = np.random.default_rng(0)
    tissue = ["a"] * 20 + ["b"] * 30
    x = rng.standard_normal((50, 4)) + np.asarray([0] * 20 + [5] * 30)[:, None]
    present = np.ones_like(x, dtype=bool)
    present[:4, 2] = False
    x[:, 3] = np.asarray([0] * 20 + [5] * 30)
    out = tissue_residuals(x, tissue, present)
    for rows in (slice(0, 20), slice(20, 50)):
        assert np.allclose(out[rows].sum(axis=0), 0, atol=1e-9)
    assert np.allclose((out[:, :2] ** 2).mean(axis=0), 1)
    assert np.all(out[:4, 2] == 0)
    assert np.isclose((out[4:, 2] ** 2).mean(), 1)
    assert np.all(out[:, 3] == 0)


def test_correlations_agree_with_numpy_on_shared_lines() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((200, 3))
    x[:, 1] += x[:, 0]
    present = np.ones_like(x, dtype=bool)
    out = correlations(tissue_residuals(x, ["t"] * 200, present), present)
    assert np.allclose(out, np.corrcoef(x, rowvar=False))
    present[100:, 2] = False
    part = tissue_residuals(x, ["t"] * 200, present)
    shared = part[:100, 0] @ part[:100, 2]
    wanted = shared / np.sqrt((part[:100, 0] ** 2).sum() * (part[:100, 2] ** 2).sum())
    assert np.isclose(correlations(part, present)[0, 2], wanted)


def test_clump_gathers_around_the_strongest_without_chains() -> None:
    r = np.eye(5)
    for i, j in ((0, 2), (2, 3), (1, 4)):
        r[i, j] = r[j, i] = -0.5
    assert clump(r, 0.3) == [[0, 2], [1, 4], [3]]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(0, 10_000), st.floats(0.0, 1.0))
def test_clump_is_a_partition(n: int, seed: int, threshold: float) -> None:
    r = np.corrcoef(np.random.default_rng(seed).standard_normal((n, 6))).reshape(n, n)
    groups = clump(r, threshold)
    assert sorted(i for group in groups for i in group) == list(range(n))
    for lead, *others in groups:
        assert all(abs(r[lead, i]) >= threshold for i in others)


def test_module_value_is_the_slope_along_the_score() -> None:
    rng = np.random.default_rng(2)
    x = rng.standard_normal((300, 3))
    x[:, 1] += 0.7 * x[:, 0]
    x -= x.mean(axis=0)
    weights = np.asarray([-0.4, -0.2, 0.1])
    score = x @ weights
    slopes = x.T @ score / (score @ score)
    change = -(weights @ slopes) * score.std(ddof=1)
    assert np.isclose(module_values(x, weights), change)
    both = module_values(x, np.stack([weights, -weights]))
    assert both[0] < 0 < both[1]
    assert np.isclose(both[0], -both[1])


def test_a_single_gene_is_its_attribution() -> None:
    x = np.random.default_rng(3).standard_normal((50, 1))
    x /= x.std(ddof=1)
    assert module_values(x, np.asarray([-0.3])) == pytest.approx(-0.3)
