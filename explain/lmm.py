"""The linear mixed model "association-lmm": which feature goes with the response of a drug, beyond background.

An attribution of any model of cell-line response is full of lineage and of general fragility. Here
each feature is tested in the screen itself, with that background as covariates and a kernel of all
measured genes as a random effect. The test sees no reference knowledge.

References
----------
Kang et al. 2010, doi:10.1038/ng.548; Lippert et al. 2011, doi:10.1038/nmeth.1681 (the mixed model);
Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017 (tissue-corrected association in a drug screen).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from pathproof.errors import DataError, UsageError
from pathproof.explain import lmm_kernel as kernel
from pathproof.explain.lmm_clump import clump, correlated, layer_columns
from pathproof.explain.lmm_covariates import background
from pathproof.explain.lmm_table import AssociationNull, AssociationTable

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset

Progress = Callable[[str, float | None], None]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LmmConfig:
    """Settings of the association test.

    Parameters
    ----------
    min_group : int
        A cancer type is a covariate of its own when it has at least this many cell lines;
        smaller ones join their tissue, and small tissues join "other".
    min_carriers : int
        A mutation is tested for a drug when at least this many measured lines carry it and as
        many do not.
    min_df : int
        A drug is tested when this many degrees of freedom are left after the covariates.
    clump_correlation : float
        Features of one drug that correlate at least this much in absolute value, covariates
        removed, are one claim.
    """

    min_group: int = 5
    min_carriers: int = 8
    min_df: int = 20
    clump_correlation: float = 0.3

    def __post_init__(self) -> None:
        for name in ("min_group", "min_carriers", "min_df"):
            if getattr(self, name) < 1:
                raise UsageError(f"LmmConfig.{name} is out of range.", got=getattr(self, name), allowed="1 or more")
        if not 0.0 < self.clump_correlation <= 1.0:
            raise UsageError(
                "LmmConfig.clump_correlation is out of range.",
                got=self.clump_correlation,
                allowed="above 0, at most 1",
            )


@dataclass(frozen=True)
class _Screen:
    """The dataset as arrays of the test: one layer's lines, their features, what is tested, covariates, responses."""

    x: Floats
    tested: Floats
    y: Floats
    covariates: Floats
    columns: Ints


class _Sheet:
    """What is filled drug by drug: arrays of features x drugs, and of drugs."""

    def __init__(self, n_features: int, n_drugs: int) -> None:
        self.beta = np.full((n_features, n_drugs), np.nan)
        self.t = np.full((n_features, n_drugs), np.nan)
        self.df = np.zeros((n_features, n_drugs), dtype=np.int64)
        self.h2 = np.full(n_drugs, np.nan)
        self.n = {"expression": np.zeros(n_drugs, dtype=np.int64), "mutation": np.zeros(n_drugs, dtype=np.int64)}

    def put(self, columns: Ints, drug: int, found: kernel.Fits) -> None:
        """Write the tests of one drug."""
        self.beta[columns, drug] = found.beta
        self.t[columns, drug] = found.t
        self.df[columns, drug] = found.df


def _nothing(_message: str, _fraction: float | None) -> None:
    """Default progress: silence."""


def association_lmm(
    dataset: Dataset, config: LmmConfig | None = None, progress: Progress = _nothing
) -> AssociationTable:
    """Test every feature against every drug's ln IC50, beyond lineage, growth and general fragility.

    Expression: a linear mixed model with the kernel of all measured genes, its variance share h2
    fitted once per drug without any gene (REML), then generalised least squares per gene.
    Mutations: the same covariates without a kernel, on all lines that have the layer.

    Parameters
    ----------
    dataset : Dataset
        Cell lines x features, cell lines x drugs (ln IC50 in uM, NaN where not measured: the line
        is left out for that drug). Lines without a layer are left out of that layer's tests.
    config : LmmConfig, optional
    progress : callable, optional

    Returns
    -------
    AssociationTable

    Raises
    ------
    DataError
        When no drug can be tested.
    """
    config = config or LmmConfig()
    sheet = _Sheet(len(dataset.features), len(dataset.drugs))
    covariates = background(dataset, config.min_group)
    with threadpool_limits(1, "blas"):  # many small products: threads that wait for each other cost ten times as much
        for layer, test in (("expression", _test_expression), ("mutation", _test_mutations)):
            screen = _layer(dataset, covariates, layer)
            if screen is not None:
                test(screen, sheet, config, progress)
    if not np.isfinite(sheet.t).any():
        raise DataError(
            "No drug has enough cell lines for the association test.",
            got=f"{len(dataset.cell_lines)} cell lines, {len(dataset.drugs)} drugs",
            allowed=f"at least {config.min_df} lines more than covariates for one drug",
            action="check with `pathproof data check DIR` that screen and features share cell lines",
        )
    close = correlated(dataset, covariates, config.clump_correlation)
    z = kernel.z_from_t(sheet.t, np.maximum(sheet.df, 1))
    genes = [feature.gene for feature in dataset.features]
    return AssociationTable(
        features=tuple(dataset.features),
        drugs=tuple(dataset.drugs),
        t=sheet.t,
        z=z,
        beta=sheet.beta * _spread(dataset)[:, None],
        h2=sheet.h2,
        n=sheet.n["expression"],
        n_mutation=sheet.n["mutation"],
        clump=clump(z, genes, close),
    )


def score_deviates(dataset: Dataset, scores: Floats, left_out: Ints, config: LmmConfig | None = None) -> Floats:
    """Test scores of several genes as :func:`association_lmm` tests the expression of one, on rank-normal responses.

    Parameters
    ----------
    dataset : Dataset
    scores : float array (n, M)
        One row for each cell line; those of lines without expression are not read.
    left_out : int array
        Columns of `x` that take no part in the kernel.
    config : LmmConfig, optional

    Returns
    -------
    float64 array (M, D): normal deviates; positive: a high score goes with a higher ln IC50. NaN: not tested.
    """
    sheet, config = _Sheet(scores.shape[1], len(dataset.drugs)), config or LmmConfig()
    screen = _layer(dataset, background(dataset, config.min_group), "expression")
    if screen is not None:
        kept = np.ascontiguousarray(screen.x[:, ~np.isin(screen.columns, left_out)])
        tested, numbers = scores[np.asarray(dataset.has_layer["expression"])], np.arange(scores.shape[1])
        ranked = kernel.rank_normal(screen.y)
        _test_expression(_Screen(kept, tested, ranked, screen.covariates, numbers), sheet, config, _nothing)
    return kernel.z_from_t(sheet.t, np.maximum(sheet.df, 1))


def permuted_null(
    dataset: Dataset, config: LmmConfig | None = None, seed: int = 0, n: int = 1, progress: Progress = _nothing
) -> AssociationNull:
    """Run the same test on responses :func:`permuted` within lineage: how many claims arise by chance.

    Parameters
    ----------
    dataset, config, progress
        As for :func:`association_lmm`.
    seed : int
    n : int, number of permutations; each costs one run of the test
    """
    if n < 1:
        raise UsageError("A permuted null needs at least one permutation.", got=n, allowed="1 or more")
    rng = np.random.default_rng(seed)
    tables: list[AssociationTable] = []
    for index in range(n):
        tables.append(association_lmm(permuted(dataset, rng), config))
        progress("permuted response", (index + 1) / n)
    return AssociationNull(tuple(tables), seed)


def permuted(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """The data set with whole response rows exchanged among the lines of one tissue that have the same layers.

    Only which line gave a response is lost: tissue effects, correlation of drugs, fragility and gaps stay.
    """
    layers = np.stack([dataset.has_layer[name] for name in sorted(dataset.has_layer)], axis=1)
    strata = [f"{tissue}|{row.tobytes().hex()}" for tissue, row in zip(dataset.tissue, layers, strict=True)]
    return dataclasses.replace(dataset, y=dataset.y[permuted_within(strata, rng)])


def permuted_within(strata: Sequence[str], rng: np.random.Generator) -> Ints:
    """A permutation of positions that keeps every position's stratum."""
    names = np.asarray(strata)
    order = np.arange(names.size)
    for name in np.unique(names):
        members = np.flatnonzero(names == name)
        order[members] = rng.permutation(members)
    return order


def _layer(dataset: Dataset, covariates: Floats, layer: str) -> _Screen | None:
    columns = layer_columns(dataset.features, layer)
    lines = np.asarray(dataset.has_layer.get(layer, np.zeros(len(dataset.cell_lines), dtype=bool)))
    if columns.size == 0 or not lines.any():
        return None
    x = np.ascontiguousarray(dataset.x[np.ix_(lines, columns)], dtype=np.float64)
    return _Screen(x, x, np.asarray(dataset.y[lines], dtype=np.float64), covariates[lines], columns)


def _line_sets(y: Floats) -> dict[bytes, list[int]]:
    """Drugs grouped by the set of lines that have data for them."""
    groups: dict[bytes, list[int]] = {}
    for drug in range(y.shape[1]):
        groups.setdefault(np.isfinite(y[:, drug]).tobytes(), []).append(drug)
    return groups


def _test_expression(screen: _Screen, sheet: _Sheet, config: LmmConfig, progress: Progress) -> None:
    gram = screen.x @ screen.x.T
    groups = _line_sets(screen.y)
    for done, drugs in enumerate(groups.values()):
        rows = np.flatnonzero(np.isfinite(screen.y[:, drugs[0]]))
        sheet.n["expression"][drugs] = rows.size
        basis = kernel.orthonormal_basis(screen.covariates[rows]) if rows.size else np.zeros((0, 0))
        df = int(rows.size - basis.shape[1] - 1)
        if df < config.min_df:
            continue
        space = kernel.decompose(gram[np.ix_(rows, rows)], basis)
        x = screen.tested[rows]
        rotated = space.rotation.T @ x
        raw = np.einsum("nf,nf->f", x, x)
        for drug in drugs:
            response = space.rotation.T @ screen.y[rows, drug]
            h2 = kernel.reml_h2(space.eigenvalues, response)
            weights = 1.0 / (h2 * space.eigenvalues + 1.0 - h2)
            sheet.h2[drug] = h2
            sheet.put(screen.columns, drug, kernel.fits(kernel.weighted_tests(rotated, response, weights, raw), df))
        progress("association, expression", (done + 1) / len(groups))


def _test_mutations(screen: _Screen, sheet: _Sheet, config: LmmConfig, progress: Progress) -> None:
    groups = _line_sets(screen.y)
    for done, drugs in enumerate(groups.values()):
        rows = np.flatnonzero(np.isfinite(screen.y[:, drugs[0]]))
        sheet.n["mutation"][drugs] = rows.size
        basis = kernel.orthonormal_basis(screen.covariates[rows]) if rows.size else np.zeros((0, 0))
        df = int(rows.size - basis.shape[1] - 1)
        if df < config.min_df:
            continue
        carriers = (screen.x[rows] > 0.5).sum(axis=0)
        kept = np.flatnonzero((carriers >= config.min_carriers) & (rows.size - carriers >= config.min_carriers))
        x = screen.x[np.ix_(rows, kept)]
        raw = np.einsum("nf,nf->f", x, x)
        residual = kernel.project_out(basis, x)
        weights = np.ones(rows.size)
        for drug in drugs:
            response = kernel.project_out(basis, screen.y[rows, drug])
            parts = kernel.weighted_tests(residual, response, weights, raw)
            sheet.put(screen.columns[kept], drug, kernel.fits(parts, df))
        progress("association, mutations", (done + 1) / len(groups))


def _spread(dataset: Dataset) -> Floats:
    """Standard deviation of each feature over the lines that have its layer."""
    spread = np.ones(len(dataset.features))
    for layer, lines in dataset.has_layer.items():
        columns = layer_columns(dataset.features, layer)
        if columns.size and np.any(lines):
            spread[columns] = dataset.x[np.ix_(lines, columns)].astype(np.float64).std(axis=0)
    return spread
