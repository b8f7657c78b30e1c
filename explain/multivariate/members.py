"""Members of an explanation: encoders that differ in the seed only, and encoders on other samples of the lines.

Every member keeps 64 % of the lines to fit on, 16 % to choose penalties and to stop, and 20 % that nothing but its
fidelity is judged on. Members of kind "seed" share one such split, so that only the seed differs; each member of kind
"lines" has a split of its own. The row space, the scale and the extra rows of a split come from its fitted lines alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pathproof.errors import DataError, UsageError
from pathproof.explain.models.base import one_thread
from pathproof.explain.multivariate.anchor import strongest
from pathproof.explain.multivariate.encoder import Factors
from pathproof.explain.multivariate.fit import Progress, Settings, fit
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.losses import Kind
from pathproof.explain.multivariate.prepare import Prepared, Split, place, prepare, r2, shape
from pathproof.explain.multivariate.published import drawn, fit_published
from pathproof.explain.multivariate.readout import (
    mean_attribution,
    mean_curvature,
    mean_gradient,
    predictions,
    roughness,
)
from pathproof.explain.multivariate.space import Space

Floats = NDArray[np.float64]
MemberKind = Literal["seed", "lines"]
FITTED, CHECKED = 0.64, 0.16
LEAST_LINES, LEAST_SEEDS, LEAST_SAMPLES = 30, 2, 3
COMPONENTS = 16
"""So many eigenpairs of a mean second derivative are kept."""
READ_NUMBERS = 2**25
"""At most about so many numbers are held per tensor while encoders are read."""


@dataclass(frozen=True)
class Plan:
    """Splits, and the seeds of the members on each: the first split carries all members of kind "seed"."""

    splits: tuple[Split, ...]
    seeds: tuple[tuple[int, ...], ...]


def draw_split(n_lines: int, seed: int) -> Split:
    """A split of the lines by the seed."""
    order = np.random.default_rng([seed, 3]).permutation(n_lines)
    parts = np.split(order, [int(FITTED * n_lines), int((FITTED + CHECKED) * n_lines)])
    return Split(*(np.sort(part).astype(np.int64) for part in parts))


def plan(n_lines: int, seeds: int, samples: int, seed: int) -> Plan:
    """List the members.

    Raises
    ------
    UsageError
        Too few members to tell a spread.
    DataError
        Too few lines to fit, check and judge on.
    """
    if seeds < LEAST_SEEDS or samples < LEAST_SAMPLES:
        raise UsageError(
            "The explanation has too few members to say how stable it is.",
            got=f"{seeds} seeds, {samples} samples of lines",
            allowed=f"at least {LEAST_SEEDS} seeds and {LEAST_SAMPLES} samples",
        )
    if n_lines < LEAST_LINES:
        raise DataError(
            "There are too few lines to explain the model on.",
            got=n_lines,
            allowed=f"at least {LEAST_LINES}",
            action="explain it over more lines",
        )
    splits = tuple(draw_split(n_lines, seed + i) for i in range(samples + 1))
    own = tuple((seed + seeds + i,) for i in range(samples))
    return Plan(splits, (tuple(seed + i for i in range(seeds)), *own))


@dataclass(frozen=True)
class Member:
    """What a fitted member says of D outputs.

    Parameters
    ----------
    kind : "seed" or "lines"
    seed : int
    split : Split
    space : Space
    scale : float array (m,)
        SD of each feature over all lines in units of its SD over the fitted lines; 0 for one that is constant there.
    slopes : float array (D, m)
        Mean over all lines of dg/dx (published peer: of e(x)), in units of the output (classes: log-odds) per SD of the
        feature over all lines.
    outside : float array (D, m) or (0, m)
        Unit vector of each output's own coordinate, outside of the row space.
    vectors, values : float array (D, q, a), (D, a)
        Strongest eigenpairs of the mean second derivative in coordinates, the own one last; values in units of the
        output.
    fidelity, ridge : float array (D,)
        R2 against the model on the judged lines: of the surrogate, and of a plain ridge on the same fitted lines.
        Classes: of probabilities. NaN for a constant output.
    roughness : float array (D,)
        ||J - W|| / ||W|| on the judged lines.
    """

    kind: MemberKind
    seed: int
    split: Split
    space: Space
    scale: Floats
    slopes: Floats
    outside: Floats
    vectors: Floats
    values: Floats
    fidelity: Floats
    ridge: Floats
    roughness: Floats

    def loadings(self, output: int) -> Floats:
        """Loadings L (m, a) per SD of each feature: the mean second derivatives are L diag(values) L^T."""
        own = _to_features(self.space, self.outside, output, self.vectors[output].T).T
        return np.asarray(own * self.scale[:, None])


def _to_features(space: Space, outside: Floats, output: int, slopes: Floats) -> Floats:
    """Slopes (..., q + 1) per coordinate of one output's encoder as slopes per SD of each feature (..., m)."""
    width = space.basis.shape[1]
    inside = space.to_features(slopes[..., :width])
    return inside + slopes[..., width:] * outside[output] / space.unit if len(outside) else inside


def fit_split(
    function: ModelFunction,
    lines: Lines,
    answers: Floats,
    split: Split,
    seeds: tuple[int, ...],
    setup: Settings,
    progress: Progress,
) -> tuple[list[Member], int]:
    """Fit the members of one split for all outputs; also how many extra rows the model was asked about.

    Parameters
    ----------
    answers : float array (n, D)
        The model's on all lines.
    seeds : tuple of int
        One member for each.
    """
    outputs = len(function.outputs)
    with one_thread():
        prepared = prepare(function, lines, answers, split, setup, seeds[0])
        jobs = [(seed, output) for seed in seeds for output in range(outputs)]
        read = []
        for i in range(0, len(jobs), setup.chunk):
            progress("fit", i / len(jobs))
            own = jobs[i : i + setup.chunk]
            factors = _fit_chunk(prepared, own, function.kind == "classes", setup)
            read += _read(factors, prepared, lines, split, torch.tensor([output for _, output in own]))
    members = []
    for i, seed in enumerate(seeds):
        mine = read[i * outputs : (i + 1) * outputs]
        members.append(_member(mine, prepared, function.kind == "classes", lines, answers, split, seed, len(seeds) > 1))
    return members, prepared.asked


def _fit_chunk(prepared: Prepared, jobs: list[tuple[int, int]], classes: bool, setup: Settings) -> Factors:
    seeds, outputs = (torch.tensor(values, dtype=torch.int64) for values in zip(*jobs, strict=True))
    kind: Kind = "classes" if classes else "regression"
    if prepared.start is None:
        width = prepared.rows.places.s.shape[1]
        drawn_start = drawn(seeds, width, *shape(setup, width), setup.dtype)
        return fit_published(drawn_start, prepared.rows, prepared.check, outputs, seeds, kind)
    start = Factors(*(value[outputs] for value in prepared.start.tensors()))
    return fit(start, prepared.rows, prepared.check, outputs, seeds, kind, setup)


@dataclass(frozen=True)
class _Reading:
    """One encoder, in coordinates and in the units that it was fitted in."""

    slope: Floats
    vectors: Floats
    values: Floats
    judged: Floats
    roughness: float


def _read(factors: Factors, prepared: Prepared, lines: Lines, split: Split, outputs: Tensor) -> list[_Reading]:
    """Read encoders, a few at a time."""
    z = prepared.space.standardise(lines.x)
    every = place(prepared.space, prepared.outside, z)
    _, k, r, _ = factors.y.shape
    few = max(1, READ_NUMBERS // (len(z) * k * (r + 1)))
    found = []
    for i in range(0, len(factors.beta), few):
        own = Factors(*(value[i : i + few] for value in factors.tensors()))
        s = every.of(outputs[i : i + few]).to(factors.y.dtype)
        judge = s[:, torch.from_numpy(split.judge)]
        values, vectors = strongest(mean_curvature(own, s).double(), min(COMPONENTS, s.shape[2]))
        slope = mean_attribution(own, s) if prepared.start is None else mean_gradient(own, s)
        parts = (slope, vectors, values, predictions(own, judge), roughness(own, judge))
        arrays = [part.double().numpy() for part in parts]
        found += [_Reading(a, b, c, d, float(e)) for a, b, c, d, e in zip(*arrays, strict=True)]
    return found


def _member(
    read: list[_Reading],
    prepared: Prepared,
    classes: bool,
    lines: Lines,
    answers: Floats,
    split: Split,
    seed: int,
    shared: bool,
) -> Member:
    """Bring readings to features and to the units of the output."""
    unit, outside = prepared.spread[:, None], prepared.outside.T
    slopes = np.stack([_to_features(prepared.space, outside, d, one.slope) for d, one in enumerate(read)])
    judged = np.stack([one.judged for one in read], axis=1)
    judged = 1.0 / (1.0 + np.exp(-judged)) if classes else prepared.middle + prepared.spread * judged
    scale = lines.x.std(axis=0) / prepared.space.spread
    return Member(
        kind="seed" if shared else "lines",
        seed=seed,
        split=split,
        space=prepared.space,
        scale=scale,
        slopes=slopes * unit * scale,
        outside=outside,
        vectors=np.stack([one.vectors for one in read]),
        values=np.stack([one.values for one in read]) * unit,
        fidelity=r2(answers[split.judge], judged),
        ridge=prepared.ridge,
        roughness=np.asarray([one.roughness for one in read]),
    )
