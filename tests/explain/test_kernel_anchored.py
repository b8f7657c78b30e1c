"""The graph network anchored on the kernel ridge: both halves learn from lines that lack some of the expression."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from layers_world import gappy
from predictor_world import CALLS, GENES, small_graph

from pathproof.errors import UsageError
from pathproof.explain.layers_completion import Completion
from pathproof.explain.models.anchored import AnchoredConfig, KernelAnchoredGnn
from pathproof.explain.models.base import plain_perturb_effects
from pathproof.explain.models.gnn import CompletedGnn, Gnn, GnnConfig
from pathproof.explain.models.kernel import KernelConfig, KernelRidge

GAPPY = gappy()
GRAPH = small_graph(GAPPY)
COMPLETE, TEST, LACKING = np.arange(40), np.arange(40, 60), np.arange(60, 160)
"""Lines with everything, lines that are tested, and lines without some or all of the expression."""
SEEN = np.r_[COMPLETE, LACKING]
CONFIG = AnchoredConfig(ridge=KernelConfig(), gnn=GnnConfig(seeds=2, epochs=3), inner_folds=3, inner_used=3)
OWN = GENES + CALLS


def fitted_on(data: object = GAPPY) -> KernelAnchoredGnn:
    model = KernelAnchoredGnn(GRAPH, CONFIG)
    model.fit(data, SEEN, 3)
    return model


@pytest.fixture(scope="module")
def fitted() -> KernelAnchoredGnn:
    return fitted_on()


def test_it_is_the_kernel_and_the_network_of_all_lines_completed(fitted: KernelAnchoredGnn) -> None:
    kernel = KernelRidge()
    kernel.fit(GAPPY, SEEN, 3)
    x = GAPPY.x[:, :OWN].copy()
    x[SEEN] = Completion().fit(GAPPY, SEEN)[:, :OWN]
    assert np.abs(x - GAPPY.x[:, :OWN])[LACKING].max() > 0.1
    network = Gnn(GRAPH, CONFIG.gnn)
    network.fit(dataclasses.replace(GAPPY, features=GAPPY.features[:OWN], x=x, known=None), SEEN, 3)
    asked = network.predict(x[TEST], GAPPY.tissue_one_hot[TEST])
    share = fitted.weight
    assert share in CONFIG.grid
    expected = (1 - share) * kernel.predict_lines(GAPPY, TEST) + share * asked
    np.testing.assert_allclose(fitted.predict_lines(GAPPY, TEST), expected, atol=1e-10)


def test_what_a_line_lacks_is_completed_before_both_halves_are_asked(fitted: KernelAnchoredGnn) -> None:
    filled = fitted.ridge.completion.complete(GAPPY, LACKING)
    answer = fitted.predict_lines(GAPPY, LACKING)
    np.testing.assert_array_equal(answer, fitted.predict(filled, GAPPY.tissue_one_hot[LACKING]))
    assert np.abs(answer - fitted.predict(GAPPY.x[LACKING], GAPPY.tissue_one_hot[LACKING])).max() > 0.05


def test_the_network_learns_from_lines_that_lack_expression(fitted: KernelAnchoredGnn) -> None:
    y = GAPPY.y.copy()
    y[LACKING] = np.random.default_rng(0).permutation(y[LACKING])
    other = CompletedGnn(GRAPH, CONFIG.gnn)
    other.fit(dataclasses.replace(GAPPY, y=y), SEEN, 3)
    assert np.abs(other.gradient() - fitted.gnn.gradient()).max() > 0.01


def test_gradient_equals_finite_differences_of_both_halves(fitted: KernelAnchoredGnn) -> None:
    x, tissue = fitted.ridge.completion.complete(GAPPY, SEEN), GAPPY.tissue_one_hot[SEEN]
    slopes = fitted.gradient()
    assert slopes.shape == (2 * GENES + CALLS, GAPPY.y.shape[1])
    for feature in (0, 17, GENES, OWN + 4):
        step = np.zeros_like(x)
        step[:, feature] = 2**-6
        up, down = (fitted.predict(x + s, tissue) for s in (step, -step))
        np.testing.assert_allclose(((up - down) * 2**5).mean(axis=0), slopes[feature], atol=1e-3)
    np.testing.assert_array_equal(slopes[OWN:], (1 - fitted.weight) * fitted.ridge.gradient()[OWN:])


def test_fast_perturbation_equals_full_passes(fitted: KernelAnchoredGnn) -> None:
    rng = np.random.default_rng(0)
    x, tissue = GAPPY.x[TEST], GAPPY.tissue_one_hot[TEST]
    sets = [np.array([0, 5, OWN + 1]), np.array([OWN + 3]), rng.choice(x.shape[1], 9, replace=False)]
    for replacement in (rng.integers(0, len(x), (3, len(x))), rng.normal(size=(2, *x.shape)).astype(np.float32)):
        fast = np.stack(list(fitted.perturb_effects(x, tissue, sets, replacement)))
        full = np.stack(list(plain_perturb_effects(fitted, x, tissue, sets, replacement)))
        np.testing.assert_allclose(fast, full, atol=1e-5)


def test_test_lines_change_nothing_that_was_fitted(fitted: KernelAnchoredGnn) -> None:
    y, x = GAPPY.y.copy(), GAPPY.x.copy()
    y[TEST], x[TEST] = np.random.default_rng(0).permutation(y[TEST]) + 40, 50.0
    again = fitted_on(dataclasses.replace(GAPPY, x=x, y=y))
    assert again.inner_scores == fitted.inner_scores
    np.testing.assert_array_equal(again.gradient(), fitted.gradient())


def test_save_and_load_give_equal_predictions(fitted: KernelAnchoredGnn, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    again = KernelAnchoredGnn.load(tmp_path)
    assert (again.weight, again.config.ridge) == (fitted.weight, fitted.config.ridge)
    every = np.arange(160)
    np.testing.assert_array_equal(again.predict_lines(GAPPY, every), fitted.predict_lines(GAPPY, every))
    np.testing.assert_array_equal(again.gradient(), fitted.gradient())


def test_another_anchor_and_an_unfitted_model_are_refused() -> None:
    with pytest.raises(UsageError, match="anchor of this network is a kernel ridge"):
        KernelAnchoredGnn(GRAPH, AnchoredConfig())
    with pytest.raises(UsageError, match="not fitted"):
        KernelAnchoredGnn(GRAPH, CONFIG).predict_lines(GAPPY, TEST)
