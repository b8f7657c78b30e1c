"""The candidate claims of an explainer at every confidence threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pathproof.validate.judged import Judged
from pathproof.validate.scoring import Picked, pick

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int16]

MOST = 3


@dataclass(frozen=True)
class Asked:
    """What is asked of the selection.

    Parameters
    ----------
    precision : float
        What the user asks for.
    margin : float
        The threshold is chosen so that the precision on the other groups is at least
        `precision + margin`: a threshold always gives less on new drugs than where it was chosen.
    repeats : int
        Random halvings of the target groups; each gives two splits.
    min_drugs : int
        Least drugs with a claim on the side that chooses.
    points : int
        Thresholds tried.
    """

    precision: float = 0.75
    margin: float = 0.10
    repeats: int = 50
    min_drugs: int = 4
    points: int = 30

    @property
    def aim(self) -> float:
        """Precision that the choosing side must reach."""
        return min(self.precision + self.margin, 1.0)


@dataclass(frozen=True)
class Steps:
    """The candidate claims at every threshold.

    Parameters
    ----------
    picked : Picked
        The candidates: at most three a drug.
    values : ndarray of float (claims,)
        What they are ranked by.
    thresholds : ndarray of float (T,)
        Ascending.
    supported, testable : ndarray of int16 (T, claiming drugs, testable drugs)
        Counts of the claims at or above the threshold.
    """

    picked: Picked
    values: Floats
    thresholds: Floats
    supported: Counts
    testable: Counts

    @property
    def own(self) -> tuple[Floats, Bools]:
        """Precision of each drug at each threshold (T, drugs), 0 where it has no claim, and whether it has one."""
        rows = np.arange(len(self.picked.drugs))
        right = self.supported[:, rows, self.picked.places]
        total = self.testable[:, rows, self.picked.places]
        return right / np.maximum(total, 1), total > 0


def steps_of(judged: Judged, asked: Asked) -> Steps | None:
    """The candidates and thresholds; None when nothing can be tested.

    Ranked by confidence when every reported claim has one, else by the size of the score.
    """
    picked = pick(judged, judged.ordered(MOST))
    if not len(picked.rows):
        return None
    reported = judged.claims[judged.claims["reported"]]
    by = "confidence" if reported["confidence"].notna().all() else "score"
    values = judged.claims[by].abs().to_numpy()[picked.rows]
    levels = np.unique(values)
    if len(levels) > asked.points:
        # Denser among the surest claims: there the precision changes fastest with the coverage.
        places = np.geomspace(1, len(values), asked.points).round().astype(int) - 1
        levels = np.unique(np.sort(values)[::-1][places])
    supported = np.empty((len(levels), len(picked.drugs), len(picked.testable_columns)), dtype=np.int16)
    testable = np.empty_like(supported)
    sup = judged.overlap.supported[np.ix_(picked.rows, picked.testable_columns)].astype(np.int16)
    tes = judged.overlap.testable[np.ix_(picked.rows, picked.testable_columns)].astype(np.int16)
    for t, level in enumerate(levels):
        keep = (values >= level).astype(np.int16)[:, None]
        supported[t] = np.add.reduceat(sup * keep, picked.first, axis=0)
        testable[t] = np.add.reduceat(tes * keep, picked.first, axis=0)
    return Steps(picked, values, levels, supported, testable)
