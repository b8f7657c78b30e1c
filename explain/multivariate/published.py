"""The published method as a peer: drawn at random, no fidelity in the loss, the head fitted afterwards.

ILLUME+ (Ciaperoni et al. 2026, doi:10.48550/arXiv.2607.00931) with its settings for attributions: no mask, similarity
1, Jacobian penalty 0.1 (divided by k m), 371 steps of 64 lines, e(x) = sum_l beta_l w_l(x) as the attribution. It runs
in the factorised arithmetic, which gives the numbers of :mod:`pathproof.explain.multivariate.explicit`, in all m
dimensions: its start does not lie in the row space. Two things are not as published: the head is a ridge, its penalty
chosen on check lines (the published scripts choose on the lines that they judge on), and the seed is set before
anything is drawn.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from pathproof.explain.multivariate.anchor import ridge
from pathproof.explain.multivariate.encoder import Factors, encode
from pathproof.explain.multivariate.fit import Rows
from pathproof.explain.multivariate.losses import Kind, Weights, total_loss

NAME = "illume-plus"
STEPS, BATCH, RATE = 371, 64, 1e-3
LOCAL = 0.1


def drawn(seeds: Tensor, m: int, latents: int, rank: int, dtype: torch.dtype) -> Factors:
    """Encoders of T seeds as linear layers are drawn: uniform within 1 / sqrt(inputs); b within 1 / sqrt(r)."""
    hats, ys = [], []
    for seed in seeds:
        generator = torch.Generator().manual_seed(int(seed))

        def uniform(shape: tuple[int, ...], inputs: int, own: torch.Generator = generator) -> Tensor:
            unit = 2.0 * torch.rand(shape, generator=own, dtype=dtype) - 1.0
            return unit / math.sqrt(inputs)

        hats.append(uniform((m, rank + 1), rank))
        ys.append(uniform((latents, rank, m), m))
    t = len(seeds)
    return Factors(
        torch.stack(hats), torch.stack(ys), torch.zeros((t, latents), dtype=dtype), torch.zeros(t, dtype=dtype)
    )


def fit_published(start: Factors, rows: Rows, check: Rows, outputs: Tensor, seeds: Tensor, kind: Kind) -> Factors:
    """Train T encoders by the published loss from a start, then their heads.

    `rows` and `check` are in standardised features; classes: the head is fitted to log-odds.
    """
    weights = Weights(fidelity=0.0, similarity=1.0, collinearity=0.0, local=LOCAL / start.hat.shape[1])
    free = [value.clone().requires_grad_(True) for value in (start.hat, start.y)]
    optimiser = torch.optim.Adam(free, lr=RATE, fused=True)
    generators = [torch.Generator().manual_seed(int(seed)) for seed in seeds]
    for _ in range(STEPS):
        picked = torch.stack([torch.randperm(len(rows), generator=g)[:BATCH] for g in generators])
        optimiser.zero_grad(set_to_none=True)
        now = Factors(free[0], free[1], start.beta, start.beta0)
        loss = total_loss(now, rows.places.of(outputs, picked), rows.output[picked, outputs[:, None]], weights, kind)
        loss.sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    with torch.no_grad():
        return _with_heads(
            Factors(free[0].detach(), free[1].detach(), start.beta, start.beta0), rows, check, outputs, kind
        )


def _with_heads(factors: Factors, rows: Rows, check: Rows, outputs: Tensor, kind: Kind) -> Factors:
    bases, slopes = [], []
    for t, output in enumerate(outputs.tolist()):
        own = Factors(*(value[t : t + 1] for value in factors.tensors()))
        z, z_check = (encode(own, part.places.s[None]).z[0].double().numpy() for part in (rows, check))
        wanted = [part.output[:, output : output + 1].double() for part in (rows, check)]
        if kind == "classes":
            wanted = [torch.logit(part, eps=0.02) for part in wanted]
        base, slope = ridge(z, wanted[0].numpy(), z_check, wanted[1].numpy())
        bases.append(base[0])
        slopes.append(slope[:, 0])
    beta = torch.from_numpy(np.stack(slopes)).to(factors.beta.dtype)
    return Factors(factors.hat, factors.y, beta, torch.tensor(bases, dtype=factors.beta0.dtype))
