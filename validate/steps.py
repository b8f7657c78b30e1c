"""The candidate claims of an explainer at every confidence threshold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

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
    right : ndarray of bool (claims,)
        Whether the claim's own drug supports it.
    """

    picked: Picked
    values: Floats
    thresholds: Floats
    right: Bools

    @cached_property
    def own(self) -> tuple[Floats, Bools]:
        """Precision of each drug at each threshold (T, drugs), 0 where it has no claim, and whether it has one."""
        above = self.values[None, :] >= self.thresholds[:, None]
        total = np.add.reduceat(above, self.picked.first, axis=1, dtype=np.int64)
        right = np.add.reduceat(above & self.right, self.picked.first, axis=1, dtype=np.int64)
        return right / np.maximum(total, 1), total > 0

    def each(self, judged: Judged) -> Iterator[tuple[int, Counts, Counts]]:
        """Each threshold, the highest first, with what other references say of the claims at or above it.

        Yields
        ------
        t : int
            Place of the threshold.
        supported, testable : ndarray of int16 (claiming drugs, testable drugs)
            Counts of claims. The same arrays each time, with more in them: all thresholds at once would not fit.
        """
        shape = (len(self.picked.drugs), len(self.picked.testable_columns))
        supported, testable = np.zeros(shape, dtype=np.int16), np.zeros(shape, dtype=np.int16)
        slot = np.repeat(np.arange(shape[0]), np.diff(np.append(self.picked.first, len(self.picked.rows))))
        level = np.searchsorted(self.thresholds, self.values, side="right") - 1
        for t in reversed(range(len(self.thresholds))):
            new = level == t
            if new.any():
                drugs, first = np.unique(slot[new], return_index=True)
                rows = self.picked.rows[new]
                added = Picked(rows, drugs, first, self.picked.testable_columns).counts(judged)
                supported[drugs] += added[0].astype(np.int16)
                testable[drugs] += added[1].astype(np.int16)
            yield t, supported, testable


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
    return Steps(picked, values, levels, judged.own_supported[picked.rows])
