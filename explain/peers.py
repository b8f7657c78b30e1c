"""Peers: simple explainers that stand beside ours in the same record, with as many claims a drug.

They explain the data or nothing, not the model: what they reach is the least that an explanation
of a model has to beat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.modules import tissue_residuals

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset, GeneGraph
    from pathproof.explain.lmm_table import AssociationTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class PeerClaim:
    """One gene claim of a peer; `sign` 0 means that the peer states no direction."""

    feature: int
    value: float
    sign: int
    confidence: float | None


@dataclass(frozen=True)
class Peer:
    """An explainer's claims for every drug (in the order of the dataset), strongest first."""

    name: str
    claims: tuple[tuple[PeerClaim, ...], ...]
    parameters: dict[str, Any]
    graph_sources: tuple[str, ...] = field(default=())


def gene_features(dataset: Dataset) -> Ints:
    """The feature that stands for each gene where no response chooses: expression where it was measured."""
    first: dict[str, int] = {}
    for i, feature in enumerate(dataset.features):
        first.setdefault(feature.gene, i)
    return np.asarray([first[gene] for gene in dataset.genes], dtype=np.int64)


def random_peer(dataset: Dataset, counts: Sequence[int], seed: int) -> Peer:
    """Genes drawn at random, for each drug anew."""
    rng = np.random.default_rng([seed, 6])
    features = gene_features(dataset)
    claims = []
    for count in counts:
        drawn = rng.choice(features, min(count, features.size), replace=False)
        claims.append(tuple(PeerClaim(int(f), float(len(drawn) - i), 0, None) for i, f in enumerate(drawn)))
    return Peer("random", tuple(claims), {"seed": seed, "value": "descending rank"})


def popular_peer(dataset: Dataset, graph: GeneGraph, counts: Sequence[int]) -> Peer:
    """The same genes for every drug: those with most edges in the gene graph."""
    place = {gene: i for i, gene in enumerate(dataset.genes)}
    degree = np.zeros(len(dataset.genes), dtype=np.int64)
    for name in sorted(graph.relations):
        for ends in graph.relations[name]:
            np.add.at(degree, [place[graph.genes[e]] for e in ends if graph.genes[e] in place], 1)
    order = np.argsort(-degree, kind="stable")
    features = gene_features(dataset)
    whole = tuple(PeerClaim(int(features[g]), float(degree[g]), 0, None) for g in order[: max(counts, default=0)])
    claims = tuple(whole[:count] for count in counts)
    return Peer("popular", claims, {"value": "edges in the gene graph"}, tuple(sorted(graph.relations)))


def line_mean_response(y: Floats) -> Floats:
    """General fragility: each line's mean over its measured drugs of the z-scored ln IC50 (n,); NaN without data."""
    z = (y - np.nanmean(y, axis=0)) / np.maximum(np.nanstd(y, axis=0), 1e-12)
    seen = np.isfinite(z)
    count = seen.sum(axis=1)
    total = np.where(seen, z, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0))


def univariate_correlations(dataset: Dataset) -> Floats:
    """Pearson correlation of every feature with every drug, tissue and line mean removed.

    Returns
    -------
    float array (F, D)
        Over the lines that have the feature's layer and a response; 0 with fewer than 10 of them.
    """
    seen = np.isfinite(dataset.y)
    sd = np.maximum(np.nanstd(dataset.y, axis=0), 1e-12)
    z = (dataset.y - np.nanmean(dataset.y, axis=0)) / sd - line_mean_response(dataset.y)[:, None]
    response = tissue_residuals(np.where(seen, z, 0.0), dataset.tissue, seen)
    present = presence(dataset)
    x = tissue_residuals(dataset.x.astype(np.float64), dataset.tissue, present)
    r, n = masked_correlations(x, present, response, seen)
    return np.where(np.isfinite(r) & (n >= 10), r, 0.0)


def masked_correlations(
    x: Floats, present: NDArray[np.bool_], y: Floats, seen: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Pearson correlation of every column of x (n, F) with every column of y (n, D), over the rows that have both.

    Values that are missing must be 0, and the columns about centred, for the sums to be exact enough.

    Returns
    -------
    (float array (F, D), float array (F, D))
        The correlations, NaN without variation, and the numbers of rows.
    """
    x_mask, y_mask = present.astype(np.float64), seen.astype(np.float64)
    n = x_mask.T @ y_mask
    sum_x, sum_y = x.T @ y_mask, x_mask.T @ y
    covariance = x.T @ y - sum_x * sum_y / np.maximum(n, 1)
    var_x = (x**2).T @ y_mask - sum_x**2 / np.maximum(n, 1)
    var_y = x_mask.T @ (y**2) - sum_y**2 / np.maximum(n, 1)
    norm = np.sqrt(np.maximum(var_x, 0.0) * np.maximum(var_y, 0.0))
    r = np.divide(covariance, norm, out=np.full_like(norm, np.nan), where=norm > 1e-9)
    return np.clip(r, -1.0, 1.0), n


def presence(dataset: Dataset) -> NDArray[np.bool_]:
    """Whether each line has each feature's layer (n, F)."""
    return np.stack([dataset.has_layer[feature.layer] for feature in dataset.features], axis=1)


def univariate_peer(dataset: Dataset, counts: Sequence[int]) -> Peer:
    """Genes by absolute correlation with the response; confidence is the absolute correlation."""
    r = univariate_correlations(dataset)
    parameters = {"value": "Pearson correlation, tissue and line mean removed", "confidence": "abs(r)"}
    genes = [feature.gene for feature in dataset.features]
    claims = []
    for drug, count in enumerate(counts):
        rows = _best_layers(r[:, drug], genes, count)
        claims.append(
            tuple(PeerClaim(f, float(r[f, drug]), int(np.sign(r[f, drug])), float(abs(r[f, drug]))) for f in rows)
        )
    return Peer("univariate", tuple(claims), parameters)


def _best_layers(score: Floats, genes: Sequence[str], count: int) -> list[int]:
    """The strongest features, one per gene."""
    chosen: list[int] = []
    named: set[str] = set()
    for f in np.argsort(-np.abs(score), kind="stable").tolist():
        if len(chosen) == count or score[f] == 0:
            break
        if genes[f] not in named:
            named.add(genes[f])
            chosen.append(f)
    return chosen


def association_peer(table: AssociationTable, counts: Sequence[int], z0: float) -> Peer:
    """The leads of the linear mixed model, strongest first; confidence z^2 / (z^2 + z0^2)."""
    z = np.nan_to_num(table.z)
    lead = table.lead & (z != 0)
    claims = []
    for drug, count in enumerate(counts):
        rows = np.flatnonzero(lead[:, drug])
        rows = rows[np.argsort(-np.abs(z[rows, drug]), kind="stable")][:count]
        claims.append(
            tuple(
                PeerClaim(int(f), float(table.beta[f, drug]), int(np.sign(z[f, drug])), evidence(z[f, drug], z0))
                for f in rows
            )
        )
    parameters = {
        "value": "generalised-least-squares slope, ln IC50 per SD",
        "confidence": "z^2 / (z^2 + z0^2)",
        "z0": z0,
    }
    return Peer("association-lmm", tuple(claims), parameters)


def evidence(z: float, z0: float) -> float:
    """A deviate brought to [0, 1): 0.5 at z0, monotone in abs(z)."""
    return float(z * z / (z * z + z0 * z0))
