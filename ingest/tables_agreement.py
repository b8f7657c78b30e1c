"""How well two measurements of one molecule agree: it bounds what any explanation of either can mean.

References: for GDSC and CCLE, Haibe-Kains et al. 2013, doi:10.1038/nature12831; for the interval, Bonett and
Wright 2000, doi:10.1007/BF02294183.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from pathproof.ingest.tables_drugs import Drugs
from pathproof.ingest.tables_screens import Screen

MIN_LINES = 20
"""Shared cell lines below which no correlation is given."""
_LEVEL = 0.95
_MEASURES = ("ln_ic50", "area")
_COLUMNS = [
    "molecule",
    "name",
    "screen_a",
    "drug_a",
    "screen_b",
    "drug_b",
    "measure",
    "n_lines",
    "spearman",
    "low",
    "high",
]


def agreement(screens: Mapping[str, Screen], drugs: Drugs) -> pd.DataFrame:
    """Spearman correlations over the shared cell lines, one row per pair of drugs of one molecule and measure.

    Pairs of two screens, and of two drugs of one screen (replicates). The measures are ln_ic50, and area: AUC, or
    for CCLE the activity area with its sign turned, so that lower is more sensitive in both. With fewer than
    :data:`MIN_LINES` lines, or where one side does not vary, spearman, low and high are missing. low and high
    bound a 95 % interval.
    """
    wide = {name: _wide(screen.table) for name, screen in screens.items()}
    names = dict(zip(drugs.table["drug"], drugs.table["name"], strict=True))
    rows: list[dict[str, Any]] = []
    for molecule, members in drugs.molecules.groupby("molecule", sort=True)["drug"]:
        for (one, first), (other, second) in _pairs(list(members), wide):
            head = {"molecule": molecule, "name": names[str(molecule)], "screen_a": one, "drug_a": first}
            head |= {"screen_b": other, "drug_b": second}
            for measure in _MEASURES:
                a, b = wide[one][measure].get(first), wide[other][measure].get(second)
                if a is not None and b is not None:
                    rows.append({**head, "measure": measure, **_correlation(a, b)})
    return pd.DataFrame(rows, columns=_COLUMNS)


def summary(table: pd.DataFrame) -> list[dict[str, Any]]:
    """For each two screens and measure: drug pairs with enough lines, and the quartiles of their correlation."""
    found = []
    for (one, other, measure), part in table.groupby(["screen_a", "screen_b", "measure"], sort=True):
        values = part["spearman"].dropna()
        quartiles = (
            [round(float(values.quantile(share)), 3) for share in (0.25, 0.5, 0.75)] if len(values) else [None] * 3
        )
        found.append(
            {
                **{"screen_a": one, "screen_b": other, "measure": measure, "min_lines": MIN_LINES},
                **{"drug_pairs": len(part), "drug_pairs_with_enough_lines": len(values)},
                **dict(zip(("lower_quartile", "median", "upper_quartile"), quartiles, strict=True)),
            }
        )
    return found


def _wide(table: pd.DataFrame) -> dict[str, dict[str, pd.Series[float]]]:
    """Measure -> drug -> values by cell line, without the missing ones."""
    area = table["auc"].where(table["auc"].notna(), -table["act_area"])
    found: dict[str, dict[str, pd.Series[float]]] = {measure: {} for measure in _MEASURES}
    for drug, part in table.assign(area=area).set_index("cell_line").groupby("drug"):
        for measure in _MEASURES:
            found[measure][str(drug)] = part[measure].dropna()
    return found


def _pairs(
    members: list[str], wide: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    measured = [(screen, drug) for screen in wide for drug in members if drug in wide[screen]["ln_ic50"]]
    return combinations(measured, 2)


def _correlation(a: pd.Series[float], b: pd.Series[float]) -> dict[str, Any]:
    lines = a.index.intersection(b.index)
    x, y = a.loc[lines].to_numpy(), b.loc[lines].to_numpy()
    empty = {"n_lines": len(lines), "spearman": None, "low": None, "high": None}
    if len(lines) < MIN_LINES or np.ptp(x) == 0 or np.ptp(y) == 0:
        return empty
    rho = float(np.clip(np.corrcoef(a.loc[lines].rank(), b.loc[lines].rank())[0, 1], -1.0, 1.0))
    low, high = interval(rho, len(lines))
    return {"n_lines": len(lines), "spearman": rho, "low": low, "high": high}


def interval(rho: float, n: int) -> tuple[float, float]:
    """95 % interval of a Spearman correlation of n > 3 pairs, by Fisher's z with Bonett and Wright's variance."""
    if abs(rho) >= 1.0:
        return rho, rho
    z, error = np.arctanh(rho), np.sqrt((1 + rho**2 / 2) / (n - 3))
    reach = NormalDist().inv_cdf((1 + _LEVEL) / 2) * error
    return float(np.tanh(z - reach)), float(np.tanh(z + reach))
