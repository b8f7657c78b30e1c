"""Where encoders start: as the closed-form account of the model, to the order that the module states."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from pathproof.explain.multivariate import anchor
from pathproof.explain.multivariate.account import explain_function
from pathproof.explain.multivariate.encoder import encode, head
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.space import row_space

Floats = NDArray[np.float64]


def _explained(call: Callable[[Floats], Floats]) -> float:
    """R2 of the start against a function of six genes, on 1,000 rows that it was not made from."""
    s = np.random.default_rng(0).standard_normal((4000, 6)) * np.linspace(1.3, 0.8, 6)
    fitted, check = s[:3000], s[3000:]
    given = anchor.account(fitted, call(fitted)[:, None], check, call(check)[:, None])
    start = anchor.anchored(given, fitted, 12, 6, torch.float64)
    got = head(start, encode(start, torch.from_numpy(check)[None]).z)[0].numpy()
    return float(1 - ((got - call(check)) ** 2).sum() / call(check).var() / len(check))


@pytest.mark.parametrize(
    ("call", "least", "most"),
    [
        (lambda s: s[:, 0] ** 2, 0.9, 1.0),
        (lambda s: s[:, 1] * s[:, 2], 0.9, 1.0),
        (lambda s: 0.2 * s[:, 0] + s[:, 0] ** 2, 0.9, 1.0),
        (lambda s: s[:, 0] + s[:, 0] * s[:, 1], 0.95, 1.0),
        (lambda s: s[:, 0] + s[:, 1] + s[:, 0] * s[:, 1], 0.75, 0.85),
    ],
    ids=["square", "pair", "square with a little slope", "gene and its pair", "two genes and their pair"],
)
def test_with_the_bend_of_the_command_the_start_explains_a_function(
    call: Callable[[Floats], Floats], least: float, most: float
) -> None:
    """Curvature along a slope is lost (the last); where it is far more than the slope, the slope is."""
    assert least <= _explained(call) <= most


def test_genes_of_a_strong_pair_keep_their_slopes_in_the_fit() -> None:
    """The pair varies more than four times as much as the slopes: a start without them was never made up for."""
    x = np.random.default_rng(6).standard_normal((300, 40))
    lines = Lines(tuple(f"l{i}" for i in range(300)), tuple(f"g{i}" for i in range(40)), x)
    model = ModelFunction("m", lambda s: s[:, 0] + s[:, 1] + 3 * s[:, 0] * s[:, 1], lines.features, ("y",))
    account = explain_function(model, lines, seeds=2, samples=3)
    true = (1 + 3 * x[:, [1, 0]]).mean(axis=0) * x[:, :2].std(axis=0)
    assert account.genes().raw[0, :2] == pytest.approx(true, rel=0.3)
    for member in account.members:
        assert (member.slopes[0, :2] > 0.5 * true).all()


def test_the_anchor_starts_as_the_ridge_and_quadratic_account() -> None:
    rng = np.random.default_rng(0)
    space = row_space(rng.standard_normal((300, 12)), 12)
    s = space.coordinates(rng.standard_normal((300, 12)))
    x = s * space.unit
    output = np.stack([x[:, 0] + 0.5 * x[:, 1] * x[:, 2], -x[:, 3] + 0.4 * (x[:, 4] ** 2 - 1)], axis=1)
    closed = anchor.account(s[:200], output[:200], s[200:], output[200:])
    start = anchor.anchored(closed, s, latents=12, rank=6, dtype=torch.float64)
    rows = torch.from_numpy(s[200:]).expand(2, 100, 12)
    got = head(start, encode(start, rows).z).T.numpy()
    curve = np.einsum("nq,dqp,np->nd", s, closed.curve.numpy(), s)
    account = closed.base + s @ closed.slope + curve - curve.mean(axis=0)
    for d in range(2):
        assert np.corrcoef(got[:, d], output[200:, d])[0, 1] > 0.95
        assert np.corrcoef(got[:, d], account[200:, d])[0, 1] > 0.97
    again = anchor.anchored(closed, s, latents=12, rank=6, dtype=torch.float64)
    assert all(torch.equal(a, b) for a, b in zip(start.tensors(), again.tensors(), strict=True))


def test_the_anchor_holds_the_quadratic_form_of_a_gene_that_has_a_slope_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """For small bends exactly, but for the part along the slope, which no encoder of this form can start with."""
    monkeypatch.setattr(anchor, "BEND", 1e-4)
    rng = np.random.default_rng(0)
    s = rng.standard_normal((400, 5))
    for slope, form, rank in (
        ([1.0, 0, 0, 0, 0], {(0, 1): 0.5}, 5),
        ([1.0, 0.5, 0, 0, 0], {(0, 1): 0.4, (1, 2): -0.3}, 5),
        ([1.0, 0.5, 0, 0, 0], {(0, 1): 0.4, (1, 2): -0.3}, 2),
        ([0.0, 0, 0, 0, 0], {(0, 0): 0.5, (1, 2): -0.3}, 5),
    ):
        curve = np.zeros((5, 5))
        for (i, j), size in form.items():
            curve[i, j] = curve[j, i] = size
        w = np.asarray(slope)
        b = w / max(np.linalg.norm(w), 1e-9)
        start = anchor.anchored(
            anchor.Account(np.zeros(1), w[:, None], torch.from_numpy(curve[None])), s, 12, rank, torch.float64
        )
        got = head(start, encode(start, torch.from_numpy(s)[None]).z)[0].numpy()
        values, vectors = np.linalg.eigh(curve - (b @ curve @ b) * np.outer(b, b))
        kept = np.argsort(-np.abs(values))[:rank]
        held = ((s @ vectors) ** 2 - (vectors.T @ b) ** 2 * (s @ b)[:, None] ** 2)[:, kept] @ values[kept]
        assert np.std(held) > 0.3
        assert got == pytest.approx(s @ w + held - held.mean(), abs=5e-3)
