"""Expected expression of cell lines that lack it, or a part of it, from what they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import torch

from pathproof.errors import DataError
from pathproof.explain.data import Bools, Dataset, FeatureLayer, Floats, Ints, Singles
from pathproof.explain.models.base import one_thread

FURTHER: Final[tuple[FeatureLayer, ...]] = ("mutation", "copy_number")


@dataclass(frozen=True)
class CompletionConfig:
    """Weights of what expression is expected from, where the penalty of the regression is 1.

    Parameters
    ----------
    measured : float
        Of the genes that a line has.
    tissue, cancer_type : float
        Of one-hot labels.
    mutation, copy_number : float
        Of further layers, each scaled by its :func:`layer_length`.
    """

    measured: float = 3.3
    tissue: float = 0.5
    cancer_type: float = 0.5
    mutation: float = 0.15
    copy_number: float = 0.5


class Completion:
    """Fills what cell lines lack of the expression by a kernel regression on the lines that have all of it.

    The expected value given everything else is what enters a linear model in place of a missing input: the
    expected response follows. Lines with a part of the genes are completed first; the others are then learned
    from those as well. Only features are used, no response.

    Parameters
    ----------
    config : CompletionConfig, optional
    """

    def __init__(self, config: CompletionConfig | None = None) -> None:
        self.config = config or CompletionConfig()
        self.labels: dict[str, list[str]] = {}
        self.length: dict[FeatureLayer, float] = {}
        self.sources: Singles = np.zeros((0, 0), dtype=np.float32)
        self.targets: Singles = np.zeros((0, 0), dtype=np.float32)

    def fit(self, dataset: Dataset, rows: Ints) -> Singles:
        """Learn from the rows of a data set and return their features (len(rows), F), completed.

        Raises
        ------
        DataError
            No row has all of the expression.
        """
        columns, known = dataset.layer_columns("expression"), dataset.measured[rows]
        if not known[:, columns].all(axis=1).any():
            raise DataError(
                "No cell line to learn from has all of the expression, so none can be completed.",
                got=f"{len(rows)} cell lines",
                action="read the expression table, or another screen",
            )
        labels = _labels(dataset)
        self.labels = {kind: sorted({values[row] for row in rows}) for kind, values in labels.items()}
        self.length = {layer: layer_length(dataset, rows, layer) for layer in FURTHER}
        x = dataset.x[rows]
        further = self._further(dataset, rows)
        has = known[:, columns].sum(axis=1)
        whole = np.asarray(has == columns.size, dtype=bool)
        some = np.asarray((has > 0) & ~whole, dtype=bool)
        self._keep(x, further, columns, whole)
        self._fill(x, further, columns, known, some)
        self._keep(x, further, columns, whole | some)
        self._fill(x, further, columns, known, ~(whole | some))
        return x

    def complete(self, dataset: Dataset, rows: Ints) -> Singles:
        """Features (len(rows), F) of rows of a data set with the features of the fitted one, completed."""
        columns, known, x = dataset.layer_columns("expression"), dataset.measured[rows], dataset.x[rows]
        lacking = np.asarray(known[:, columns].sum(axis=1) < columns.size, dtype=bool)
        if lacking.any():
            self._fill(x, self._further(dataset, rows), columns, known, lacking)
        return x

    def _keep(self, x: Singles, further: Singles, columns: Ints, rows: Bools) -> None:
        self.sources, self.targets = further[rows], x[np.ix_(np.flatnonzero(rows), columns)]

    def _further(self, dataset: Dataset, rows: Ints) -> Singles:
        """Everything but expression, weighted (len(rows), S)."""
        weights, labels = vars(self.config), _labels(dataset)
        parts = []
        for kind, own in labels.items():
            hot = _one_hot([own[row] for row in rows], self.labels[kind])
            parts.append(hot * np.float32(np.sqrt(weights[kind])))
        for layer in FURTHER:
            factor = np.float32(np.sqrt(weights[layer] / self.length[layer]))
            parts.append(dataset.x[np.ix_(rows, dataset.layer_columns(layer))] * factor)
        return np.concatenate(parts, axis=1)

    def _fill(self, x: Singles, further: Singles, columns: Ints, known: Bools, rows: Bools) -> None:
        """Put the expected values into `x`, for each set of lines that lack the same genes."""
        patterns, member = np.unique(known[:, columns][rows], axis=0, return_inverse=True)
        for i, pattern in enumerate(patterns):
            lines = np.flatnonzero(rows)[member.ravel() == i]
            given = columns[pattern]
            factor = np.sqrt(self.config.measured / max(given.size, 1))
            train = np.concatenate([self.sources, self.targets[:, pattern] * np.float32(factor)], axis=1)
            here = np.concatenate([further[lines], x[np.ix_(lines, given)] * np.float32(factor)], axis=1)
            x[np.ix_(lines, columns[~pattern])] = expected(train, self.targets[:, ~pattern], here)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What :meth:`restore` needs beside :meth:`card`."""
        return {"sources": self.sources, "targets": self.targets}

    def card(self) -> dict[str, Any]:
        """JSON-able."""
        return {"config": vars(self.config), "labels": self.labels, "length": self.length}

    @classmethod
    def restore(cls, arrays: Mapping[str, npt.NDArray[Any]], card: Mapping[str, Any]) -> Self:
        """What was saved."""
        made = cls(CompletionConfig(**card["config"]))
        made.labels, made.length = dict(card["labels"]), dict(card["length"])
        made.sources, made.targets = arrays["sources"], arrays["targets"]
        return made


def expected(train: Singles, targets: Singles, here: Singles) -> Floats:
    """Targets (m, p) of rows `here` (m, S) by a ridge of penalty 1 on rows `train` (n, S) with targets (n, p)."""
    mean = targets.mean(axis=0, dtype=np.float64)
    with one_thread():
        inputs, centred = torch.from_numpy(train), torch.from_numpy(targets - mean)
        kernel = (inputs @ inputs.T).double()
        kernel.diagonal().add_(1.0)
        across = (torch.from_numpy(here) @ inputs.T).double()
        answer = across @ torch.cholesky_solve(centred, torch.linalg.cholesky(kernel))
    return np.asarray(answer.numpy() + mean, dtype=np.float64)


def layer_length(dataset: Dataset, rows: Ints, layer: FeatureLayer) -> float:
    """Mean squared length of a layer's rows over the lines that have all of it; 1 where there is nothing."""
    columns = dataset.layer_columns(layer)
    if not columns.size:
        return 1.0
    values = dataset.x[np.ix_(rows[dataset.has_layer[layer][rows]], columns)]
    return float(np.einsum("ij,ij->i", values, values).sum(dtype=np.float64) / max(len(values), 1)) or 1.0


def _labels(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    return {"tissue": dataset.tissue, "cancer_type": dataset.covariates["cancer_type"]}


def _one_hot(values: Sequence[str], names: Sequence[str]) -> Singles:
    """Float32 (len(values), len(names)); a value that is no name has a row of zeros."""
    return np.asarray(np.asarray(values)[:, None] == np.asarray(names)[None, :], dtype=np.float32)
