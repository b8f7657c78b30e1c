"""Anchored initialisation: where the encoders start is computed from the model, not drawn (ours).

In the coordinates s of the row space, for each output: a ridge account w . s, and on what it leaves over a ridge in
the kernel (s . s')^2, which is a quadratic form s^T Q s with Q = sum_i alpha_i s_i s_i^T. With b = w / ||w||, the r
strongest eigenvectors q_j of Q - (b^T Q b) b b^T are the columns of A, and two latents carry each with opposite signs:

    w~ = b +- g_j q_j (y_j . s),   y_j = q_j + c_j b,   c_j = b . q_j,   beta = ||w|| / k +- lambda_j / (2 g_j).

The length of w~ takes g_j c_j (y_j . s)(b . s) away, so to first order in g_j the surrogate starts as the ridge account
plus sum_j lambda_j ((q_j . s)^2 - c_j^2 (b . s)^2) over the r that are carried. The part (b^T Q b)(b . s)^2 no start of
this form can hold: along b every latent is b . s times the cosine of an angle that is 0 at s = 0. Training finds some
of it. Where it varies more than 20 times as much over the lines as w . s does, or there is no slope, b is the part of
the slope in the eigenvectors of Q that hardly bend (at most .05 of the largest eigenvalue): the curvature is kept and
the rest of the slope is left (without any there, b is the straightest). Nothing here depends on a seed, so neither
does the order or the sign of the latents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import linalg
from torch import Tensor

from pathproof.explain.multivariate.encoder import Factors

Floats = NDArray[np.float64]
RIDGES = tuple(10.0 ** np.arange(-6.0, 1.01, 0.5))
QUADRATIC_RIDGES = (1e-3, 1e-2, 1e-1, 1.0)
OUTER_RIDGES = (1e-3, 1e-2, 1e-1, 1.0)
BEND = 0.3
"""How far a latent's map turns at one SD along its eigenvector; small enough for the first order, see the module."""
SLOPE = 1e-6
"""A slope of this length is none."""
LOST, STRAIGHT = 20.0, 0.05
"""Curvature along the slope that varies so many times as much as it is kept in its place, by a b along eigenvectors of
at most this share of the largest eigenvalue."""
ROUNDS = 8
OVERSAMPLE = 8


@dataclass(frozen=True)
class Account:
    """Closed-form account of D outputs in coordinates: base + w . s + (s^T Q s, centred).

    Parameters
    ----------
    base : float array (D,)
    slope : float array (q, D)
    curve : tensor (D, q, q)
        Q, symmetric.
    """

    base: Floats
    slope: Floats
    curve: Tensor


def ridge(s: Floats, output: Floats, s_check: Floats, output_check: Floats) -> tuple[Floats, Floats]:
    """Intercepts (D,) and slopes (q, D), the penalty of each output chosen on the check lines.

    Penalties are multiples of the mean eigenvalue of the covariance, from strong to weak on a tie.
    """
    middle, base = s.mean(axis=0), output.mean(axis=0)
    values, vectors = np.linalg.eigh((s - middle).T @ (s - middle))
    rotated = vectors.T @ ((s - middle).T @ (output - base))
    check = (s_check - middle) @ vectors
    best = np.full(output.shape[1], np.inf)
    slope = np.zeros((s.shape[1], output.shape[1]))
    for penalty in sorted(RIDGES, reverse=True):
        coefficient = rotated / (np.maximum(values, 0.0) + penalty * values.sum() / len(values))[:, None]
        error = ((output_check - base - check @ coefficient) ** 2).mean(axis=0)
        better = error < best
        best[better] = error[better]
        slope[:, better] = (vectors @ coefficient)[:, better]
    return base - middle @ slope, slope


def quadratic(s: Floats, rest: Floats, s_check: Floats, rest_check: Floats) -> Tensor:
    """Q (D, q, q) of the kernel ridge in (s . s')^2 on what the linear account leaves over.

    0 for an output whose check lines no penalty brings closer.
    """
    kernel = (s @ s.T) ** 2
    row, whole = kernel.mean(axis=0), kernel.mean()
    centred = kernel - row - row[:, None] + whole
    check = (s_check @ s.T) ** 2
    check = check - check.mean(axis=1, keepdims=True) - row + whole
    base = rest.mean(axis=0)
    best = ((rest_check - base) ** 2).mean(axis=0)
    alpha = np.zeros_like(rest)
    mean_eigenvalue = np.trace(centred) / len(s)
    for penalty in sorted(QUADRATIC_RIDGES, reverse=True):
        own = np.linalg.solve(centred + penalty * mean_eigenvalue * np.eye(len(s)), rest - base)
        error = ((rest_check - base - check @ own) ** 2).mean(axis=0)
        better = error < best
        best[better] = error[better]
        alpha[:, better] = own[:, better]
    alpha = alpha - alpha.mean(axis=0)
    rows = torch.from_numpy(s)
    return torch.stack([rows.T @ (rows * torch.from_numpy(a)[:, None]) for a in alpha.T])


def account(s: Floats, output: Floats, s_check: Floats, output_check: Floats) -> Account:
    """Fit the closed-form account of every output (n, D) at coordinates (n, q)."""
    base, slope = ridge(s, output, s_check, output_check)
    curve = quadratic(s, output - base - s @ slope, s_check, output_check - base - s_check @ slope)
    return Account(base, slope, curve)


def strongest(curve: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` eigenpairs of largest absolute value of symmetric matrices (D, q, q).

    By subspace iteration from a fixed start and a Rayleigh-Ritz step: batched, and cheaper than a full decomposition.

    Returns
    -------
    values : tensor (D, count)
    vectors : tensor (D, q, count)
    """
    d, q, _ = curve.shape
    width = min(q, count + OVERSAMPLE)
    start = torch.randn((q, width), generator=torch.Generator().manual_seed(0), dtype=curve.dtype)
    block = torch.linalg.qr(start.expand(d, q, width))[0]
    for _ in range(ROUNDS):
        block = torch.linalg.qr(curve @ block)[0]
    values, inner = torch.linalg.eigh(block.transpose(1, 2) @ curve @ block)
    order = values.abs().argsort(dim=1, descending=True)[:, :count]
    vectors = block @ torch.gather(inner, 2, order[:, None].expand(-1, width, -1))
    return torch.gather(values, 1, order), vectors


def outer_slopes(z: Floats, output: Floats, z_check: Floats, output_check: Floats) -> Floats:
    """Ridge slopes (m, D) in all features, from rows z (N, m) in SD; each output's penalty is best on the check rows.

    Penalties are multiples of the mean square of a feature over the rows, tried from strong to weak.
    """
    middle, base = z.mean(axis=0), output.mean(axis=0)
    centred, check = z - middle, z_check - middle
    tall = len(z) >= z.shape[1]
    gram = centred.T @ centred if tall else centred @ centred.T
    moment = centred.T @ (output - base) if tall else output - base
    unit = float(np.trace(gram)) / z.shape[1]
    best = np.full(output.shape[1], np.inf)
    slope = np.zeros((z.shape[1], output.shape[1]))
    for penalty in sorted(OUTER_RIDGES, reverse=True):
        held = gram + penalty * unit * np.eye(len(gram))
        solved = linalg.cho_solve(linalg.cho_factor(held, overwrite_a=True), moment)
        own = solved if tall else centred.T @ solved
        error = ((output_check - base - check @ own) ** 2).mean(axis=0)
        better = error < best
        best[better] = error[better]
        slope[:, better] = own[:, better]
    return slope


def beside(given: Account, length: Floats) -> Account:
    """The account with one coordinate more, along which the slope of each output is `length` (D,)."""
    slope = np.concatenate([given.slope, length[None]])
    return Account(given.base, slope, torch.nn.functional.pad(given.curve, (0, 1, 0, 1)))


def _line(given: Account, rows: Tensor, inside: int) -> tuple[Tensor, Tensor]:
    """b (D, q) and the slope along it (D, 1): see the module. Where no line varies a slope counts as in the mean."""
    slope = torch.from_numpy(given.slope.T.copy())
    length = slope.norm(dim=1, keepdim=True)
    direction = slope / length.clamp_min(SLOPE)
    variance = rows[:, :inside].var(dim=0).mean()
    shown = (rows @ slope.T).var(dim=0) + variance * (slope[:, inside:] ** 2).sum(dim=1)
    bent = torch.einsum("dp,dpq,dq->d", direction, given.curve, direction)
    lost = (bent[:, None] * (direction @ rows.T) ** 2).var(dim=1)
    for k in torch.nonzero((lost > LOST * shown) | (length[:, 0] <= SLOPE)).flatten().tolist():
        values, vectors = torch.linalg.eigh(given.curve[k])
        size = values.abs()
        straight = vectors[:, size <= torch.maximum(size.min(), STRAIGHT * size.max())]
        kept = straight @ (straight.T @ slope[k])
        length[k] = kept.norm()
        direction[k] = kept / length[k] if length[k] > SLOPE else vectors[:, size.argmin()]
    return direction, length.clamp_min(SLOPE)


def anchored(given: Account, s: Floats, latents: int, rank: int, dtype: torch.dtype) -> Factors:
    """Encoders that start as the account; `s` (n, q') are the fitted lines, q' <= q: further coordinates are not bent.

    At most latents // 2 eigenvectors are carried. Further columns of A are coordinate axes that no latent uses at the
    start, and further latents start as plain b; both are free to move.
    """
    d, q = given.curve.shape[:2]
    carried = min(rank, latents // 2, q)
    rows = torch.from_numpy(np.pad(s, ((0, 0), (0, q - s.shape[1]))))
    direction, length = _line(given, rows, s.shape[1])
    own = direction[:, :, None] @ direction[:, None]
    values, vectors = strongest(given.curve - (given.curve * own).sum((1, 2), keepdim=True) * own, carried)
    along = direction[:, None] @ vectors
    turned = vectors + along * direction[:, :, None]
    bend = BEND / torch.sqrt(((rows @ turned) ** 2).mean(dim=1)).clamp_min(1e-9)
    axes = torch.eye(q, rank, dtype=rows.dtype).expand(d, q, rank)
    a = torch.cat([vectors, axes[:, :, carried:]], dim=2)
    y = torch.zeros((d, latents, rank, q), dtype=rows.dtype)
    beta = (length / latents).expand(d, latents).clone()
    for j in range(carried):
        for latent, sign in ((2 * j, 1.0), (2 * j + 1, -1.0)):
            y[:, latent, j] = sign * bend[:, j, None] * turned[:, :, j]
            beta[:, latent] += sign * values[:, j] / (2.0 * bend[:, j])
    hat = torch.cat([a, direction[:, :, None]], dim=2)
    curved = torch.einsum("nq,dqj->dnj", rows, vectors) ** 2 - (along * (rows @ direction.T).T[:, :, None]) ** 2
    shift = (curved * values[:, None]).sum(2).mean(1)
    beta0 = torch.from_numpy(given.base) - shift
    return Factors(hat.to(dtype), y.to(dtype), beta.to(dtype), beta0.to(dtype))
