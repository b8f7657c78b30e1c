"""Kernel ridge on all layers, for lines that may miss some, with drugs that learn from each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import torch
from torch import Tensor

from pathproof.errors import UsageError
from pathproof.explain.data import Bools, Dataset, Floats, Ints, Singles
from pathproof.explain.layers_completion import Completion, layer_length
from pathproof.explain.models.base import (
    ResponseScale,
    check_lines,
    layer_columns_or_refuse,
    load_arrays,
    one_thread,
    save_arrays,
)
from pathproof.explain.models.linear import Linear


@dataclass(frozen=True)
class KernelConfig:
    """Weights of the kernels beside expression's, which is 1, and the penalties, for z-scored responses.

    Parameters
    ----------
    mutation, copy_number, tissue : float
        A layer's kernel is scaled to a mean diagonal of 1 over the lines that have it.
    floor, spread : float
        The penalty of a principal component of the responses is floor + spread / its variance.
    factors : int
        Components of what features do not explain, by which missing responses are filled.
    rounds : int
        Fits; before each but the first, missing responses are filled from the last one.
    """

    mutation: float = 0.03
    copy_number: float = 0.05
    tissue: float = 0.1
    floor: float = 1.0
    spread: float = 2.0
    factors: int = 5
    rounds: int = 8

    def __post_init__(self) -> None:
        if self.floor <= 0 or self.spread < 0 or self.rounds < 1 or self.factors < 0:
            raise UsageError(
                "KernelConfig is out of range.",
                got=str(self),
                allowed="floor > 0, spread >= 0, factors >= 0, rounds >= 1",
            )


class Learned(NamedTuple):
    """The lines that were learned from.

    Parameters
    ----------
    x, tissue : float32 (n, F), (n, T)
        Completed features, and one-hot tissues.
    factor : float32 (F + T,)
        By what both are multiplied, so that a plain product is the summed kernel.
    filled : float64 (n, D)
        Z-scores, fitted ones where missing.
    scale : ResponseScale
    """

    x: Singles
    tissue: Singles
    factor: Singles
    filled: Floats
    scale: ResponseScale


class KernelRidge(Linear):
    """Ridge on K = E E' + .03 M M' + .05 C C' + .1 T T' (each scaled), one penalty per component of the responses.

    Expression that a line lacks enters as what is expected of it (:class:`Completion`), so every line that has
    any layer is learned from. :meth:`predict_lines` completes the lines that it is asked about; :meth:`predict`
    takes features as they are. The gradient is exact, and the same at every line.
    """

    name = "kernel"

    def __init__(self, config: KernelConfig | None = None) -> None:
        super().__init__()
        self.config = config or KernelConfig()
        self.completion = Completion()

    def fit(self, dataset: Dataset, lines: Ints, seed: int) -> None:  # noqa: ARG002 - closed form, nothing is drawn
        """Learn from the rows `lines` (repeats count); they may lack expression, or a part of it."""
        self.learn(dataset, lines)

    def learn(self, dataset: Dataset, lines: Ints) -> Learned:
        """As :meth:`fit`, and what was filled in on the way."""
        rows = check_lines(dataset, lines)
        scale = ResponseScale.of(dataset.y[rows])
        z, seen = scale.to_z(dataset.y[rows])
        x, tissue = self.completion.fit(dataset, rows), dataset.tissue_one_hot[rows]
        factor = self._factors(dataset, rows)
        # products over features in single precision: with copy number they are by far the largest part
        inputs = np.concatenate([x, tissue], axis=1) * factor
        with one_thread():
            features = torch.from_numpy(inputs)
            kernel = (features @ features.T).double()
            dual = shrink_together(kernel, z, seen, self.config)
            fitted = np.asarray((kernel @ dual).numpy(), dtype=np.float64)
            dual = dual * torch.from_numpy(scale.sd)
            slopes = np.asarray((features.T @ dual.float()).numpy() * factor[:, None], dtype=np.float64)
        n_features = len(dataset.features)
        self._weights, self._tissue, self._mean = slopes[:n_features], slopes[n_features:], scale.mean
        return Learned(x, tissue, factor, np.where(seen, z, fitted), scale)

    def _factors(self, dataset: Dataset, rows: Ints) -> Singles:
        """Square roots of the weights of features and tissues, float32 (F + T,)."""
        expression, _ = layer_columns_or_refuse(dataset)
        factor = np.full(len(dataset.features) + len(dataset.tissues), np.sqrt(self.config.tissue), dtype=np.float32)
        factor[expression] = np.sqrt(1.0 / layer_length(dataset, rows, "expression"))
        for layer, length in self.completion.length.items():
            factor[dataset.layer_columns(layer)] = np.sqrt(vars(self.config)[layer] / length)
        return factor

    def predict_lines(self, dataset: Dataset, lines: Ints) -> Floats:
        """Predict ln IC50 (len(lines), D) for rows of a data set; what a line lacks is completed first."""
        self.gradient()
        return self.predict(self.completion.complete(dataset, lines), dataset.tissue_one_hot[lines])

    def save(self, folder: Path) -> None:
        """Write safetensors and a JSON card."""
        arrays = self.completion.arrays()
        arrays |= {"weights": self.gradient().astype(np.float32), "tissue": self._tissue, "mean": self._mean}
        card = {"config": vars(self.config), "completion": self.completion.card()}
        save_arrays(folder, self.name, arrays, card)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        arrays, card = load_arrays(folder, cls.name)
        model = cls(KernelConfig(**card["config"]))
        model._weights = arrays["weights"].astype(np.float64)
        model._tissue, model._mean = arrays["tissue"], arrays["mean"]
        model.completion = Completion.restore(arrays, card["completion"])
        return model


def shrink_together(kernel: Tensor, z: Floats, seen: Bools, config: KernelConfig) -> Tensor:
    """Dual coefficients of all drugs at once, each principal component of the responses with its own penalty.

    A component that many drugs share has the larger variance and is shrunk less. Components need responses
    without gaps: the missing ones are filled by what the last fit says of the line, and by the line's own
    departure from it, as far as its other drugs tell (expectation-maximisation; Breiman and Friedman 1997,
    doi:10.1111/1467-9868.00054, for shrinking responses together).

    Parameters
    ----------
    kernel : float64 (n, n)
        Positive semi-definite.
    z : float64 (n, D)
        Responses, 0 where missing.
    seen : bool (n, D)
    config : KernelConfig

    Returns
    -------
    float64 (n, D)
        A drug without any response gets zeros.
    """
    n = len(z)
    count = seen.sum(axis=1, keepdims=True)
    typical = z.sum(axis=1, keepdims=True) / (count + 1.0)
    given = torch.from_numpy(z)
    there = torch.from_numpy(seen | ~seen.any(axis=0))
    filled = torch.where(there, given, torch.from_numpy(typical))
    values, vectors = torch.linalg.eigh(kernel)
    values = values.clamp(min=0.0)
    dual = torch.zeros_like(given)
    for last in (i == config.rounds - 1 for i in range(config.rounds)):
        variance, axes = torch.linalg.eigh(filled.T @ filled / n)
        penalty = config.floor + config.spread / variance.clamp(min=1e-9)
        turned = vectors.T @ (filled @ axes)
        dual = vectors @ (turned / (values[:, None] + penalty[None, :])) @ axes.T
        if not last:
            fitted = kernel @ dual
            filled = torch.where(there, given, fitted + _shared(filled - fitted, config.factors))
    return dual


def _shared(residual: Tensor, factors: int) -> Tensor:
    """The part of the residuals (n, D) that drugs share: leading components, shrunk by the variance of the others."""
    factors = min(factors, residual.shape[1] - 1)
    if factors < 1:
        return torch.zeros_like(residual)
    variance, axes = torch.linalg.eigh(residual.T @ residual / len(residual))
    noise, own = variance[:-factors].mean().clamp(min=0.0), variance[-factors:].clamp(min=1e-9)
    kept = axes[:, -factors:]
    shared: Tensor = residual @ (kept * (1 - noise / own).clamp(min=0.0)) @ kept.T
    return shared
