"""A multilayer perceptron from all features to all drugs: what a network does without any graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pathproof.errors import UsageError
from pathproof.explain.data import Dataset, Floats, Ints, Singles
from pathproof.explain.models.base import (
    PlainPerturbation,
    ResponseScale,
    check_lines,
    load_arrays,
    not_fitted,
    one_thread,
    save_arrays,
)
from pathproof.explain.models.training import Batch, Dropout, batch_of, optimise


@dataclass(frozen=True)
class MlpConfig:
    """Shape and training: as the graph network's, but for the layers (see :class:`GnnConfig`)."""

    hidden: tuple[int, int] = (256, 64)
    epochs: int = 60
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 3.0
    input_dropout: float = 0.5
    hidden_dropout: float = 0.2
    seeds: int = 5

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "seeds"):
            if getattr(self, name) < 1:
                raise UsageError(f"MlpConfig.{name} is too small.", got=getattr(self, name), allowed="1 or more")


class _Network(nn.Module):
    """gelu(gelu([x, tissue] W1 + b1) W2 + b2) W3 + b3; expression and mutations in the proportions of the ridge."""

    def __init__(self, sizes: Sequence[int], factor: Tensor, config: MlpConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self.factor = factor
        for i, (above, below) in enumerate(pairwise(sizes), 1):
            spread = torch.randn(above, below, generator=generator) / np.sqrt(above)
            self.register_parameter(f"w{i}", nn.Parameter(spread))
            self.register_parameter(f"b{i}", nn.Parameter(torch.zeros(below)))

    def respond(self, batch: Batch, drop: Dropout) -> Tensor:
        """Z-scored responses (n, D)."""
        rate, p = self.config.hidden_dropout, dict(self.named_parameters())
        inputs = torch.cat([drop(batch.x, self.config.input_dropout), batch.tissue], dim=1) * self.factor
        first = drop(F.gelu(inputs @ p["w1"] + p["b1"]), rate)
        second = drop(F.gelu(first @ p["w2"] + p["b2"]), rate)
        return second @ p["w3"] + p["b3"]


class Mlp(PlainPerturbation):
    """Mean of several seeds of a perceptron with two hidden layers."""

    name = "mlp"

    def __init__(self, config: MlpConfig | None = None) -> None:
        self.config = config or MlpConfig()
        self._arrays: dict[str, Floats] = {}
        self._n_features = 0
        self.losses: tuple[float, ...] = ()

    def fit(self, dataset: Dataset, lines: Ints, seed: int) -> None:
        """Train the members one after the other on the rows `lines` (repeats count)."""
        rows = check_lines(dataset, lines)
        seeds = np.random.SeedSequence(seed).generate_state(self.config.seeds)
        with one_thread():
            members = [self._train(dataset, rows, int(s)) for s in seeds]
        self.losses = tuple(loss for _, loss in members)
        self._n_features = len(dataset.features)
        self._arrays = {name: np.stack([parts[name] for parts, _ in members]) for name in members[0][0]}

    def _train(self, dataset: Dataset, rows: Ints, seed: int) -> tuple[dict[str, Floats], float]:
        generator = torch.Generator().manual_seed(seed)
        scale = ResponseScale.of(dataset.y[rows])
        lines = batch_of(dataset, rows, scale)
        factor = torch.ones(lines.x.shape[1] + lines.tissue.shape[1])
        factor[: lines.x.shape[1]] = 0.5  # dropout's doubling of what is left, undone on average
        sizes = (len(factor), *self.config.hidden, dataset.y.shape[1])
        network = _Network(sizes, factor, self.config, generator)
        loss = optimise(network, lines, self.config, generator)
        parts = {name: value.detach().double().numpy() for name, value in network.named_parameters()}
        parts["w1"] = parts["w1"] * factor.double().numpy()[:, None]
        parts["w3"], parts["b3"] = parts["w3"] * scale.sd, parts["b3"] * scale.sd + scale.mean
        inputs = torch.cat([lines.x, lines.tissue], dim=1).double()
        parts["w2_mean"] = parts["w2"] * _mean_slopes(parts, inputs)
        return parts, loss

    def predict(self, x: Singles, tissue: Singles) -> Floats:
        """Predict ln IC50 (n, D): the mean over the members, in float64."""
        if not self._arrays:
            raise not_fitted(self.name)
        inputs = torch.from_numpy(np.concatenate([x, tissue], axis=1).astype(np.float64))
        p = {name: torch.from_numpy(value) for name, value in self._arrays.items()}
        with torch.no_grad(), one_thread():
            first = F.gelu(inputs @ p["w1"] + p["b1"][:, None])
            second = F.gelu(first @ p["w2"] + p["b2"][:, None])
            answer = (second @ p["w3"] + p["b3"][:, None]).mean(dim=0)
        return np.asarray(answer.numpy(), dtype=np.float64)

    def gradient(self) -> Floats:
        """Slopes (F, D), exact, mean over the fitted lines and the members."""
        if not self._arrays:
            raise not_fitted(self.name)
        w1, between, w3 = (torch.from_numpy(self._arrays[name]) for name in ("w1", "w2_mean", "w3"))
        with one_thread():
            slopes = (w1[:, : self._n_features] @ between @ w3).mean(dim=0)
        return np.asarray(slopes.numpy(), dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and a JSON card."""
        if not self._arrays:
            raise not_fitted(self.name)
        card = {"config": asdict(self.config), "losses": list(self.losses), "n_features": self._n_features}
        save_arrays(folder, self.name, self._arrays, card)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        arrays, card = load_arrays(folder, cls.name)
        model = cls(MlpConfig(**{**card["config"], "hidden": tuple(card["config"]["hidden"])}))
        model._arrays, model._n_features, model.losses = arrays, card["n_features"], tuple(card["losses"])
        return model


def _mean_slopes(parts: dict[str, Floats], inputs: Tensor) -> Floats:
    """Mean over the lines of the outer product of both layers' slopes: with it the mean gradient is exact.

    The gradient at a line is W1 diag(a) W2 diag(b) W3, and diag(a) W2 diag(b) = W2 * (a b').
    """
    w1, b1, w2, b2 = (torch.from_numpy(parts[name]) for name in ("w1", "b1", "w2", "b2"))
    first = inputs @ w1 + b1
    second = F.gelu(first) @ w2 + b2
    slopes = [_gelu_slope(values) for values in (first, second)]
    return np.asarray((slopes[0].T @ slopes[1] / len(inputs)).numpy(), dtype=np.float64)


def _gelu_slope(values: Tensor) -> Tensor:
    normal = torch.exp(-values.square() / 2) / np.sqrt(2 * np.pi)
    slope: Tensor = torch.special.ndtr(values) + values * normal
    return slope
