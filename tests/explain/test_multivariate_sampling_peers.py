"""KernelSHAP, LIME, shapiq and SHAP interactions: known slopes and pairs, budgets, missing packages."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from importlib.machinery import ModuleSpec

import numpy as np
import pytest
from multivariate_world import lines

from pathproof.errors import DependencyError, UsageError
from pathproof.explain.multivariate.function import ModelFunction
from pathproof.explain.multivariate.model_peers import Peer, boosted
from pathproof.explain.multivariate.sampling_peers import kernel_shap, lime, shapiq, through_base, tree_interactions

M, N = 9, 80
BACKGROUND = lines(N, M)
ROWS = np.arange(0, N, 2)
SLOPES = np.zeros((2, M))
SLOPES[0, :3], SLOPES[1, 5:8] = [1.0, -0.7, 0.5], [-0.9, 0.6, 0.8]
TRUE = SLOPES * BACKGROUND.x.std(axis=0)
LINEAR = ModelFunction("linear", lambda rows: rows @ SLOPES.T, BACKGROUND.features, ("a", "b"))
PEERS = {"KernelSHAP": ("shap", kernel_shap), "LIME": ("lime", lime), "shapiq": ("shapiq", shapiq)}


@pytest.mark.parametrize(
    ("package", "peer", "within"),
    [
        ("shap", kernel_shap(calls=300), 1e-6),
        ("lime", lime(asked=1, calls=400), 0.02),
        ("shapiq", shapiq(calls=512), 1e-6),
    ],
)
def test_each_states_the_slopes_of_a_linear_model(package: str, peer: Peer, within: float) -> None:
    pytest.importorskip(package)
    said = peer(LINEAR, BACKGROUND, ROWS, 0)
    assert said.slopes == pytest.approx(TRUE, abs=within)
    assert np.isnan(said.fidelity).all()
    assert said.slopes == pytest.approx(peer(LINEAR, BACKGROUND, ROWS, 0).slopes, abs=1e-12), "the seed is all"


def test_kernel_shap_leaves_the_global_generator_as_it_was() -> None:
    pytest.importorskip("shap")
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    kernel_shap(asked=1, calls=60)(LINEAR, BACKGROUND, ROWS, 3)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_shapiq_states_the_pair_of_a_product() -> None:
    pytest.importorskip("shapiq")
    base = BACKGROUND.x[ROWS].mean(axis=0)

    def call(rows: np.ndarray) -> np.ndarray:
        return rows @ SLOPES[0] + 0.8 * (rows[:, 1] - base[1]) * (rows[:, 6] - base[6])

    product = ModelFunction("product", call, BACKGROUND.features, ("a",))
    (pairs,) = shapiq(calls=512)(product, BACKGROUND, ROWS, 0).pairs
    spread = BACKGROUND.x.std(axis=0)
    assert len(pairs) == M * (M - 1) // 2
    assert pairs.pop((1, 6)) == pytest.approx(0.8 * spread[1] * spread[6], rel=1e-6)
    assert max(map(abs, pairs.values())) < 1e-6


def test_shapiq_asks_only_about_the_strongest_features() -> None:
    pytest.importorskip("shapiq")
    said = shapiq(calls=64, features=4)(LINEAR, BACKGROUND, ROWS, 0)
    assert ((said.slopes != 0).sum(axis=1) <= 4).all()
    assert said.slopes[0, :3] == pytest.approx(TRUE[0, :3])
    assert all(len(pairs) == 6 for pairs in said.pairs)


@pytest.mark.parametrize("name", PEERS)
def test_a_budget_too_small_for_the_method_is_refused(name: str) -> None:
    package, peer = PEERS[name]
    pytest.importorskip(package)
    with pytest.raises(UsageError, match=rf"budget is too small for {name}(.|\n)*at least"):
        peer(calls=5)(LINEAR, BACKGROUND, ROWS, 0)


@pytest.mark.parametrize("name", PEERS)
def test_a_missing_package_is_said_by_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    package, peer = PEERS[name]
    whole: Callable[[str], ModuleSpec | None] = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda own: None if own == package else whole(own))
    with pytest.raises(DependencyError, match=rf"peer {name} needs the package {package}, which(.|\n)*\[{package}\]"):
        peer()(LINEAR, BACKGROUND, ROWS, 0)


def test_interactions_of_trees_name_the_planted_product_with_its_sign() -> None:
    pytest.importorskip("shap")
    pytest.importorskip("lightgbm")
    many = lines(300, 8)
    product = ModelFunction("product", lambda rows: rows[:, 0] - 1.5 * rows[:, 1] * rows[:, 6], many.features, ("a",))
    peer = tree_interactions(asked=20, count=5)
    said = peer(product, many, np.arange(280), 0)
    (pairs,) = said.pairs
    assert len(pairs) == 5
    first = next(iter(pairs))
    assert first == (1, 6)
    assert -1.5 < pairs[first] < 0
    assert said.slopes[0, 0] > 0.4
    assert np.argmax(np.abs(said.slopes[0])) == 0
    (trees,) = boosted("own", many.x[:280], product.ask(many.x[:280]), 0)
    drawn = np.sort(np.random.default_rng([0, 5]).choice(np.arange(280), 20, replace=False))
    values = np.asarray(trees.predict(many.x[drawn], pred_contrib=True))[:, :-1]
    wanted = through_base(values, many.x[drawn] - many.x[:280].mean(axis=0)) * many.x.std(axis=0)
    assert said.slopes[0] == pytest.approx(wanted, abs=1e-6), "each gene's row adds up to the other package's value"
    assert said.pairs == peer(product, many, np.arange(280), 0).pairs


@pytest.mark.parametrize(("package", "extra"), [("shap", "shap"), ("lightgbm", "trees")])
def test_interactions_without_their_packages_are_left_out_by_name(
    package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("shap")
    whole: Callable[[str], ModuleSpec | None] = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda own: None if own == package else whole(own))
    with pytest.raises(
        DependencyError, match=rf"SHAP interactions needs the package {package}, which(.|\n)*\[{extra}\]"
    ):
        tree_interactions()(LINEAR, BACKGROUND, ROWS, 0)
