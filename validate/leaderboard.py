"""Several explainers in one table, and whether their differences are more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from pathproof.validate.judged import Judged, Setting
from pathproof.validate.metrics import difference_interval
from pathproof.validate.scoring import SELECTIONS, pick, tally_of

Floats = npt.NDArray[np.float64]

SELECTION = "top3"
COPIED = (
    *("explainer", "screen", "precision", "ci95", "per_group_precision", "coverage", "n_drugs", "n_target_groups"),
    *("n_distinct_facts", "n_distinct_right", "base_rate", "drug_swap", "popularity", "sign_agreement", "reason"),
)


@dataclass(frozen=True)
class Standing:
    """One explainer's precision on each drug that its claims can be tested on.

    Parameters
    ----------
    explainer, screen : str
    row : dict
        Its row of the precision table.
    values : dict of str to float
        Precision by drug.
    groups : dict of str to int
        Target group by drug.
    """

    explainer: str
    screen: str
    row: dict[str, Any]
    values: dict[str, float]
    groups: dict[str, str]


def standing(setting: Setting, judged: Judged, row: dict[str, Any]) -> Standing:
    """The standing of the explainer in `judged`, whose row of the precision table is given."""
    picked = pick(judged, judged.ordered(dict(SELECTIONS)[SELECTION]))
    drugs = [judged.drugs[column] for column in picked.drugs.tolist()]
    values = tally_of(judged, picked).per_drug.tolist() if drugs else []
    groups = {drug: setting.known.groups.get(drug, drug) for drug in drugs}
    return Standing(judged.explainer, judged.screen, row, dict(zip(drugs, values, strict=True)), groups)


def leaderboard(setting: Setting, standings: Sequence[Standing]) -> dict[str, Any]:
    """Rows (best precision first) and the paired difference of every two explainers.

    Parameters
    ----------
    setting : Setting
    standings : sequence of Standing
        All against the same reference, for the same kind of claim.

    Returns
    -------
    dict
        `selection`; `rows`; `differences`: `explainer`, `minus`, `mean` (of the drugs that both can be tested on),
        `ci95` (bootstrap over target groups, the same draws for both), `n_drugs`, `n_target_groups`, `reason`.
    """
    ranked = sorted(standings, key=_rank)
    return {
        "selection": SELECTION,
        "rows": [
            {"rank": place, **{key: one.row.get(key) for key in COPIED}} for place, one in enumerate(ranked, start=1)
        ],
        "differences": [_difference(setting, one, other) for one, other in combinations(ranked, 2)],
    }


def _rank(one: Standing) -> tuple[bool, float, str, str]:
    precision = one.row.get("precision")
    return precision is None, -(precision or 0.0), one.explainer, one.screen


def _difference(setting: Setting, one: Standing, other: Standing) -> dict[str, Any]:
    shared = sorted(set(one.values) & set(other.values))
    row = {"explainer": one.explainer, "screen": one.screen, "minus": other.explainer, "minus_screen": other.screen}
    if not shared:
        nothing: dict[str, Any] = {"mean": None, "ci95": None, "n_drugs": 0, "n_target_groups": 0}
        return {**row, **nothing, "reason": "no drug on which the claims of both can be tested"}
    gap = np.array([one.values[drug] - other.values[drug] for drug in shared])
    _, group = np.unique([one.groups[drug] for drug in shared], return_inverse=True)
    sums = np.bincount(group, weights=gap).astype(np.float64)
    weights = np.bincount(group).astype(np.float64)
    found = difference_interval(sums, weights, setting.resamples(len(sums)))
    return {
        **row,
        "mean": float(gap.mean()),
        "ci95": None if found is None else list(found),
        "n_drugs": len(shared),
        "n_target_groups": len(sums),
        "reason": None if found is not None else "one target group has no spread",
    }
