"""Functions with planted genes and pairs, made in the test; and random encoders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from pathproof.explain.multivariate.encoder import Factors
from pathproof.explain.multivariate.function import Lines, ModelFunction

Floats = NDArray[np.float64]


def random_factors(t: int, d: int, r: int, k: int, dtype: torch.dtype = torch.float64, seed: int = 0) -> Factors:
    """T encoders drawn at random, ready for gradients."""
    generator = torch.Generator().manual_seed(seed)
    shapes = ((t, d, r + 1), (t, k, r, d), (t, k), (t,))
    drawn = [torch.randn(shape, generator=generator, dtype=dtype) for shape in shapes]
    return Factors(*((0.4 * value).requires_grad_(True) for value in drawn))


@dataclass(frozen=True)
class Planted:
    """For each output: genes with slopes, and pairs with the coefficient of their product; and what all share."""

    slopes: Floats
    pairs: tuple[dict[tuple[int, int], float], ...]
    shared: Floats

    def __call__(self, x: Floats) -> Floats:
        """Outputs (n, D) of rows (n, m)."""
        out = x @ self.slopes.T + (x @ self.shared)[:, None]
        for d, own in enumerate(self.pairs):
            for (i, j), size in own.items():
                out[:, d] += size * x[:, i] * x[:, j]
        return out


def planted(m: int, outputs: int, seed: int = 0) -> Planted:
    """Four genes and two pairs an output, no gene twice in one output, and three genes that all outputs share."""
    rng = np.random.default_rng(seed)
    slopes, pairs = np.zeros((outputs, m)), []
    for d in range(outputs):
        own = rng.choice(m, 8, replace=False).tolist()
        slopes[d, own[:4]] = [0.7, -0.7, 0.5, -0.5]
        pairs.append({(min(own[4:6]), max(own[4:6])): 0.6, (min(own[6:]), max(own[6:])): -0.6})
    shared = np.zeros(m)
    shared[rng.choice(m, 3, replace=False)] = 0.4
    return Planted(slopes, tuple(pairs), shared)


def lines(n: int, m: int, seed: int = 0) -> Lines:
    """Lines with co-expressed genes: a third of the variance lies in four factors."""
    rng = np.random.default_rng([seed, 1])
    common = rng.standard_normal((n, 4)) @ rng.standard_normal((4, m)) / 2.0
    x = np.sqrt(2 / 3) * rng.standard_normal((n, m)) + np.sqrt(1 / 3) * common
    return Lines(tuple(f"L{i}" for i in range(n)), tuple(f"G{i}" for i in range(m)), x)


def function(model: Planted, m: int) -> ModelFunction:
    """The planted model as a function."""
    outputs = tuple(f"drug {d}" for d in range(len(model.pairs)))
    return ModelFunction("planted", model, tuple(f"G{i}" for i in range(m)), outputs)
