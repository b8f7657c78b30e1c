"""The association test against brute force, under the null, and on real drugs whose mechanism is known."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, optimize, stats

from pathproof.errors import DataError, UsageError
from pathproof.explain import lmm_kernel as kernel
from pathproof.explain.data import Dataset, Feature, load_dataset
from pathproof.explain.lmm import LmmConfig, association_lmm, permuted_null, permuted_within
from pathproof.explain.lmm_clump import clump
from pathproof.explain.lmm_covariates import background, fragility, lineage_groups
from pathproof.explain.lmm_data import association_dataset, evidence_dataset
from pathproof.graph_schema.records import Layer, Sign
from pathproof.workspace import Workspace, write_parquet

Floats = npt.NDArray[np.float64]
N, GENES, CALLS, DRUGS = 120, 80, 12, 7


def world(seed: int = 0, *, drugs: int = DRUGS, noise: float = 1.0) -> Dataset:
    """A screen with lineage, fragility and polygenic background; drug 0 has G0 (+), drug 1 mutation M1 (-)."""
    rng = np.random.default_rng(seed)
    tissue = rng.integers(0, 4, N)
    x = rng.normal(size=(N, GENES)) + rng.normal(size=(4, GENES))[tissue]
    calls = (rng.random((N, CALLS)) < 0.25).astype(float)
    y = rng.normal(size=(4, drugs))[tissue] + rng.normal(size=N)[:, None] + noise * rng.normal(size=(N, drugs))
    y += x @ rng.normal(0, 0.7 / np.sqrt(GENES), size=(GENES, drugs))
    y[:, 0] += 1.5 * x[:, 0]
    y[:, 1] -= 3.0 * calls[:, 1]
    y[rng.random(y.shape) < 0.1] = np.nan
    has_expression = np.ones(N, dtype=bool)
    has_expression[-15:] = False
    has_mutation = np.ones(N, dtype=bool)
    has_mutation[:5] = False
    x[~has_expression] = 0
    calls[~has_mutation] = 0
    layers: list[tuple[int, str, Layer]] = [(GENES, "G", "expression"), (CALLS, "M", "mutation")]
    return Dataset(
        cell_lines=tuple(f"sidm:SIDM{i:05d}" for i in range(N)),
        drugs=tuple(f"gdsc.drug:{i}" for i in range(drugs)),
        drug_names=tuple(f"drug {i}" for i in range(drugs)),
        features=tuple(Feature(f"{letter}{i}", layer) for size, letter, layer in layers for i in range(size)),
        x=np.concatenate([x, calls], axis=1).astype(np.float32),
        has_layer={"expression": has_expression, "mutation": has_mutation},
        tissue=tuple(f"tissue {i}" for i in tissue),
        covariates={
            "cancer_type": tuple(f"type {i}" if i < 3 else "unknown" for i in tissue),
            "growth": tuple(np.where(tissue == 2, "Suspension", "Adherent")),
        },
        y=y,
        screen="simulated",
    )


def dense_expression(data: Dataset, drug: int, covariates: Floats) -> tuple[float, Floats, Floats]:
    """h2, beta and t of the mixed model the long way: explicit covariance matrices, no shared basis."""
    rows = np.flatnonzero(np.isfinite(data.y[:, drug]) & data.has_layer["expression"])
    x, y, c = data.x[rows, :GENES].astype(float), data.y[rows, drug], covariates[rows]
    c = linalg.orth(c)
    residual = x - c @ linalg.lstsq(c, x)[0]
    k = residual @ residual.T
    q = len(rows) - c.shape[1]
    k *= q / np.trace(k)

    def minus_reml(h2: float) -> float:
        v = h2 * k + (1 - h2) * np.eye(len(rows))
        inverse = linalg.inv(v)
        middle = c.T @ inverse @ c
        p = inverse - inverse @ c @ linalg.inv(middle) @ c.T @ inverse
        logdet = np.linalg.slogdet(v)[1] + np.linalg.slogdet(middle)[1]
        return float(0.5 * (q * np.log(y @ p @ y) + logdet))

    grid = np.linspace(0, 0.99, 100)
    start = grid[int(np.argmin([minus_reml(h) for h in grid]))]
    bounds = (max(0.0, start - 0.01), min(0.99, start + 0.01))
    h2 = float(optimize.minimize_scalar(minus_reml, bounds=bounds, method="bounded", options={"xatol": 1e-7}).x)
    inverse = linalg.inv(h2 * k + (1 - h2) * np.eye(len(rows)))
    beta, t = np.empty(GENES), np.empty(GENES)
    for g in range(GENES):
        design = np.column_stack([c, x[:, g]])
        information = design.T @ inverse @ design
        b = linalg.solve(information, design.T @ inverse @ y)
        left = y - design @ b
        scale = left @ inverse @ left / (len(rows) - design.shape[1])
        beta[g], t[g] = b[-1], b[-1] / np.sqrt(scale * linalg.inv(information)[-1, -1])
    return h2, beta * data.x[data.has_layer["expression"], :GENES].astype(float).std(axis=0), t


def test_expression_equals_dense_generalised_least_squares() -> None:
    """Arrange: shared decomposition. Reference: explicit V, REML and one full regression per gene."""
    data = world()
    table = association_lmm(data)
    covariates = background(data, LmmConfig().min_group)
    for drug in (0, 2, 5):
        h2, beta, t = dense_expression(data, drug, covariates)
        assert table.h2[drug] == pytest.approx(h2, abs=2e-3)
        np.testing.assert_allclose(table.t[:GENES, drug], t, rtol=5e-3, atol=5e-3)
        np.testing.assert_allclose(table.beta[:GENES, drug], beta, rtol=5e-3, atol=1e-3)


def test_given_h2_the_tests_are_exact() -> None:
    """With the same h2 the rotated tests equal dense generalised least squares to rounding."""
    rng = np.random.default_rng(3)
    c = np.column_stack([np.ones(60), rng.integers(0, 2, 60), rng.normal(size=60)])
    x, y = rng.normal(size=(60, 25)), rng.normal(size=60)
    basis = kernel.orthonormal_basis(c)
    space = kernel.decompose(x @ x.T, basis)
    weights = 1 / (0.4 * space.eigenvalues + 0.6)
    parts = kernel.weighted_tests(space.rotation.T @ x, space.rotation.T @ y, weights, (x**2).sum(axis=0))
    found = kernel.fits(parts, 56)
    p = np.eye(60) - c @ linalg.inv(c.T @ c) @ c.T
    k = p @ x @ x.T @ p
    inverse = linalg.inv(0.4 * k * 57 / np.trace(k) + 0.6 * np.eye(60))
    for g in range(25):
        design = np.column_stack([c, x[:, g]])
        information = design.T @ inverse @ design
        b = linalg.solve(information, design.T @ inverse @ y)
        left = y - design @ b
        error = np.sqrt(left @ inverse @ left / 56 * linalg.inv(information)[-1, -1])
        assert found.beta[g] == pytest.approx(b[-1], rel=1e-9)
        assert found.t[g] == pytest.approx(b[-1] / error, rel=1e-9)


def test_mutations_equal_ordinary_least_squares() -> None:
    """No kernel for mutations: one regression with all covariates; too few carriers are not tested."""
    data = world()
    table = association_lmm(data)
    covariates = background(data, LmmConfig().min_group)
    spread = data.x[data.has_layer["mutation"], GENES:].astype(float).std(axis=0)
    for drug in (1, 4):
        rows = np.flatnonzero(np.isfinite(data.y[:, drug]) & data.has_layer["mutation"])
        assert table.n_mutation[drug] == rows.size
        for m in range(CALLS):
            x, y = data.x[rows, GENES + m].astype(float), data.y[rows, drug]
            if min(x.sum(), (1 - x).sum()) < 8:
                assert np.isnan(table.t[GENES + m, drug])
                continue
            design = np.column_stack([linalg.orth(covariates[rows]), x])
            b, rss = linalg.lstsq(design, y)[:2]
            error = np.sqrt(rss / (rows.size - design.shape[1]) * linalg.inv(design.T @ design)[-1, -1])
            assert table.t[GENES + m, drug] == pytest.approx(b[-1] / error, rel=1e-8)
            assert table.beta[GENES + m, drug] == pytest.approx(b[-1] * spread[m], rel=1e-8)


def test_planted_effects_are_the_first_claims_with_their_signs() -> None:
    """Expression G0 raises ln IC50 of drug 0, mutation M1 lowers that of drug 1."""
    claims = association_lmm(world()).claims(5.0, at_most=1)
    first = {claim.drug: claim for claim in claims}
    assert (first["gdsc.drug:0"].gene, first["gdsc.drug:0"].sign) == ("G0", Sign.RESISTANCE)
    assert (first["gdsc.drug:1"].gene, first["gdsc.drug:1"].sign) == ("M1", Sign.SENSITIVITY)
    assert first["gdsc.drug:1"].layer == "mutation"
    assert first["gdsc.drug:0"].beta > 0 > first["gdsc.drug:1"].beta
    assert len(claims) == 2


def test_type_one_error_under_a_polygenic_background() -> None:
    """Background without a gene effect: z has unit spread, and 5 % of the tests reach 1.96.

    Independent responses from the model itself: h2 = 0.5 on the kernel, structured lineages.
    """
    rng = np.random.default_rng(11)
    data = world(1, drugs=60)
    x = data.x[:, :GENES].astype(float)
    background_effect = x @ rng.normal(0, 1 / np.sqrt(GENES), size=(GENES, 60))
    effect = rng.normal(size=(4, 60))[np.unique(data.tissue, return_inverse=True)[1]]
    y = effect + background_effect + rng.normal(size=(N, 60))
    table = association_lmm(dataclasses.replace(data, y=y))
    mutation = table.z[GENES:]
    share = float(np.mean(np.abs(mutation[np.isfinite(mutation)]) > 1.96))
    assert 0.03 < share < 0.07
    # A polygenic model gives every gene a small true effect, so an expression test is judged by genes outside it.
    outside = rng.normal(size=(N, GENES))
    known = np.isfinite(y)
    sizes = []
    for drug in range(60):
        rows = np.flatnonzero(known[:, drug] & data.has_layer["expression"])
        basis = kernel.orthonormal_basis(background(data, 5)[rows, :-1])
        space = kernel.decompose(x[rows] @ x[rows].T, basis)
        response = space.rotation.T @ y[rows, drug]
        weights = 1 / (kernel.reml_h2(space.eigenvalues, response) * (space.eigenvalues - 1) + 1)
        raw = (outside[rows] ** 2).sum(axis=0)
        parts = kernel.weighted_tests(space.rotation.T @ outside[rows], response, weights, raw)
        df = rows.size - basis.shape[1] - 1
        sizes.append(stats.t.cdf(kernel.fits(parts, df).t, df))
    share = float(np.mean((np.array(sizes) < 0.025) | (np.array(sizes) > 0.975)))
    assert 0.035 < share < 0.065


def test_the_kernel_removes_what_plain_regression_reports() -> None:
    """A response of the first principal axis alone: without the kernel most genes look associated."""
    rng = np.random.default_rng(5)
    axis = rng.normal(size=90)
    x = np.outer(axis, rng.normal(1, 0.3, 40)) + rng.normal(size=(90, 40))
    y = axis + 0.5 * rng.normal(size=90)
    basis = kernel.orthonormal_basis(np.ones((90, 1)))
    space = kernel.decompose(x @ x.T, basis)
    rotated, response = space.rotation.T @ x, space.rotation.T @ y
    h2 = kernel.reml_h2(space.eigenvalues, response)
    raw = (x**2).sum(axis=0)
    mixed = kernel.fits(kernel.weighted_tests(rotated, response, 1 / (h2 * (space.eigenvalues - 1) + 1), raw), 88).t
    plain = kernel.fits(kernel.weighted_tests(rotated, response, np.ones(89), raw), 88).t
    assert np.median(np.abs(plain)) > 5
    assert np.mean(np.abs(mixed) > 2) < 0.2


@pytest.mark.parametrize("truth", [0.0, 0.3, 0.7])
def test_reml_finds_the_planted_share_of_variance(truth: float) -> None:
    """Mean of the estimate over 60 simulated responses is near the truth, and it equals a fine brute-force grid."""
    rng = np.random.default_rng(int(truth * 10))
    eigenvalues = rng.gamma(0.7, size=300)
    eigenvalues /= eigenvalues.mean()
    spread = np.sqrt(truth * eigenvalues + 1 - truth)
    found = []
    fine = np.linspace(0, 0.99, 4951)
    for _ in range(60):
        response = spread * rng.normal(size=300)
        found.append(kernel.reml_h2(eigenvalues, response))
        best = fine[int(np.argmax(kernel.reml_loglik(fine, eigenvalues, response)))]
        assert found[-1] == pytest.approx(best, abs=4e-4)
    assert np.mean(found) == pytest.approx(truth, abs=0.06)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(2, 30))
def test_the_rotation_is_the_complement_of_the_covariates(seed: int, covariates: int, features: int) -> None:
    """Orthonormal, orthogonal to C, diagonalises the projected kernel: also with fewer features than lines."""
    rng = np.random.default_rng(seed)
    c = np.column_stack([rng.normal(size=(20, covariates)), np.ones((20, 2))])
    x = rng.normal(size=(20, features))
    basis = kernel.orthonormal_basis(c)
    space = kernel.decompose(x @ x.T, basis)
    assert basis.shape[1] == covariates + 1
    assert space.rotation.shape == (20, 20 - covariates - 1)
    np.testing.assert_allclose(space.rotation.T @ space.rotation, np.eye(space.rotation.shape[1]), atol=1e-9)
    np.testing.assert_allclose(space.rotation.T @ c, 0, atol=1e-8)
    k = space.rotation.T @ x @ x.T @ space.rotation
    assert space.eigenvalues.mean() == pytest.approx(1)
    np.testing.assert_allclose(k, np.diag(space.eigenvalues * np.trace(k) / len(k)), atol=1e-7 * np.trace(k))


def test_z_has_the_p_value_of_t() -> None:
    """z and t have equal tails; the far tail stays finite; not tested stays not tested."""
    t = np.array([-3.0, 0.0, 2.5, 80.0, np.nan])
    z = kernel.z_from_t(t, np.array([30, 30, 10, 500, 30]))
    np.testing.assert_allclose(stats.norm.sf(np.abs(z[:3])), stats.t.sf(np.abs(t[:3]), [30, 30, 10]), rtol=1e-9)
    assert z[0] < 0 < z[2]
    assert 20 < z[3] < 40
    assert np.isnan(z[4])


def test_fragility_is_the_mean_z_score() -> None:
    """Against pandas; unmeasured pairs are left out, a line without data is average."""
    y = np.array([[1.0, 5.0], [2.0, np.nan], [4.0, 9.0], [np.nan, np.nan]])
    frame = pd.DataFrame(y)
    expected = ((frame - frame.mean()) / frame.std(ddof=0)).mean(axis=1).fillna(0)
    np.testing.assert_allclose(fragility(y), expected)


def test_lineage_groups_fall_back_to_tissue_and_other() -> None:
    """Five of a type stand alone, smaller types pool in their tissue, the rest is "other"."""
    types = ["a"] * 5 + ["b"] * 3 + ["unknown"] * 2 + ["c"]
    tissues = ["t"] * 5 + ["u"] * 5 + ["unknown"]
    assert lineage_groups(types, tissues, 5) == ["type:a"] * 5 + ["tissue:u"] * 5 + ["other"]


def test_clump_keeps_the_strongest_and_one_layer_of_a_gene() -> None:
    """A(6) takes its correlate B(-5); C's weaker layer is out; D is too weak to matter; E was not tested."""
    genes = ["A", "B", "C", "C", "D", "E"]
    z = np.array([[6.0], [-5.0], [4.0], [3.0], [0.5], [np.nan]])
    close = np.eye(6, dtype=bool)
    close[0, 1] = close[1, 0] = True
    close[1, 2] = close[2, 1] = True
    assert clump(z, genes, close)[:, 0].tolist() == [0, 0, 2, -1, -1, -1]


def test_claims_hold_the_members_of_their_clump() -> None:
    """A copy of a causal gene does not become a second claim: it is named as a member of the first."""
    data = world()
    x = data.x.copy()
    x[:, 5] = x[:, 0] + np.where(data.has_layer["expression"], 0.3, 0) * np.random.default_rng(0).normal(size=N)
    table = association_lmm(dataclasses.replace(data, x=x))
    claim = next(c for c in table.claims(4.0) if c.drug == "gdsc.drug:0")
    assert (claim.gene, claim.members) == ("G0", ("G5",))
    assert not table.lead[5, 0]


def test_best_layer_is_the_larger_of_a_genes_layers() -> None:
    """A gene measured in two layers gets the z of the stronger one, drug by drug."""
    data = world()
    features = tuple(Feature("G0", "mutation") if f == Feature("M1", "mutation") else f for f in data.features)
    table = association_lmm(dataclasses.replace(data, features=features))
    best = table.best_layer()["G0"]
    assert best[0] == table.z[0, 0]
    assert best[1] == table.z[GENES + 1, 1]
    assert table.clump[0, 1] == -1


def test_permuted_null_destroys_the_planted_claims_and_is_reproducible() -> None:
    """Responses move within tissue only; what was found is gone; the same seed gives the same counts."""
    data = world()
    real = association_lmm(data)
    null = permuted_null(data, seed=4, n=3)
    assert len(real.claims(5.0)) == 2
    assert null.claims(5.0).sum() == 0
    assert null.pairs(2.0).min() > 0
    np.testing.assert_array_equal(null.pairs(2.0), permuted_null(data, seed=4, n=3).pairs(2.0))
    assert (null.pairs(2.0, "mutation") + null.pairs(2.0, "expression") == null.pairs(2.0)).all()
    assert not np.array_equal(null.pairs(2.0), permuted_null(data, seed=5, n=3).pairs(2.0))


@given(st.lists(st.sampled_from("abc"), max_size=30), st.integers(0, 1000))
def test_permutation_keeps_every_stratum(strata: list[str], seed: int) -> None:
    """A permutation, and nobody leaves their stratum."""
    order = permuted_within(strata, np.random.default_rng(seed))
    assert sorted(order.tolist()) == list(range(len(strata)))
    assert [strata[i] for i in order] == strata


def test_constant_features_and_small_drugs_are_not_tested() -> None:
    """A gene that is a covariate in disguise gives NaN, never a huge t; a drug with ten lines is skipped."""
    data = world()
    x, y = data.x.copy(), data.y.copy()
    x[:, 3] = np.array(data.tissue) == "tissue 2"
    y[10:, 6] = np.nan
    table = association_lmm(dataclasses.replace(data, x=x, y=y))
    assert np.isnan(table.t[3]).all()
    assert np.isnan(table.t[:, 6]).all()
    assert np.isnan(table.h2[6])
    assert table.n[6] <= 10
    assert np.isfinite(table.t[4, :6]).all()


def test_shift_and_scale_of_the_response_do_not_change_the_evidence() -> None:
    """ln IC50 in another unit: the same t, beta scales with it."""
    data = world()
    table, other = association_lmm(data), association_lmm(dataclasses.replace(data, y=3.0 * data.y + 7.0))
    np.testing.assert_allclose(other.t, table.t, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(other.beta, 3.0 * table.beta, rtol=1e-6, atol=1e-6)


def test_nothing_to_test_is_an_error_that_says_why() -> None:
    """Not an empty table."""
    data = world()
    with pytest.raises(DataError, match=r"No drug has enough cell lines.*\n.*120 cell lines, 7 drugs"):
        association_lmm(dataclasses.replace(data, y=np.full_like(data.y, np.nan)))


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"min_carriers": 0}, r"min_carriers is out of range"),
        ({"clump_correlation": 0.0}, r"clump_correlation is out of range"),
        ({"clump_correlation": 1.5}, r"got: 1.5"),
    ],
)
def test_settings_out_of_range_are_refused(settings_: dict[str, float], message: str) -> None:
    """The message names the setting and what it got."""
    with pytest.raises(UsageError, match=message):
        LmmConfig(**settings_)  # type: ignore[arg-type]


def test_threshold_and_permutations_out_of_range_are_refused() -> None:
    """Zero would make everything a claim."""
    data = world()
    with pytest.raises(UsageError, match="positive threshold"):
        association_lmm(data).claims(0.0)
    with pytest.raises(UsageError, match="at least one permutation"):
        permuted_null(data, n=0)


@pytest.fixture
def small_workspace(tmp_path: Path) -> Workspace:
    """Tables with lines that have both layers, one layer, or none."""
    workspace = Workspace.open(tmp_path / "w")
    lines = [f"sidm:{i}" for i in range(40)]
    rng = np.random.default_rng(0)
    screen = pd.DataFrame(
        [(line, f"gdsc.drug:{d}", float(rng.normal()), "GDSC2") for d in range(2) for line in lines],
        columns=["cell_line", "drug", "ln_ic50", "screen"],
    )
    expression = pd.DataFrame(rng.normal(size=(20, 3)).astype("f4"), columns=["EGFR", "MDM2", "TP53"])
    expression.insert(0, "cell_line", lines[:20])
    mutations = pd.DataFrame(np.tile(np.eye(2, dtype="f4"), (13, 1))[:25], columns=["BRAF", "TP53"])
    mutations.insert(0, "cell_line", lines[10:35])
    about = pd.DataFrame({"cell_line": lines, "tissue": "Lung", "cancer_type": None, "growth": "Adherent"})
    drugs = pd.DataFrame({"drug": ["gdsc.drug:0", "gdsc.drug:1"], "name": ["a", "b"]})
    tables = {"screens/gdsc2": screen, "expression": expression, "mutations": mutations}
    tables |= {"cell_lines": about, "drugs": drugs}
    for name, table in tables.items():
        write_parquet(workspace.tables / f"{name}.parquet", table)
    return workspace


def test_association_dataset_keeps_lines_that_have_any_layer(small_workspace: Workspace) -> None:
    """Twenty with expression, fifteen more with mutations only; five with neither are left out."""
    data = association_dataset(small_workspace)
    assert len(data.cell_lines) == 35
    assert data.has_layer["expression"].sum() == 20
    assert data.has_layer["mutation"].sum() == 25
    calls = pd.read_parquet(small_workspace.tables / "mutations.parquet").set_index("cell_line")
    row = data.cell_lines.index("sidm:30")
    assert data.x[row].tolist() == [0, 0, 0, *calls.loc["sidm:30"].to_numpy().tolist()]
    base = load_dataset(small_workspace)
    assert (data.features, data.drugs, len(base.cell_lines)) == (base.features, base.drugs, 20)
    shared = [data.cell_lines.index(line) for line in base.cell_lines]
    np.testing.assert_array_equal(data.x[shared], base.x)
    np.testing.assert_array_equal(data.y[shared], base.y)
    assert set(data.covariates["cancer_type"]) == {"unknown"}
    assert data.y.shape == (35, 2)


def test_evidence_is_taken_from_the_workspace_the_dataset_came_from(small_workspace: Workspace, tmp_path: Path) -> None:
    """Wider lines for a dataset read from tables, itself for one that was not, an error for another's tables."""
    base = load_dataset(small_workspace)
    assert len(evidence_dataset(base, small_workspace).cell_lines) == 35
    data = world()
    assert evidence_dataset(data, Workspace.open(tmp_path / "empty")) is data
    with pytest.raises(DataError, match=r"not those that this dataset was read from"):
        evidence_dataset(dataclasses.replace(base, features=base.features[1:]), small_workspace)
