"""Rules: joint half-spaces of genes in which the model says a high, or a low, value.

A rule reads "where w1 . z >= a and w2 . z >= b, the output is at least c", z being features in SD from their mean. The
directions are read out of the fitted encoder: its mean slope, cut into disjoint groups of genes that move together,
and the modules of its mean second derivatives. Thresholds are quantiles of the lines that the rule is made on; how
often it holds is counted on other lines. With the slope's sign turned, the same finds where the output is at most c.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.modules import clump
from pathproof.explain.multivariate.readout import Module

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
TOP, SIZE, CORRELATION = 24, 6, 0.3
"""The strongest genes of the slope that may enter rules, most genes of one half-space, and what groups them."""
QUANTILES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
OUTCOME = 1 / 3
"""A rule is about this share of the lines with the highest (or lowest) output."""
LEAST_COVERAGE = 0.1
LEAST_LINES = 15
Z95 = 1.959964


@dataclass(frozen=True)
class HalfSpace:
    """The lines with sum_j weights_j z_j >= above; weights have length 1.

    Parameters
    ----------
    features : tuple of int
        Columns, the strongest first.
    weights : tuple of float
        Per SD of the feature.
    above : float
    """

    features: tuple[int, ...]
    weights: tuple[float, ...]
    above: float

    def holds(self, z: Floats) -> Bools:
        """Which lines z (n, m), in SD from the mean, lie in it."""
        return np.asarray(z[:, list(self.features)] @ np.asarray(self.weights) >= self.above)


@dataclass(frozen=True)
class Rule:
    """One or two half-spaces of disjoint features, and what the model says in them.

    Parameters
    ----------
    halves : tuple of HalfSpace
    upward : bool
        The output is at least `level`; otherwise at most.
    level : float
        Units of the output: what a third of the lines of its making reach.
    """

    halves: tuple[HalfSpace, ...]
    upward: bool
    level: float

    @property
    def features(self) -> tuple[int, ...]:
        """Columns of all half-spaces, in their order."""
        return tuple(feature for half in self.halves for feature in half.features)

    @property
    def weights(self) -> tuple[float, ...]:
        """Weights of all half-spaces, times the sign of the outcome: what speaks for a higher output is positive."""
        sign = 1.0 if self.upward else -1.0
        return tuple(sign * weight for half in self.halves for weight in half.weights)

    def holds(self, z: Floats) -> Bools:
        """Which lines z (n, m) meet all conditions."""
        return np.asarray(np.all([half.holds(z) for half in self.halves], axis=0))

    def outcome(self, output: Floats) -> Bools:
        """For which outputs (n,) the consequence is true."""
        return np.asarray(output >= self.level if self.upward else output <= self.level)


@dataclass(frozen=True)
class Count:
    """How often a rule holds among some lines.

    Parameters
    ----------
    lines, covered, hits : int
        Lines that were asked, those that meet the conditions, and those of them with the consequence.
    base : float
        Share of all the lines with the consequence.
    """

    lines: int
    covered: int
    hits: int
    base: float

    @property
    def coverage(self) -> float:
        """Share of the lines that meet the conditions."""
        return self.covered / self.lines if self.lines else 0.0

    @property
    def precision(self) -> float | None:
        """Share of the covered lines with the consequence; None when none is covered."""
        return self.hits / self.covered if self.covered else None

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the precision (Wilson 1927, doi:10.1080/01621459.1927.10502953); (0, 1) without lines."""
        low, high = wilson(np.asarray([self.hits]), np.asarray([self.covered]))
        return float(low[0]), float(high[0])


def wilson(hits: NDArray[np.integer], counts: NDArray[np.integer]) -> tuple[Floats, Floats]:
    """95 % intervals of shares; (0, 1) for a count of 0."""
    n = np.maximum(counts, 1).astype(np.float64)
    share = hits / n
    middle = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    empty = counts == 0
    return np.where(empty, 0.0, middle - half), np.where(empty, 1.0, middle + half)


def count(rule: Rule, z: Floats, output: Floats) -> Count:
    """Count a rule on lines z (n, m) with outputs (n,)."""
    held, true = rule.holds(z), rule.outcome(output)
    return Count(len(z), int(held.sum()), int((held & true).sum()), float(true.mean()) if len(z) else 0.0)


def regions(features: int) -> int:
    """How many regions of one or two features a rule could have been: each with every threshold of both."""
    return features * (features + 1) // 2 * len(QUANTILES) ** 2


def directions(slope: Floats, modules: Sequence[Module], z: Floats, upward: bool) -> list[tuple[Ints, Floats]]:
    """Features and weights of candidate half-spaces, the strongest first.

    Parameters
    ----------
    slope : float array (m,)
        Mean slope of the encoder per SD; features with 0 take no part.
    modules : sequence of Module
        Of its mean second derivatives: each is a candidate both ways, because a bend has no sign.
    z : float array (n, m)
        Lines that the rule is made on: features that move together over them share a half-space.
    upward : bool
    """
    order = np.argsort(-np.abs(slope), kind="stable")[:TOP]
    order = order[(slope[order] != 0) & (z[:, order].std(axis=0) > 0)]
    found: list[tuple[Ints, Floats]] = []
    if order.size:
        tied = np.atleast_2d(np.corrcoef(z[:, order].T))
        groups = [order[group[:SIZE]] for group in clump(tied, CORRELATION)]
        found = [(group, slope[group] if upward else -slope[group]) for group in groups]
    for module in modules:
        features, weights = np.asarray(module.features[:SIZE]), np.asarray(module.weights[:SIZE])
        found += [(features, weights), (features, -weights)]
    return [(features, weights / np.linalg.norm(weights)) for features, weights in found]


def best_rule(candidates: Sequence[tuple[Ints, Floats]], z: Floats, output: Floats, upward: bool) -> Rule | None:
    """The rule of one or two half-spaces whose precision has the highest lower limit on these lines.

    Every pair of candidates with disjoint features and every pair of thresholds is tried; a rule covers at least
    :data:`LEAST_COVERAGE` of the lines and not all of them, and names at least two features. None when there is none.

    Parameters
    ----------
    candidates : sequence of (features, weights)
    z : float array (n, m)
    output : float array (n,)
    upward : bool
    """
    halves: list[HalfSpace] = []
    for features, weights in candidates:
        score = z[:, features] @ weights
        cuts = np.unique(np.quantile(score, QUANTILES, method="nearest"))
        every = (HalfSpace(tuple(features.tolist()), tuple(weights.tolist()), float(cut)) for cut in cuts)
        halves += [half for half in every if not half.holds(z).all()]
    if not halves or float(output.std()) == 0.0:
        return None
    level = float(np.quantile(output, 1.0 - OUTCOME if upward else OUTCOME))
    true = output >= level if upward else output <= level
    masks = np.stack([half.holds(z) for half in halves]).astype(np.float64)
    covered, hits = masks @ masks.T, (masks * true) @ masks.T
    own = [frozenset(half.features) for half in halves]
    apart = np.asarray([[i == j or a.isdisjoint(b) for j, b in enumerate(own)] for i, a in enumerate(own)])
    joint = np.asarray([len(features) > 1 for features in own])
    allowed = apart & ~(np.diag(~joint)) & (covered >= LEAST_COVERAGE * len(z))
    low = np.where(allowed, wilson(np.rint(hits).astype(int), np.rint(covered).astype(int))[0], -1.0)
    i, j = divmod(int(np.argmax(low)), len(halves))
    if low[i, j] < 0:
        return None
    return Rule((halves[i],) if i == j else (halves[i], halves[j]), upward, level)


def _named(feature: str) -> str:
    """The gene of `layer:gene`, with its layer where that is not expression."""
    layer, gene = feature.split(":", 1)
    return gene if layer == "expression" else f"{gene} ({layer})"


def in_words(facts: dict[str, Any], drug: str) -> str:
    """A rule of a record in one sentence."""
    conditions = []
    for half in facts["when"]:
        terms = [f"{weight:+.2f} {_named(name)}" for name, weight in half["weights"].items()]
        conditions.append(f"{' '.join(terms)} >= {half['at_least']:.2f}")
    (side, level), held = next(iter(facts["then"].items())), facts["held_out"]
    low, high = held["ci95"]
    sure = (
        "none of them covered"
        if held["precision"] is None
        else f"precision {held['precision']:.2f} [{low:.2f}, {high:.2f}]"
    )
    return (
        f"{drug}: where {' and '.join(conditions)}, the prediction minus what all drugs share is "
        f"{side.replace('_', ' ')} {level:+.2f} ln IC50; on "
        f"{held['lines']} lines held out coverage {held['coverage']:.2f}, {sure}, base rate {held['base_rate']:.2f}"
    )
