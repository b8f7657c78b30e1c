"""What a selection gives on average over the halvings: one coherent set of figures for a row of the report.

Within one halving all drugs of a target group are judged at one threshold, the one that the other
half chose (or at none). Every figure here is the mean over the halvings, so that the precision, the
drugs, the groups, the facts and the nulls of a row speak of the same claims.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pathproof.validate import nulls
from pathproof.validate.judged import Judged, Setting
from pathproof.validate.scoring import Picked, distinct_facts, pick, popular_of_each
from pathproof.validate.steps import Steps

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Halved:
    """The claims at every threshold, and how often each drug was judged at each.

    Parameters
    ----------
    steps : Steps
    group : ndarray of int (drugs,)
        Target group of each claiming drug.
    counts : ndarray of int (T, drugs)
        Halvings in which the drug was judged at the threshold; equal for all drugs of a group.
    repeats : int
        Halvings in all.
    """

    steps: Steps
    group: Ints
    counts: Ints
    repeats: int

    @property
    def used(self) -> Ints:
        """The counts where the drug has a claim at the threshold, else 0."""
        return np.asarray(self.counts * self.steps.own[1], dtype=np.int64)

    @property
    def weight(self) -> Floats:
        """Share of the halvings in which each drug has a claim."""
        return np.asarray(self.used.sum(axis=0) / self.repeats, dtype=np.float64)

    @property
    def median(self) -> float:
        """The median threshold over halvings and drugs."""
        return float(np.repeat(self.steps.thresholds, self.counts.sum(axis=1))[self.counts.sum() // 2])


def groups_on_average(halved: Halved) -> float:
    """Mean number of target groups with a claim in a halving."""
    most = [halved.used[:, halved.group == group].max(axis=1).sum() for group in np.unique(halved.group)]
    return float(sum(most) / halved.repeats)


def facts_on_average(halved: Halved, judged: Judged) -> tuple[float, float]:
    """Mean numbers of distinct (target group, item) pairs in a halving, and of those that are right."""
    steps = halved.steps
    rows = steps.picked.rows
    column = judged.column[rows]
    claiming = {int(drug): place for place, drug in enumerate(steps.picked.drugs)}
    # A group has the same counts for all its drugs: any of them stands for it.
    counts = {int(judged.group[drug]): halved.counts[:, place] for drug, place in claiming.items()}
    surest: tuple[dict[tuple[int, str], float], ...] = ({}, {})
    for group, key, value, right in zip(
        judged.group[column].tolist(),
        judged.claims["key"].iloc[rows],
        steps.values.tolist(),
        judged.own_supported[rows],
        strict=True,
    ):
        for best in surest if right else surest[:1]:
            best[(group, key)] = max(best.get((group, key), -np.inf), value)
    named, good = (
        sum(int(counts[group][steps.thresholds <= value].sum()) for (group, _), value in best.items())
        for best in surest
    )
    return named / halved.repeats, good / halved.repeats


def popular_on_average(halved: Halved, judged: Judged) -> float | None:
    """The popularity null at the same thresholds, with the same weights.

    At each threshold the most claimed items among the claims above it are claimed for every drug
    that was judged there.
    """
    used = halved.used
    total = weight = 0.0
    for t in np.flatnonzero(used.any(axis=1)).tolist():
        picked = above(judged, halved.steps, float(halved.steps.thresholds[t]))
        values, there = popular_of_each(judged, picked)
        share = used[t][np.searchsorted(halved.steps.picked.drugs, picked.drugs)] * there
        total += float((share * values).sum())
        weight += float(share.sum())
    return total / weight if weight else None


def above(judged: Judged, steps: Steps, threshold: float) -> Picked:
    """The candidates at or above a threshold."""
    chosen = np.zeros(len(judged.claims), dtype=bool)
    chosen[steps.picked.rows[steps.values >= threshold]] = True
    return pick(judged, chosen)


def at_threshold(halved: Halved, judged: Judged) -> dict[str, Any]:
    """The one set of claims above the median threshold: optimistic, for it was chosen where it is judged."""
    picked = above(judged, halved.steps, halved.median)
    facts, right = distinct_facts(judged, picked.rows)
    ends = np.diff(np.append(picked.first, len(picked.rows)))
    share = np.add.reduceat(judged.own_supported[picked.rows].astype(np.int64), picked.first) / ends
    return {
        "threshold": halved.median,
        "precision": float(share.mean()),
        "coverage": len(picked.drugs) / len(picked.testable_columns),
        "n_drugs": len(picked.drugs),
        "n_target_groups": len(set(judged.group[picked.drugs].tolist())),
        "n_distinct_facts": facts,
        "n_distinct_right": right,
    }


def swap_on_average(setting: Setting, judged: Judged, halved: Halved) -> nulls.SwapResult | None:
    """The same claims at the same thresholds against other drugs' references."""
    steps, used = halved.steps, halved.used
    right = np.zeros((len(steps.picked.drugs), len(steps.picked.testable_columns)))
    open_share = np.zeros_like(right)
    for t, supported, testable in steps.each(judged):
        rows = np.flatnonzero(used[t])
        times, total = used[t][rows, None], testable[rows]
        right[rows] += times * supported[rows] / np.maximum(total, 1)
        open_share[rows] += times * (total > 0)
    keep = used.sum(axis=0) > 0
    weights = used.sum(axis=0)[keep].astype(np.float64)
    orders = setting.orders(len(steps.picked.testable_columns))
    return nulls.drug_swap(right[keep], open_share[keep], steps.picked.places[keep], orders, weights)
