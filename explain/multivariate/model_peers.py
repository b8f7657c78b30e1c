"""Peers that explain a model as we do: same function, same lines, the slope of each output per SD of a feature.

They stand beside the multivariate explainer in the benchmark. A peer that gives values for single lines is brought to
slopes by the least squares line of its values on the feature: for an additive model that is what it states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from pathproof.explain.models.base import one_thread
from pathproof.explain.multivariate import anchor
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.members import draw_split, fit_split
from pathproof.explain.multivariate.peer_kinds import needed
from pathproof.explain.multivariate.prepare import Split, ask_swaps, probes, r2
from pathproof.explain.multivariate.space import row_space

if TYPE_CHECKING:
    from pathproof.explain.models.anchored import AnchoredGnn

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEAVES, ROUNDS, RATE, LEAST_LEAF = 7, 100, 0.1, 10


@dataclass(frozen=True)
class Said:
    """What a peer says of D outputs.

    Parameters
    ----------
    slopes : float array (D, m)
        Per SD of the feature over all lines, in units of the output.
    fidelity : float array (D,)
        R2 against the model on lines that the peer did not see; NaN where it has no account of the output to judge.
    pairs : tuple of dict
        For each output the pairs of features that the peer was asked about, in units of the output per product of the
        SDs; empty for a peer that says nothing of pairs.
    signed : bool
        Whether the slopes have a direction; without one they are importances, 0 or more.
    """

    slopes: Floats
    fidelity: Floats
    pairs: tuple[dict[tuple[int, int], float], ...] = ()
    signed: bool = True


Peer = Callable[[ModelFunction, Lines, Ints, int], Said]
"""Asked with the model, the lines, the rows that the peer may see, and a seed."""


def surrogate(setup: Settings) -> Peer:
    """Ours, or with `method="published"` the published one, as a peer."""

    def said(function: ModelFunction, lines: Lines, rows: Ints, seed: int) -> Said:
        split = split_of(rows, seed)
        answers = function.ask(lines.x)
        (member,), _ = fit_split(function, lines, answers, split, (seed,), setup, lambda _text, _share: None)
        return Said(member.slopes, member.fidelity)

    return said


def plain_ridge(function: ModelFunction, lines: Lines, rows: Ints, seed: int) -> Said:
    """Ridge on the model's answers in the lines' row space."""
    split = split_of(rows, seed)
    answers = function.ask(lines.x)
    space = row_space(lines.x[split.fit], len(lines.features))
    s = [space.coordinates(lines.x[own]) for own in (split.fit, split.check, split.judge)]
    base, slope = anchor.ridge(s[0], answers[split.fit], s[1], answers[split.check])
    slopes = space.to_features(slope.T) * (lines.x.std(axis=0) / space.spread)
    return Said(slopes, r2(answers[split.judge], base + s[2] @ slope))


def asked_ridge(setup: Settings) -> Peer:
    """Ridge in all features, on the lines and on as many extra rows as the surrogate of `setup` asks the model about.

    What the surrogate is worth beyond its questions shows beside it. For numbers, not for classes.
    """

    def said(function: ModelFunction, lines: Lines, rows: Ints, seed: int) -> Said:
        split = split_of(rows, seed)
        space = row_space(lines.x[split.fit], setup.space)

        def asked(own: Ints, extra: int, draw: int) -> tuple[Floats, Floats]:
            more = ask_swaps(function, lines.x[own], space, extra, draw, moved=False)
            z = np.concatenate([space.standardise(lines.x[own]), more.z])
            return z, np.concatenate([function.ask(lines.x[own]), more.answers])

        extra = setup.swaps * len(split.fit) + probes(setup, space)
        fitted = asked(split.fit, extra, seed)
        slope = anchor.outer_slopes(*fitted, *asked(split.check, setup.swaps * len(split.check), seed + 1))
        judged = (space.standardise(lines.x[split.judge]) - fitted[0].mean(axis=0)) @ slope + fitted[1].mean(axis=0)
        slopes = slope.T * (lines.x.std(axis=0) / space.spread)
        return Said(slopes, r2(function.ask(lines.x[split.judge]), judged))

    return said


def tree_shap(function: ModelFunction, lines: Lines, rows: Ints, seed: int) -> Said:
    """TreeSHAP on boosted trees that were fitted to the model's answers (Lundberg et al. 2020).

    Needs the package lightgbm, which holds the algorithm. Reference: doi:10.1038/s42256-019-0138-9.
    """
    split = split_of(rows, seed)
    answers = function.ask(lines.x)
    seen = np.concatenate([split.fit, split.check])
    slopes, fidelity = np.zeros((len(function.outputs), lines.x.shape[1])), np.zeros(len(function.outputs))
    for d, trees in enumerate(boosted("tree-shap", lines.x[seen], answers[seen], seed)):
        values = np.asarray(trees.predict(lines.x[seen], pred_contrib=True))[:, :-1]
        slopes[d] = slopes_of_values(values, lines.x[seen]) * lines.x.std(axis=0)
        fidelity[d] = r2(answers[split.judge, d : d + 1], np.asarray(trees.predict(lines.x[split.judge]))[:, None])[0]
    return Said(slopes, fidelity)


def boosted(peer: str, x: Floats, answers: Floats, seed: int) -> Iterator[Any]:
    """Boosted trees of each output of answers (n, D) on rows (n, m), one after the other."""
    lightgbm = needed(peer, "lightgbm", "trees")
    settings = {"num_leaves": LEAVES, "learning_rate": RATE, "min_data_in_leaf": LEAST_LEAF, "seed": seed}
    settings |= {"feature_fraction": 0.3, "num_threads": 1, "verbose": -1, "deterministic": True}
    for own in answers.T:
        data = lightgbm.Dataset(x, own, free_raw_data=False)
        yield lightgbm.train({**settings, "objective": "regression"}, data, num_boost_round=ROUNDS)


def integrated_gradients(model: AnchoredGnn, mixed: Floats, steps: int = 16) -> Peer:
    """Integrated Gradients of the explained model (Sundararajan et al. 2017) from the mean line, by the midpoint rule.

    Those of the ridge are its coefficients. In the network the state of a line is linear in its features, so the path
    is straight in the state too, and one gradient by the state serves all features. `mixed` (all drugs, D) makes the
    outputs from the predictions of all drugs. Reference: doi:10.48550/arXiv.1703.01365.
    """

    def said(_function: ModelFunction, lines: Lines, rows: Ints, _seed: int) -> Said:
        net = model.gnn.frozen.to(torch.float64)
        drugs = net.drugs @ torch.from_numpy(mixed)
        width = net.features.shape[1]
        x = lines.x[rows]
        every, base = torch.from_numpy(x), torch.from_numpy(x.mean(axis=0, keepdims=True))
        with one_thread():
            z, z0 = (net.latent(own[:, :width], own[:, width:]) for own in (every, base))
            slopes = (1.0 - model.weight) * linear_half(model, x.shape[1]) @ mixed
            for d in range(mixed.shape[1]):
                mean = torch.zeros_like(z)
                for step in range(steps):
                    place = (z0 + (z - z0) * ((step + 0.5) / steps)).requires_grad_(True)
                    out = (net.residual(place) @ drugs[:, :, d, None]).sum()
                    mean += torch.autograd.grad(out, place)[0] / steps
                by_input = torch.cat([net.features, net.tissues], dim=1)
                path = (mean @ by_input.transpose(1, 2)).mean(0).numpy()
                slopes[:, d] += model.weight * slopes_of_values(path * (x - x.mean(axis=0)), x)
        return Said(slopes.T * lines.x.std(axis=0), np.full(mixed.shape[1], np.nan))

    return said


def linear_half(model: AnchoredGnn, inputs: int) -> Floats:
    """Coefficients of the ridge half (inputs, all drugs), tissues last."""
    own = model.ridge.gradient()
    tissues = inputs - len(own)
    rows = np.eye(tissues, dtype=np.float32)
    nothing = np.zeros((tissues, len(own)), dtype=np.float32)
    by_tissue = model.ridge.predict(nothing, rows) - model.ridge.predict(nothing, 0 * rows)
    return np.concatenate([own, by_tissue])


def slopes_of_values(values: Floats, x: Floats) -> Floats:
    """Least squares slopes (m,) of values (n, m) of single lines on their features (n, m); 0 for a constant one."""
    moved = x - x.mean(axis=0)
    total = (moved**2).sum(axis=0)
    return np.asarray(np.divide((values * moved).sum(axis=0), total, out=np.zeros_like(total), where=total > 0))


def split_of(rows: Ints, seed: int) -> Split:
    """A split of some rows of the lines."""
    own = draw_split(len(rows), seed)
    return Split(rows[own.fit], rows[own.check], rows[own.judge])
