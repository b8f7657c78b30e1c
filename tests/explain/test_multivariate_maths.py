"""The factorised form equals the explicit one; read-outs equal autograd; what is claimed of the row space holds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from multivariate_world import random_factors

from pathproof.explain.multivariate import encoder, explicit
from pathproof.explain.multivariate.encoder import (
    Factors,
    attribution,
    encode,
    gradient,
    head,
    jacobian_penalty,
    map_similarity,
)
from pathproof.explain.multivariate.losses import Weights, total_loss
from pathproof.explain.multivariate.readout import mean_curvature, mean_gradient, terms, top_pairs
from pathproof.explain.multivariate.space import row_space

M, R, K, B = 23, 4, 6, 9
WEIGHTS = Weights(fidelity=1.0, similarity=0.7, collinearity=0.5, local=0.3)


def _lines(seed: int = 1) -> torch.Tensor:
    return torch.randn(B, M, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _single(factors: Factors, t: int) -> Factors:
    return Factors(*(value[t : t + 1] for value in factors.tensors()))


def test_latents_maps_and_surrogate_equal_the_explicit_form() -> None:
    factors, x = random_factors(2, M, R, K), _lines()
    encoded = encode(factors, x.expand(2, B, M), penalised=True)
    for t in range(2):
        one = _single(factors, t)
        w = explicit.maps(one, x)
        assert torch.allclose(encoded.z[t], explicit.latents(one, x), rtol=0, atol=1e-10)
        assert torch.allclose(head(factors, encoded.z)[t], explicit.surrogate(one, x), rtol=0, atol=1e-10)
        together = torch.einsum("ikm,jkm->ij", w, w) / K
        assert torch.allclose(map_similarity(encoded)[t], together, rtol=0, atol=1e-10)
        summed = torch.einsum("k,bkm->bm", one.beta[0], w)
        assert torch.allclose(attribution(factors, encoded)[t], summed, rtol=0, atol=1e-10)


@pytest.mark.parametrize("cached", [encoder.CACHED, 2 * R * M])
def test_the_exact_penalty_and_all_gradients_equal_those_by_autograd_through_the_explicit_form(
    cached: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "CACHED", cached)  # all latents at once, or two at a time
    factors, x = random_factors(1, M, R, K), _lines()
    output = torch.randn(B, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    penalty = jacobian_penalty(encode(factors, x[None], penalised=True))[0]
    oracle = explicit.exact_penalty(factors, x)
    assert penalty.item() == pytest.approx(oracle.item(), abs=1e-10)
    assert penalty.item() > 0.1
    pairs = [(penalty, oracle)]
    for kind, wanted in (("regression", output), ("classes", torch.sigmoid(output))):
        ours = total_loss(factors, x[None], wanted[None], WEIGHTS, kind)[0]  # type: ignore[arg-type]
        pairs.append((ours, explicit.explicit_loss(factors, x, wanted, WEIGHTS, kind)))  # type: ignore[arg-type]
    for ours, theirs in pairs:
        assert ours.item() == pytest.approx(theirs.item(), abs=1e-10)
        mine = torch.autograd.grad(ours, factors.tensors(), allow_unused=True)
        other = torch.autograd.grad(theirs, factors.tensors(), allow_unused=True)
        for a, b in zip(mine, other, strict=True):
            assert (a is None) == (b is None)
            assert a is None or torch.allclose(a, b, rtol=0, atol=1e-10)


def test_gradients_of_several_encoders_do_not_depend_on_how_many_latents_are_done_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factors, x = random_factors(3, M, R, K), torch.stack([_lines(t) for t in range(3)])
    output = torch.randn(3, B, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    found = []
    for cached in (encoder.CACHED, 4 * R * M, 1):
        monkeypatch.setattr(encoder, "CACHED", cached)
        loss = total_loss(factors, x, output, WEIGHTS, "regression").sum()
        found.append(torch.autograd.grad(loss, factors.tensors()))
    for other in found[1:]:
        assert all(torch.allclose(a, b, rtol=0, atol=1e-12) for a, b in zip(found[0], other, strict=True))


def test_the_published_projections_estimate_the_exact_penalty() -> None:
    factors, x = random_factors(1, M, R, K), _lines()
    exact = explicit.exact_penalty(factors, x).item()
    many = explicit.projected_penalty(factors, x, 400, torch.Generator().manual_seed(0)).item()
    assert many == pytest.approx(exact, rel=0.1)


def test_float32_agrees_to_its_precision() -> None:
    double, single = random_factors(1, M, R, K), random_factors(1, M, R, K, torch.float64)
    single = Factors(*(value.float() for value in single.tensors()))
    x = _lines()
    a = total_loss(double, x[None], x[None, :, 0], WEIGHTS, "regression")
    b = total_loss(single, x[None].float(), x[None, :, 0].float(), WEIGHTS, "regression")
    assert b.item() == pytest.approx(a.item(), rel=1e-5)


def test_gradient_and_curvature_are_the_derivatives_of_the_surrogate() -> None:
    factors, x = random_factors(2, M, R, K), _lines()
    slopes, bends = mean_gradient(factors, x), mean_curvature(factors, x)
    for t in range(2):
        one = _single(factors, t)

        def g(row: torch.Tensor, one: Factors = one) -> torch.Tensor:
            return explicit.surrogate(one, row[None])[0]

        jacobian = torch.stack([torch.autograd.functional.jacobian(g, row) for row in x])  # type: ignore[no-untyped-call]
        hessian = torch.stack([torch.autograd.functional.hessian(g, row) for row in x])  # type: ignore[no-untyped-call]
        each = gradient(factors, encode(factors, x.expand(2, B, M)))[t]
        assert torch.allclose(each, jacobian, rtol=0, atol=1e-10)
        assert torch.allclose(slopes[t], jacobian.mean(0), rtol=0, atol=1e-10)
        assert torch.allclose(bends[t], hessian.mean(0), rtol=0, atol=1e-10)
        assert hessian.mean(0).abs().max() > 0.01


def test_main_and_pair_terms_add_up_to_the_output() -> None:
    factors, x = random_factors(1, M, R, K), _lines()
    found = terms(factors, x.numpy(), np.eye(M), 1.0)
    added = found.base + found.main.sum(axis=1) + np.asarray([found.pairs(i).sum() for i in range(B)])
    assert np.allclose(added, explicit.surrogate(factors, x).detach().numpy(), rtol=0, atol=1e-10)
    assert np.allclose(found.pairs(0), found.pairs(0).T)


def test_the_strongest_pairs_of_a_product_are_found_without_writing_it_out() -> None:
    rng = np.random.default_rng(0)
    loadings = rng.standard_normal((900, 5)) * rng.exponential(size=(900, 1))
    values = rng.standard_normal(5)
    pairs, strength = top_pairs(loadings, values, 40)
    whole = (loadings * values) @ loadings.T
    i, j = np.triu_indices(900, 1)
    wanted = np.argsort(-np.abs(whole[i, j]))[:40]
    assert pairs.tolist() == np.stack([i[wanted], j[wanted]], axis=1).tolist()
    assert np.allclose(strength, whole[i, j][wanted])
    flat, _ = top_pairs(np.ones((600, 1)), np.ones(1), 10)
    assert len({tuple(p) for p in flat.tolist()}) == 10


def test_gradients_stay_in_the_row_space_where_an_anchored_encoder_starts() -> None:
    rng = np.random.default_rng(0)
    lines = rng.standard_normal((8, 30))
    space = row_space(lines, 100)
    assert space.basis.shape == (30, 7)
    assert space.kept == pytest.approx(1.0)
    assert np.allclose(space.lines(space.coordinates(lines)), lines)
    assert np.sqrt((space.coordinates(lines) ** 2).sum(axis=1).mean()) == pytest.approx(1.0)
    basis = torch.from_numpy(space.basis)
    small = random_factors(1, 7, 2, 3)
    wide = Factors(
        (basis @ small.hat).detach().requires_grad_(True),
        (small.y @ basis.T).detach().requires_grad_(True),
        small.beta,
        small.beta0,
    )
    s = torch.from_numpy(space.coordinates(lines))[None]
    output = torch.from_numpy(rng.standard_normal((1, 8)))
    inside = total_loss(small, s, output, WEIGHTS, "regression").sum()
    outside = total_loss(wide, s @ basis.T, output, WEIGHTS, "regression").sum()
    assert inside.item() == pytest.approx(outside.item(), abs=1e-10)
    hat, y = torch.autograd.grad(outside, (wide.hat, wide.y))
    assert torch.allclose(basis @ (basis.T @ hat), hat, atol=1e-10)
    assert torch.allclose((y @ basis) @ basis.T, y, atol=1e-10)
    mine = torch.autograd.grad(inside, (small.hat, small.y))
    assert torch.allclose(basis.T @ hat, mine[0], atol=1e-10)
    assert torch.allclose(y @ basis, mine[1], atol=1e-10)


def test_a_capped_space_says_what_it_keeps_and_constant_features_count_as_nothing() -> None:
    lines = np.random.default_rng(0).standard_normal((40, 10)) * np.arange(1, 11)
    lines[:, 3] = 2.0
    space = row_space(lines, 4)
    assert space.basis.shape == (10, 4)
    assert 0.4 < space.kept < 0.9
    assert np.allclose(space.basis[3], 0)
    assert np.allclose(space.lines(space.coordinates(lines))[:, 3], 2.0)
