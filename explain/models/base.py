"""What every predictor can do, and the arithmetic that they share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from pathproof.errors import DataError, UsageError
from pathproof.explain.data import Bools, Dataset, Floats, Ints, Singles
from pathproof.workspace import read_json, write_json

CODE_VERSION = 2
"""Raised whenever a change here alters fitted numbers, so that stored steps are made anew."""

Replacement: TypeAlias = Singles | Ints
"""Values (draws, n, F), or donor rows of `x` as indices (draws, n)."""


class Predictor(Protocol):
    """A model from the features and tissue of a cell line to its ln IC50 for every drug."""

    name: str

    def fit(self, dataset: Dataset, lines: Ints, seed: int) -> None:
        """Learn from the rows `lines` of the data set; a row that is repeated (bootstrap) counts as often."""
        ...

    def predict(self, x: Singles, tissue: Singles) -> Floats:
        """Predict ln IC50 (n, D) for features (n, F) and one-hot tissues (n, T)."""
        ...

    def gradient(self) -> Floats:
        """Slopes (F, D): d ln IC50 / d feature, averaged over the fitted lines."""
        ...

    def perturb_effects(
        self,
        x: Singles,
        tissue: Singles,
        feature_sets: Sequence[Ints],
        replacement: Replacement,
        drugs: Ints | None = None,
    ) -> Iterator[Floats]:
        """See :func:`plain_perturb_effects`; a model may be faster than that, never different."""
        ...

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and a JSON card."""
        ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote; the predictions are equal."""
        ...


@runtime_checkable
class LinePredictor(Protocol):
    """A model that needs more of a line than features and tissue: who it is, or which layers it has."""

    def predict_lines(self, dataset: Dataset, lines: Ints) -> Floats:
        """Predict ln IC50 (len(lines), D) for rows of a data set with the features of the fitted one."""
        ...


def predict_lines(model: Any, dataset: Dataset, lines: Ints) -> Floats:
    """Predict ln IC50 (len(lines), D) for rows of a data set, by whichever way the model has."""
    if isinstance(model, LinePredictor):
        return model.predict_lines(dataset, lines)
    return np.asarray(model.predict(dataset.x[lines], dataset.tissue_one_hot[lines]), dtype=np.float64)


def has_no(name: str, what: str) -> UsageError:
    """The error of a model that cannot do what is asked of it."""
    return UsageError(f"The model {name} has no {what}.", action="ask another model: see docs/predictor.md")


def plain_perturb_effects(
    model: Predictor,
    x: Singles,
    tissue: Singles,
    feature_sets: Sequence[Ints],
    replacement: Replacement,
    drugs: Ints | None = None,
) -> Iterator[Floats]:
    """What replacing a set of features does to the prediction, by full forward passes.

    Parameters
    ----------
    model : Predictor
    x, tissue : float32 (n, F), (n, T)
    feature_sets : sequence of int arrays
        Columns of `x` that are replaced together.
    replacement : float32 (draws, n, F) or int (draws, n)
        The values put in, or for each draw and line the row of `x` that gives them.
    drugs : int array, optional
        Columns of the prediction to keep; default all.

    Yields
    ------
    float64 (n, D)
        For each set: f(x) - mean over draws of f(x with the set replaced), in ln IC50.
    """
    check_replacement(x, replacement)
    keep = slice(None) if drugs is None else drugs
    before = model.predict(x, tissue)[:, keep]
    for columns in feature_sets:
        after = np.zeros_like(before)
        for draw in replacement:
            changed = x.copy()
            changed[:, columns] = x[draw][:, columns] if replacement.ndim == 2 else draw[:, columns]
            after += model.predict(changed, tissue)[:, keep]
        yield before - after / len(replacement)


class PlainPerturbation:
    """Gives a predictor :func:`plain_perturb_effects` as its `perturb_effects`."""

    def perturb_effects(
        self: Predictor,
        x: Singles,
        tissue: Singles,
        feature_sets: Sequence[Ints],
        replacement: Replacement,
        drugs: Ints | None = None,
    ) -> Iterator[Floats]:
        """Change of the prediction (n, D) for each set, by full forward passes."""
        return plain_perturb_effects(self, x, tissue, feature_sets, replacement, drugs)


def check_replacement(x: Singles, replacement: Replacement) -> None:
    """Refuse a replacement that does not fit `x` (UsageError)."""
    donors = replacement.ndim == 2 and np.issubdtype(replacement.dtype, np.integer)
    values = replacement.ndim == 3 and replacement.shape[1:] == x.shape
    fits = len(replacement) > 0 and (values or (donors and replacement.shape[1] == len(x)))
    if donors and fits and replacement.size:
        fits = bool(replacement.min() >= 0 and replacement.max() < len(x))
    if not fits:
        raise UsageError(
            "The replacement does not fit the features.",
            got=f"{replacement.dtype} {replacement.shape}",
            allowed=f"float (draws, {x.shape[0]}, {x.shape[1]}) or rows of x as int (draws, {x.shape[0]})",
        )


@dataclass(frozen=True)
class ResponseScale:
    """Mean and SD of ln IC50 per drug over training lines.

    Parameters
    ----------
    mean, sd : float64 (D,)
        A drug without training response gets the mean over all pairs; without spread, SD 1.
    """

    mean: Floats
    sd: Floats

    @classmethod
    def of(cls, y: Floats) -> ResponseScale:
        """Learn from responses (n, D) with NaN where missing."""
        seen = np.isfinite(y)
        if not seen.any():
            raise DataError("There is no response to learn from.", got=f"{y.shape[0]} lines, all missing")
        filled = np.where(seen, y, 0.0)
        counts = seen.sum(axis=0)
        at_least_one = np.maximum(counts, 1)
        mean = np.where(counts > 0, filled.sum(axis=0) / at_least_one, filled.sum() / counts.sum())
        variance = np.where(seen, (filled - mean) ** 2, 0.0).sum(axis=0) / at_least_one
        return cls(mean, np.sqrt(np.where((counts > 1) & (variance > 1e-12), variance, 1.0)))

    def to_z(self, y: Floats) -> tuple[Floats, Bools]:
        """Z-scores (n, D) with 0 where missing, and where there is a response."""
        seen = np.isfinite(y)
        return np.where(seen, (np.where(seen, y, 0.0) - self.mean) / self.sd, 0.0), seen


def check_lines(dataset: Dataset, lines: Ints) -> Ints:
    """Return the rows as int64; refuse none, or rows outside the data set (UsageError)."""
    rows = np.asarray(lines, dtype=np.int64)
    if rows.ndim != 1 or not rows.size or rows.min() < 0 or rows.max() >= len(dataset.cell_lines):
        raise UsageError(
            "The lines to fit are not rows of the data set.",
            got=f"{rows.size} rows, shape {rows.shape}",
            allowed=f"at least one index in 0..{len(dataset.cell_lines) - 1}",
        )
    return rows


def layer_columns_or_refuse(dataset: Dataset) -> tuple[Ints, Ints]:
    """Columns of the expression and of the mutation layer; expression has to be there (DataError)."""
    expression, mutation = dataset.layer_columns("expression"), dataset.layer_columns("mutation")
    if not expression.size:
        raise DataError("The data set has no expression feature.", got=f"{len(dataset.features)} features")
    return expression, mutation


def not_fitted(name: str) -> UsageError:
    """The error of a model that is asked before it was fitted."""
    return UsageError(f"The model {name} is not fitted.", action="call fit() or load() first")


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Run torch on one thread: sums come out in one order, and parallel workers do not fight for cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def times(left: Singles | Floats, right: Floats) -> Floats:
    """Matrix product in float64 by torch, whose threads :func:`one_thread` holds."""
    product = torch.from_numpy(left.astype(np.float64)) @ torch.from_numpy(np.ascontiguousarray(right))
    return np.asarray(product.numpy(), dtype=np.float64)


def save_arrays(folder: Path, name: str, arrays: Mapping[str, npt.NDArray[Any]], card: Mapping[str, Any]) -> None:
    """Write ``weights.safetensors`` and ``card.json`` into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({key: np.ascontiguousarray(value) for key, value in arrays.items()}, folder / "weights.safetensors")
    write_json(folder / "card.json", {"name": name, "code_version": CODE_VERSION, **card})


def load_arrays(folder: Path, name: str) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """Read what :func:`save_arrays` wrote; another model's or version's card, or a cut file, is refused (DataError)."""
    card = read_json(folder / "card.json")
    if (card.get("name"), card.get("code_version")) != (name, CODE_VERSION):
        raise DataError(
            "The stored model is another one.",
            where=folder / "card.json",
            got=f"{card.get('name')}, version {card.get('code_version')}",
            allowed=f"{name}, version {CODE_VERSION}",
            action="delete the folder and train again",
        )
    path = folder / "weights.safetensors"
    try:
        return dict(load_file(path)), card
    except (OSError, SafetensorError) as error:
        raise DataError(
            "The weights of a stored model cannot be read.",
            where=path,
            got=error,
            action="delete the folder and train again",
        ) from error
