"""The tables that a predictor learns from, as arrays, and the gene graph that it passes messages on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from pathproof.errors import DataError, UsageError
from pathproof.explain.layers import check_choice, join_layers, label_column, read_layer
from pathproof.explain.responses import read_responses, read_table
from pathproof.graph_schema.records import Layer
from pathproof.graph_schema.screens import DEFAULT_SCREEN
from pathproof.workspace import Workspace, content_key

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
FeatureLayer: TypeAlias = Layer | Literal["copy_number"]
"""Layers of a data set's features; explanations are recorded of expression and mutation only."""

RELATIONS: Mapping[str, str] = {"omnipath": "signalling-edges", "collectri": "regulation-edges"}
"""Relation of the gene graph -> the named query that lists its edges."""

UNKNOWN = "unknown"
LineChoice: TypeAlias = Literal["complete", "any"]


class Feature(NamedTuple):
    """One input of a predictor: a gene, measured in one layer."""

    gene: str
    layer: FeatureLayer

    @property
    def recorded(self) -> Layer:
        """The layer as an explanation names it; one that no explanation can name is refused (UsageError)."""
        if self.layer == "copy_number":
            raise UsageError(
                "Explanations name expression and mutations only.",
                got=f"{self.gene}, {self.layer}",
                action="explain a model of a data set without this layer",
            )
        return self.layer


@dataclass(frozen=True)
class Dataset:
    """Cell lines with responses, all layers aligned on them.

    Parameters
    ----------
    cell_lines : tuple of str, length n
        CURIEs, sorted.
    drugs, drug_names : tuple of str, length D
        CURIEs, sorted, and their names (names may repeat).
    features : tuple of Feature, length F
        All expression features, then all mutation features, then those of copy number where it was asked for.
    x : float32 (n, F)
        Cell lines x features. Expression: z-scores as given; mutation: 0 or 1; copy number:
        log2(copies / 2), limited to -3..3. 0 where the layer or the value is missing.
    has_layer : dict of layer to bool (n,)
        Whether the cell line has the layer, all of it.
    tissue : tuple of str, length n
    covariates : dict of name to tuple of str, length n
        "cancer_type" and "growth"; "unknown" where not stated.
    y : float64 (n, D)
        ln IC50 (ln uM); NaN where the pair was not screened.
    screen : str
        Name of the drug screen, as GDSC2.
    max_rmse : float or None
        Largest error of a curve fit that a response may have; None for any.
    left_out : dict of reason to int
        Features and values that were not used.
    known : bool (n, F), optional
        Which layers' values a cell line has, where some have a part of a layer: expression of a second
        matrix with fewer genes. None: `has_layer` says it all. See :attr:`measured`.
    """

    cell_lines: tuple[str, ...]
    drugs: tuple[str, ...]
    drug_names: tuple[str, ...]
    features: tuple[Feature, ...]
    x: Singles
    has_layer: Mapping[str, Bools]
    tissue: tuple[str, ...]
    covariates: Mapping[str, tuple[str, ...]]
    y: Floats
    screen: str
    left_out: Mapping[str, int] = field(default_factory=dict)
    max_rmse: float | None = None
    known: Bools | None = None

    @cached_property
    def data_id(self) -> str:
        """Content key of everything that a predictor can see."""
        arrays: list[npt.NDArray[Any]] = [self.x, self.y, *(self.has_layer[name] for name in sorted(self.has_layer))]
        if self.known is not None:
            arrays.append(self.known)
        names = [self.cell_lines, self.drugs, self.tissue, [list(f) for f in self.features]]
        covariates = [[key, self.covariates[key]] for key in sorted(self.covariates)]
        return content_key(names, covariates, self.screen, [_sha256(a) for a in arrays])

    @cached_property
    def genes(self) -> tuple[str, ...]:
        """Symbols of all genes that the model can name, in order of first appearance."""
        return tuple(dict.fromkeys(feature.gene for feature in self.features))

    @cached_property
    def tissues(self) -> tuple[str, ...]:
        """The tissue names in the order of the columns of :attr:`tissue_one_hot`."""
        return tuple(sorted(set(self.tissue)))

    @cached_property
    def tissue_one_hot(self) -> Singles:
        """Cell lines x tissues, float32 (n, T)."""
        return np.asarray([[float(t == name) for name in self.tissues] for t in self.tissue], dtype=np.float32)

    @cached_property
    def complete(self) -> Bools:
        """The cell lines (n,) with all of the expression: those of a data set read with ``lines="complete"``."""
        return np.asarray(self.has_layer["expression"], dtype=bool)

    @cached_property
    def measured(self) -> Bools:
        """Whether a cell line has a feature's layer, or that part of it (n, F)."""
        if self.known is not None:
            return self.known
        return np.stack([self.has_layer[feature.layer] for feature in self.features], axis=1)

    def layer_columns(self, layer: FeatureLayer) -> Ints:
        """Columns of `x` that belong to the layer, ascending."""
        return np.asarray([i for i, feature in enumerate(self.features) if feature.layer == layer], dtype=np.int64)


@dataclass(frozen=True)
class GeneGraph:
    """Directed edges between the genes of a data set.

    Parameters
    ----------
    genes : tuple of str
    relations : dict of name to int64 (2, E)
        Source and target as indices into `genes`; sorted, without repeats and self loops.
    signs : dict of name to int64 (E,)
        +1 activates, -1 inhibits, 0 not stated or contradictory.
    """

    genes: tuple[str, ...]
    relations: Mapping[str, Ints]
    signs: Mapping[str, Ints]

    @cached_property
    def key(self) -> str:
        """Content key of the graph."""
        parts = [
            [name, _sha256(np.asarray(self.relations[name])), _sha256(np.asarray(self.signs[name]))]
            for name in sorted(self.relations)
        ]
        return content_key(self.genes, parts)


class QueryStore(Protocol):
    """What :func:`gene_graph` needs of a graph store: named queries."""

    def rows(self, name: str, /) -> list[dict[str, Any]]:
        """Rows of a named query."""
        ...


def _sha256(array: npt.NDArray[Any]) -> str:
    header = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(header + np.ascontiguousarray(array).tobytes()).hexdigest()


def load_dataset(
    workspace: Workspace,
    *,
    screen: str = DEFAULT_SCREEN,
    max_rmse: float | None = None,
    lines: LineChoice = "complete",
    layers: Sequence[str] = (),
) -> Dataset:
    """Read the tables that `ingest` wrote into one aligned data set.

    Parameters
    ----------
    workspace : Workspace
    screen : str
        Which drug screen: gdsc2, gdsc1 or ccle.
    max_rmse : float, optional
        Leave out responses whose curve fits worse than this.
    lines : {"complete", "any"}
        Cell lines with expression and a response, or those with any of the layers and a response. Drugs, and
        the features of expression and mutation, are the same either way.
    layers : sequence of str
        Further layers: copy_number; expression_tpm, which gives lines without expression a part of it.

    Raises
    ------
    DataError
        A table is missing or not what it should be, or nothing is left after the join.
    UsageError
        The screen was not ingested, or has no fit errors to filter by; an unknown layer.
    """
    check_choice(lines, layers)
    left_out: dict[str, int] = {}
    responses = read_responses(workspace, screen, max_rmse, left_out)
    tables = {name: read_layer(workspace, name) for name in ("expression", "mutation", *layers)}
    screened = set(responses["cell_line"])
    complete = _complete_lines(screened, tables["expression"], workspace)
    drugs = sorted(set(responses.loc[responses["cell_line"].isin(complete), "drug"]))
    used = complete
    if lines == "any":
        responses = responses[responses["drug"].isin(drugs)]
        used = sorted(set(responses["cell_line"]) & set().union(*(table.index for table in tables.values())))
        left_out["screened cell lines without any layer"] = len(screened - set(used))
    parts, known = join_layers(tables, complete, used, left_out)
    about = read_table(workspace.tables / "cell_lines.parquet").drop_duplicates("cell_line").set_index("cell_line")
    about, pairs = about.reindex(used), responses.pivot(index="cell_line", columns="drug", values="ln_ic50")
    return Dataset(
        cell_lines=tuple(used),
        drugs=tuple(drugs),
        drug_names=_drug_names(workspace, drugs),
        features=tuple(Feature(gene, layer) for layer, part in parts.items() for gene in part.genes),
        x=np.concatenate([part.values for part in parts.values()], axis=1),
        has_layer={layer: np.asarray([line in tables[layer].index for line in used], dtype=bool) for layer in parts},
        tissue=label_column(about["tissue"], UNKNOWN),
        covariates={key: label_column(about[key], UNKNOWN) for key in ("cancer_type", "growth")},
        y=pairs.reindex(index=used, columns=drugs).to_numpy(dtype=np.float64),
        screen=str(responses["screen"].iloc[0]),
        left_out=left_out,
        max_rmse=max_rmse,
        known=known,
    )


def _complete_lines(screened: set[str], expression: pd.DataFrame, workspace: Workspace) -> list[str]:
    lines = sorted(screened & set(expression.index))
    if not lines:
        raise DataError(
            "No cell line has both a response and expression.",
            where=workspace.tables,
            got=f"{len(screened)} screened, {len(expression)} with expression",
            action="check the identifiers in cell_lines.parquet and run `pathproof ingest` again",
        )
    return lines


def _drug_names(workspace: Workspace, drugs: Sequence[str]) -> tuple[str, ...]:
    """Names of the drugs; the id where there is none."""
    table = read_table(workspace.tables / "drugs.parquet").drop_duplicates("drug")
    names = table.set_index("drug")["name"].reindex(list(drugs))
    return tuple(drug if pd.isna(n) else str(n) for drug, n in zip(drugs, names, strict=True))


def gene_graph(store: QueryStore, genes: Sequence[str]) -> GeneGraph:
    """Read the signalling and regulation edges among the given genes.

    Parameters
    ----------
    store : QueryStore
        Anything with ``rows(name)`` that answers rows with source, target (symbols) and sign.
    genes : sequence of str
        Approved symbols; edges that leave them are dropped.

    Returns
    -------
    GeneGraph
        The same whatever the order of the store's rows. Edges stated twice with different signs get sign 0.
    """
    index = {gene: i for i, gene in enumerate(genes)}
    relations: dict[str, Ints] = {}
    signs: dict[str, Ints] = {}
    for name, query in RELATIONS.items():
        found: dict[tuple[int, int], set[int]] = {}
        for row in store.rows(query):
            source, target = index.get(row["source"]), index.get(row["target"])
            if source is not None and target is not None and source != target:
                found.setdefault((source, target), set()).add(int(row["sign"] or 0))
        edges = sorted(found)
        relations[name] = np.asarray(edges, dtype=np.int64).reshape(-1, 2).T.copy()
        signs[name] = np.asarray([found[e].pop() if len(found[e]) == 1 else 0 for e in edges], dtype=np.int64)
    return GeneGraph(tuple(genes), relations, signs)
