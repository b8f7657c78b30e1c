"""Stability of anybody's explainer, from several of its runs: do they claim the same, and of each drug its own?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from pathproof.errors import DataError, UsageError
from pathproof.validate.claim_table import ClaimTable
from pathproof.validate.judged import Setting
from pathproof.validate.scoring import interval_over_groups

Floats = npt.NDArray[np.float64]
Row = dict[str, Any]

TOP = 50
KIND = "runs on other lines, as given"
MEASURE = "mean overlap"
SAME = 0.99  # share of the claims that a copy shares
COPIED = 0.9999  # correlation of the scores above which they are the same ones, nudged
LEAST_RANKED = 20  # the order of a few claims may well be the same twice


@dataclass(frozen=True)
class Stability:
    """Rows of the report: `stability` over all drugs and for each, and `identity` among the confounders."""

    stability: list[Row]
    identity: list[Row]


def one_explainer(table: ClaimTable) -> tuple[str, str]:
    """The explainer and screen of a run.

    Raises
    ------
    UsageError
        When the table holds several: a run is one explainer's.
    """
    found = sorted(set(zip(table.frame["explainer"], table.frame["screen"], strict=True)))
    if len(found) != 1:
        raise UsageError(
            "A run holds the claims of one explainer.",
            where=table.origin,
            got=", ".join(f"{name} ({screen})" for name, screen in found),
            action="write the runs into files of their own",
        )
    return found[0]


def refuse_copies(judged: pd.DataFrame, runs: Sequence[ClaimTable], kind: str) -> None:
    """A run with the claims and directions of another one, and its scores but for a little noise, is a copy.

    Raises
    ------
    DataError
        For the first copy: what it is a copy of.
    """
    frames = [("the explanations", judged), *((table.origin, table.frame) for table in runs)]
    parts = [(name, frame[frame["kind"] == kind]) for name, frame in frames]
    for (first, one), (name, other) in combinations(parts, 2):
        if _copied(one, other):
            raise DataError(
                "A run holds the same claims with the same scores as another one, or nearly so: a copy says nothing "
                "about stability.",
                where=name,
                got=f"the {len(other):,} claims of {first}",
                action="give the claims of the explainer on other cell lines",
            )


def _copied(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Nearly all claims are there twice, with the same direction, and the scores (or their ranks) lie on a line."""
    both = one.merge(other, on=["drug", "key", "sign"])
    if not len(both) or len(both) < SAME * max(len(one), len(other)):
        return False
    a, b = both["score_x"], both["score_y"]
    if a.nunique() == 1 or b.nunique() == 1:  # scores that say nothing are no sign of another run
        return True
    ranks = a.rank().corr(b.rank()) if len(both) >= LEAST_RANKED else 0.0
    return bool(max(a.corr(b), ranks) > COPIED)


def compared(setting: Setting, judged: pd.DataFrame, runs: Sequence[ClaimTable], kind: str) -> Stability:
    """Compare the judged claims with further runs of the same explainer.

    A run is, for each drug, the set of its at most 50 surest claims. Two runs are compared by the overlap
    (Jaccard) of these sets; chance is the overlap of random sets of the same sizes. A drug with claims in
    one run only overlaps by 0; one without any is left out. `ci95` draws target groups with replacement.

    Parameters
    ----------
    setting : Setting
    judged : DataFrame
        Claims of the judged explainer and screen: the first run.
    runs : sequence of ClaimTable
        One explainer each; its name does not matter.
    kind : str
        Kind of claim.

    Raises
    ------
    UsageError, DataError
        When a run holds several explainers, or is a copy of another one.
    """
    frames = [judged, *(table.frame for table in runs)]
    for table in runs:
        one_explainer(table)
    refuse_copies(judged, runs, kind)
    frames = [_surest(frame, kind) for frame in frames]
    drugs = sorted({drug for frame in frames for drug in frame["drug"]})
    if not drugs:
        return Stability([], [])
    items = sorted({key for frame in frames for key in frame["key"]})
    sets = [_matrix(frame, drugs, items) for frame in frames]
    group = np.array([setting.known.groups.get(drug, drug) for drug in drugs])
    explainer = str(judged["explainer"].iloc[0])
    pairs = [_overlap(one, other) for one, other in combinations(sets, 2)]
    same = np.nanmean(np.stack([np.diagonal(pair) for pair in pairs]), axis=0)
    universe = max(len(setting.universe.items(kind)), 1)
    chance = np.nanmean(np.stack([_chance(a, b, universe) for a, b in combinations(sets, 2)]), axis=0)
    agreed = _signs(frames)
    shared = {"explainer": explainer, "kind": KIND, "top_k": TOP, "members": len(frames)}
    rows: list[Row] = [
        {
            **shared,
            "drug": "all",
            "jaccard_mean": float(same.mean()),
            "ci95": interval_over_groups(setting, same, np.ones(len(same)), group),
            "chance": float(chance.mean()),
            "sign_agreement": agreed,
            "n_drugs": len(drugs),
        }
    ]
    rows += [
        {**shared, "drug": drug, "jaccard_mean": float(value), "chance": float(luck)}
        for drug, value, luck in zip(drugs, same, chance, strict=True)
    ]
    return Stability(rows, _identity(setting, explainer, same, sets, group))


def _surest(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    order = frame["order"]
    return frame[(frame["kind"] == kind) & (order >= 1) & (order <= TOP)].drop_duplicates(["drug", "key"])


def _matrix(frame: pd.DataFrame, drugs: list[str], items: list[str]) -> sparse.csr_matrix:
    at = ({drug: i for i, drug in enumerate(drugs)}, {item: i for i, item in enumerate(items)})
    rows, columns = frame["drug"].map(at[0]).to_numpy(dtype=np.int64), frame["key"].map(at[1]).to_numpy(dtype=np.int64)
    ones = np.ones(len(frame), dtype=np.float64)
    return sparse.csr_matrix((ones, (rows, columns)), shape=(len(drugs), len(items)))


def _overlap(one: sparse.csr_matrix, other: sparse.csr_matrix) -> Floats:
    """Jaccard of every drug of one run with every drug of the other; NaN where both are empty."""
    shared = (one @ other.T).toarray()
    either = _sizes(one)[:, None] + _sizes(other)[None, :] - shared
    return _share(shared, either)


def _share(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))


def _sizes(sets: sparse.csr_matrix) -> Floats:
    return np.asarray(sets.sum(axis=1), dtype=np.float64).ravel()


def _chance(one: sparse.csr_matrix, other: sparse.csr_matrix, universe: int) -> Floats:
    """Overlap of random sets of the same sizes: that of the expected shared items."""
    a, b = _sizes(one), _sizes(other)
    shared = a * b / universe
    either = a + b - shared
    return _share(shared, either)


def _signs(frames: Sequence[pd.DataFrame]) -> float | None:
    """Share of the claims of two runs that have the same sign, among those signed in both."""
    same = total = 0
    for one, other in combinations(frames, 2):
        both = one[["drug", "key", "sign"]].merge(other[["drug", "key", "sign"]], on=["drug", "key"])
        signed = both[(both["sign_x"] != 0) & (both["sign_y"] != 0)]
        same, total = same + int((signed["sign_x"] == signed["sign_y"]).sum()), total + len(signed)
    return same / total if total else None


def _identity(
    setting: Setting, explainer: str, same: Floats, sets: Sequence[sparse.csr_matrix], group: npt.NDArray[Any]
) -> list[Row]:
    """Is a drug in two runs more like itself than two drugs in one run are like each other?"""
    if len(group) < 2:
        return []
    apart = ~np.eye(len(group), dtype=bool)
    others = np.concatenate([_overlap(one, one)[apart] for one in sets])
    others = others[np.isfinite(others)]
    return [
        {
            "explainer": explainer,
            "confounder": "identity over lines",
            "view": "claims",
            "statistic": "mean overlap (Jaccard) of the same drug's claims in two runs",
            "value": float(same.mean()),
            "ci95": interval_over_groups(setting, same, np.ones(len(same)), group),
            "compared_with": float(others.mean()) if len(others) else 0.0,
            "comparison": "mean overlap of two drugs' claims in one run",
            "measure": MEASURE,
            "n_drugs": len(group),
        }
    ]
