"""The kernel ridge against closed forms, finite differences, and worlds in which lines lack layers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from layers_world import gappy
from predictor_world import GENES, world

from pathproof.errors import DataError, UsageError
from pathproof.explain.data import Dataset
from pathproof.explain.layers_completion import expected
from pathproof.explain.metrics import per_drug_pearson
from pathproof.explain.models.base import plain_perturb_effects
from pathproof.explain.models.kernel import KernelConfig, KernelRidge, shrink_together

GAPPY = gappy()
TEST = np.arange(40, 60)
"""Lines with everything; lines 60..99 have 10 of 40 genes, 100..159 none."""
COMPLETE, EVERY = np.arange(40), np.r_[np.arange(40), np.arange(60, 160)]
ONE_PENALTY = KernelConfig(floor=1.5, spread=0.0)


@pytest.fixture(scope="module")
def fitted() -> KernelRidge:
    model = KernelRidge()
    model.fit(GAPPY, EVERY, 0)
    return model


def _score(data: Dataset, model: KernelRidge, lines: np.ndarray) -> float:
    return float(np.nanmean(per_drug_pearson(data.y[lines], model.predict_lines(data, lines))))


def test_lines_that_lack_a_layer_help(fitted: KernelRidge) -> None:
    alone = KernelRidge()
    alone.fit(GAPPY, COMPLETE, 0)
    partial = KernelRidge()
    partial.fit(GAPPY, np.r_[COMPLETE, np.arange(60, 100)], 0)
    scores = [_score(GAPPY, model, TEST) for model in (alone, partial, fitted)]
    assert scores[0] + 0.02 < scores[1] < scores[2]


def test_a_line_without_expression_is_completed_and_not_taken_for_the_mean(fitted: KernelRidge) -> None:
    whole = world(0, 160)
    lacking = np.arange(100, 160)
    filled = fitted.completion.complete(GAPPY, lacking)[:, :GENES]
    truth = whole.x[lacking, :GENES]
    assert ((filled - truth) ** 2).mean() < 0.9 * (truth**2).mean()
    as_if_mean = fitted.predict(GAPPY.x[lacking], GAPPY.tissue_one_hot[lacking])
    assert _score(GAPPY, fitted, lacking) > np.nanmean(per_drug_pearson(GAPPY.y[lacking], as_if_mean)) + 0.05


def test_what_a_line_has_is_left_as_it_is(fitted: KernelRidge) -> None:
    every = np.arange(160)
    filled = fitted.completion.complete(GAPPY, every)
    np.testing.assert_array_equal(filled[GAPPY.measured], GAPPY.x[GAPPY.measured])
    assert (filled[60:100, 10:GENES] != 0).all()
    assert not GAPPY.x[60:100, 10:GENES].any()  # the data set is not written to


def test_expected_values_equal_a_ridge_with_intercept_in_primal_form() -> None:
    rng = np.random.default_rng(0)
    train, targets, here = (rng.normal(size=shape).astype(np.float32) for shape in ((30, 7), (30, 3), (5, 7)))
    centred = targets - targets.mean(axis=0)
    slopes = np.linalg.solve(train.T @ train + np.eye(7), train.T @ centred)
    np.testing.assert_allclose(expected(train, targets, here), here @ slopes + targets.mean(axis=0), atol=1e-5)


def test_without_gaps_and_spread_it_is_one_ridge_per_drug() -> None:
    rng = np.random.default_rng(0)
    features, z = rng.normal(size=(25, 40)), rng.normal(size=(25, 4))
    kernel = features @ features.T / 40
    dual = shrink_together(torch.from_numpy(kernel), z, np.ones_like(z, dtype=bool), ONE_PENALTY)
    np.testing.assert_allclose(dual.numpy(), np.linalg.solve(kernel + 1.5 * np.eye(25), z), rtol=1e-8)


def test_filling_gaps_equals_dropping_them() -> None:
    """With one penalty and no shared residual, the fixed point of the filling is the ridge on the seen rows."""
    rng = np.random.default_rng(0)
    features, z = rng.normal(size=(25, 40)), rng.normal(size=(25, 4))
    seen = rng.random(z.shape) < 0.7
    kernel = features @ features.T / 40
    config = dataclasses.replace(ONE_PENALTY, factors=0, rounds=80)
    dual = shrink_together(torch.from_numpy(kernel), np.where(seen, z, 0), seen, config).numpy()
    for d in range(4):
        own = seen[:, d]
        alone = np.linalg.solve(kernel[np.ix_(own, own)] + 1.5 * np.eye(own.sum()), z[own, d])
        np.testing.assert_allclose(kernel @ dual[:, d], kernel[:, own] @ alone, atol=1e-6)


def test_drugs_learn_from_each_other() -> None:
    """Twenty noisy readings of one truth: shrinking them together beats shrinking each alone."""
    rng = np.random.default_rng(1)
    features = rng.normal(size=(60, 50))
    truth = features @ rng.normal(size=50) / 7
    z = truth[:, None] + 2.0 * rng.normal(size=(60, 20))
    kernel = torch.from_numpy(features @ features.T / 50)
    error = []
    for config in (KernelConfig(floor=2.0, spread=0.0, factors=0), KernelConfig(floor=0.2, spread=10.0, factors=0)):
        fit = (kernel @ shrink_together(kernel, z, np.ones_like(z, dtype=bool), config)).numpy()
        error.append(((fit - truth[:, None]) ** 2).mean())
    assert error[1] < 0.9 * error[0]


def test_drug_without_a_response_has_no_slope(fitted: KernelRidge) -> None:
    y = GAPPY.y.copy()
    y[:, 2] = np.nan
    model = KernelRidge()
    model.fit(dataclasses.replace(GAPPY, y=y), EVERY, 0)
    assert np.abs(model.gradient()[:, 2]).max() < 1e-12
    others = [0, 1, 3, 4, 5]
    assert np.abs(model.gradient()[:, others]).max(axis=0) == pytest.approx(
        np.abs(fitted.gradient()[:, others]).max(axis=0), rel=0.3
    )


def test_gradient_equals_finite_differences(fitted: KernelRidge) -> None:
    x, tissue = GAPPY.x[TEST], GAPPY.tissue_one_hot[TEST]
    for feature in (0, 2, 17, 41, 50, 80):
        step = np.zeros_like(x)
        step[:, feature] = 2**-6
        up, down = (fitted.predict(x + s, tissue) for s in (step, -step))
        np.testing.assert_allclose(((up - down) * 2**5).mean(axis=0), fitted.gradient()[feature], atol=1e-5)


def test_fast_perturbation_equals_full_passes(fitted: KernelRidge) -> None:
    rng = np.random.default_rng(0)
    x, tissue = GAPPY.x[TEST], GAPPY.tissue_one_hot[TEST]
    sets = [rng.choice(x.shape[1], size, replace=False) for size in (1, 9)]
    donors = rng.integers(0, len(x), (3, len(x)))
    fast = np.stack(list(fitted.perturb_effects(x, tissue, sets, donors)))
    np.testing.assert_allclose(fast, np.stack(list(plain_perturb_effects(fitted, x, tissue, sets, donors))), atol=1e-8)


def test_permuted_test_responses_change_nothing_that_was_fitted(fitted: KernelRidge) -> None:
    y = GAPPY.y.copy()
    y[TEST] = np.random.default_rng(0).permutation(y[TEST].ravel()).reshape(y[TEST].shape)
    x = GAPPY.x.copy()
    x[TEST] = 50.0
    model = KernelRidge()
    model.fit(dataclasses.replace(GAPPY, x=x, y=y), EVERY, 0)
    np.testing.assert_array_equal(model.gradient(), fitted.gradient())
    np.testing.assert_array_equal(model.predict_lines(GAPPY, TEST), fitted.predict_lines(GAPPY, TEST))


def test_save_and_load_give_equal_predictions(fitted: KernelRidge, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    again = KernelRidge.load(tmp_path)
    every = np.arange(160)
    np.testing.assert_array_equal(again.predict_lines(GAPPY, every), fitted.predict_lines(GAPPY, every))
    np.testing.assert_array_equal(again.gradient(), fitted.gradient())


def test_a_label_never_seen_says_nothing(fitted: KernelRidge) -> None:
    odd = dataclasses.replace(GAPPY, covariates={**GAPPY.covariates, "cancer_type": ("never seen",) * 160})
    assert np.isfinite(fitted.predict_lines(odd, np.arange(100, 160))).all()


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(DataError, match="No cell line to learn from has all of the expression"):
        KernelRidge().fit(GAPPY, np.arange(60, 160), 0)
    with pytest.raises(UsageError, match="not fitted"):
        KernelRidge().predict_lines(GAPPY, TEST)
    with pytest.raises(UsageError, match="KernelConfig is out of range"):
        KernelConfig(floor=0)
    with pytest.raises(UsageError, match="not rows of the data set"):
        KernelRidge().fit(GAPPY, np.array([200]), 0)
