"""Line groups of a claim and what their difference says: the arithmetic under the questions to the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Features = tuple[int, ...]


@dataclass(frozen=True)
class Background:
    """What the questions share.

    Parameters
    ----------
    donors : int array (draws,)
        Rows of the lines whose values replace a line's own; the same for every line.
    attribution : float array (F, D)
        Centred attribution of every feature, ln IC50 per SD.
    feature_sd : float array (F,)
    response_sd : float array (D,)
    lines : int array, optional
        Rows of the lines whose predictions are looked at; default all.
    """

    donors: Ints
    attribution: Floats
    feature_sd: Floats
    response_sd: Floats
    lines: Ints | None = None

    def null_weights(self, features: Features) -> Floats:
        """Weights of a random set for each drug, (m, D); (1, 1) for one feature, whose score needs no weight."""
        if len(features) == 1:
            return np.ones((1, 1))
        weights = self.attribution[list(features)]
        return np.asarray(weights * np.where(weights[0] < 0, -1.0, 1.0))


def draw_donors(dataset: Dataset, draws: int, seed: int) -> Ints:
    """Rows of background lines, drawn without replacement among the lines that have every layer."""
    complete = np.flatnonzero(np.all([dataset.has_layer[k] for k in sorted(dataset.has_layer)], axis=0))
    pool = complete if complete.size else np.arange(dataset.x.shape[0])
    rng = np.random.default_rng([seed, 2])
    return np.sort(rng.choice(pool, size=min(draws, pool.size), replace=False)).astype(np.int64)


class Contrasts:
    """Upper against lower lines of a claim's score."""

    def __init__(self, dataset: Dataset, feature_sd: Floats, lines: Ints | None = None) -> None:
        self._asked = np.ones(dataset.x.shape[0], dtype=bool) if lines is None else np.zeros(dataset.x.shape[0], bool)
        self._asked[lines if lines is not None else slice(None)] = True
        self._x = dataset.x
        self._sd = np.where(feature_sd > 0, feature_sd, 1.0)
        self._layer = [feature.layer for feature in dataset.features]
        self._has = {layer: np.asarray(has, dtype=bool) for layer, has in dataset.has_layer.items()}

    def rows(self, features: Features) -> Ints:
        """Lines that are looked at and in which every layer of the set was measured."""
        keep = self._asked.copy()
        for layer in sorted({self._layer[f] for f in features}):
            keep &= self._has[layer]
        return np.flatnonzero(keep).astype(np.int64)

    def weigh(self, features: Features, weights: Floats) -> Floats:
        """Signed line weights: + 1/n in the upper group, - 1/n in the lower, 0 elsewhere.

        Parameters
        ----------
        features : tuple of int
        weights : float array (m, k)
            One column per drug: the attribution of each feature, already times the claim's sign,
            so that the leader's weight is positive.

        Returns
        -------
        float array (n, k)
            All 0 when one of the groups is empty.
        """
        rows, columns = self.rows(features), np.asarray(features, dtype=np.int64)
        out = np.zeros((self._x.shape[0], weights.shape[1]))
        if all(self._layer[f] == "mutation" for f in features):
            mutated = self._x[np.ix_(rows, columns)] > 0
            upper, lower = rows[mutated[:, 0]], rows[~mutated.any(axis=1)]
            if upper.size and lower.size:
                out[upper], out[lower] = 1.0 / upper.size, -1.0 / lower.size
            return out
        third = rows.size // 3
        if third == 0:
            return out
        score = (self._x[np.ix_(rows, columns)] / self._sd[columns]) @ weights
        order = np.argsort(score, axis=0, kind="stable")
        drugs = np.arange(weights.shape[1])
        out[rows[order[-third:]], drugs] = 1.0 / third
        out[rows[order[:third]], drugs] = -1.0 / third
        return out


def contrast_effects(delta: Floats, weights: Floats, drugs: Ints, response_sd: Floats) -> tuple[Floats, Floats]:
    """Raw and centred effects, in ln IC50.

    Parameters
    ----------
    delta : float array (n, D)
    weights : float array (n, k) or (n, 1)
        Line weights of each claim (:meth:`Contrasts.weigh`).
    drugs : int array (k,)
    response_sd : float array (D,)

    Returns
    -------
    (float array (k,), float array (k,))
        The centred effect is the raw one minus the drug's SD times the mean over all drugs of the
        same contrast in SD (:func:`pathproof.explain.attribution.centre_over_drugs`).
    """
    raw = (weights * delta[:, drugs]).sum(axis=0)
    shared = weights.T @ (delta / response_sd).mean(axis=1)
    return raw, raw - response_sd[drugs] * shared
