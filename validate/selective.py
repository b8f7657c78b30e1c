"""Selective precision: the claims that an explainer is surest of, at a threshold set on other target groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pathproof.validate import nulls
from pathproof.validate.judged import Judged, Setting
from pathproof.validate.scoring import Picked, distinct_facts, interval_over_groups, pick, popular, swap_entry

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int16]

MOST = 3
BAND_DRAWS = 200


@dataclass(frozen=True)
class Asked:
    """What is asked of the selection.

    Parameters
    ----------
    precision : float
        What the user asks for.
    margin : float
        The threshold is chosen so that the precision on the other groups is at least
        `precision + margin`: a threshold always gives less on new drugs than where it was chosen.
    repeats : int
        Random halvings of the target groups; each gives two splits.
    min_drugs : int
        Least drugs with a claim on the side that chooses.
    points : int
        Thresholds tried.
    """

    precision: float = 0.75
    margin: float = 0.10
    repeats: int = 50
    min_drugs: int = 4
    points: int = 30

    @property
    def aim(self) -> float:
        """Precision that the choosing side must reach."""
        return min(self.precision + self.margin, 1.0)


@dataclass(frozen=True)
class Steps:
    """The candidate claims at every threshold.

    Parameters
    ----------
    picked : Picked
        The candidates: at most three a drug.
    values : ndarray of float (claims,)
        What they are ranked by.
    thresholds : ndarray of float (T,)
        Ascending.
    supported, testable : ndarray of int16 (T, claiming drugs, testable drugs)
        Counts of the claims at or above the threshold.
    """

    picked: Picked
    values: Floats
    thresholds: Floats
    supported: Counts
    testable: Counts

    @property
    def own(self) -> tuple[Floats, Bools]:
        """Precision of each drug at each threshold (T, drugs), 0 where it has no claim, and whether it has one."""
        rows = np.arange(len(self.picked.drugs))
        right = self.supported[:, rows, self.picked.places]
        total = self.testable[:, rows, self.picked.places]
        return right / np.maximum(total, 1), total > 0


def steps_of(judged: Judged, asked: Asked) -> Steps | None:
    """The candidates and thresholds; None when nothing can be tested.

    Ranked by confidence when every reported claim has one, else by the size of the score.
    """
    picked = pick(judged, judged.ordered(MOST))
    if not len(picked.rows):
        return None
    reported = judged.claims[judged.claims["reported"]]
    by = "confidence" if reported["confidence"].notna().all() else "score"
    values = judged.claims[by].abs().to_numpy()[picked.rows]
    levels = np.unique(values)
    if len(levels) > asked.points:
        # Denser among the surest claims: there the precision changes fastest with the coverage.
        places = np.geomspace(1, len(values), asked.points).round().astype(int) - 1
        levels = np.unique(np.sort(values)[::-1][places])
    supported = np.empty((len(levels), len(picked.drugs), len(picked.testable_columns)), dtype=np.int16)
    testable = np.empty_like(supported)
    sup = judged.overlap.supported[np.ix_(picked.rows, picked.testable_columns)].astype(np.int16)
    tes = judged.overlap.testable[np.ix_(picked.rows, picked.testable_columns)].astype(np.int16)
    for t, level in enumerate(levels):
        keep = (values >= level).astype(np.int16)[:, None]
        supported[t] = np.add.reduceat(sup * keep, picked.first, axis=0)
        testable[t] = np.add.reduceat(tes * keep, picked.first, axis=0)
    return Steps(picked, values, levels, supported, testable)


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
    }
    steps = steps_of(judged, asked)
    if steps is None:
        return {**row, **_nothing(), "reason": "no claim of this kind can be tested here"}
    who = (judged.explainer, judged.screen, judged.reference, judged.kind, judged.circular)
    precision, there = steps.own
    group = judged.group[steps.picked.drugs]
    counts = chosen_on_others(precision, there, group, asked, setting.rng("selective", *who))
    return {
        **row,
        "n_candidate_groups": len(set(group.tolist())),
        "candidate_precision": float(precision[0].mean()),
        "share_of_splits_without_threshold": float(counts[-1].sum() / counts.sum()),
        **_obtained(setting, judged, steps, counts[:-1], asked.repeats),
        "curve": curve(setting, steps),
        "clears": clears(setting, steps, group, asked),
    }


def _unselected() -> dict[str, Any]:
    none = ("threshold", "precision", "ci95", "drug_swap", "popularity", "per_group_precision")
    zero = ("n_drugs", "n_target_groups", "n_distinct_facts", "n_distinct_right")
    return {**dict.fromkeys(none), **dict.fromkeys(zero, 0), "coverage_at_threshold": 0.0}


def _nothing() -> dict[str, Any]:
    return {
        **_unselected(),
        "n_candidate_groups": 0,
        "candidate_precision": None,
        "share_of_splits_without_threshold": None,
        "curve": [],
        "clears": None,
    }


def _obtained(setting: Setting, judged: Judged, steps: Steps, counts: Ints, repeats: int) -> dict[str, Any]:
    """Precision of each drug at the thresholds that other groups chose, averaged over the halvings."""
    precision, there = steps.own
    used = counts * there
    picked = steps.picked
    # A drug is judged once in each halving; where no threshold was found it has no claim then.
    weight = used.sum(axis=0) / repeats
    coverage = float(weight.sum() / len(picked.testable_columns))
    if not used.any():
        return {**_unselected(), "reason": "no threshold reached the aim on the other target groups"}
    value = (used * precision).sum(axis=0) / np.maximum(used.sum(axis=0), 1)
    group = judged.group[picked.drugs]
    threshold = float(np.repeat(steps.thresholds, counts.sum(axis=1))[counts.sum() // 2])
    final = pick(judged, _above(judged, steps, threshold))
    facts, right = distinct_facts(judged, final.rows)
    swap = _swap(setting, steps, used)
    means = _group_means(value, weight, group)
    return {
        "threshold": threshold,
        "coverage_at_threshold": coverage,
        "precision": float((value * weight).sum() / weight.sum()),
        "ci95": interval_over_groups(setting, value, weight, group),
        "drug_swap": None if swap is None else swap_entry(swap, setting.draws),
        "popularity": {"mean": popular(judged, final)},
        "per_group_precision": float(means.mean()),
        "n_drugs": len(final.drugs),
        "n_target_groups": len(set(judged.group[final.drugs].tolist())),
        "n_distinct_facts": facts,
        "n_distinct_right": right,
    }


def _above(judged: Judged, steps: Steps, threshold: float) -> Bools:
    chosen = np.zeros(len(judged.claims), dtype=bool)
    chosen[steps.picked.rows[steps.values >= threshold]] = True
    return chosen


def _group_means(value: Floats, weight: Floats, group: Ints) -> Floats:
    _, place = np.unique(group, return_inverse=True)
    total = np.bincount(place, weights=weight)
    sums = np.bincount(place, weights=value * weight)
    return np.asarray((sums / np.where(total > 0, total, 1.0))[total > 0], dtype=np.float64)


def _swap(setting: Setting, steps: Steps, used: Ints) -> nulls.SwapResult | None:
    """The same claims at the same thresholds against other drugs' references."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.nan_to_num(steps.supported / steps.testable)
    open_share = (used[:, :, None] * (steps.testable > 0)).sum(axis=0)
    right = (used[:, :, None] * share).sum(axis=0)
    keep = used.sum(axis=0) > 0
    weights = used.sum(axis=0)[keep].astype(np.float64)
    orders = setting.orders(len(steps.picked.testable_columns))
    return nulls.drug_swap(right[keep], open_share[keep], steps.picked.places[keep], orders, weights)


def curve(setting: Setting, steps: Steps) -> list[list[float]]:
    """Points [coverage, precision, null low, null high], surest claims first; the band is the drug-swap 95 %."""
    precision, there = steps.own
    orders = setting.orders(len(steps.picked.testable_columns))[:BAND_DRAWS]
    points = []
    for t in reversed(range(len(steps.thresholds))):
        keep = there[t]
        swap = nulls.drug_swap(steps.supported[t][keep], steps.testable[t][keep], steps.picked.places[keep], orders)
        if swap is None or not len(swap.draws):
            continue
        low, high = np.quantile(swap.draws, [0.025, 0.975])
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
