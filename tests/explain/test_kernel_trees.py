"""The trees beside the kernel ridge: against scikit-learn, and what a sum over features cannot see."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from layers_world import gappy
from sklearn.ensemble import ExtraTreesRegressor

from pathproof.errors import UsageError
from pathproof.explain.metrics import per_drug_pearson
from pathproof.explain.models.kernel import KernelRidge
from pathproof.explain.models.kernel_trees import KernelTrees, KernelTreesConfig, leading_axes
from pathproof.explain.models.trees import Forest

GAPPY = gappy()
TEST, EVERY = np.arange(40, 60), np.r_[np.arange(40), np.arange(60, 160)]
SMALL = KernelTreesConfig(components=8, trees=20)


@pytest.fixture(scope="module")
def fitted() -> KernelTrees:
    model = KernelTrees(SMALL)
    model.fit(GAPPY, EVERY, 0)
    return model


def test_leaves_give_what_the_trees_of_scikit_learn_give(fitted: KernelTrees) -> None:
    alone = KernelTrees(dataclasses.replace(SMALL, share=1.0))
    alone.fit(GAPPY, EVERY, 0)
    learned = KernelRidge().learn(GAPPY, EVERY)
    inputs = alone._inputs(learned.x, learned.tissue)
    trees = ExtraTreesRegressor(20, min_samples_leaf=3, max_features=0.3, random_state=0).fit(inputs, learned.filled)
    x, tissue = GAPPY.x[TEST], GAPPY.tissue_one_hot[TEST]
    wanted = trees.predict(alone._inputs(x, tissue)) * learned.scale.sd + learned.scale.mean
    np.testing.assert_allclose(alone.predict(x, tissue), wanted, atol=1e-6)
    blend = 0.3 * wanted + 0.7 * fitted.kernel.predict(x, tissue)
    np.testing.assert_allclose(fitted.predict(x, tissue), blend, atol=1e-6)


def test_a_forest_of_one_response_keeps_its_values() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 4)).astype(np.float32), rng.normal(size=50)
    trees = ExtraTreesRegressor(5, random_state=0).fit(x, y)
    np.testing.assert_allclose(Forest.of(trees.estimators_).ask(x[:9].astype(float)), trees.predict(x[:9]), atol=1e-6)


def test_the_axes_are_the_principal_ones() -> None:
    values = (np.random.default_rng(0).normal(size=(30, 12)) * np.arange(1, 13)).astype(np.float32)
    _, _, rows = np.linalg.svd(values, full_matrices=False)
    np.testing.assert_allclose(np.abs((rows[:5] * leading_axes(values, 5).T).sum(axis=1)), 1.0, atol=1e-4)
    assert leading_axes(values[:3], 5).shape == (12, 3)


def test_trees_see_what_only_two_features_together_say() -> None:
    rng = np.random.default_rng(0)
    y = GAPPY.y.copy()
    sign = np.sign(GAPPY.x[:, :1] * GAPPY.x[:, 1:2])
    y[:] = 3 * sign * (GAPPY.x[:, :1] ** 2 > 0.2) + 0.1 * rng.normal(size=y.shape)
    x = np.zeros_like(GAPPY.x)
    x[:, :2] = np.concatenate([GAPPY.x[:60, :2], rng.normal(size=(100, 2))])
    y[60:] = 3 * np.sign(x[60:, :1] * x[60:, 1:2]) * (x[60:, :1] ** 2 > 0.2)
    has = {layer: np.ones(160, dtype=bool) for layer in GAPPY.has_layer}
    data = dataclasses.replace(GAPPY, x=x, y=y, known=None, has_layer=has)
    model = KernelTrees(dataclasses.replace(SMALL, share=0.9, max_features=1.0))
    model.fit(data, EVERY, 0)
    scores = [per_drug_pearson(y[TEST], m.predict_lines(data, TEST)).mean() for m in (model, model.kernel)]
    assert scores[0] > scores[1] + 0.3


def test_permuted_test_responses_change_nothing_that_was_fitted(fitted: KernelTrees) -> None:
    y, x = GAPPY.y.copy(), GAPPY.x.copy()
    y[TEST], x[TEST] = y[TEST][::-1], 50.0
    model = KernelTrees(SMALL)
    model.fit(dataclasses.replace(GAPPY, x=x, y=y), EVERY, 0)
    every = np.arange(160)
    np.testing.assert_array_equal(model.predict_lines(GAPPY, every), fitted.predict_lines(GAPPY, every))


def test_save_and_load_give_equal_predictions(fitted: KernelTrees, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    every = np.arange(160)
    again = KernelTrees.load(tmp_path)
    np.testing.assert_array_equal(again.predict_lines(GAPPY, every), fitted.predict_lines(GAPPY, every))
    assert again.config == fitted.config
    assert not list(tmp_path.rglob("*.pkl"))


def test_effects_are_differences_of_predictions(fitted: KernelTrees) -> None:
    x, tissue = GAPPY.x[TEST], GAPPY.tissue_one_hot[TEST]
    donors = np.tile(np.arange(len(x))[::-1], (1, 1))
    changed = x.copy()
    changed[:, [0, 1]] = x[donors[0]][:, [0, 1]]
    (effect,) = fitted.perturb_effects(x, tissue, [np.array([0, 1])], donors)
    np.testing.assert_allclose(effect, fitted.predict(x, tissue) - fitted.predict(changed, tissue))


def test_what_it_cannot_do_is_said() -> None:
    for ask in (KernelTrees().save, lambda _: KernelTrees().predict_lines(GAPPY, TEST)):
        with pytest.raises(UsageError, match="not fitted"):
            ask(Path())
    with pytest.raises(UsageError, match="has no gradient"):
        KernelTrees().gradient()
    with pytest.raises(UsageError, match="out of range"):
        KernelTreesConfig(share=1.5)
