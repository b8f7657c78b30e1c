"""Peers of the multivariate explainer: the slopes of a known model, and a missing package said by name."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest
import torch
from multivariate_world import Floats, lines

from pathproof.errors import DependencyError
from pathproof.explain.models.anchored import AnchoredGnn
from pathproof.explain.models.gnn import Frozen, Gnn
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.model_peers import (
    Peer,
    asked_ridge,
    integrated_gradients,
    plain_ridge,
    slopes_of_values,
    surrogate,
    tree_shap,
)

M, N = 15, 200
BACKGROUND = lines(N, M)
SLOPES = np.zeros((2, M))
SLOPES[0, :3], SLOPES[1, 5:8] = [1.0, -0.7, 0.5], [-0.9, 0.6, 0.8]
MODEL = ModelFunction("linear", lambda rows: rows @ SLOPES.T, BACKGROUND.features, ("a", "b"))
ROWS = np.arange(0, N, 2)


@pytest.mark.parametrize(
    ("peer", "least"),
    [
        (surrogate(Settings(latents=6, rank=2, steps=20)), 0.99),
        (plain_ridge, 0.99),
        (asked_ridge(Settings()), 0.99),
        (tree_shap, 0.9),
    ],
)
def test_each_peer_states_the_slopes_of_a_linear_model(peer: Peer, least: float) -> None:
    said = peer(MODEL, BACKGROUND, ROWS, 0)
    true = SLOPES * BACKGROUND.x.std(axis=0)
    for d in range(2):
        assert np.corrcoef(said.slopes[d], true[d])[0, 1] > least
    assert (said.fidelity > (0.5 if peer is tree_shap else 0.99)).all()


def test_the_asked_ridge_asks_as_often_as_the_surrogate_and_finds_what_a_plain_one_cannot() -> None:
    features, some = 150, np.arange(100)
    wide = lines(120, features)
    slopes = np.random.default_rng(0).standard_normal((features, 1))
    asked: list[int] = []

    def call(rows: Floats) -> Floats:
        asked.append(len(rows))
        return rows @ slopes

    model = ModelFunction("linear", call, wide.features, ("a",))
    setup = Settings(latents=6, rank=2, steps=0)
    counts, found = [], []
    for peer in (surrogate(setup), asked_ridge(setup), plain_ridge):
        asked.clear()
        said = peer(model, wide, some, 0)
        counts.append(sum(asked))
        found.append(np.corrcoef(said.slopes[0], slopes[:, 0] * wide.x.std(axis=0))[0, 1])
    ours, ridge, plain = counts
    assert plain < ridge <= ours
    assert ridge > 0.8 * ours
    assert found[1] > 0.99 > 0.95 > found[2]


def test_a_peer_sees_only_its_rows() -> None:
    x = BACKGROUND.x.copy()
    x[1::2] += 100.0
    other = Lines(BACKGROUND.ids, BACKGROUND.features, x)
    scale = BACKGROUND.x.std(axis=0) / x.std(axis=0)
    a, b = plain_ridge(MODEL, BACKGROUND, ROWS, 0), plain_ridge(MODEL, other, ROWS, 0)
    assert b.slopes * scale == pytest.approx(a.slopes)
    assert b.fidelity == pytest.approx(a.fidelity)


def _network(features: int, tissues: int, drugs: int) -> Gnn:
    """A small network of two members, drawn at random."""
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> torch.Tensor:
        return 0.5 * torch.randn(shape, generator=generator)

    s, k, h = 2, 4, 6
    parts: dict[str, Any] = {
        "features": draw(s, features, k), "tissues": draw(s, tissues, k), "norm": 1.0 + draw(s, 2, k),
        "w1": draw(s, k, h), "b1": draw(s, h), "w2": draw(s, h, k), "b2": draw(s, k),
        "drugs": draw(s, k, drugs), "bias": draw(s, drugs), "slope": draw(s, k, k), "gates": draw(s, 1),
    }  # fmt: skip
    network = Gnn(None)
    network._frozen = Frozen(**parts)
    return network


def test_integrated_gradients_are_those_of_captum() -> None:
    captum = pytest.importorskip("captum.attr")
    model = AnchoredGnn(None)
    model.gnn, model.weight = _network(M - 3, 3, 2), 0.4
    rng = np.random.default_rng(0)
    model.ridge._weights, model.ridge._tissue = rng.standard_normal((M - 3, 2)), rng.standard_normal((3, 2))
    model.ridge._mean = np.zeros(2)
    x = BACKGROUND.x[:20]
    net = model.gnn.frozen.to(torch.float64)
    linear = torch.from_numpy(np.concatenate([model.ridge._weights, model.ridge._tissue]))
    mixed = np.asarray([[1.0, -0.5], [0.3, 0.5]])

    def forward(rows: torch.Tensor) -> torch.Tensor:
        z = net.latent(rows[:, : M - 3], rows[:, M - 3 :])
        both = 0.6 * rows @ linear + 0.4 * (net.residual(z) @ net.drugs).mean(dim=0)
        return both @ torch.from_numpy(mixed)

    own = Lines(BACKGROUND.ids[:20], BACKGROUND.features, x)
    said = integrated_gradients(model, mixed, steps=200)(MODEL, own, np.arange(20), 0)
    base = torch.from_numpy(x.mean(axis=0, keepdims=True))
    for d in range(2):
        values = captum.IntegratedGradients(forward).attribute(torch.from_numpy(x), base, target=d, n_steps=200)
        wanted = slopes_of_values(values.numpy(), x) * x.std(axis=0)
        assert said.slopes[d] == pytest.approx(wanted, abs=1e-3)


def test_a_missing_package_is_said_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(DependencyError, match=r"tree-shap needs the package lightgbm"):
        tree_shap(MODEL, BACKGROUND, ROWS, 0)
