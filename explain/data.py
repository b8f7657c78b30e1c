"""The tables that a predictor learns from, as arrays, and the gene graph that it passes messages on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from pathproof.errors import DataError
from pathproof.explain.responses import read_responses, read_table
from pathproof.graph_schema.records import Layer
from pathproof.graph_schema.screens import DEFAULT_SCREEN
from pathproof.workspace import Workspace, content_key

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MIN_CARRIERS = 5
"""A mutation that fewer of the used cell lines carry says next to nothing and is left out."""

RELATIONS: Mapping[str, str] = {"omnipath": "signalling-edges", "collectri": "regulation-edges"}
"""Relation of the gene graph -> the named query that lists its edges."""

UNKNOWN = "unknown"


class Feature(NamedTuple):
    """One input of a predictor: a gene, measured in one layer."""

    gene: str
    layer: Layer


@dataclass(frozen=True)
class Dataset:
    """Cell lines with expression and response, all layers aligned on them.

    Parameters
    ----------
    cell_lines : tuple of str, length n
        CURIEs, sorted.
    drugs, drug_names : tuple of str, length D
        CURIEs, sorted, and their names (names may repeat).
    features : tuple of Feature, length F
        All expression features, then all mutation features.
    x : float32 (n, F)
        Cell lines x features. Expression: z-scores as given; mutation: 0 or 1. 0 where the layer or
        the value is missing.
    has_layer : dict of layer to bool (n,)
        Whether the cell line has the layer.
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

    @cached_property
    def data_id(self) -> str:
        """Content key of everything that a predictor can see."""
        arrays: list[npt.NDArray[Any]] = [self.x, self.y, *(self.has_layer[name] for name in sorted(self.has_layer))]
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

    def layer_columns(self, layer: Layer) -> Ints:
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


def load_dataset(workspace: Workspace, *, screen: str = DEFAULT_SCREEN, max_rmse: float | None = None) -> Dataset:
    """Read the tables that `ingest` wrote into one aligned data set.

    Kept are the cell lines that have both expression and at least one response.

    Parameters
    ----------
    workspace : Workspace
    screen : str
        Which drug screen: gdsc2, gdsc1 or ccle.
    max_rmse : float, optional
        Leave out responses whose curve fits worse than this.

    Raises
    ------
    DataError
        A table is missing, or nothing is left after the join.
    UsageError
        The screen was not ingested, or has no fit errors to filter by.
    """
    left_out: dict[str, int] = {}
    responses = read_responses(workspace, screen, max_rmse, left_out)
    used = ("expression", "mutations", "cell_lines", "drugs")
    tables = {name: read_table(workspace.tables / f"{name}.parquet") for name in used}
    expression = tables["expression"].set_index("cell_line")
    lines = sorted(set(responses["cell_line"]) & set(expression.index))
    drugs = sorted(set(responses.loc[responses["cell_line"].isin(lines), "drug"]))
    if not lines:
        raise DataError(
            "No cell line has both a response and expression.",
            where=workspace.tables,
            got=f"{responses['cell_line'].nunique()} screened, {len(expression)} with expression",
            action="check the identifiers in cell_lines.parquet and run `pathproof ingest` again",
        )
    pairs = responses.pivot(index="cell_line", columns="drug", values="ln_ic50")
    parts = [_expression(expression.loc[lines], left_out)]
    mutations = tables["mutations"].set_index("cell_line")
    parts.append(_mutations(mutations, lines, left_out))
    about = tables["cell_lines"].drop_duplicates("cell_line").set_index("cell_line").reindex(lines)
    names = tables["drugs"].drop_duplicates("drug").set_index("drug")["name"].reindex(drugs)
    return Dataset(
        cell_lines=tuple(lines),
        drugs=tuple(drugs),
        drug_names=tuple(drug if pd.isna(n) else str(n) for drug, n in zip(drugs, names, strict=True)),
        features=tuple(feature for features, _ in parts for feature in features),
        x=np.concatenate([values for _, values in parts], axis=1),
        has_layer={
            "expression": np.ones(len(lines), dtype=bool),
            "mutation": np.asarray([line in mutations.index for line in lines], dtype=bool),
        },
        tissue=_labels(about["tissue"]),
        covariates={key: _labels(about[key]) for key in ("cancer_type", "growth")},
        y=pairs.reindex(index=lines, columns=drugs).to_numpy(dtype=np.float64),
        screen=str(responses["screen"].iloc[0]),
        left_out=left_out,
        max_rmse=max_rmse,
    )


def _labels(column: pd.Series[Any]) -> tuple[str, ...]:
    return tuple(UNKNOWN if pd.isna(value) or not str(value).strip() else str(value) for value in column)


def _expression(table: pd.DataFrame, left_out: dict[str, int]) -> tuple[list[Feature], Singles]:
    values = table.to_numpy(dtype=np.float32)
    missing = ~np.isfinite(values)
    values = np.where(missing, np.float32(0), values)
    keep = np.ptp(values, axis=0) > 0
    left_out["expression features without variation"] = int((~keep).sum())
    left_out["expression values missing (set to 0, the mean)"] = int(missing[:, keep].sum())
    features = [Feature(str(gene), "expression") for gene, kept in zip(table.columns, keep, strict=True) if kept]
    return features, values[:, keep]


def _mutations(table: pd.DataFrame, lines: Sequence[str], left_out: dict[str, int]) -> tuple[list[Feature], Singles]:
    values = np.nan_to_num(table.reindex(list(lines)).to_numpy(dtype=np.float32))
    carriers = (values > 0).sum(axis=0)
    measured = sum(line in table.index for line in lines)
    keep = (carriers >= MIN_CARRIERS) & (carriers <= measured - MIN_CARRIERS)
    left_out[f"mutation features with fewer than {MIN_CARRIERS} carriers or non-carriers"] = int((~keep).sum())
    features = [Feature(str(gene), "mutation") for gene, kept in zip(table.columns, keep, strict=True) if kept]
    return features, values[:, keep]


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
