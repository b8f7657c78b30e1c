"""Claims from explanation records; the table itself and the reading of files stand beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pathproof.errors import DataError, UsageError
from pathproof.graph_schema.records import Claim, Explanation
from pathproof.validate.claim_table import ClaimTable, finished
from pathproof.validate.claims_csv import Names, claims_from_csv
from pathproof.validate.knowledge import QuerySource

__all__ = ["ClaimTable", "claims_from_csv", "claims_from_explanations", "names_of", "together"]


def names_of(store: QuerySource) -> Names:
    """The drugs, genes and pathways that the graph (or the tables of a workspace) knows, by every way to write them."""
    genes = [row["symbol"] for row in store.rows("genes")]
    pathways = {row["pathway"]: row["name"] for row in store.rows("pathway-members")}
    return Names.of(store.rows("drugs"), genes, pathways)


def together(tables: Sequence[ClaimTable]) -> ClaimTable:
    """Several tables of claims as one.

    Raises
    ------
    DataError
        When two of them hold an explainer of the same name (for the same screen).
    """
    seen: dict[tuple[str, str], str] = {}
    for table in tables:
        for who in sorted(set(zip(table.frame["explainer"], table.frame["screen"], strict=True))):
            if who in seen:
                raise DataError(
                    "Two tables of explanations hold the same explainer.",
                    where=f"{seen[who]} and {table.origin}",
                    got=who[0],
                    action="give each its own name in the column explainer, or rename one of the files",
                )
            seen[who] = table.origin
    frame = pd.concat([table.frame for table in tables], ignore_index=True)
    explained = tuple(sorted({who for table in tables for who in table.explained}))
    lost = tuple(row for table in tables for row in table.attrition)
    return ClaimTable(frame, explained, " and ".join(table.origin for table in tables), lost)


def claims_from_explanations(explanations: Iterable[Explanation]) -> ClaimTable:
    """One row for each claim of each record.

    Parameters
    ----------
    explanations : iterable of Explanation
        Records of scope "drug"; a narrower scope is about some cell lines and is refused.

    Returns
    -------
    ClaimTable
        Claims with `confirmed` False are kept with `reported` False.

    Raises
    ------
    UsageError
        When one explainer explains the same drug of the same screen twice, or a record is not
        about a whole drug.
    """
    rows: list[dict[str, Any]] = []
    explained: list[tuple[str, str, str]] = []
    for record in explanations:
        if record.scope != "drug":
            raise UsageError(
                "Only explanations of a drug over all its cell lines are scored against knowledge.",
                got=f"{record.explainer}, {record.drug_name}: scope {record.scope}",
                allowed="scope drug",
            )
        explained.append((record.explainer, record.screen, record.drug))
        rows.extend(_row(record, claim) for claim in record.claims)
    twice = sorted(item for item, n in Counter(explained).items() if n > 1)
    if twice:
        raise UsageError(
            "An explainer explains the same drug twice.",
            got="; ".join(" / ".join(item) for item in twice[:5]),
            allowed="one explanation for each explainer, screen and drug",
        )
    return ClaimTable(finished(rows), tuple(sorted(explained)))


def _row(record: Explanation, claim: Claim) -> dict[str, Any]:
    layers = sorted(set(claim.layers))
    return {
        "claim_id": record.claim_id(claim),
        "explainer": record.explainer,
        "screen": record.screen,
        "drug": record.drug,
        "drug_name": record.drug_name,
        "kind": claim.kind.value,
        "key": claim.key,
        "genes": claim.genes,
        "layer": layers[0] if len(layers) == 1 else "",
        "sign": 0 if claim.sign is None else claim.sign.number,
        "score": claim.value,
        "rank": claim.rank,
        "confidence": np.nan if claim.confidence is None else claim.confidence,
        "confirmed": claim.confirmed,
        "reported": claim.confirmed is not False,
        "selection_frequency": np.nan if claim.selection_frequency is None else claim.selection_frequency,
        "effect": np.nan if claim.effect is None else claim.effect,
        "sources": tuple(sorted(set(record.sources) | set(claim.sources))),
    }
