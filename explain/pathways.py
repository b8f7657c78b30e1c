"""Pathway claims: does the attribution of a pathway's genes lie apart from that of all other genes?

Genes of one pathway are co-expressed, so their attributions are correlated and a plain test calls
far too many pathways. The variance of the mean is therefore inflated by the mean correlation of
the members, as in CAMERA (Wu and Smyth 2012, doi:10.1093/nar/gks461).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PathwaySets:
    """Pathways brought to the measured genes.

    Parameters
    ----------
    ids : tuple of str
        CURIEs, sorted.
    same : tuple of tuple of str
        For each the pathways with the same measured members, which no test can tell from it; sorted, mostly empty.
    membership : float array (G, P)
        1 where the gene belongs to the pathway.
    vif : float array (P,)
        Variance inflation of each pathway's mean.
    """

    ids: tuple[str, ...]
    same: tuple[tuple[str, ...], ...]
    membership: Floats
    vif: Floats

    @property
    def sizes(self) -> Floats:
        """Measured members of each pathway."""
        return np.asarray(self.membership.sum(axis=0))


def variance_inflation(residuals: Floats, membership: Floats) -> Floats:
    """Variance inflation 1 + (m - 1) * rho of each pathway's mean, rho its mean inter-gene correlation.

    Parameters
    ----------
    residuals : float array (n, G)
        Cell lines x genes, each column with mean 0 and variance 1 (tissue removed).
    membership : float array (G, P)

    Returns
    -------
    float array (P,)
        At least 1: a negative mean correlation is set to 0, as CAMERA does, because it
        would make the test liberal.
    """
    sizes = membership.sum(axis=0)
    means = residuals @ membership / np.maximum(sizes, 1.0)
    own = ((residuals**2).mean(axis=0) @ membership) / np.maximum(sizes, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        vif = sizes * (means**2).mean(axis=0) / own
    return np.asarray(np.maximum(np.where(own > 0, vif, 1.0), 1.0))


def pathway_sets(
    pathways: Mapping[str, Sequence[str]],
    genes: Sequence[str],
    residuals: Floats,
    *,
    catalogue_size: tuple[int, int] = (10, 200),
    min_measured: int = 5,
) -> PathwaySets:
    """Keep the pathways that can be tested and measure their variance inflation.

    Pathways with the same measured members are one test: the smallest of the catalogue stands for them, then the first
    by CURIE.

    Parameters
    ----------
    pathways : mapping of CURIE to symbols
    genes : sequence of str (G,)
        The universe.
    residuals : float array (n, G)
    catalogue_size : (int, int)
        Allowed number of genes in the catalogue: a huge pathway says nothing about a drug.
    min_measured : int
        Least number of members in the universe.
    """
    place = {gene: i for i, gene in enumerate(genes)}
    lo, hi = catalogue_size
    found: dict[tuple[int, ...], list[tuple[int, str]]] = {}
    for pathway in sorted(pathways):
        symbols = set(pathways[pathway])
        rows = tuple(sorted(place[s] for s in symbols if s in place))
        if lo <= len(symbols) <= hi and len(rows) >= min_measured:
            found.setdefault(rows, []).append((len(symbols), pathway))
    groups = sorted((min(named)[1], sorted(pathway for _, pathway in named), rows) for rows, named in found.items())
    membership = np.zeros((len(genes), len(groups)))
    for column, (_, _, rows) in enumerate(groups):
        membership[list(rows), column] = 1.0
    ids = tuple(first for first, _, _ in groups)
    same = tuple(tuple(other for other in named if other != first) for first, named, _ in groups)
    return PathwaySets(ids, same, membership, variance_inflation(residuals, membership))


def enrichment_z(attribution: Floats, sets: PathwaySets) -> Floats:
    """Competitive z of each pathway for each drug, corrected for inter-gene correlation.

    z = (mean of members - mean of the others) / sqrt(s2 * (vif / m1 + 1 / m2)), with s2 the pooled
    variance of the attribution within members and others.

    Parameters
    ----------
    attribution : float array (G, D)
        Signed attribution, one value per gene and drug.

    Returns
    -------
    float array (P, D)
        Above 0: the pathway's genes push towards resistance. 0 for a drug whose attribution is constant.

    References
    ----------
    Wu and Smyth 2012, doi:10.1093/nar/gks461
    """
    n_genes = attribution.shape[0]
    inside = sets.sizes[:, None]
    outside = n_genes - inside
    in_mean = sets.membership.T @ attribution / np.maximum(inside, 1.0)
    out_mean = (attribution.sum(axis=0) - in_mean * inside) / np.maximum(outside, 1.0)
    squares = (attribution**2).sum(axis=0) - inside * in_mean**2 - outside * out_mean**2
    pooled = np.maximum(squares, 0.0) / max(n_genes - 2, 1)
    spread = np.sqrt(pooled * (sets.vif[:, None] / np.maximum(inside, 1.0) + 1.0 / np.maximum(outside, 1.0)))
    difference = in_mean - out_mean
    return np.asarray(np.divide(difference, spread, out=np.zeros_like(difference), where=spread > 1e-15))


def leading_members(attribution: Floats, members: NDArray[np.int64], sign: int, limit: int) -> NDArray[np.int64]:
    """The members that carry a pathway's claim: those with its sign, strongest first, at most `limit`.

    Parameters
    ----------
    attribution : float array (G,)
        One drug's signed attribution.
    members : int array
        Gene numbers of the pathway.
    sign : int
        +1 or -1, the sign of the pathway's z.
    """
    own = attribution[members] * sign
    order = np.argsort(-own, kind="stable")
    kept = [int(members[i]) for i in order if own[i] > 0][:limit]
    return np.asarray(kept, dtype=np.int64)
