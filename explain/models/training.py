"""How networks are trained: AdamW under OneCycle on mixed-up lines, with random numbers of their own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from pathproof.errors import DataError
from pathproof.explain.data import Dataset, Ints
from pathproof.explain.models.base import ResponseScale


class Batch(NamedTuple):
    """Lines as tensors: features (n, F), tissue (n, T), z-scores (n, D) with 0 where missing, seen (n, D)."""

    x: Tensor
    tissue: Tensor
    z: Tensor
    seen: Tensor


class Dropout:
    """Dropout that draws from its own generator (torch's own draws from global state)."""

    def __init__(self, generator: torch.Generator | None) -> None:
        self.generator = generator

    def __call__(self, values: Tensor, rate: float) -> Tensor:
        """Zero a share `rate` of the values and scale up the rest; nothing without a generator."""
        if self.generator is None or rate == 0:
            return values
        keep = torch.rand(values.shape, generator=self.generator) >= rate
        return values * keep.to(values.dtype).mul_(1 / (1 - rate))


def batch_of(dataset: Dataset, rows: Ints, scale: ResponseScale) -> Batch:
    """The rows of a data set as tensors, responses in the units of the scale."""
    z, seen = scale.to_z(dataset.y[rows])
    return Batch(
        torch.from_numpy(dataset.x[rows]),
        torch.from_numpy(dataset.tissue_one_hot[rows]),
        torch.from_numpy(z.astype(np.float32)),
        torch.from_numpy(seen),
    )


class Trainable(Protocol):
    """A network that :func:`optimise` can train."""

    def respond(self, batch: Batch, drop: Dropout) -> Tensor:
        """Z-scored responses (n, D)."""
        ...

    def named_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Name and value of each parameter."""
        ...


class Schedule(Protocol):
    """The settings of a training."""

    @property
    def epochs(self) -> int:
        """Passes over the lines."""
        ...

    @property
    def batch(self) -> int:
        """Lines of a step."""
        ...

    @property
    def learning_rate(self) -> float:
        """Highest rate of OneCycle."""
        ...

    @property
    def weight_decay(self) -> float:
        """On matrices, not on biases, norms and gates."""
        ...


def optimise(network: Trainable, lines: Batch, config: Schedule, generator: torch.Generator) -> float:
    """AdamW under OneCycle on mixed-up lines; the mean loss of the last epoch.

    Raises
    ------
    DataError
        The loss is no number: the features or responses are out of any scale.
    """
    n, drop = len(lines.x), Dropout(generator)
    decayed = [p for name, p in network.named_parameters() if p.ndim > 1 and name != "norm"]
    free = [p for name, p in network.named_parameters() if p.ndim < 2 or name == "norm"]
    groups = [{"params": decayed, "weight_decay": config.weight_decay}, {"params": free, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=config.learning_rate, fused=True)
    steps = math.ceil(n / config.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=config.learning_rate, total_steps=config.epochs * steps
    )
    losses: list[float] = []
    for epoch in range(config.epochs):
        for part in mini_batches(n, config.batch, generator):
            batch = mix_up(lines, part, generator)
            error = (network.respond(batch, drop) - batch.z) * batch.seen
            loss = error.square().sum() / batch.seen.sum().clamp(min=1)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
            if epoch == config.epochs - 1:
                losses.append(float(loss.detach()))
    mean = sum(losses) / len(losses)
    if not math.isfinite(mean):
        raise DataError(
            f"The training of {type(network).__name__} ended without a number: its loss is {mean}.",
            got=f"features of {float(lines.x.min()):.3g} to {float(lines.x.max()):.3g}, {n} lines",
            action="look for values out of scale in the expression file (z-scores are expected)",
        )
    return mean


def mini_batches(n: int, size: int, generator: torch.Generator) -> list[Tensor]:
    """All rows in a random order, cut into parts of `size` (the last may be smaller)."""
    order = torch.randperm(n, generator=generator)
    return [order[start : start + size] for start in range(0, n, size)]


def mix_up(lines: Batch, part: Tensor, generator: torch.Generator) -> Batch:
    """Convex mixtures of the lines `part` with other lines of it, shares from Beta(1, 1).

    A drug counts only where both lines have it (mixup: doi:10.48550/arXiv.1710.09412).
    """
    other = part[torch.randperm(len(part), generator=generator)]
    share = torch.rand(len(part), 1, generator=generator)
    x, tissue, z = (torch.lerp(v[other], v[part], share) for v in (lines.x, lines.tissue, lines.z))
    return Batch(x, tissue, z, lines.seen[part] & lines.seen[other])
