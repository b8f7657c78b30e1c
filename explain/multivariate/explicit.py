"""The published, explicit form: every map written out, derivatives by autograd.

It is the oracle of the factorised form (equal in outputs, penalty and gradients) and the published method of the peer
table (ILLUME+, doi:10.48550/arXiv.2607.00931). One encoder, T = 1; memory grows with B k m.
"""

from __future__ import annotations

import torch
from torch import Tensor

from pathproof.explain.multivariate.encoder import Factors
from pathproof.explain.multivariate.losses import Kind, Weights, collinearity_loss, fidelity_loss, similarity_loss

PROJECTIONS = 15
"""Random projections of the published Jacobian estimate."""


def maps(factors: Factors, x: Tensor) -> Tensor:
    """The unit maps w_l(x) (B, k, m) of lines x (B, m)."""
    low = torch.einsum("krm,bm->bkr", factors.y[0], x)
    raw = low @ factors.hat[0, :, :-1].T + factors.hat[0, :, -1]
    unit: Tensor = raw / torch.linalg.vector_norm(raw, dim=-1, keepdim=True)
    return unit


def latents(factors: Factors, x: Tensor) -> Tensor:
    """z_l(x) = w_l(x) . x (B, k)."""
    return (maps(factors, x) * x[:, None]).sum(-1)


def surrogate(factors: Factors, x: Tensor) -> Tensor:
    """g(x) (B,)."""
    return latents(factors, x) @ factors.beta[0] + factors.beta0[0]


def exact_penalty(factors: Factors, x: Tensor) -> Tensor:
    """Mean over lines and latents of ||J_l - w_l||^2 by autograd: one backward pass for each latent."""
    x = x.detach().requires_grad_(True)
    w = maps(factors, x)
    z = (w * x[:, None]).sum(-1)
    rows = [torch.autograd.grad(z[:, i].sum(), x, create_graph=True)[0] for i in range(z.shape[1])]
    return (torch.stack(rows, dim=1) - w).square().sum(-1).mean()


def projected_penalty(factors: Factors, x: Tensor, projections: int, generator: torch.Generator) -> Tensor:
    """The published estimate of :func:`exact_penalty` (unbiased): Gaussian combinations of the latents."""
    x = x.detach().requires_grad_(True)
    w = maps(factors, x)
    z = (w * x[:, None]).sum(-1)
    total = z.new_zeros(())
    for _ in range(projections):
        mix = torch.randn(z.shape, generator=generator, dtype=z.dtype)
        (moved,) = torch.autograd.grad((z * mix).sum(), x, create_graph=True)
        total = total + (moved - (mix[..., None] * w).sum(1)).square().sum(-1).mean()
    return total / (projections * z.shape[1])


def explicit_loss(
    factors: Factors,
    x: Tensor,
    output: Tensor,
    weights: Weights,
    kind: Kind,
    *,
    projections: int | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """The loss of one encoder on x (B, m) and output (B,); `projections` takes the published Jacobian estimate.

    Without projections the Jacobian is exact and the value equals that of the factorised form.
    """
    w = maps(factors, x)
    z = (w * x[:, None]).sum(-1)
    together = torch.einsum("ikm,jkm->ij", w, w) / w.shape[1]
    if projections is None:
        local = exact_penalty(factors, x)
    else:
        local = projected_penalty(factors, x, projections, generator or torch.Generator().manual_seed(0))
    loss = (
        weights.fidelity * fidelity_loss((z @ factors.beta[0] + factors.beta0[0])[None], output[None], kind)
        + weights.similarity * similarity_loss(x[None], output[None], z[None], together[None])
        + weights.collinearity * collinearity_loss(z[None])
    )
    return loss[0] + weights.local * local
