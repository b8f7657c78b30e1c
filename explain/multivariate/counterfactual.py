"""Counterfactuals: the fewest genes of a line that, moved to values seen in other lines, bring the model across a line.

For a line x, an output and a threshold t, genes are moved one after the other to the value that a share of the
background lines reaches, in the direction that the explanation's slope says, those first that should move the output
most. The model itself is asked after how many it crosses t; then every gene without which it still crosses is put back.
So what is left is sufficient on the model, and none of it can be left out. It need not be the smallest set there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathproof.errors import DataError, UsageError
from pathproof.explain.multivariate.function import Lines, ModelFunction, of_predictor
from pathproof.explain.multivariate.match import check_match

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.models.base import Predictor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEAST_BACKGROUND = 10


@dataclass(frozen=True)
class Move:
    """One feature of a counterfactual, in the units of the lines."""

    feature: str
    value: float
    moved_to: float


@dataclass(frozen=True)
class Counterfactual:
    """What would have to be different for the model to say something else of one line.

    Parameters
    ----------
    line, output : str
    threshold, before, after : float
        Of the model's output; `after` lies beyond the threshold, seen from `before`, unless nothing was found.
    moves : tuple of Move
        In the order in which they were tried; empty when no set of at most so many features crosses.
    model_calls : int
        Rows that the model was asked about.
    """

    line: str
    output: str
    threshold: float
    before: float
    after: float
    moves: tuple[Move, ...]
    model_calls: int

    @property
    def found(self) -> bool:
        """Whether the model crosses."""
        return bool(self.moves)


class _Question:
    """One line and one output of a model, and how often it was asked."""

    def __init__(self, function: ModelFunction, x: Floats, threshold: float) -> None:
        self._function = function
        self._x = x
        self._threshold = threshold
        self.calls = 1
        self.before = float(function.ask(x[None])[0, 0])
        self.upward = self.before < threshold

    def answers(self, sets: list[Ints], values: Floats) -> Floats:
        """The output with each set of features moved."""
        rows = np.repeat(self._x[None], len(sets), axis=0)
        for row, columns in zip(rows, sets, strict=True):
            row[columns] = values[columns]
        self.calls += len(sets)
        return self._function.ask(rows)[:, 0]

    def crosses(self, answers: Floats) -> NDArray[np.bool_]:
        """Which answers lie beyond the threshold."""
        return answers >= self._threshold if self.upward else answers <= self._threshold


def counterfactual(
    function: ModelFunction,
    lines: Lines,
    line: str,
    slopes: Floats,
    threshold: float,
    *,
    free: Ints | None = None,
    share: float = 0.05,
    most: int = 50,
) -> Counterfactual:
    """Look for one.

    Parameters
    ----------
    function : ModelFunction
        With one output (:meth:`ModelFunction.only`).
    lines : Lines
        Also the background: a feature is moved to what `share` of the lines reach, so to no value that was never seen.
    line : str
        Its id.
    slopes : float array (m,)
        Of an explanation, per SD of the feature: the order in which features are tried, and which way.
    threshold : float
    free : int array, optional
        Columns that may be moved; default all.
    share : float
        From 0 to 0.5.
    most : int
        At most so many features are moved.

    Raises
    ------
    UsageError
        A line that is not there, several outputs, or a share that cannot be meant.
    DataError
        Too few lines to say what values are seen.
    """
    check_match(function, lines)
    _check(function, lines, line, slopes, share)
    row = lines.x[lines.ids.index(line)].astype(np.float64)
    question = _Question(function, row, threshold)
    direction = np.sign(slopes) * (1.0 if question.upward else -1.0)
    low, high = np.quantile(lines.x, [share, 1.0 - share], axis=0, method="nearest")
    goal = np.where(direction > 0, np.maximum(high, row), np.minimum(low, row))
    gain = np.abs(slopes) * np.abs(goal - row) / np.maximum(lines.x.std(axis=0), 1e-12)
    allowed = np.arange(len(row)) if free is None else free
    order = allowed[np.argsort(-gain[allowed], kind="stable")]
    order = order[gain[order] > 0][:most]
    kept, after = _fewest(question, order, goal)
    moves = tuple(Move(lines.features[i], float(row[i]), float(goal[i])) for i in kept.tolist())
    return Counterfactual(line, function.outputs[0], threshold, question.before, after, moves, question.calls)


def _fewest(question: _Question, order: Ints, goal: Floats) -> tuple[Ints, float]:
    """The first features that cross together, without those that are not needed; none, where all do not cross."""
    nothing = order[:0]
    if bool(question.crosses(np.asarray([question.before]))[0]) or not order.size:
        return nothing, question.before
    answers = question.answers([order[: k + 1] for k in range(len(order))], goal)
    crossing = np.flatnonzero(question.crosses(answers))
    if not crossing.size:
        return nothing, question.before
    kept, after = order[: crossing[0] + 1], float(answers[crossing[0]])
    count = 0
    while count != len(kept):
        count = len(kept)
        for feature in kept[::-1]:
            without = kept[kept != feature]
            answer = question.answers([without], goal)
            if without.size and question.crosses(answer)[0]:
                kept, after = without, float(answer[0])
    return kept, after


def flips(
    model: Predictor, dataset: Dataset, drugs: Sequence[int], slopes: Floats, rows: Sequence[int]
) -> list[Counterfactual]:
    """What brings each named line across the median of the model's predictions for each drug, over all lines.

    Parameters
    ----------
    drugs : sequence of int
    slopes : float array (drugs, F)
        Raw slopes of an explanation, ln IC50 per SD. Tissues are never moved.
    rows : sequence of int
        Lines.
    """
    function, lines = of_predictor(model, dataset)
    answers = function.ask(lines.x)
    free = np.arange(len(dataset.features))
    rest = np.zeros(len(dataset.tissues))
    found = []
    for drug, own in zip(drugs, slopes, strict=True):
        single = function.only([dataset.drugs[drug]])
        middle = float(np.median(answers[:, drug]))
        whole = np.concatenate([own, rest])
        found += [counterfactual(single, lines, dataset.cell_lines[i], whole, middle, free=free) for i in rows]
    return found


def _check(function: ModelFunction, lines: Lines, line: str, slopes: Floats, share: float) -> None:
    if len(function.outputs) != 1:
        raise UsageError(
            "A counterfactual is about one output.", got=f"{len(function.outputs)} outputs", action="choose with only()"
        )
    if line not in lines.ids:
        raise UsageError("There is no such line.", got=line, allowed=f"one of the {len(lines.ids)} lines")
    if slopes.shape != (len(lines.features),):
        raise UsageError("The slopes are not those of the features.", got=slopes.shape, allowed=(len(lines.features),))
    if not 0.0 <= share <= 0.5:
        raise UsageError("The share of lines that reach a value is out of range.", got=share, allowed="0 to 0.5")
    if len(lines.ids) < LEAST_BACKGROUND:
        raise DataError(
            "There are too few lines to say which values are seen.",
            got=len(lines.ids),
            allowed=f"at least {LEAST_BACKGROUND}",
            action="give more background lines",
        )
