"""Rules of the explained model: read out, counted on lines held out, and drafted as claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.attribution import feature_spread
from pathproof.explain.multivariate.function import of_drugs
from pathproof.explain.multivariate.rules import (
    LEAST_LINES,
    SIZE,
    Count,
    Rule,
    best_rule,
    count,
    directions,
)
from pathproof.explain.propose import Draft
from pathproof.graph_schema.records import ClaimKind

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.ensemble import Fitted
    from pathproof.explain.models.base import Predictor
    from pathproof.explain.multivariate.account import Account

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HOLDS = 0.5
"""A rule holds in a refitted model when more than this share of the covered lines have the consequence."""


@dataclass(frozen=True)
class Ground:
    """What the rules of all drugs are made and counted on.

    Parameters
    ----------
    dataset : Dataset
    account : Account
        Members of kind "seed" are the read-out; their judged lines are held out from the making of every rule.
    models : sequence of Predictor
        The explained one first, then refitted ones.
    refits : sequence of Fitted
        Of the refitted models, in their order.
    drugs, lines : sequence of int
        Columns and rows that are explained; None for all lines. Lines that lack a layer take no part.
    """

    dataset: Dataset
    account: Account
    models: Sequence[Predictor]
    refits: Sequence[Fitted]
    drugs: Sequence[int]
    lines: Sequence[int] | None

    @cached_property
    def rows(self) -> Ints:
        """Lines that take part."""
        whole = np.all([self.dataset.has_layer[layer] for layer in sorted(self.dataset.has_layer)], axis=0)
        asked = np.ones(len(whole), dtype=bool)
        if self.lines is not None:
            asked = np.isin(np.arange(len(whole)), self.lines)
        return np.flatnonzero(whole & asked)

    @cached_property
    def held_out(self) -> Ints:
        """Those of them that the read-out was not fitted on and no threshold was chosen on."""
        return np.intersect1d(self.rows, self.account.of_kind("seed")[0].split.judge)

    @cached_property
    def made_on(self) -> Ints:
        """The others."""
        return np.setdiff1d(self.rows, self.held_out)

    @cached_property
    def z(self) -> Floats:
        """Features (n, F) in SD from their mean over the model's lines."""
        return self.scaled(self.dataset)

    def scaled(self, other: Dataset) -> Floats:
        """Features of any lines with the same columns, in SD from the mean over the model's lines."""
        x, spread = self.dataset.x.astype(np.float64), feature_spread(self.dataset)
        return np.asarray((other.x.astype(np.float64) - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0))

    @cached_property
    def answers(self) -> list[Floats]:
        """Each model's predictions (n, drugs) minus what all drugs share."""
        found = []
        for model in self.models:
            function, lines = of_drugs(model, self.dataset, self.drugs)
            found.append(function.ask(lines.x)[:, : len(self.drugs)])
        return found


@dataclass(frozen=True)
class Proposed:
    """A rule with its counts on the lines that it was made on and on those held out."""

    rule: Rule
    draft: Draft
    made: Count
    held: Count

    def facts(self, dataset: Dataset) -> dict[str, Any]:
        """What the record keeps of it beside the claim."""
        names = [f"{feature.layer}:{feature.gene}" for feature in dataset.features]
        low, high = self.held.interval
        return {
            "when": [
                {
                    "weights": dict(zip([names[i] for i in half.features], half.weights, strict=True)),
                    "at_least": half.above,
                }
                for half in self.rule.halves
            ],
            "then": {"at_least" if self.rule.upward else "at_most": self.rule.level},
            "held_out": {
                "lines": self.held.lines,
                "covered": self.held.covered,
                "coverage": self.held.coverage,
                "precision": self.held.precision,
                "ci95": [low, high],
                "base_rate": self.held.base,
            },
            "made_on": {"lines": self.made.lines, "coverage": self.made.coverage, "precision": self.made.precision},
        }


def propose_rules(ground: Ground) -> list[Proposed]:
    """At most one rule for high and one for low predictions of each drug; none with too few lines to count on."""
    if min(len(ground.held_out), len(ground.made_on)) < LEAST_LINES:
        return []
    own = replace(ground.account, members=tuple(ground.account.of_kind("seed")))
    width = len(ground.dataset.features)
    genes = [feature.gene for feature in ground.dataset.features]
    slopes = np.mean([member.slopes[: len(ground.drugs), :width] for member in own.members], axis=0)
    proposed: list[Proposed] = []
    for output, drug in enumerate(ground.drugs):
        slope = _one_layer(slopes[output], genes)
        modules = [m for m in own.modules(output, size=SIZE) if all(i < width and slope[i] != 0 for i in m.features)]
        found: list[Proposed] = []
        for upward in (True, False):
            z, answers = ground.z[ground.made_on], ground.answers[0][ground.made_on, output]
            rule = best_rule(directions(slope, modules, z, upward), z, answers, upward)
            if rule is not None and all(set(rule.features) != set(one.rule.features) for one in found):
                found.append(_proposed(ground, rule, output, drug))
        proposed += found
    return proposed


def _one_layer(slope: Floats, genes: Sequence[str]) -> Floats:
    """The slope with 0 for every layer of a gene but its strongest: no gene stands twice in a rule."""
    kept = np.zeros_like(slope)
    seen: set[str] = set()
    for i in np.argsort(-np.abs(slope), kind="stable"):
        if genes[i] not in seen:
            seen.add(genes[i])
            kept[i] = slope[i]
    return kept


def _proposed(ground: Ground, rule: Rule, output: int, drug: int) -> Proposed:
    """Count a rule and draft its claim: its spread and how often it holds, over the refitted models."""
    held = rule.holds(ground.z)

    def difference(answers: Floats, rows: Ints) -> float:
        inside, outside = rows[held[rows]], rows[~held[rows]]
        return float(answers[inside, output].mean() - answers[outside, output].mean())

    values, holds = [], []
    for answers, fitted in zip(ground.answers[1:], ground.refits, strict=True):
        unseen = np.setdiff1d(ground.rows, fitted.member.lines)
        level = float(
            np.quantile(answers[ground.rows, output], (ground.answers[0][ground.rows, output] < rule.level).mean())
        )
        own = count(replace(rule, level=level), ground.z[unseen], answers[unseen, output])
        holds.append(own.precision is not None and own.precision > HOLDS)
        values.append(difference(answers, ground.rows))
    value = difference(ground.answers[0], ground.rows)
    draft = Draft(
        kind=ClaimKind.RULE,
        drug=drug,
        features=rule.features,
        weights=rule.weights,
        value=value,
        sd=float(np.std(values, ddof=1)) if len(values) > 1 else 0.0,
        selection=float(np.mean(holds)) if holds else 0.0,
        consistency=float(np.mean(np.sign(values) == np.sign(value))) if values else 0.0,
    )
    made, out = (
        count(rule, ground.z[rows], ground.answers[0][rows, output]) for rows in (ground.made_on, ground.held_out)
    )
    return Proposed(rule, draft, made, out)
