"""Metrics against scipy, column by column, with gaps."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from pathproof.errors import UsageError
from pathproof.explain.metrics import (
    normalised_pearson,
    per_drug_pearson,
    per_drug_rmse,
    per_drug_spearman,
    rmse,
)


def draw(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    observed = rng.normal(size=(30, 5)).round(1) * 3 + 100  # rounding makes ties
    observed[rng.random(observed.shape) < 0.3] = np.nan
    return observed, np.nan_to_num(observed, nan=99.0) + rng.normal(size=(30, 5))


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_correlations_equal_scipy(seed: int) -> None:
    observed, predicted = draw(seed)
    for ours, theirs in ((per_drug_pearson, scipy.stats.pearsonr), (per_drug_spearman, scipy.stats.spearmanr)):
        for d, value in enumerate(ours(observed, predicted)):
            seen = np.isfinite(observed[:, d])
            if seen.sum() < 10:
                assert np.isnan(value)
            else:
                assert value == pytest.approx(theirs(observed[seen, d], predicted[seen, d]).statistic, abs=1e-10)


def test_constant_prediction_scores_zero_and_constant_response_nothing() -> None:
    observed, predicted = draw(1)
    predicted[:, 0] = -4.7
    observed[:, 1] = 2.2
    for metric in (per_drug_pearson, per_drug_spearman):
        assert metric(observed, predicted)[0] == 0
        assert np.isnan(metric(observed, predicted)[1])


def test_too_few_lines_is_unknown() -> None:
    observed, predicted = draw(2)
    observed[9:, 3] = np.nan
    assert np.isnan(per_drug_pearson(observed, predicted)[3])
    assert np.isfinite(per_drug_pearson(observed, predicted, min_lines=3)[3])


def test_errors_are_in_the_units_of_the_response() -> None:
    observed, predicted = draw(3)
    seen = np.isfinite(observed)
    assert rmse(observed, observed + 2.0) == pytest.approx(2.0)
    assert rmse(observed, predicted) == pytest.approx(np.sqrt(np.nanmean((observed - predicted) ** 2)))
    expected = np.sqrt(np.nanmean((observed - predicted) ** 2, axis=0))
    np.testing.assert_allclose(per_drug_rmse(observed, predicted), expected)
    assert seen.sum() < observed.size


def test_normalised_pearson_ignores_differences_between_drugs() -> None:
    rng = np.random.default_rng(0)
    drug = rng.normal(0, 10, size=(1, 50))
    observed, noise = rng.normal(size=(2, 40, 50))
    naive = np.tile(drug, (40, 1))
    assert normalised_pearson(drug + observed, naive, naive) == 0
    assert abs(normalised_pearson(drug + observed, drug + noise, naive)) < 0.1  # raw Pearson is near 1
    assert normalised_pearson(drug + observed, drug + 2 * observed, naive) == pytest.approx(1.0)


def test_shapes_have_to_agree() -> None:
    observed, predicted = draw(0)
    with pytest.raises(UsageError, match="differ in shape"):
        per_drug_pearson(observed, predicted[:, :2])
