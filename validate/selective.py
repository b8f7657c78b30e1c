"""Selective precision: the claims that an explainer is surest of, at a threshold set on other target groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pathproof.validate import nulls
from pathproof.validate.halvings import (
    Halved,
    at_threshold,
    facts_on_average,
    groups_on_average,
    popular_on_average,
    swap_on_average,
)
from pathproof.validate.judged import Judged, Setting
from pathproof.validate.scoring import interval_over_groups, swap_entry
from pathproof.validate.steps import MOST, Asked, Steps, steps_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

BAND_DRAWS = 200


def chosen_on_others(precision: Floats, there: Bools, group: Ints, asked: Asked, rng: np.random.Generator) -> Ints:
    """How often each drug was judged at each threshold, the threshold chosen without its target group.

    Parameters
    ----------
    precision, there : ndarray (T, drugs)
        From :attr:`Steps.own`.
    group : ndarray of int (drugs,)
    asked : Asked
    rng : Generator

    Returns
    -------
    ndarray of int (T + 1, drugs)
        Each of the `repeats` halvings counts once for each drug; the last row counts the halvings
        in which no threshold reached the aim, so that nothing was reported.
    """
    names, place = np.unique(group, return_inverse=True)
    counts = np.zeros((len(precision) + 1, precision.shape[1]), dtype=np.int64)
    for _ in range(asked.repeats):
        first_half = np.zeros(len(names), dtype=bool)
        first_half[rng.permutation(len(names))[: len(names) // 2]] = True
        for chooses in (first_half[place], ~first_half[place]):
            total = (there & chooses).sum(axis=1)
            reached = (precision * (there & chooses)).sum(axis=1) / np.maximum(total, 1)
            good = np.flatnonzero((reached >= asked.aim) & (total >= asked.min_drugs))
            counts[good[0] if len(good) else -1, ~chooses] += 1
    return counts


def halved(setting: Setting, judged: Judged, steps: Steps, asked: Asked) -> tuple[Halved, float]:
    """The claims with the thresholds that other groups chose, and the share of splits that found none."""
    who = (judged.explainer, judged.screen, judged.reference, judged.kind, judged.circular)
    precision, there = steps.own
    group = judged.group[steps.picked.drugs]
    counts = chosen_on_others(precision, there, group, asked, setting.rng("selective", *who))
    return Halved(steps, group, counts[:-1], asked.repeats), float(counts[-1].sum() / counts.sum())


def selected_drugs(setting: Setting, judged: Judged, asked: Asked) -> tuple[str, ...]:
    """Drugs with a selected claim in any halving; with any candidate when nothing is ever selected."""
    steps = steps_of(judged, asked)
    if steps is None:
        return ()
    weight = halved(setting, judged, steps, asked)[0].weight
    chosen = steps.picked.drugs[weight > 0] if weight.any() else steps.picked.drugs
    return tuple(sorted(judged.drugs[column] for column in chosen.tolist()))


def selective(setting: Setting, judged: Judged, asked: Asked) -> dict[str, Any]:
    """One row of the selective table."""
    row: dict[str, Any] = {
        "explainer": judged.explainer,
        "screen": judged.screen,
        "reference": judged.reference,
        "claim_kind": judged.kind,
        "circular": judged.circular,
        "asked": asked.precision,
        "aimed": asked.aim,
        "most_claims": MOST,
        "n_halvings": asked.repeats,
        "n_testable_drugs": int(judged.facts.testable.sum()),
    }
    steps = steps_of(judged, asked)
    if steps is None:
        return {**row, **_nothing(), "reason": "no claim of this kind can be tested here"}
    halves, without = halved(setting, judged, steps, asked)
    return {
        **row,
        "unranked": unranked(judged),
        "n_candidate_drugs": len(steps.picked.drugs),
        "n_candidate_groups": len(set(halves.group.tolist())),
        "candidate_precision": float(steps.own[0][0].mean()),
        "share_of_splits_without_threshold": without,
        **_obtained(setting, judged, halves, asked),
        "curve": curve(setting, judged, steps),
        "clears": clears(setting, steps, halves.group, asked),
    }


def unranked(judged: Judged) -> bool:
    """Whether all claims are equally sure though a drug has more than three: which are its surest is not said."""
    claims = judged.claims[judged.claims["reported"]]
    sure = claims["confidence"].nunique(dropna=False) * claims["score"].abs().nunique()
    return bool(sure == 1 and claims["drug"].value_counts().max() > MOST)


def _unselected() -> dict[str, Any]:
    none = ("threshold", "precision", "ci95", "drug_swap", "popularity", "per_group_precision", "at_threshold")
    zero = ("n_drugs", "n_target_groups", "n_distinct_facts", "n_distinct_right", "coverage_at_threshold")
    return {**dict.fromkeys(none), **dict.fromkeys(zero, 0.0)}


def _nothing() -> dict[str, Any]:
    return {
        **_unselected(),
        "unranked": False,
        "n_candidate_drugs": 0,
        "n_candidate_groups": 0,
        "candidate_precision": None,
        "share_of_splits_without_threshold": None,
        "curve": [],
        "clears": None,
    }


def _obtained(setting: Setting, judged: Judged, halves: Halved, asked: Asked) -> dict[str, Any]:
    """The row's figures, all of them averages over the halvings; `threshold` is the median one."""
    steps, used, weight = halves.steps, halves.used, halves.weight
    if not used.any():
        return {**_unselected(), "reason": _why_none(steps, asked)}
    precision, _ = steps.own
    value = (used * precision).sum(axis=0) / np.maximum(used.sum(axis=0), 1)
    swap = swap_on_average(setting, judged, halves)
    facts, right = facts_on_average(halves, judged)
    return {
        "threshold": halves.median,
        "coverage_at_threshold": float(weight.sum() / len(steps.picked.testable_columns)),
        "precision": float((value * weight).sum() / weight.sum()),
        "ci95": interval_over_groups(setting, value, weight, halves.group),
        "drug_swap": None if swap is None else swap_entry(swap, setting.draws),
        "popularity": {"mean": popular_on_average(halves, judged)},
        "per_group_precision": float(_group_means(value, weight, halves.group).mean()),
        "n_drugs": float(weight.sum()),
        "n_target_groups": groups_on_average(halves),
        "n_distinct_facts": facts,
        "n_distinct_right": right,
        "at_threshold": at_threshold(halves, judged),
    }


def _why_none(steps: Steps, asked: Asked) -> str:
    drugs = len(steps.picked.drugs)
    if drugs < 2 * asked.min_drugs:
        return (
            f"too few drugs have a testable claim: {drugs}, and a threshold is chosen on at least "
            f"{asked.min_drugs} drugs and judged on others"
        )
    return "no threshold reached the aim on the other target groups"


def _group_means(value: Floats, weight: Floats, group: Ints) -> Floats:
    _, place = np.unique(group, return_inverse=True)
    total = np.bincount(place, weights=weight)
    sums = np.bincount(place, weights=value * weight)
    return np.asarray((sums / np.where(total > 0, total, 1.0))[total > 0], dtype=np.float64)


def curve(setting: Setting, judged: Judged, steps: Steps) -> list[list[float]]:
    """Points [coverage, precision, null low, null high], surest claims first; the band is the drug-swap 95 %."""
    precision, there = steps.own
    orders = setting.orders(len(steps.picked.testable_columns))[:BAND_DRAWS]
    points = []
    for t, supported, testable in steps.each(judged):
        rows = np.flatnonzero(there[t])
        keep = there[t]
        drawn = nulls.swap_draws(supported, testable, rows, orders[:, steps.picked.places[rows]], np.ones(len(rows)))
        drawn = drawn[np.isfinite(drawn)]
        if not len(drawn):
            continue
        low, high = np.quantile(drawn, [0.025, 0.975])
        coverage = keep.sum() / len(steps.picked.testable_columns)
        points.append([float(coverage), float(precision[t][keep].mean()), float(low), float(high)])
    return points


def clears(setting: Setting, steps: Steps, group: Ints, asked: Asked) -> dict[str, Any] | None:
    """The largest coverage at which the lower 95 % bound of the precision clears what is asked.

    The threshold is chosen where it is judged: an optimistic figure, printed beside the honest one.
    """
    precision, there = steps.own
    for t, threshold in enumerate(steps.thresholds):
        keep = there[t]
        found = interval_over_groups(setting, precision[t][keep], np.ones(keep.sum()), group[keep])
        if found is not None and found[0] >= asked.precision:
            return {
                "threshold": float(threshold),
                "coverage": float(keep.sum() / len(steps.picked.testable_columns)),
                "precision": float(precision[t][keep].mean()),
                "ci95": found,
                "n_target_groups": len(set(group[keep].tolist())),
            }
    return None
