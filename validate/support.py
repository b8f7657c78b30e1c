"""Whether the screen itself bears out what is claimed, beyond lineage and general fragility.

This room fits nothing: whoever has a test of every gene against every drug hands it in. A claim is borne
out when the test shows its gene with p at most 0.05, in the claimed direction where one is claimed. Claims
that were chosen on the same screen are borne out more often than by chance without being true of anything
else, so the figure is read beside the same claims tested for other drugs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

from pathproof.validate.claim_table import ClaimTable
from pathproof.validate.judged import Setting
from pathproof.validate.nulls import drug_swap
from pathproof.validate.scoring import interval_over_groups, swap_entry

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Row = dict[str, Any]

LEVEL = 0.05
MOST = 3
LAYERS = ("mutation", "expression")
TESTED_KINDS = ("gene", "interaction", "module")


class Tested(Protocol):
    """A screen's tests by layer: normal deviates, index gene symbol, columns drug id, NaN where not tested.

    Positive: a higher value goes with resistance. `z` is beyond lineage and fragility, `plain` with nothing removed.
    """

    @property
    def screen(self) -> str:
        """Name of the screen."""
        ...

    @property
    def method(self) -> str:
        """The test in words."""
        ...

    @property
    def z(self) -> Mapping[str, pd.DataFrame]:
        """Beyond lineage and fragility."""
        ...

    @property
    def plain(self) -> Mapping[str, pd.DataFrame]:
        """With nothing removed."""
        ...


DataTest = Callable[[], Tested]


@dataclass(frozen=True)
class Looked:
    """Claims x drugs (bool): borne out, and tested at all; and each claim's own deviate (NaN: not tested)."""

    borne: Bools
    there: Bools
    own: Floats


def support_rows(
    setting: Setting, claims: ClaimTable, tested: Tested, judged: tuple[str, str, str], threshold: float | None
) -> list[Row]:
    """One row for each explainer: the share of its claims that the screen bears out.

    Parameters
    ----------
    setting : Setting
    claims : ClaimTable
    tested : Tested
    judged : (explainer, screen, kind)
        The judged explainer: of its claims those with a confidence at or above `threshold` are looked at.
    threshold : float or None
        None (and every other explainer): its three surest claims of a drug.

    Returns
    -------
    list of dict
        `explainer`, `screen`, `tested_in`, `method`, `claim_kind`, `selection`, `share` (per drug, then the mean),
        `ci95` (target groups drawn with replacement), `drug_swap` (the same claims, tested for other drugs),
        `plain` (the share with nothing removed), `n_claims`, `n_untested`, `n_drugs`, `n_target_groups`, `reason`.
    """
    rows = []
    for (explainer, screen, kind), part in claims.frame.groupby(["explainer", "screen", "kind"], sort=True):
        own = (str(explainer), str(screen), str(kind))
        level = threshold if own == judged else None
        chosen = part[_chosen(part, level)].reset_index(drop=True)
        if len(chosen) and kind in TESTED_KINDS:
            rows.append({**_about(own, tested, level), **_figures(setting, chosen, tested)})
        elif own == judged:
            reason = "claims about pathways are not tested in the screen"
            rows.append({**_about(own, tested, level), **_nothing(len(chosen)), "reason": reason})
    return rows


def _chosen(part: pd.DataFrame, threshold: float | None) -> Bools:
    """The three surest claims of a drug; of these the ones at or above a threshold, where there is one."""
    order = part["order"].to_numpy()
    top = (order >= 1) & (order <= MOST)
    if threshold is None:
        return np.asarray(top)
    by = "confidence" if part.loc[part["reported"], "confidence"].notna().all() else "score"
    return np.asarray(top & (part[by].abs().to_numpy() >= threshold))


def _about(who: tuple[str, str, str], tested: Tested, threshold: float | None) -> Row:
    return {
        **{"explainer": who[0], "screen": who[1], "claim_kind": who[2], "tested_in": tested.screen},
        **{"method": tested.method, "level": LEVEL},
        "selection": f"top{MOST}" if threshold is None else "selected",
    }


def _nothing(claims: int) -> Row:
    none = dict.fromkeys(("share", "ci95", "drug_swap", "plain"))
    return {**none, "n_claims": claims, "n_untested": claims, "n_drugs": 0, "n_target_groups": 0}


def _figures(setting: Setting, chosen: pd.DataFrame, tested: Tested) -> Row:
    drugs = _drugs_of(tested)
    place = {drug: j for j, drug in enumerate(drugs)}
    column = np.array([place.get(drug, -1) for drug in chosen["drug"]], dtype=np.int64)
    looked = looked_up(chosen, tested.z, drugs)
    rows = np.flatnonzero((column >= 0) & np.isfinite(looked.own))
    if not len(rows):
        reason = f"the screen {tested.screen} tests none of these drugs and genes"
        return {**_nothing(len(chosen)), "reason": reason}
    rows = rows[np.argsort(column[rows], kind="stable")]
    plain, own = looked_up(chosen, tested.plain, drugs), looked.borne[rows, column[rows]]
    claiming, first = np.unique(column[rows], return_index=True)
    total = np.diff(np.append(first, len(rows)))
    share = np.add.reduceat(own.astype(np.int64), first) / total
    before = np.add.reduceat(plain.borne[rows, column[rows]].astype(np.int64), first) / total
    group = np.array([_group(setting, drugs[j]) for j in claiming.tolist()])
    swap = drug_swap(
        np.add.reduceat(looked.borne[rows].astype(np.int64), first, axis=0),
        np.add.reduceat(looked.there[rows].astype(np.int64), first, axis=0),
        claiming,
        setting.orders(len(drugs)),
    )
    return {
        "share": float(share.mean()),
        "ci95": interval_over_groups(setting, share, np.ones(len(share)), group),
        "drug_swap": None if swap is None else swap_entry(swap, setting.draws),
        "plain": float(before.mean()),
        "n_claims": len(chosen),
        "n_untested": len(chosen) - len(rows),
        "n_drugs": len(claiming),
        "n_target_groups": len(set(group.tolist())),
        "reason": None,
    }


def _drugs_of(tested: Tested) -> tuple[str, ...]:
    return tuple(sorted({str(drug) for frame in tested.z.values() for drug in frame.columns}))


def _group(setting: Setting, drug: str) -> str:
    return setting.known.groups.get(drug, drug)


def looked_up(claims: pd.DataFrame, z: Mapping[str, pd.DataFrame], drugs: tuple[str, ...]) -> Looked:
    """Every claim (about genes) tested for every drug.

    A claim that says no layer is tested in both, each at half the level. A pair is borne out when both of its genes
    are, a module when at least half of its genes are (at least half of them tested); their signs are not used, for
    a pair's or module's direction is not that of its genes.
    """
    aligned = {
        layer: (
            {str(gene): row for row, gene in enumerate(frame.index)},
            frame.reindex(columns=list(drugs)).to_numpy(dtype=float),
        )
        for layer, frame in z.items()
    }
    place = {drug: j for j, drug in enumerate(drugs)}
    shape = (len(claims), len(drugs))
    borne, there, own = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool), np.full(len(claims), np.nan)
    known: dict[tuple[str, str, int], tuple[Bools, Bools, Floats]] = {}
    columns = zip(claims["genes"], claims["layer"], claims["sign"], claims["drug"], claims["kind"], strict=True)
    for i, (genes, layer, sign, drug, kind) in enumerate(columns):
        sign = int(sign) if kind == "gene" else 0
        for gene in genes:
            if (gene, layer, sign) not in known:
                known[gene, layer, sign] = _of_gene(aligned, gene, layer, sign, len(drugs))
        found = [known[gene, layer, sign] for gene in genes]
        if not found:
            continue
        hits, tests = (np.sum([one[k] for one in found], axis=0) for k in (0, 1))
        half = (len(found) + 1) // 2
        least = half if kind == "module" else len(found)
        there[i] = tests >= least
        borne[i] = there[i] & (hits >= np.maximum(np.ceil(tests / 2), 1) if kind == "module" else hits >= least)
        at = place.get(drug)
        if at is not None and there[i, at]:
            own[i] = float(np.median([one[2][at] for one in found if np.isfinite(one[2][at])]))
    return Looked(borne, there, own)


def _of_gene(
    z: Mapping[str, tuple[dict[str, int], Floats]], gene: str, layer: str, sign: int, n_drugs: int
) -> tuple[Bools, Bools, Floats]:
    """For each drug whether the gene is borne out, whether it is tested, and its strongest deviate."""
    asked = [layer] if layer else list(LAYERS)
    rows = [z[name][1][z[name][0][gene]] for name in asked if name in z and gene in z[name][0]]
    if not rows:
        return np.zeros(n_drugs, dtype=bool), np.zeros(n_drugs, dtype=bool), np.full(n_drugs, np.nan)
    values = np.stack(rows)
    tested = np.isfinite(values)
    size = np.where(tested, values * sign if sign else np.abs(values), -np.inf)
    best = size.argmax(axis=0)
    strongest = np.take_along_axis(values, best[None, :], axis=0)[0]
    p = ndtr(-size.max(axis=0)) * (1 if sign else 2) * np.maximum(tested.sum(axis=0), 1)
    return p <= LEVEL, tested.any(axis=0), strongest


def claim_columns(claims: pd.DataFrame, tested: Tested) -> pd.DataFrame:
    """`data_z` and `borne_out` of each claim for its own drug; NaN and None where the screen does not test it."""
    known = set(_drugs_of(tested))
    z, told = np.full(len(claims), np.nan), np.full(len(claims), None, dtype=object)
    for drug, places in claims.groupby("drug", sort=False).indices.items():
        if drug in known:
            looked = looked_up(claims.iloc[places], tested.z, (str(drug),))
            z[places] = looked.own
            told[places] = [
                bool(one) if known_one else None
                for one, known_one in zip(looked.borne[:, 0], np.isfinite(looked.own), strict=True)
            ]
    return pd.DataFrame({"data_z": z, "borne_out": told}, index=claims.index)


def confounder_rows(rows: list[Row]) -> list[Row]:
    """What lineage and fragility alone would have shown: a row of the confounders for each explainer."""
    return [
        {
            "explainer": row["explainer"],
            "confounder": "tissue and fragility",
            "view": "claims borne out in the screen",
            "statistic": "share with p at most 0.05, lineage and general sensitivity removed; before: nothing removed",
            "value": row["share"],
            "ci95": row["ci95"],
            "before": row["plain"],
            "n_drugs": row["n_drugs"],
        }
        for row in rows
        if row["share"] is not None
    ]
