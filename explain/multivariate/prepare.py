"""From lines and a model to rows in coordinates: extra questions, scale of the outputs, anchor, and plain ridge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from pathproof.errors import UsageError
from pathproof.explain.multivariate import anchor
from pathproof.explain.multivariate.encoder import Factors
from pathproof.explain.multivariate.fit import MOST_PROBES, Places, Rows, Settings
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.space import Space, row_space, whole_space

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ANCHOR_ROWS = 2000
ASK_ROWS = 512
PROBE_NUMBERS = 5 * 10**7
"""The extra rows hold at most so many numbers."""
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
    outside : float array (m, D) or (m, 0)
        For each output the direction of its slope that lies outside of the row space: a unit vector in SD, or 0.
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
    outside: Floats
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


@dataclass(frozen=True)
class Asked:
    """Rows that the model was asked about: standardised (N, m), and its answers (N, D)."""

    z: Floats
    answers: Floats


def ask_swaps(function: ModelFunction, x: Floats, space: Space, count: int, seed: int, *, moved: bool) -> Asked:
    """Ask the model at so many extra rows of lines x (n, m); every line gives its first value equally often.

    `moved`: a row is moved into the space before the model is asked, so that its coordinates say all of it; the rows
    come back as they were. Otherwise it is asked as it is: such rows vary in more directions than the lines do, which
    shows the slopes outside of the lines' row space.
    """
    rng = np.random.default_rng([seed, 4 if moved else 6])
    whole = np.arange(count) % len(x)
    z, answers = [np.zeros((0, x.shape[1]))], [np.zeros((0, len(function.outputs)))]
    for start in range(0, count, ASK_ROWS):
        rows = swapped_rows(x, whole[start : start + ASK_ROWS], rng)
        z.append(space.standardise(rows))
        answers.append(function.ask(space.lines(space.coordinates(rows)) if moved else rows))
    return Asked(np.concatenate(z), np.concatenate(answers))


def probes(setup: Settings, space: Space) -> int:
    """How many rows are asked outside of the space; 0 where nothing varies there or no extra rows are wanted."""
    features = int(np.isfinite(space.spread).sum())
    if setup.swaps == 0 or space.basis.shape[1] == features:
        return 0
    most = min(MOST_PROBES, PROBE_NUMBERS // features)
    return min(int(1.5 * features), most) if setup.probes is None else setup.probes


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
    shape(setup, len(lines.features))
    fitted, own = lines.x[split.fit], answers[split.fit]
    space = row_space(fitted, setup.space)
    s_check, s_judge = (space.coordinates(lines.x[rows]) for rows in (split.check, split.judge))
    base, slope = anchor.ridge(space.coordinates(fitted), own, s_check, answers[split.check])
    plain = r2(answers[split.judge], base + s_judge @ slope)
    if setup.method == "published":
        return _published(function, lines, answers, split, plain, setup.dtype)
    extra = ask_swaps(function, fitted, space, setup.swaps * len(fitted), seed, moved=True)
    scaled = _scaled(function, np.concatenate([own, extra.answers]))
    outside, length, asked = _outside(function, lines, split, space, scaled, setup, seed)
    places = place(space, outside, np.concatenate([space.standardise(fitted), extra.z]))
    check = Rows(
        place(space, outside, space.standardise(lines.x[split.check])),
        torch.from_numpy(_like(function, answers[split.check], scaled)),
    )
    inside, output = _without(function, scaled, places, length, len(fitted))
    start = _start(function, places, check, inside, length, setup, len(lines.features))
    return Prepared(
        space=space,
        outside=outside,
        rows=Rows(places, torch.from_numpy(output)).to(setup.dtype),
        check=check.to(setup.dtype),
        start=start,
        middle=scaled.middle,
        spread=scaled.spread,
        ridge=plain,
        asked=len(extra.z) + asked,
    )


def _outside(
    function: ModelFunction, lines: Lines, split: Split, space: Space, scaled: _Scaled, setup: Settings, seed: int
) -> tuple[Floats, Floats, int]:
    """Directions (m, D) and lengths (D,) of the slopes outside of the space, and how many rows were asked for them."""
    count = probes(setup, space)
    if not count:
        return np.zeros((lines.x.shape[1], 0)), np.zeros(0), 0
    far = ask_swaps(function, lines.x[split.fit], space, count, seed, moved=False)
    few = ask_swaps(function, lines.x[split.check], space, setup.swaps * len(split.check), seed + 1, moved=False)
    aimed, aimed_few = (_aimed(function, _like(function, one.answers, scaled)) for one in (far, few))
    outside, length = space.outside(anchor.outer_slopes(far.z, aimed, few.z, aimed_few))
    return outside, length, len(far.z) + len(few.z)


def place(space: Space, outside: Floats, z: Floats) -> Places:
    """Places of standardised rows (n, m), with the own coordinate of each output along `outside` (m, D)."""
    return Places(torch.from_numpy(z @ space.basis / space.unit), torch.from_numpy(z @ outside / space.unit))


def _like(function: ModelFunction, answers: Floats, scaled: _Scaled) -> Floats:
    """Answers as the loss takes them."""
    return answers if function.kind == "classes" else (answers - scaled.middle) / scaled.spread


def _aimed(function: ModelFunction, output: Floats) -> Floats:
    """Outputs as the anchor takes them."""
    return log_odds(output) if function.kind == "classes" else output


def _without(
    function: ModelFunction, scaled: _Scaled, places: Places, length: Floats, lines: int
) -> tuple[Floats, Floats]:
    """Outputs (n, D) without the slopes along the own directions, as the anchor takes them, and with, as the loss does.

    The first `lines` rows were asked as they are; the others inside of the space, to which the slope is added.
    """
    if not length.size:
        return scaled.aimed, scaled.output
    along = places.own.numpy() * length
    inside, output = scaled.aimed.copy(), scaled.output.copy()
    inside[:lines] -= along[:lines]
    whole = inside[lines:] + along[lines:]
    output[lines:] = 1.0 / (1.0 + np.exp(-whole)) if function.kind == "classes" else whole
    return inside, output


def _start(
    function: ModelFunction,
    places: Places,
    check: Rows,
    aimed: Floats,
    length: Floats,
    setup: Settings,
    n_features: int,
) -> Factors:
    """Anchored encoders: in the row space the closed-form account, along the own directions slopes of `length`."""
    s, s_check = places.s.numpy(), check.places.s.numpy()
    aimed_check = _aimed(function, check.output.numpy())
    if length.size:
        aimed_check = aimed_check - check.places.own.numpy() * length
    closed = anchor.account(s[:ANCHOR_ROWS], aimed[:ANCHOR_ROWS], s_check, aimed_check)
    closed = anchor.beside(closed, length) if length.size else closed
    return anchor.anchored(closed, s, *shape(setup, n_features), setup.dtype)


def _published(
    function: ModelFunction, lines: Lines, answers: Floats, split: Split, plain: Floats, dtype: torch.dtype
) -> Prepared:
    """The published peer: all features as coordinates, no extra rows, no start."""
    space = whole_space(lines.x[split.fit])
    outside = np.zeros((lines.x.shape[1], 0))
    scaled = _scaled(function, answers[split.fit])
    rows, check = (
        Rows(place(space, outside, space.standardise(lines.x[own])), torch.from_numpy(wanted)).to(dtype)
        for own, wanted in ((split.fit, scaled.output), (split.check, _like(function, answers[split.check], scaled)))
    )
    return Prepared(space, outside, rows, check, None, scaled.middle, scaled.spread, plain, 0)
