"""A reference as an object: its facts, and what it says about itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

FACT_COLUMNS = ("drug", "item", "sign_mutation", "sign_expression", "sources", "edges", "text", "citation", "url")
OF_GENES = ("gene", "interaction", "module")


@dataclass(frozen=True)
class Reference:
    """One table of facts.

    Parameters
    ----------
    name : str
    holds, blind_to : str
        What it holds and what it cannot see, one sentence each, for the report.
    facts : DataFrame
        Columns :data:`FACT_COLUMNS`; one row for each fact and provenance. `item` is a symbol or
        a pathway id; the two signs (+1 resistance, -1 sensitivity, 0 not said) are those of a
        mutation and of a high expression of the gene; `sources` and `edges` are tuples; `citation` and
        `url` say where the fact can be read, "" where nothing does.
    signed : bool
        Whether a claim can be contradicted.
    set_aside : frozenset of (drug, item)
        Neither right nor wrong here by the reference's definition (the drug's own target, in the
        pathways that contain it): claims about them are untestable.
    gating : bool
        Whether a verdict may rest on it. A reference whose facts agree with almost any list of
        genes (large pathways, large regulons) is reported and never carries one.
    """

    name: str
    holds: str
    blind_to: str
    facts: pd.DataFrame
    signed: bool = False
    set_aside: frozenset[tuple[str, str]] = frozenset()
    gating: bool = True

    @cached_property
    def provenance(self) -> tuple[npt.NDArray[np.int64], tuple[tuple[str, ...], ...]]:
        """For each fact the number of its set of sources, and these sets."""
        sets: dict[tuple[str, ...], int] = {}
        codes = [sets.setdefault(names, len(sets)) for names in self.facts["sources"].tolist()]
        return np.array(codes, dtype=np.int64), tuple(sets)

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(drug, item) of each fact."""
        return tuple(zip(self.facts["drug"].tolist(), self.facts["item"].tolist(), strict=True))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of claim that it can judge; items that are CURIEs are pathways."""
        items = self.facts["item"].astype(str).str.contains(":", regex=False)
        return (*(OF_GENES if (~items).any() else ()), *(("pathway",) if items.any() else ()))

    def within(self, items: frozenset[str]) -> Reference:
        """The same reference with facts about these genes and pathways only."""
        facts = self.facts[self.facts["item"].isin(items)].reset_index(drop=True)
        return replace(self, facts=facts)

    @property
    def sources(self) -> tuple[str, ...]:
        """All sources of its facts, sorted."""
        return tuple(sorted({name for names in self.provenance[1] for name in names}))


@dataclass(frozen=True)
class Inside:
    """The items that facts may be about; None is everything."""

    items: frozenset[str] | None = None

    def __contains__(self, item: object) -> bool:
        return self.items is None or item in self.items


def fact_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Facts as a sorted table without repeats."""
    frame = pd.DataFrame(list(rows), columns=list(FACT_COLUMNS), dtype=object)
    frame = frame.fillna({"citation": "", "url": ""}).astype({"sign_mutation": np.int64, "sign_expression": np.int64})
    frame = frame.drop_duplicates(subset=["drug", "item", "sign_mutation", "sign_expression", "sources", "edges"])
    return frame.sort_values(["drug", "item", "edges"], kind="stable", ignore_index=True)
