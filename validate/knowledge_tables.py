"""The knowledge of a workspace from its tables: what the named queries answer, without a store.

`ingest` writes every kind of node and edge as a table before the graph is loaded from them, so the
tables say what the graph says. One test holds each answer here equal to the store's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from pathproof.errors import UsageError, WorkspaceError
from pathproof.workspace import Workspace

INGEST = "run `pathproof ingest --data DIR` first (or `pathproof run`, for the demonstration)"
PATHWAYS = "source:reactome"  # whose pathways claims are about: the query's own default
EVIDENCE = {"CONFERS_RESISTANCE_TO": "resistance", "CONFERS_SENSITIVITY_TO": "sensitivity"}


class KnowledgeTables:
    """Answers the queries that a validation asks from `knowledge/nodes` and `knowledge/edges`.

    Parameters
    ----------
    workspace : Workspace
        One that `pathproof ingest` has filled.

    Raises
    ------
    WorkspaceError
        When nothing was ingested there.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.knowledge
        self._answers: dict[str, list[dict[str, Any]]] = {}
        if not (workspace.root / "manifest.json").is_file():
            raise WorkspaceError("This workspace holds no knowledge yet.", where=workspace.root, action=INGEST)

    def rows(self, name: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows of one of the named queries :data:`ANSWERS`, as the store gives them; to be read, not changed.

        Raises
        ------
        UsageError
            When the tables do not answer this query.
        """
        if name not in ANSWERS or params:
            allowed = ", ".join(sorted(ANSWERS)) + ", without parameters"
            raise UsageError("The tables of a workspace do not answer this query.", got=name, allowed=allowed)
        if name not in self._answers:
            frame = ANSWERS[name](self)
            cells = [_plain(frame[column]) for column in frame.columns]
            self._answers[name] = [dict(zip(frame.columns, row, strict=True)) for row in zip(*cells, strict=True)]
        return self._answers[name]

    @cached_property
    def symbols(self) -> dict[str, str]:
        """Symbol of each gene's id."""
        return _dict(self.nodes("Gene", "id", "symbol"))

    def nodes(self, label: str, *columns: str) -> pd.DataFrame:
        """Columns of all nodes of a label."""
        return self._read(self._folder / "nodes" / f"{label}.parquet", columns)

    def edges(self, type_: str, *columns: str) -> pd.DataFrame:
        """`start`, `end`, `edge`, `knowledge_source` and more columns of all edges of a type."""
        wanted = ("start", "end", "id", "primary_knowledge_source", *columns)
        frame = self._read(self._folder / "edges" / f"{type_}.parquet", wanted)
        return frame.rename(columns={"id": "edge", "primary_knowledge_source": "knowledge_source"})

    def _read(self, path: Path, columns: Sequence[str]) -> pd.DataFrame:
        try:
            # An absent column is a property that no row has.
            return pd.read_parquet(path).reindex(columns=list(columns))
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"Cannot read {path.name}: {error}", where=path, action=INGEST) from error


def _plain(cells: pd.Series) -> list[Any]:
    """Plain values; a missing one is None (only NaN differs from itself)."""
    return [None if value is None or value != value else value for value in cells.tolist()]


def _dict(frame: pd.DataFrame) -> dict[str, str]:
    return dict(zip(frame.iloc[:, 0], frame.iloc[:, 1], strict=True))


def _lists(cells: pd.Series) -> list[list[str]]:
    """The lists of a column; a missing value is an empty list."""
    return [list(cell) if hasattr(cell, "__iter__") else [] for cell in cells]


def _drugs(tables: KnowledgeTables) -> pd.DataFrame:
    drugs = tables.nodes("Drug", "id", "name", "synonyms", "target_pathway", "pubchem", "chembl", "provided_by")
    edges = tables.edges("TARGETS")
    held = edges["end"].map(tables.symbols).groupby(edges["start"]).agg(lambda genes: sorted(set(genes)))
    drugs["synonyms"] = _lists(drugs["synonyms"])
    drugs.insert(6, "targets", [held.get(drug, []) for drug in drugs["id"]])
    return drugs.sort_values("id")


def _genes(tables: KnowledgeTables) -> pd.DataFrame:
    return tables.nodes("Gene", "id", "symbol").sort_values("id")


def _targets(tables: KnowledgeTables) -> pd.DataFrame:
    edges = tables.edges("TARGETS")
    edges = edges.assign(drug=edges["start"], gene=edges["end"].map(tables.symbols))
    return edges[["drug", "gene", "edge", "knowledge_source"]].sort_values(["drug", "gene", "edge"])


def _members(tables: KnowledgeTables) -> pd.DataFrame:
    names = _dict(tables.nodes("Pathway", "id", "name"))
    edges = tables.edges("PARTICIPATES_IN")
    edges = edges[edges["knowledge_source"] == PATHWAYS]
    gene, pathway = edges["start"].map(tables.symbols), edges["end"]
    edges = edges.assign(pathway=pathway, name=pathway.map(names), gene=gene)
    return edges[["pathway", "name", "gene", "edge", "knowledge_source"]].sort_values(["pathway", "gene", "edge"])


def _signed(type_: str) -> Callable[[KnowledgeTables], pd.DataFrame]:
    def answer(tables: KnowledgeTables) -> pd.DataFrame:
        edges = tables.edges(type_, "sign")
        start, end = edges["start"].map(tables.symbols), edges["end"].map(tables.symbols)
        edges = edges.assign(source=start, target=end)
        return edges[["source", "target", "sign", "edge", "knowledge_source"]].sort_values(["source", "target", "edge"])

    return answer


def _evidence(tables: KnowledgeTables) -> pd.DataFrame:
    names = _dict(tables.nodes("Drug", "id", "name"))
    told = ("evidence_level", "disease", "combination", "publications", "molecular_profile")
    parts = [tables.edges(type_, "evidence_item", *told).assign(direction=what) for type_, what in EVIDENCE.items()]
    edges = pd.concat(parts, ignore_index=True)
    for about in ("citation", "url"):
        edges[about] = edges["evidence_item"].map(_dict(tables.nodes("EvidenceItem", "id", about)))
    edges["publications"] = _lists(edges["publications"])
    edges = edges.assign(drug=edges["end"], drug_name=edges["end"].map(names), gene=edges["start"].map(tables.symbols))
    first = ["drug", "drug_name", "gene", "direction", *told, "citation", "url", "edge", "knowledge_source"]
    return edges[first].sort_values(["drug", "gene", "direction", "edge"])


def _resistance_pathways(tables: KnowledgeTables) -> pd.DataFrame:
    names = _dict(tables.nodes("Pathway", "id", "name"))
    edges = tables.edges("DESCRIBES_RESISTANCE_TO", "gene")
    edges = edges.assign(
        pathway=edges["start"],
        name=edges["start"].map(names),
        drug=edges["end"],
        gene=edges["gene"].map(tables.symbols),
    )
    columns = ["pathway", "name", "drug", "gene", "edge", "knowledge_source"]
    return edges[columns].sort_values(["pathway", "drug", "gene", "edge"])


def _resistance_signatures(tables: KnowledgeTables) -> pd.DataFrame:
    names = _dict(tables.nodes("GeneSet", "id", "name"))
    drugs = tables.edges("SIGNATURE_OF_RESISTANCE_TO", "expression")
    members = tables.edges("IN_GENE_SET").rename(columns={"start": "member", "end": "start"})[["member", "start"]]
    edges = drugs.merge(members, on="start")
    edges = edges.assign(
        gene_set=edges["start"],
        name=edges["start"].map(names),
        drug=edges["end"],
        gene=edges["member"].map(tables.symbols),
    )
    columns = ["gene_set", "name", "drug", "gene", "expression", "edge", "knowledge_source"]
    return edges[columns].sort_values(["gene_set", "drug", "gene", "edge"])


ANSWERS: Mapping[str, Callable[[KnowledgeTables], pd.DataFrame]] = {
    "drugs": _drugs,
    "genes": _genes,
    "target-edges": _targets,
    "pathway-members": _members,
    "signalling-edges": _signed("AFFECTS"),
    "regulation-edges": _signed("REGULATES"),
    "evidence-edges": _evidence,
    "resistance-pathways": _resistance_pathways,
    "resistance-signatures": _resistance_signatures,
}


def screened(workspace: Workspace, screen: str) -> frozenset[str]:
    """Ids of the drugs that a screen of the workspace holds.

    Raises
    ------
    WorkspaceError
        When it was not ingested, or its table cannot be read.
    """
    path = workspace.tables / "screens" / f"{screen.lower()}.parquet"
    try:
        return frozenset(pd.read_parquet(path, columns=["drug"])["drug"])
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"Cannot read the screen {screen}: {error}", where=path, action=INGEST) from error


def gene_traits(workspace: Workspace) -> pd.DataFrame | None:
    """Mean and variance of each gene's expression over the cell lines of the workspace.

    Returns
    -------
    DataFrame, index gene symbol, columns `mean` and `variance`; None where the workspace holds no expression.
    """
    path = workspace.tables / "expression.parquet"
    if not path.is_file():
        return None
    values = pd.read_parquet(path).set_index("cell_line")
    return pd.DataFrame({"mean": values.mean(), "variance": values.var()})
