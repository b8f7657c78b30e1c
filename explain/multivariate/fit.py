"""Fitting: all drugs and seeds of a split of the lines in one tensor program."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pathproof.errors import UsageError
from pathproof.explain.multivariate.encoder import Factors, encode, head
from pathproof.explain.multivariate.losses import Kind, Weights, fidelity_loss, total_loss

Floats = NDArray[np.float64]
Progress = Callable[[str, float | None], None]
MOST_PROBES = 6000


@dataclass(frozen=True)
class Settings:
    """Shape and training of the explainer.

    Parameters
    ----------
    latents : int or None
        k; None: 96, or the number of features when they are fewer.
    rank : int or None
        r; None: floor(sqrt(number of features)), at most half of k.
    space : int
        At most so many dimensions of the lines' row space.
    swaps : int
        The model is asked at so many extra rows for each fitted line; each takes every feature from one of two lines.
    probes : int or None
        So many further rows are asked for the slopes outside of the row space; None: 1.5 for each feature, at most
        :data:`MOST_PROBES`. Without swaps there are none.
    steps, batch : int
    rate : float
        Step size of Adam in units of the root mean square of each parameter at its start.
    jitter : float
        Noise that the seed adds to the start, in the same units.
    every : int
        The check lines are looked at after so many steps, and the best parameters are kept.
    chunk : int
        So many encoders are fitted in one tensor program.
    weights : Weights
    double : bool
        Compute in float64.
    method : "anchored" or "published"
        Ours, or the peer of :mod:`pathproof.explain.multivariate.published`: then only `latents`, `rank`, `chunk` and
        `double` count.
    """

    latents: int | None = None
    rank: int | None = None
    space: int = 256
    swaps: int = 4
    probes: int | None = None
    steps: int = 200
    batch: int = 64
    rate: float = 0.03
    jitter: float = 0.1
    every: int = 20
    chunk: int = 32
    weights: Weights = field(default_factory=Weights)
    double: bool = False
    method: Literal["anchored", "published"] = "anchored"

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        least = {
            "latents": 2,
            "rank": 1,
            "space": 2,
            "swaps": 0,
            "probes": 0,
            "steps": 0,
            "batch": 8,
            "every": 1,
            "chunk": 1,
        }
        for name, low in least.items():
            value = getattr(self, name)
            if value is not None and value < low:
                raise UsageError(f"{name} is too small.", got=value, allowed=f"at least {low}")
        for name in ("rate", "jitter"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise UsageError(f"{name} has to be a number from 0 on.", got=getattr(self, name))

    @property
    def dtype(self) -> torch.dtype:
        """Type of the tensors."""
        return torch.float64 if self.double else torch.float32


@dataclass(frozen=True)
class Places:
    """Where rows lie: in coordinates that all outputs share, and along a direction of each output's own.

    Parameters
    ----------
    s : tensor (n, q)
    own : tensor (n, D) or (n, 0)
        The coordinate along the own direction of each output; no column: no output has one.
    """

    s: Tensor
    own: Tensor

    def of(self, outputs: Tensor, rows: Tensor | None = None) -> Tensor:
        """Coordinates (T, B, q + 1) of rows (T, B), by default all, as the encoders of outputs (T,) take them."""
        if rows is None:
            rows = torch.arange(len(self.s)).expand(len(outputs), -1)
        if not self.own.shape[1]:
            return self.s[rows]
        return torch.cat([self.s[rows], self.own[rows, outputs[:, None]].unsqueeze(-1)], dim=2)


@dataclass(frozen=True)
class Rows:
    """Rows that encoders are fitted on or checked on, shared by all outputs.

    Parameters
    ----------
    places : Places
    output : tensor (n, D)
        Standardised output of the model (regression), or its probability (classes).
    """

    places: Places
    output: Tensor

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.output)

    def to(self, dtype: torch.dtype) -> Rows:
        """The same in another precision."""
        return Rows(Places(self.places.s.to(dtype), self.places.own.to(dtype)), self.output.to(dtype))


def fit(
    start: Factors, rows: Rows, check: Rows, outputs: Tensor, seeds: Tensor, kind: Kind, setup: Settings
) -> Factors:
    """Fit T encoders, the t-th to output outputs[t] with seed seeds[t], and keep the best on the check rows.

    The start counts as a candidate, so no encoder ends worse on the check rows than its anchor.

    Parameters
    ----------
    start : Factors
        T encoders.
    rows, check : Rows
    outputs, seeds : int64 tensor (T,)
    kind : "regression" or "classes"
    setup : Settings
    """
    sizes = [_root_mean_square(value) for value in start.tensors()]
    noise = [_noise(value.shape[1:], seeds, i, value.dtype) for i, value in enumerate(start.tensors())]
    free = [
        (value / size + (0.0 if i == 3 else setup.jitter) * own).requires_grad_(True)
        for i, (value, size, own) in enumerate(zip(start.tensors(), sizes, noise, strict=True))
    ]

    def current() -> Factors:
        return Factors(*(value * size for value, size in zip(free, sizes, strict=True)))

    generators = [torch.Generator().manual_seed(int(seed)) for seed in seeds]
    optimiser = torch.optim.Adam(free, lr=setup.rate, betas=(0.9, 0.99), fused=True)
    best, kept = _check(start, check, outputs, kind), [value.clone() for value in start.tensors()]
    for step in range(1, setup.steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = setup.rate * 0.5 * (1.0 + math.cos(math.pi * (step - 1) / setup.steps))
        drawn = torch.stack([torch.randperm(len(rows), generator=g)[: setup.batch] for g in generators])
        optimiser.zero_grad(set_to_none=True)
        output = rows.output[drawn, outputs[:, None]]
        total_loss(current(), rows.places.of(outputs, drawn), output, setup.weights, kind).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if step % setup.every == 0 or step == setup.steps:
            with torch.no_grad():
                best = _keep_better(current(), kept, best, _check(current(), check, outputs, kind))
    return Factors(*kept)


def _root_mean_square(value: Tensor) -> Tensor:
    """Root mean square of each encoder's own parameter, (T, 1, ..); 1 where it is all zero."""
    axes = tuple(range(1, value.ndim))
    size = value.square().mean(dim=axes, keepdim=True).sqrt() if axes else value.abs()
    return torch.where(size > 0, size, torch.ones_like(size))


def _noise(shape: torch.Size, seeds: Tensor, stream: int, dtype: torch.dtype) -> Tensor:
    """Gaussian noise (T, *shape) of each seed."""
    drawn = [
        torch.randn(shape, generator=torch.Generator().manual_seed(7919 * int(seed) + stream), dtype=dtype)
        for seed in seeds
    ]
    return torch.stack(drawn)


def _check(factors: Factors, check: Rows, outputs: Tensor, kind: Kind) -> Tensor:
    with torch.no_grad():
        z = encode(factors, check.places.of(outputs)).z
        return fidelity_loss(head(factors, z), check.output.T[outputs], kind)


def _keep_better(now: Factors, kept: list[Tensor], best: Tensor, error: Tensor) -> Tensor:
    better = error < best
    for value, own in zip(now.tensors(), kept, strict=True):
        own[better] = value[better]
    return torch.where(better, error, best)
