"""Ridge regression on the sum of an expression, a mutation and a tissue kernel, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch

from pathproof.explain.data import Bools, Dataset, Floats, Ints
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
class RidgeConfig:
    """Weights of the kernels and the penalty, for z-scored responses."""

    mutation: float = 0.2
    tissue: float = 0.1
    alpha: float = 2.0


class Ridge(Linear):
    """One ridge per drug: K = X X'/p + .2 M M'/p_M + .1 T T', penalty alpha, missing lines dropped.

    The coefficients are kept in primal form: ln IC50 = mean + x W + tissue V.
    """

    name = "ridge"

    def __init__(self, config: RidgeConfig | None = None) -> None:
        super().__init__()
        self.config = config or RidgeConfig()

    def fit(self, dataset: Dataset, lines: Ints, seed: int) -> None:  # noqa: ARG002 - closed form, nothing is drawn
        """Solve for every drug on the rows `lines` (repeats count)."""
        rows = check_lines(dataset, lines)
        scale = ResponseScale.of(dataset.y[rows])
        z, seen = scale.to_z(dataset.y[rows])
        factor = feature_factors(dataset, self.config)
        inputs = np.concatenate([dataset.x[rows], dataset.tissue_one_hot[rows]], axis=1) * factor
        coefficients = factor[:, None] * solve_per_drug(inputs, z, seen, self.config.alpha) * scale.sd
        n_features = len(dataset.features)
        self._weights, self._tissue, self._mean = coefficients[:n_features], coefficients[n_features:], scale.mean

    def save(self, folder: Path) -> None:
        """Write safetensors and a JSON card."""
        arrays = {"weights": self.gradient(), "tissue": self._tissue, "mean": self._mean}
        save_arrays(folder, self.name, arrays, {"config": vars(self.config)})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        arrays, card = load_arrays(folder, cls.name)
        model = cls(RidgeConfig(**card["config"]))
        model._weights, model._tissue, model._mean = arrays["weights"], arrays["tissue"], arrays["mean"]
        return model


def feature_factors(dataset: Dataset, config: RidgeConfig) -> Floats:
    """What each feature, then each tissue, is multiplied by, so that a plain product is the summed kernel (F + T,)."""
    expression, mutation = layer_columns_or_refuse(dataset)
    factor = np.full(len(dataset.features) + len(dataset.tissues), np.sqrt(config.tissue))
    factor[expression] = np.sqrt(1.0 / expression.size)
    if mutation.size:
        factor[mutation] = np.sqrt(config.mutation / mutation.size)
    return factor


def solve_per_drug(inputs: Floats, z: Floats, seen: Bools, alpha: float) -> Floats:
    """Primal ridge coefficients of every drug, each on its own lines.

    Parameters
    ----------
    inputs : float64 (n, P)
        Scaled features; K = inputs inputs'.
    z : float64 (n, D)
        Responses, 0 where missing.
    seen : bool (n, D)
    alpha : float
        Penalty, > 0.

    Returns
    -------
    float64 (P, D)
        inputs' (K + alpha I)^-1 z over the drug's lines. Drugs that miss the same lines share one
        Cholesky factor.
    """
    patterns, member = np.unique(seen.T, axis=0, return_inverse=True)
    dual = torch.zeros(z.shape, dtype=torch.float64)
    with one_thread():
        features, target = torch.from_numpy(inputs), torch.from_numpy(z)
        kernel = features @ features.T
        kernel.diagonal().add_(alpha)
        for i, pattern in enumerate(patterns):
            rows = torch.from_numpy(np.flatnonzero(pattern))
            drugs = torch.from_numpy(np.flatnonzero(member.ravel() == i))
            if len(rows):
                factor = torch.linalg.cholesky(kernel[rows][:, rows])
                part = torch.cholesky_solve(target[rows][:, drugs], factor)
                dual[rows[:, None], drugs[None, :]] = part
        return np.asarray((features.T @ dual).numpy(), dtype=np.float64)
