"""The knowledge that references are built from: rows of named queries, read once and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import pandas as pd

from pathproof.errors import StoreError
from pathproof.graph_schema.screens import OTHER_SCREENS

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "drugs": ("id", "name"),
    "target-edges": ("drug", "gene", "edge", "knowledge_source"),
    "pathway-members": ("pathway", "name", "gene", "edge", "knowledge_source"),
    "signalling-edges": ("source", "target", "sign", "edge", "knowledge_source"),
    "regulation-edges": ("source", "target", "sign", "edge", "knowledge_source"),
    "evidence-edges": (
        *("drug", "gene", "direction", "evidence_level", "molecular_profile", "combination"),
        *("edge", "knowledge_source"),
    ),
    "resistance-pathways": ("pathway", "name", "drug", "gene", "edge", "knowledge_source"),
    "resistance-signatures": ("gene_set", "name", "drug", "gene", "expression", "edge", "knowledge_source"),
}
# Inside this room a query's columns have these names: `source` is a source of knowledge, never a gene.
RENAMED: Mapping[str, Mapping[str, str]] = {
    "drugs": {"id": "drug"},
    "signalling-edges": {"source": "start", "target": "end"},
    "regulation-edges": {"source": "start", "target": "end"},
    "evidence-edges": {"evidence_level": "level", "molecular_profile": "profile"},
}
SAME_CLASS = 0.5
LITERATURE = ".therapy:"  # in the id of a drug that only the literature names (civic.therapy:, reactome.therapy:)


def records(frame: pd.DataFrame) -> list[Any]:
    """The rows, read by attribute (columns are checked when they are read)."""
    return list(frame.itertuples(index=False))


class QuerySource(Protocol):
    """The part of the graph store that is needed here."""

    def rows(self, name: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows of a named query."""
        ...


@dataclass(frozen=True)
class Knowledge:
    """One frame for each named query: columns :data:`COLUMNS`, renamed by :data:`RENAMED`, rows sorted.

    Genes are symbols, drugs and pathways CURIEs, `edge` is the id of the edge in the graph,
    `source` the bare name of its source, and `sign` +1 (activates, resistance) or -1.
    """

    frames: Mapping[str, pd.DataFrame]

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]

    @cached_property
    def names(self) -> dict[str, str]:
        """Name of each drug."""
        drugs = self["drugs"]
        return dict(zip(drugs["drug"], drugs["name"], strict=True))

    @cached_property
    def screened(self) -> tuple[str, ...]:
        """Drugs that are compounds of a screen (a therapy that only the literature names is none)."""
        return tuple(sorted(drug for drug in self.names if LITERATURE not in drug))

    @cached_property
    def targets(self) -> dict[str, tuple[str, ...]]:
        """Direct targets of each drug that has any, sorted."""
        grouped = self["target-edges"].groupby("drug")["gene"]
        return {str(drug): tuple(sorted(set(genes))) for drug, genes in grouped}

    @cached_property
    def relatives(self) -> dict[str, tuple[str, ...]]:
        """For each screened drug the drugs of its class, itself among them.

        Two drugs are of one class when they share a name or when their target sets have a
        Jaccard index of at least 0.5. The relation is not transitive.
        """
        drugs = self.screened
        found: dict[str, set[str]] = {drug: {drug} for drug in drugs}
        holders: dict[str, list[str]] = {}
        for drug in drugs:
            for trait in (*self.targets.get(drug, ()), "name " + self.names[drug].lower()):
                holders.setdefault(trait, []).append(drug)
        for sharing in holders.values():
            for i, one in enumerate(sharing):
                for other in sharing[i + 1 :]:
                    if self._same_class(one, other):
                        found[one].add(other)
                        found[other].add(one)
        return {drug: tuple(sorted(others)) for drug, others in found.items()}

    def _same_class(self, one: str, other: str) -> bool:
        if self.names[one].lower() == self.names[other].lower():
            return True
        a, b = set(self.targets.get(one, ())), set(self.targets.get(other, ()))
        return len(a & b) >= SAME_CLASS * len(a | b)

    @cached_property
    def groups(self) -> dict[str, str]:
        """Target group of each screened drug: connected components of :attr:`relatives`, named by their first drug."""
        group: dict[str, str] = {}
        for drug in self.screened:
            if drug in group:
                continue
            todo = [drug]
            while todo:
                member = todo.pop()
                if member not in group:
                    group[member] = drug
                    todo.extend(self.relatives[member])
        return group

    @cached_property
    def pathways(self) -> dict[str, tuple[str, ...]]:
        """Member genes of each pathway that has a gene set."""
        grouped = self["pathway-members"].groupby("pathway")["gene"]
        return {str(pathway): tuple(sorted(set(genes))) for pathway, genes in grouped}


def read_knowledge(store: QuerySource, explained: Iterable[str] = ()) -> Knowledge:
    """Run the named queries.

    Parameters
    ----------
    store : object with `rows(name)`
    explained : iterable of str
        Drugs that are explained. Compounds of a further screen, none of whose drugs is among them, are left
        out: classes and evidence are the same whether that screen was ingested or not.

    Raises
    ------
    StoreError
        When a query gives rows without the columns that are needed, or the graph holds no drug.
    """
    rows = {name: store.rows(name) for name in COLUMNS}
    provider = {str(row.get("id")): row.get("provided_by") for row in rows["drugs"]}
    apart = OTHER_SCREENS - {provider.get(drug) for drug in explained}
    aside = {drug for drug, source in provider.items() if source in apart}
    frames = {name: _without(_frame(name, rows[name]), aside) for name in COLUMNS}
    if frames["drugs"].empty:
        raise StoreError(
            "The graph holds no drugs, so there is nothing to validate against.",
            action="run `pathproof ingest` first, or point --store at the graph that it filled",
        )
    return Knowledge(frames)


def _without(frame: pd.DataFrame, aside: set[str]) -> pd.DataFrame:
    if "drug" not in frame.columns or not aside:
        return frame
    return frame[~frame["drug"].isin(aside)].reset_index(drop=True)


def _frame(name: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    wanted = COLUMNS[name]
    missing = [column for column in wanted if rows and column not in rows[0]]
    if missing:
        raise StoreError(
            f"The named query {name} does not give what the validation needs.",
            got=", ".join(rows[0]),
            allowed=", ".join(wanted),
            action="the query library and this program are of different versions: install both from one release",
        )
    frame = pd.DataFrame(list(rows)) if rows else pd.DataFrame({column: pd.Series(dtype=object) for column in wanted})
    frame = frame.rename(columns=dict(RENAMED.get(name, {})))
    if "direction" in frame.columns:
        frame["sign"] = frame["direction"].map({"resistance": 1, "sensitivity": -1})
    if "knowledge_source" in wanted:
        frame["source"] = frame["knowledge_source"].astype(object).str.removeprefix("source:")
    by = [
        column for column in ("drug", "pathway", "gene_set", "start", "gene", "end", "edge") if column in frame.columns
    ]
    return frame.sort_values(by, kind="stable", ignore_index=True, na_position="last")
