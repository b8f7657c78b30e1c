"""Families of tests, and the false discovery rate within each.

A family is what a reader looks through for the smallest p-value: one null, all references, for one
explainer, screen, kind of claim, selection and circularity. References overlap, so their p-values
depend on each other: Benjamini and Yekutieli's correction holds under any dependence
(doi:10.1214/aos/1013699998).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from scipy import stats

METHOD = "Benjamini-Yekutieli"
MEMBERS = ("explainer", "screen", "claim_kind", "selection", "metric", "circular")
FAMILY = "one null over all references, for one explainer, screen, kind of claim, selection (or metric) and circularity"


def adjusted(p: Sequence[float]) -> list[float]:
    """The q-value of each p-value of one family, in the same order."""
    return [float(q) for q in stats.false_discovery_control(p, method="by")] if len(p) else []


def fill_q(rows: Iterable[dict[str, Any]], null: str = "drug_swap") -> None:
    """Write `q` beside each `p` of the rows' null, family by family; rows without a p-value are in no family."""
    families: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        entry = row.get(null)
        if isinstance(entry, dict) and entry.get("p") is not None:
            families.setdefault(tuple(row.get(key) for key in MEMBERS), []).append(entry)
    for family in families.values():
        for entry, q in zip(family, adjusted([entry["p"] for entry in family]), strict=True):
            entry["q"] = q
