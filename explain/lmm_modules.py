"""Genes that move together, and whether they go with a drug's response as one.

The groups are formed from expression alone, before any response is looked at: average linkage of 1 - |correlation| over
the lines, lineage and growth mode removed, cut at one level for all (unsigned co-expression networks as in WGCNA,
Langfelder and Horvath 2008, doi:10.1186/1471-2105-9-559, with the plain correlation as similarity). A group's score is
the mean of its genes in SD, each turned the way in which it moves with the group's first principal component. The mixed
model of :mod:`pathproof.explain.lmm` tests every score against every drug as it tests a gene, with three differences:

- Responses are rank-normal (Blom's scores), so one line with an extreme response makes no module.
- The genes of a group are a large part of the variance that the kernel explains, so a kernel with them takes their own
  effect away (proximal contamination; Listgarten et al. 2012, doi:10.1038/nmeth.2037). The groups are dealt into five
  parts, and a group is tested with a kernel without the genes of its part.
- Without them the kernel holds less of the background, so all deviates are divided by their inflation, the median of
  abs(z) over that of a normal deviate (genomic control; Devlin and Roeder 1999, doi:10.1111/j.0006-341X.1999.00997.x).

A score is taken at Bonferroni's level over all groups and drugs. It also goes with the response when one of its genes
does and the others only move with it. So a second test asks for the score of the other genes with the strongest one in
the model (one-sided, p <= .05). Which gene is the strongest is found in the same way: ranks, and the same kernel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from threadpoolctl import threadpool_limits

from pathproof.explain import lmm_kernel as kernel
from pathproof.explain.lmm import LmmConfig, score_deviates
from pathproof.explain.lmm_clump import layer_columns
from pathproof.explain.lmm_covariates import lineage
from pathproof.explain.lmm_pairs import BEYOND, Design, deviates

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LEAST_GENES = 3
PARTS = 5
LEVEL = 0.05
MEDIAN = NormalDist().inv_cdf(0.75)
EXPRESSION = "expression"


@dataclass(frozen=True, eq=False)
class Module:
    """Genes that move together.

    Parameters
    ----------
    features : int array (g,)
        Columns of `x`, ascending.
    turned : float array (g,)
        +1 or -1: the way in which each moves with the first principal component; the first is +1.
    spread : float array (g,)
        SD of each feature over the lines that have expression.
    """

    features: Ints
    turned: Floats
    spread: Floats

    def score(self, x: npt.NDArray[np.float32], without: int | None = None) -> Floats:
        """Mean over the features, in SD and turned, of rows `x` (n, F), one feature left out or none; (n,)."""
        kept = self.features != without
        own = x[:, self.features[kept]].astype(np.float64)
        return np.asarray((own / self.spread[kept]) @ self.turned[kept] / kept.sum())

    def way(self, feature: int) -> float:
        """+1 where a high score means that the feature is high, else -1."""
        return float(self.turned[self.features == feature][0])


@dataclass(frozen=True, eq=False)
class ModuleTable:
    """Tests of M modules against D drugs.

    Parameters
    ----------
    modules : tuple of Module
    z : float array (M, D)
        Deviate of the score with rank-normal responses, over the inflation; positive: a high score goes with a higher
        ln IC50. NaN: not tested.
    inflation : float
        At least 1.
    level : float
        The smallest abs(z) that is taken; infinite where nothing is tested.
    lead : int array (M, D)
        Column of the gene of each that goes with the response most; -1: not looked for (below the level).
    beyond : float array (M, D)
        The same as `z` of the score without `lead`, with `lead` in the model; NaN: not asked.
    """

    modules: tuple[Module, ...]
    z: Floats
    inflation: float
    level: float
    lead: Ints
    beyond: Floats

    def place(self, feature: int) -> int:
        """Number of the module that holds a feature (StopIteration: none does)."""
        return next(i for i, one in enumerate(self.modules) if feature in one.features)

    def shown(self) -> npt.NDArray[np.bool_]:
        """Modules (M, D) that go with a drug's response as one, beyond their strongest gene."""
        size = np.abs(np.nan_to_num(self.z))
        return np.asarray((size >= self.level) & (self.beyond * np.sign(self.z) >= BEYOND))

    def asked(
        self, dataset: Dataset, places: Iterable[tuple[int, int]], config: LmmConfig | None = None
    ) -> ModuleTable:
        """The same with `lead` and `beyond` of some modules and drugs, (module, drug) each, whatever their `z`."""
        lead, beyond = self.lead.copy(), self.beyond.copy()
        with threadpool_limits(1, "blas"):
            for place in set(places):
                if lead[place] < 0 and np.isfinite(self.z[place]):
                    lead[place], own = _beyond_strongest(dataset, place, self.modules, config or LmmConfig())
                    beyond[place] = own / self.inflation
        return replace(self, lead=lead, beyond=beyond)


def coexpression_modules(dataset: Dataset, config: LmmConfig | None = None) -> tuple[Module, ...]:
    """The groups of at least three genes of a data set, largest first.

    Parameters
    ----------
    dataset : Dataset
        Lines without expression are left out. No response is read.
    config : LmmConfig, optional
        `clump_correlation` is the mean absolute correlation between two groups at which they stay one.

    Returns
    -------
    tuple of Module
        No gene stands in two; empty with too few lines or genes. Memory grows with the square of the genes
        (1.2 GiB at 12,000).
    """
    config = config or LmmConfig()
    lines = np.flatnonzero(np.asarray(dataset.has_layer[EXPRESSION]))
    columns = layer_columns(dataset.features, EXPRESSION)
    x = dataset.x[np.ix_(lines, columns)].astype(np.float64)
    if not lines.size:
        return ()
    basis = kernel.orthonormal_basis(lineage(dataset, config.min_group)[lines])
    if lines.size - basis.shape[1] < config.min_df:
        return ()
    rest = kernel.project_out(basis, x)
    size, spread = np.linalg.norm(rest, axis=0), x.std(axis=0)
    varies = size > np.sqrt(kernel.RANK_TOLERANCE) * np.maximum(np.linalg.norm(x, axis=0), 1.0)
    columns, spread, rest = columns[varies], spread[varies], rest[:, varies] / size[varies]
    if columns.size < LEAST_GENES:
        return ()
    apart = 1.0 - np.abs(rest.T @ rest)
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(np.maximum(apart, 0.0), checks=False), "average")
    group = fcluster(tree, 1.0 - config.clump_correlation, "distance")
    found = []
    for number in np.unique(group):
        own = np.flatnonzero(group == number)
        if own.size >= LEAST_GENES:
            first = np.linalg.svd(rest[:, own], full_matrices=False)[2][0]
            turned = np.where(first * first[0] < 0, -1.0, 1.0)
            found.append(Module(columns[own], turned, spread[own]))
    return tuple(sorted(found, key=lambda one: (-one.features.size, int(one.features[0]))))


def association_modules(dataset: Dataset, config: LmmConfig | None = None) -> ModuleTable:
    """Test the modules of a data set against all its drugs."""
    config = config or LmmConfig()
    with threadpool_limits(1, "blas"):  # many small products: threads that wait for each other cost more than they give
        return _associate(dataset, coexpression_modules(dataset, config), config)


def _associate(dataset: Dataset, modules: tuple[Module, ...], config: LmmConfig) -> ModuleTable:
    z = np.full((len(modules), len(dataset.drugs)), np.nan)
    for first in range(min(PARTS, len(modules))):
        scores = np.stack([one.score(dataset.x) for one in modules[first::PARTS]], axis=1)
        z[first::PARTS] = score_deviates(dataset, scores, _part(modules, first), config)
    lead, beyond = np.full(z.shape, -1, dtype=np.int64), np.full(z.shape, np.nan)
    tested = np.abs(z[np.isfinite(z)])
    if not tested.size:
        return ModuleTable(modules, z, 1.0, float("inf"), lead, beyond)
    inflation = max(1.0, float(np.median(tested)) / MEDIAN)
    level = NormalDist().inv_cdf(1.0 - LEVEL / (2 * tested.size))
    table = ModuleTable(modules, z / inflation, inflation, level, lead, beyond)
    taken = np.argwhere(np.abs(np.nan_to_num(table.z)) >= level)
    return table.asked(dataset, [(int(i), int(drug)) for i, drug in taken], config)


def _part(modules: tuple[Module, ...], first: int) -> Ints:
    """Columns of all genes of every fifth module: they are left out of the kernel that these are tested with."""
    return np.concatenate([one.features for one in modules[first::PARTS]])


def _beyond_strongest(
    dataset: Dataset, place: tuple[int, int], modules: tuple[Module, ...], config: LmmConfig
) -> tuple[int, float]:
    """Column of the gene that goes with the response most, and the deviate of the others' score beyond it."""
    (number, drug), module = place, modules[place[0]]
    left_out = _part(modules, number % PARTS)

    genes = module.features.tolist()
    designs = [_alone(dataset, gene) for gene in genes] + [_beside(dataset, module, gene) for gene in genes]
    asked = deviates(dataset, drug, [((EXPRESSION,), own) for own in designs], config, left_out, "ranks")
    alone, beside = asked.reshape(2, -1)
    strongest = int(np.argmax(np.abs(np.nan_to_num(alone))))
    return genes[strongest], float(beside[strongest])


def _alone(dataset: Dataset, feature: int) -> Design:
    return lambda rows: dataset.x[rows, feature].astype(np.float64)[:, None]


def _beside(dataset: Dataset, module: Module, lead: int) -> Design:
    def columns(rows: Ints) -> Floats:
        x = dataset.x[rows]
        return np.column_stack([x[:, lead].astype(np.float64), module.score(x, without=lead)])

    return columns
