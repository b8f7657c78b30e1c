"""What is read out of fitted encoders: properties of the function g, not of its parameters.

Slopes and curvature are exact derivatives of the surrogate, averaged over lines; the terms of one line are an exact
decomposition of its output. All are written in coordinates of the row space and brought to genes by its basis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pathproof.explain.multivariate.encoder import (
    Encoded,
    Factors,
    attribution,
    encode,
    gradient,
    head,
    jacobian_penalty,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIRST_GENES = 256
LEAST_SHARE = 0.01


def spread_over(factors: Factors, s: Tensor) -> Tensor:
    """Lines (n, q) for each of T encoders (T, n, q), without a copy; lines (T, n, q) as they are."""
    return s if s.ndim == 3 else s.expand(len(factors.beta), *s.shape)


def predictions(factors: Factors, s: Tensor) -> Tensor:
    """Surrogate outputs (T, n)."""
    with torch.no_grad():
        return head(factors, encode(factors, spread_over(factors, s)).z)


def mean_gradient(factors: Factors, s: Tensor) -> Tensor:
    """Mean of dg/ds over lines (T, q)."""
    with torch.no_grad():
        return gradient(factors, encode(factors, spread_over(factors, s))).mean(1)


def mean_attribution(factors: Factors, s: Tensor) -> Tensor:
    """Mean of e(x) over lines (T, q): the published attribution."""
    with torch.no_grad():
        return attribution(factors, encode(factors, spread_over(factors, s))).mean(1)


def mean_curvature(factors: Factors, s: Tensor) -> Tensor:
    """Mean of the second derivatives d2g/ds ds' over lines (T, q, q), exact and symmetric.

    With v_l = Ahat u_l + Y_l^T p (the gradient of p . u_l) and t_l = Y_l^T a_l, a_l = first r of G u_l (the gradient of
    n_l^2 / 2), each latent adds, in units of beta_l,

        (A Y_l + Y_l^T A^T) / n - (v t^T + t v^T) / n^3 - z (Y_l^T G Y_l) / n^2 + 3 z t t^T / n^4.

    Everything is summed over lines in r dimensions first.
    """
    with torch.no_grad():
        encoded = encode(factors, spread_over(factors, s))
        lines = s.shape[-2]
        shrink, r = encoded.shrink, factors.rank
        weight = factors.beta[:, None] / lines
        a = encoded.gu[..., :r]
        gram = factors.hat[..., :r].transpose(1, 2) @ factors.hat[..., :r]
        left = -_outer(encoded.u, a, weight * shrink**3)
        left[..., :r, :] += torch.eye(r, dtype=s.dtype) * (weight * shrink).sum(1)[..., None, None]
        p = encoded.p[..., :r].unsqueeze(2).expand_as(a)
        both = -_outer(p, a, weight * shrink**3) + _outer(a, a, 1.5 * weight * encoded.z * shrink**4)
        both = both - 0.5 * gram[:, None] * (weight * encoded.z * shrink**2).sum(1)[..., None, None]
        flat = factors.y.flatten(1, 2)
        half = factors.hat @ (left @ factors.y).sum(1) + flat.transpose(1, 2) @ (both @ factors.y).flatten(1, 2)
        return half + half.transpose(1, 2)


def _outer(left: Tensor, right: Tensor, weight: Tensor) -> Tensor:
    """Sum over lines of weight * left right^T: (T, n, k, i), (T, n, k, j), (T, n, k) -> (T, k, i, j)."""
    return (left * weight.unsqueeze(-1)).permute(0, 2, 3, 1) @ right.transpose(1, 2)


def roughness(factors: Factors, s: Tensor) -> Tensor:
    """||J - W|| / ||W|| over lines and latents (T,): 0 when the maps are the gradients of the latents."""
    with torch.no_grad():
        return jacobian_penalty(encode(factors, spread_over(factors, s), penalised=True)).sqrt()


@dataclass(frozen=True)
class Terms:
    """Exact terms of one encoder at n lines: g(x) = base + sum_i main_i + sum_ij pair_ij.

    Parameters
    ----------
    base : float
    main : float array (n, m)
        x_i b_i sum_l c_l, with c_l = beta_l / ||w~_l(x)||.
    left, right : float array (n, m, r), (n, m, r)
        pair_ij = x_i x_j S_ij with S = (M + M^T) / 2, M = left @ right^T and x folded in.
    """

    base: float
    main: Floats
    left: Floats
    right: Floats

    def pairs(self, line: int) -> Floats:
        """The pair terms (m, m) of one line, symmetric; the diagonal is each feature with itself."""
        whole = self.left[line] @ self.right[line].T
        return np.asarray((whole + whole.T) / 2.0)


def terms(factors: Factors, s: Floats, basis: Floats, unit: float) -> Terms:
    """Main and pair terms of one encoder (T = 1) at coordinates s (n, q).

    The terms belong to the part of a line that lies in the row space; features are in SD.
    """
    with torch.no_grad():
        x = torch.from_numpy(s @ basis.T * unit)
        v = torch.from_numpy(basis / unit)
        own = Factors(*(value.double() for value in factors.tensors()))
        encoded: Encoded = encode(own, torch.from_numpy(s)[None])
        c = own.beta[0] * encoded.shrink[0]
        a, b = v @ own.hat[0, :, :-1], v @ own.hat[0, :, -1]
        mixed = torch.einsum("nk,krq->nrq", c, own.y[0]) @ v.T
        main = x * b * c.sum(1, keepdim=True)
        left, right = x[:, :, None] * a, x[:, :, None] * mixed.transpose(1, 2)
        return Terms(float(own.beta0[0]), main.numpy(), left.numpy(), right.numpy())


def top_pairs(loadings: Floats, values: Floats, count: int) -> tuple[Ints, Floats]:
    """The pairs i < j with the largest abs(S_ij), S = L diag(values) L^T, without writing S out; exact.

    abs(S_ij) <= t_i t_j with t_i^2 = sum_a abs(values_a) L_ia^2, so a block of the features with the largest t holds
    every pair that is stronger than t_first times the largest t outside of it.

    Parameters
    ----------
    loadings : float array (m, a)
    values : float array (a,)
    count : int

    Returns
    -------
    pairs : int array (at most count, 2)
        Strongest first.
    strength : float array
        S_ij, signed.
    """
    size = np.sqrt((loadings**2) @ np.abs(values))
    order = np.argsort(-size, kind="stable")
    width = min(len(order), max(FIRST_GENES, int(np.sqrt(2 * count)) + 2))
    while True:
        block = np.sort(order[:width])
        s = (loadings[block] * values) @ loadings[block].T
        rows, columns = np.triu_indices(width, 1)
        strength = s[rows, columns]
        best = np.argsort(-np.abs(strength), kind="stable")[:count]
        outside = size[order[width]] * size[order[0]] if width < len(order) else 0.0
        if width == len(order) or (len(best) == count and abs(strength[best[-1]]) >= outside):
            return np.stack([block[rows[best]], block[columns[best]]], axis=1), strength[best]
        width = min(2 * width, len(order))


@dataclass(frozen=True)
class Module:
    """Genes that act together in one output.

    Parameters
    ----------
    features : tuple of int
        The strongest first.
    weights : tuple of float
        Loadings on the module's score, the strongest positive.
    bend : float
        Second derivative of the output along the score, per squared SD of it.
    share : float
        Variance over the lines of the module's term, as a share of that of the output.
    """

    features: tuple[int, ...]
    weights: tuple[float, ...]
    bend: float
    share: float


def modules(loadings: Floats, values: Floats, x: Floats, output_sd: float, count: int, size: int) -> list[Module]:
    """The strongest eigenvectors of mean second derivatives L diag(values) L^T as modules.

    The term of an eigenvector v with eigenvalue h is h (v . x)^2 / 2; modules come by the SD of that term over lines,
    down to `LEAST_SHARE` of the output's variance. A module holds the features with the largest loadings that together
    make at least half of the eigenvector's square: at least two, at most `size`. A product of two features has two
    eigenvectors with the same features, so a module that shares a feature with a stronger one is left out.

    Parameters
    ----------
    loadings : float array (m, a)
    values : float array (a,)
    x : float array (n, m)
        Features in SD from the mean.
    output_sd : float
    count, size : int
        At most so many modules, and features of one.
    """
    if output_sd <= 0:
        return []
    frame, inner = np.linalg.qr(loadings)
    bends, turned = np.linalg.eigh((inner * values) @ inner.T)
    vectors = frame @ turned
    scores = x @ vectors
    share = (bends * (scores**2).std(axis=0) / (2.0 * output_sd)) ** 2
    found: list[Module] = []
    for a in np.argsort(-share, kind="stable"):
        order = np.argsort(-np.abs(vectors[:, a]), kind="stable")[:size]
        held = np.cumsum(vectors[order, a] ** 2)
        own = order[: max(2, int(np.searchsorted(held, 0.5)) + 1)].tolist()
        known = {feature for module in found for feature in module.features}
        if len(found) == count or share[a] < LEAST_SHARE:
            break
        if known.isdisjoint(own):
            sign = np.sign(vectors[own[0], a])
            found.append(
                Module(
                    features=tuple(own),
                    weights=tuple(float(sign * vectors[i, a]) for i in own),
                    bend=float(bends[a] * scores[:, a].var()),
                    share=float(share[a]),
                )
            )
    return found
