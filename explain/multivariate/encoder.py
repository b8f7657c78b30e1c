"""The factorised encoder: k local linear maps of a line, never written out.

A line x in R^m has latents z_l(x) = w_l(x) . x, l = 1..k, with the unit vectors

    w~_l(x) = A (Y_l x) + b,    w_l(x) = w~_l(x) / ||w~_l(x)||,    A (m, r), b (m), Y_l (r, m),

the meta-encoder of ILLUME (Piaggesi et al. 2025, doi:10.48550/arXiv.2504.20667) and ILLUME+ (Ciaperoni et al. 2026,
doi:10.48550/arXiv.2607.00931). With Ahat = [A b], u_l = (Y_l x, 1), G = Ahat^T Ahat and p = Ahat^T x,

    z_l = (p . u_l) / n_l,   n_l^2 = u_l^T G u_l,   w_l(x) . w_l(x') = u_l^T G u_l' / (n_l n_l'),
    J_l - w_l = Y_l^T c_l,   c_l = first r of (p - z_l G u_l / n_l) / n_l,   J_l = dz_l / dx,

so the latents, the similarity of the maps and the exact penalty on J - W need r-dimensional products only: no map of
k x m numbers per line, no projections and no second derivative by autograd.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

TINY = 1e-12
CACHED = 2**18
"""About so many numbers of a gradient are made at a time."""


@dataclass(frozen=True)
class Factors:
    """Parameters of T encoders with their linear heads.

    Parameters
    ----------
    hat : tensor (T, d, r + 1)
        [A b]; d is m, or the dimension of the row space (:mod:`pathproof.explain.multivariate.space`).
    y : tensor (T, k, r, d)
    beta : tensor (T, k)
    beta0 : tensor (T,)
        The head: g(x) = beta0 + sum_l beta_l z_l(x).
    """

    hat: Tensor
    y: Tensor
    beta: Tensor
    beta0: Tensor

    @property
    def rank(self) -> int:
        """Columns of A."""
        return self.y.shape[2]

    def tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The four parameters, in the order of the fields."""
        return self.hat, self.y, self.beta, self.beta0


@dataclass(frozen=True)
class Encoded:
    """What the encoders make of B lines each.

    Parameters
    ----------
    p : tensor (T, B, r + 1)
    u : tensor (T, B, k, r + 1)
        (Y_l x, 1).
    gu : tensor (T, B, k, r + 1)
        G u_l.
    shrink, z : tensor (T, B, k)
        1 / n_l, and the latents.
    inner : tensor (T, k, r, r) or None
        Y_l Y_l^T, which only the penalty needs.
    """

    p: Tensor
    u: Tensor
    gu: Tensor
    shrink: Tensor
    z: Tensor
    inner: Tensor | None


class _Products(torch.autograd.Function):
    """Y_l x for all lines and Y_l Y_l^T, with the two parts of the gradient of Y in one buffer.

    Y is by far the largest parameter: a gradient of its own for each product, and their sum, would cost more than the
    arithmetic. Where it does not fit into the processor's cache, both parts of a few latents at a time do.
    """

    @staticmethod
    def forward(ctx: Any, y: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Products (T, B, k r) and (T, k, r, r) of y (T, k, r, d) and x (T, B, d)."""
        t, k, r, d = y.shape
        ctx.save_for_backward(y, x)
        return x @ y.reshape(t, k * r, d).transpose(1, 2), y @ y.transpose(2, 3)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, by_flat: Tensor, by_inner: Tensor) -> tuple[Tensor, Tensor | None]:
        """Gradients of y and, where it is wanted, of x."""
        y, x = ctx.saved_tensors
        t, k, r, d = y.shape
        symmetric = by_inner + by_inner.transpose(2, 3)
        few = max(1, CACHED // (r * d))
        if few >= k:
            own = (by_flat.transpose(1, 2) @ x).view(t * k, r, d)
            own.baddbmm_(symmetric.view(t * k, r, r), y.reshape(t * k, r, d))
        else:
            own = torch.empty_like(y, memory_format=torch.contiguous_format)
            for e in range(t):
                for i in range(0, k, few):
                    part = own[e, i : i + few]
                    torch.mm(by_flat[e, :, i * r : (i + few) * r].T, x[e], out=part.view(-1, d))
                    part.baddbmm_(symmetric[e, i : i + few], y[e, i : i + few])
        return own.view_as(y), by_flat @ y.reshape(t, k * r, d) if ctx.needs_input_grad[1] else None


def encode(factors: Factors, x: Tensor, *, penalised: bool = False) -> Encoded:
    """Latents of lines x (T, B, d) by r-dimensional products; `penalised`: with what the penalty needs."""
    t, k, r, d = factors.y.shape
    if penalised:
        flat, inner = _Products.apply(factors.y, x)  # type: ignore[no-untyped-call]
    else:
        flat, inner = x @ factors.y.reshape(t, k * r, d).transpose(1, 2), None
    u = torch.nn.functional.pad(flat.view(t, -1, k, r), (0, 1), value=1.0)
    gram = factors.hat.transpose(1, 2) @ factors.hat
    gu = (u.flatten(1, 2) @ gram).view_as(u)
    shrink = (u * gu).sum(-1).clamp_min(TINY).rsqrt()
    p = x @ factors.hat
    z = (u * p.unsqueeze(2)).sum(-1) * shrink
    return Encoded(p, u, gu, shrink, z, inner)


def head(factors: Factors, z: Tensor) -> Tensor:
    """Surrogate output g (T, B) from the latents (T, B, k)."""
    return (z @ factors.beta.unsqueeze(-1)).squeeze(-1) + factors.beta0.unsqueeze(-1)


def slack(encoded: Encoded) -> Tensor:
    """The vectors c_l (T, B, k, r) with J_l - w_l = Y_l^T c_l."""
    shrink = encoded.shrink
    bent = (encoded.z * shrink).unsqueeze(-1) * encoded.gu[..., :-1]
    return (encoded.p[..., None, :-1] - bent) * shrink.unsqueeze(-1)


def jacobian_penalty(encoded: Encoded) -> Tensor:
    """Mean over lines and latents of ||J_l - w_l||^2 (T,), exact, as sum_l c_l^T (Y_l Y_l^T) c_l.

    The published loss divides by m too; unit vectors w_l make the mean over latents free of m.

    Raises
    ------
    ValueError
        The lines were not encoded for it (`penalised`).
    """
    if encoded.inner is None:
        raise ValueError("encode(..., penalised=True) makes what the penalty needs")
    c = slack(encoded).transpose(1, 2)
    return ((c @ encoded.inner) * c).sum(-1).mean(dim=(1, 2))


def map_similarity(encoded: Encoded) -> Tensor:
    """Mean over latents of w_l(x_i) . w_l(x_j) (T, B, B)."""
    shrink = encoded.shrink.unsqueeze(-1)
    left, right = (encoded.u * shrink).flatten(2), (encoded.gu * shrink).flatten(2)
    return left @ right.transpose(1, 2) / encoded.z.shape[2]


def attribution(factors: Factors, encoded: Encoded) -> Tensor:
    """e(x) = sum_l beta_l w_l(x) (T, B, d), with e(x) . x = g(x) - beta0."""
    weights = (encoded.u * (factors.beta[:, None] * encoded.shrink).unsqueeze(-1)).sum(2)
    return weights @ factors.hat.transpose(1, 2)


def gradient(factors: Factors, encoded: Encoded) -> Tensor:
    """dg/dx = e(x) + sum_l beta_l Y_l^T c_l (T, B, d), exact."""
    t, k, r, d = factors.y.shape
    c = slack(encoded) * factors.beta[:, None, :, None]
    return attribution(factors, encoded) + c.flatten(2) @ factors.y.reshape(t, k * r, d)
