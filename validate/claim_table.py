"""The claim table: the only form in which `validate` sees an explanation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pathproof.errors import UsageError
from pathproof.graph_schema.records import ClaimKind

COLUMNS = (
    "claim_id",
    "explainer",
    "screen",
    "drug",
    "drug_name",
    "kind",
    "key",
    "genes",
    "layer",
    "sign",
    "score",
    "rank",
    "confidence",
    "confirmed",
    "reported",
    "selection_frequency",
    "effect",
    "sources",
    "order",
)
KINDS = tuple(kind.value for kind in ClaimKind)
LAYERS = ("mutation", "expression", "")


@dataclass(frozen=True)
class ClaimTable:
    """All claims of all explainers, one row each, sorted by explainer, screen, drug, kind and order.

    Parameters
    ----------
    frame : DataFrame
        Columns :data:`COLUMNS`. `genes` is a tuple of symbols; `layer` is "mutation",
        "expression" or "" (not said, or mixed); `sign` is +1 (a higher value goes with
        resistance), -1 (with sensitivity) or 0 (not said); `confidence` is in [0, 1] or NaN;
        `confirmed` is True, False or None; only rows with `reported` are judged as findings of
        the explainer; `order` is 1, 2, ... over the reported claims of one explainer, screen,
        drug and kind: by confidence where there is one, then by the size of the score, and 0
        for claims that are not reported.
    explained : tuple of (explainer, screen, drug)
        Everything that was explained, with claims or without: the base of the coverage. Empty
        for a file, where nobody says which drugs were tried: :func:`pathproof.validate.compounds.based` fills it.
    origin : str
        "records", or the name of the file.
    attrition : tuple of dict
        What was left out of the table on purpose, as rows of the report's attrition.
    """

    frame: pd.DataFrame
    explained: tuple[tuple[str, str, str], ...] = ()
    origin: str = "records"
    attrition: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        missing = [name for name in COLUMNS if name not in self.frame.columns]
        if missing:
            raise UsageError("A claim table lacks columns.", got=", ".join(missing), allowed=", ".join(COLUMNS))

    @property
    def genes(self) -> tuple[str, ...]:
        """All symbols named by any claim, sorted."""
        return tuple(sorted({gene for genes in self.frame["genes"] for gene in genes}))

    @property
    def explainers(self) -> tuple[str, ...]:
        """Names of the explainers, sorted."""
        names = set(self.frame["explainer"]) | {name for name, _, _ in self.explained}
        return tuple(sorted(names))

    def drugs_of(self, explainer: str, screen: str) -> tuple[str, ...]:
        """Drugs that this explainer explained in this screen, sorted; empty when not known."""
        return tuple(sorted({d for e, s, d in self.explained if (e, s) == (explainer, screen)}))


def finished(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """The rows as a table with typed columns, sorted, with `order` filled in."""
    # Plain strings: a column of the string type is slow to walk through, and every figure walks through some.
    frame = pd.DataFrame(list(rows), columns=[name for name in COLUMNS if name != "order"], dtype=object)
    types = {"sign": int, "score": float, "rank": int, "confidence": float, "reported": bool}
    frame = frame.astype({**types, "selection_frequency": float, "effect": float, "confirmed": object})
    frame["_hidden"] = ~frame["reported"]
    frame["_size"] = frame["score"].abs()
    group = ["explainer", "screen", "drug", "kind"]
    by = [*group, "_hidden", "confidence", "_size", "rank", "key"]
    ascending = [True] * 5 + [False, False, True, True]
    frame = frame.sort_values(by, ascending=ascending, na_position="last", kind="stable", ignore_index=True)
    place = frame.groupby(group, sort=False).cumcount() + 1
    frame["order"] = np.where(frame["reported"], place, 0)
    return frame.drop(columns=["_hidden", "_size"])
