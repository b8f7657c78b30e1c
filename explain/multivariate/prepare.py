"""From lines and a model to rows in coordinates: extra questions, scale of the outputs, anchor, and plain ridge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from pathproof.errors import UsageError
from pathproof.explain.multivariate import anchor
from pathproof.explain.multivariate.encoder import Factors
from pathproof.explain.multivariate.fit import Rows, Settings
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.space import Space, row_space, whole_space

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ANCHOR_ROWS = 2000
ASK_ROWS = 512
CERTAIN = 0.02
"""A probability counts as at least this far from 0 and 1 where its log-odds are taken (the anchor only)."""


@dataclass(frozen=True)
class Split:
    """Row numbers of the lines to fit on, to check on and to judge on; disjoint, sorted."""

    fit: Ints
    check: Ints
    judge: Ints


@dataclass(frozen=True)
class Prepared:
    """A split in coordinates.

    Parameters
    ----------
    space : Space
    rows, check : Rows
        The fitted lines with the extra rows, and the check lines.
    start : Factors or None
        One anchored encoder for each output; the published peer draws its own.
    middle, spread : float array (D,)
        Mean and SD of the outputs over `rows` (regression); 0 and 1 for classes.
    ridge : float array (D,)
        R2 on the judged lines of a plain ridge on the fitted lines.
    asked : int
        Extra rows that the model was asked about.
    """

    space: Space
    rows: Rows
    check: Rows
    start: Factors | None
    middle: Floats
    spread: Floats
    ridge: Floats
    asked: int


def r2(wanted: Floats, got: Floats) -> Floats:
    """R2 of each column (n, D); NaN for a constant one."""
    total = ((wanted - wanted.mean(axis=0)) ** 2).sum(axis=0)
    error = ((wanted - got) ** 2).sum(axis=0)
    safe = np.where(total > 1e-12 * max(1.0, float(np.abs(wanted).max()) ** 2), total, np.nan)
    return np.asarray(1.0 - error / safe)


def shape(setup: Settings, n_features: int) -> tuple[int, int]:
    """k and r for so many features.

    Raises
    ------
    UsageError
        More latents, or a higher rank, than there are features.
    """
    latents = min(96, n_features) if setup.latents is None else setup.latents
    rank = max(1, min(int(n_features**0.5), latents // 2)) if setup.rank is None else setup.rank
    for name, value in (("latents", latents), ("rank", rank)):
        if value > n_features:
            raise UsageError(
                "The explainer is larger than the data.",
                where=name,
                got=f"{value} for {n_features} features",
                allowed=f"at most {n_features}",
                action=f"lower {name}, or leave it to be chosen",
            )
    return latents, rank


def swapped_rows(x: Floats, first: Ints, rng: np.random.Generator) -> Floats:
    """Rows (N, m) that take every feature, by a coin, from line first[i] or from one other line of x (n, m)."""
    second = (first + rng.integers(1, len(x), len(first))) % len(x)
    return np.where(rng.random((len(first), x.shape[1])) < 0.5, x[first], x[second])


def ask_swaps(function: ModelFunction, x: Floats, space: Space, per_line: int, seed: int) -> tuple[Floats, Floats]:
    """Coordinates (n * per_line, q) of the extra rows of lines x (n, m), and the model's answers (.., D) there.

    A row is moved into the space before the model is asked, so that its coordinates say all of it.
    """
    rng = np.random.default_rng([seed, 4])
    coordinates, answers = [np.zeros((0, space.basis.shape[1]))], [np.zeros((0, len(function.outputs)))]
    whole = np.repeat(np.arange(len(x)), per_line)
    for start in range(0, len(whole), ASK_ROWS):
        s = space.coordinates(swapped_rows(x, whole[start : start + ASK_ROWS], rng))
        coordinates.append(s)
        answers.append(function.ask(space.lines(s)))
    return np.concatenate(coordinates), np.concatenate(answers)


def log_odds(probability: Floats) -> Floats:
    """Log-odds of probabilities, held away from 0 and 1 by `CERTAIN`."""
    held = np.clip(probability, CERTAIN, 1.0 - CERTAIN)
    return np.asarray(np.log(held / (1.0 - held)))


@dataclass(frozen=True)
class _Scaled:
    """Outputs as the loss takes them (n, D), as the anchor does, and how they were scaled (D,)."""

    output: Floats
    aimed: Floats
    middle: Floats
    spread: Floats


def _scaled(function: ModelFunction, output: Floats) -> _Scaled:
    if function.kind == "classes":
        return _Scaled(output, log_odds(output), np.zeros(output.shape[1]), np.ones(output.shape[1]))
    middle, spread = output.mean(axis=0), output.std(axis=0)
    spread = np.where(spread > 1e-12, spread, 1.0)
    scaled = (output - middle) / spread
    return _Scaled(scaled, scaled, middle, spread)


def prepare(
    function: ModelFunction, lines: Lines, answers: Floats, split: Split, setup: Settings, seed: int
) -> Prepared:
    """Prepare a split; `answers` (n, D) are the model's on all lines."""
    latents, rank = shape(setup, len(lines.features))
    fitted = lines.x[split.fit]
    space = row_space(fitted, setup.space)
    s, s_check, s_judge = (space.coordinates(lines.x[own]) for own in (split.fit, split.check, split.judge))
    base, slope = anchor.ridge(s, answers[split.fit], s_check, answers[split.check])
    plain = r2(answers[split.judge], base + s_judge @ slope)
    asked, output, start = 0, answers[split.fit], None
    if setup.method == "published":
        space = whole_space(fitted)
        s, s_check = space.coordinates(fitted), space.coordinates(lines.x[split.check])
    else:
        extra, extra_answers = ask_swaps(function, fitted, space, setup.swaps, seed)
        s, output, asked = np.concatenate([s, extra]), np.concatenate([output, extra_answers]), len(extra)
    scaled = _scaled(function, output)
    own = answers[split.check]
    checked = own if function.kind == "classes" else (own - scaled.middle) / scaled.spread
    if setup.method == "anchored":
        first = slice(0, max(ANCHOR_ROWS, len(fitted)))
        aimed_check = log_odds(own) if function.kind == "classes" else checked
        closed = anchor.account(s[first], scaled.aimed[first], s_check, aimed_check)
        start = anchor.anchored(closed, s, latents, rank, setup.dtype)

    def tensor(values: Floats) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(setup.dtype)

    rows, check = Rows(tensor(s), tensor(scaled.output)), Rows(tensor(s_check), tensor(checked))
    return Prepared(space, rows, check, start, scaled.middle, scaled.spread, plain, asked)
