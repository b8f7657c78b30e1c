"""Members of an explanation: encoders that differ in the seed only, and encoders on other samples of the lines.

Every member keeps 64 % of the lines to fit on, 16 % to choose penalties and to stop, and 20 % that nothing but its
fidelity is judged on. Members of kind "seed" share one such split, so that only the seed differs: each draws extra rows
of its own and has the start that they give. Each member of kind "lines" has a split of its own. The row space, the
scale and the extra rows of a member come from its fitted lines alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

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
        Too few members to tell a spread, or a seed below 0.
    DataError
        Too few lines to fit, check and judge on.
    """
    if seeds < LEAST_SEEDS or samples < LEAST_SAMPLES:
        raise UsageError(
            "The explanation has too few members to say how stable it is.",
            got=f"{seeds} seeds, {samples} samples of lines",
            allowed=f"at least {LEAST_SEEDS} seeds and {LEAST_SAMPLES} samples",
        )
    if seed < 0:
        raise UsageError("A seed cannot be negative.", got=seed, allowed="0 or more")
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
        Mean over the lines (all, or those asked for) of dg/dx (published peer: of e(x)), in units of the output
        (classes: log-odds) per SD of the feature over all lines.
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


Keep = Callable[[list[int], list[Member]], None]


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
    keep: Keep = lambda _outputs, _members: None,
    over: Sequence[int] | None = None,
    needed: Collection[int] | None = None,
) -> tuple[list[Member], int]:
    """Fit the members of one split for all outputs; also how many extra rows the model was asked about.

    Outputs are fitted `setup.chunk` at a time, and which of them are together shows in the last digits.

    Parameters
    ----------
    answers : float array (n, D)
        The model's on all lines.
    seeds : tuple of int
        One member for each.
    keep : function of (output numbers, members of these outputs)
        Called whenever some outputs are done: what it stores is not lost when the rest is killed.
    over : sequence of int, optional
        Rows of the lines that derivatives are averaged over; default all.
    needed : collection of int, optional
        Output numbers: a chunk without any of them is left out, and the members lack its outputs. Default all.
    """
    kind: MemberKind = "seed" if len(seeds) > 1 else "lines"
    parts: list[list[Member]] = []
    with one_thread():
        ready = [prepare(function, lines, answers, split, setup, seed) for seed in seeds]
        for i in range(0, len(function.outputs), setup.chunk):
            progress("fit", i / len(function.outputs))
            outputs = list(range(i, min(i + setup.chunk, len(function.outputs))))
            if needed is not None and not set(outputs) & set(needed):
                continue
            judged = _Judged(lines, answers[:, outputs], split, function.kind == "classes")
            own = []
            for seed, prepared in zip(seeds, ready, strict=True):
                factors = _fit_chunk(prepared, seed, outputs, function.kind == "classes", setup)
                read = _read(factors, prepared, lines, split, torch.tensor(outputs), over)
                own.append(_member(read, prepared, outputs, judged, kind, seed))
            keep(outputs, own)
            parts.append(own)
    return [joined([own[j] for own in parts]) for j in range(len(seeds))], sum(one.asked for one in ready)


def joined(parts: Sequence[Member]) -> Member:
    """One member from its parts, each of some outputs, in order."""
    per_output = ("slopes", "vectors", "values", "fidelity", "ridge", "roughness")
    whole: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in per_output}
    return replace(parts[0], outside=np.concatenate([part.outside for part in parts]), **whole)


def _fit_chunk(prepared: Prepared, seed: int, chosen: list[int], classes: bool, setup: Settings) -> Factors:
    outputs = torch.tensor(chosen, dtype=torch.int64)
    seeds = torch.full_like(outputs, seed)
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


def _read(
    factors: Factors, prepared: Prepared, lines: Lines, split: Split, outputs: Tensor, over: Sequence[int] | None
) -> list[_Reading]:
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
        s = s if over is None else s[:, torch.tensor(list(over))]
        values, vectors = strongest(mean_curvature(own, s).double(), min(COMPONENTS, s.shape[2]))
        slope = mean_attribution(own, s) if prepared.start is None else mean_gradient(own, s)
        parts = (slope, vectors, values, predictions(own, judge), roughness(own, judge))
        arrays = [part.double().numpy() for part in parts]
        found += [_Reading(a, b, c, d, float(e)) for a, b, c, d, e in zip(*arrays, strict=True)]
    return found


@dataclass(frozen=True)
class _Judged:
    """What readings are held against: lines, the model's answers on them (n, outputs), and the judged ones."""

    lines: Lines
    answers: Floats
    split: Split
    classes: bool


def _member(
    read: list[_Reading], prepared: Prepared, outputs: list[int], judged: _Judged, kind: MemberKind, seed: int
) -> Member:
    """Bring readings to features and to the units of the output."""
    middle, spread = prepared.middle[outputs], prepared.spread[outputs]
    unit = spread[:, None]
    outside = prepared.outside.T[outputs] if prepared.outside.shape[1] else prepared.outside.T
    slopes = np.stack([_to_features(prepared.space, outside, d, one.slope) for d, one in enumerate(read)])
    said = np.stack([one.judged for one in read], axis=1)
    said = 1.0 / (1.0 + np.exp(-said)) if judged.classes else middle + spread * said
    scale = judged.lines.x.std(axis=0) / prepared.space.spread
    return Member(
        kind=kind,
        seed=seed,
        split=judged.split,
        space=prepared.space,
        scale=scale,
        slopes=slopes * unit * scale,
        outside=outside,
        vectors=np.stack([one.vectors for one in read]),
        values=np.stack([one.values for one in read]) * unit,
        fidelity=r2(judged.answers[judged.split.judge], said),
        ridge=prepared.ridge[outputs],
        roughness=np.asarray([one.roughness for one in read]),
    )
