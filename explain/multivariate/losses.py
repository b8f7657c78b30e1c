"""Losses of the encoder: similarities kept between spaces, latents apart, local linearity, fidelity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from pathproof.explain.multivariate.encoder import Factors, encode, head, jacobian_penalty, map_similarity

Kind = Literal["regression", "classes"]


@dataclass(frozen=True)
class Weights:
    """Weight of each loss; a weight of 0 leaves its loss out of the arithmetic.

    Parameters
    ----------
    fidelity : float
        Surrogate against model (ours): squared error of a standardised output, or the logistic loss of a class.
    similarity : float
        KL(S^X || S^Z) + KL(S^Y || S^Z) + KL(S^Z || S^W).
    collinearity : float
        Mean square of the off-diagonal of corr(Z).
    local : float
        Mean ||J_l - w_l||^2: the published penalty times m.
    """

    fidelity: float = 1.0
    similarity: float = 0.01
    collinearity: float = 0.001
    local: float = 0.001


def log_similarity(distance: Tensor) -> Tensor:
    """Log of row-normalised similarities S_ij ~ exp(-d_ij^2 / 2), a line with itself left out (T, B, B)."""
    eye = torch.eye(distance.shape[-1], dtype=torch.bool, device=distance.device)
    return F.log_softmax((-0.5 * distance.square()).masked_fill(eye, -1e9), dim=-1)


def cosine_distance(values: Tensor) -> Tensor:
    """1 - cos of every two rows of (T, B, d)."""
    unit = F.normalize(values, dim=-1, eps=1e-9)
    return 1.0 - unit @ unit.transpose(1, 2)


def divergence(log_p: Tensor, log_q: Tensor) -> Tensor:
    """KL(P || Q), mean over rows (T,)."""
    return (log_p.exp() * (log_p - log_q)).sum(-1).mean(-1)


def similarity_loss(x: Tensor, output: Tensor, z: Tensor, maps: Tensor) -> Tensor:
    """KL(S^X || S^Z) + KL(S^Y || S^Z) + KL(S^Z || S^W) (T,); x (T, B, d), output (T, B), z (T, B, k)."""
    by_z = log_similarity(cosine_distance(z))
    by_y = log_similarity((output.unsqueeze(2) - output.unsqueeze(1)).abs())
    by_x, by_w = log_similarity(cosine_distance(x)), log_similarity(1.0 - maps)
    return divergence(by_x, by_z) + divergence(by_y, by_z) + divergence(by_z, by_w)


def collinearity_loss(z: Tensor) -> Tensor:
    """Mean of (abs corr(Z) - I)^2 over pairs of latents (T,)."""
    unit = F.normalize(z - z.mean(1, keepdim=True), dim=1, eps=1e-9)
    correlation = unit.transpose(1, 2) @ unit
    eye = torch.eye(correlation.shape[-1], dtype=z.dtype, device=z.device)
    return (correlation.abs() - eye).square().mean(dim=(1, 2))


def fidelity_loss(surrogate: Tensor, output: Tensor, kind: Kind) -> Tensor:
    """Squared error, or for a class the logistic loss against the model's probability (T,)."""
    if kind == "regression":
        return (surrogate - output).square().mean(1)
    return F.binary_cross_entropy_with_logits(surrogate, output, reduction="none").mean(1)


def total_loss(factors: Factors, x: Tensor, output: Tensor, weights: Weights, kind: Kind) -> Tensor:
    """Weighted sum of the losses of each encoder (T,) on its lines x (T, B, d) with model outputs (T, B)."""
    encoded = encode(factors, x, penalised=True)
    loss = weights.fidelity * fidelity_loss(head(factors, encoded.z), output, kind)
    if weights.local:
        loss = loss + weights.local * jacobian_penalty(encoded)
    if weights.similarity:
        loss = loss + weights.similarity * similarity_loss(x, output, encoded.z, map_similarity(encoded))
    if weights.collinearity:
        loss = loss + weights.collinearity * collinearity_loss(encoded.z)
    return loss
