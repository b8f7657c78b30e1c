"""The competitive test: variance inflation against its definition, z against a simulation."""

from __future__ import annotations

import numpy as np
from scipy import stats

from pathproof.explain.pathways import enrichment_z, leading_members, pathway_sets, variance_inflation


def _standardised(x: np.ndarray) -> np.ndarray:
    return np.asarray((x - x.mean(axis=0)) / x.std(axis=0))


def test_variance_inflation_is_one_plus_m_minus_one_times_the_mean_correlation() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 30))
    x[:, :8] += rng.standard_normal((400, 1))
    z = _standardised(x)
    membership = np.zeros((30, 2))
    membership[:8, 0] = 1
    membership[10:20, 1] = 1
    got = variance_inflation(z, membership)
    r = np.corrcoef(x[:, :8], rowvar=False)
    rho = r[np.triu_indices(8, 1)].mean()
    assert np.isclose(got[0], 1 + 7 * rho)
    assert got[0] > 4
    assert 1.0 <= got[1] < 1.5


def test_negative_correlation_never_makes_the_test_liberal() -> None:
    rng = np.random.default_rng(1)
    a = rng.standard_normal(300)
    z = _standardised(np.stack([a, -a + 0.1 * rng.standard_normal(300)], axis=1))
    assert variance_inflation(z, np.ones((2, 1)))[0] == 1.0


def test_without_correlation_z_is_the_pooled_two_sample_t() -> None:
    rng = np.random.default_rng(2)
    a = rng.standard_normal((40, 3))
    sets = pathway_sets({"p": [f"g{i}" for i in range(12)]}, [f"g{i}" for i in range(40)], np.zeros((10, 40)))
    wanted = stats.ttest_ind(a[:12], a[12:], axis=0).statistic
    assert sets.vif[0] == 1.0
    assert np.allclose(enrichment_z(a, sets)[0], wanted)


def test_correlated_attributions_reject_at_the_nominal_rate_only_with_the_inflation() -> None:
    rng = np.random.default_rng(3)
    n, genes, drugs = 300, 200, 2000
    x = rng.standard_normal((n, genes))
    x[:, :20] += 0.8 * rng.standard_normal((n, 1))
    z = _standardised(x)
    attribution = z.T @ rng.standard_normal((n, drugs)) / np.sqrt(n)
    sets = pathway_sets({"p": [f"g{i}" for i in range(20)]}, [f"g{i}" for i in range(genes)], z)
    with_vif = (np.abs(enrichment_z(attribution, sets)) > 1.96).mean()
    plain = stats.ttest_ind(attribution[:20], attribution[20:], axis=0).statistic
    assert (np.abs(plain) > 1.96).mean() > 0.3
    assert with_vif < 0.08


def test_catalogue_and_measured_sizes_decide_what_is_tested() -> None:
    genes = [f"g{i}" for i in range(30)]
    catalogue = {
        "ok": genes[:10],
        "too small": genes[:9],
        "too large": [*genes, *(f"x{i}" for i in range(200))],
        "unmeasured": [*genes[:4], *(f"x{i}" for i in range(20))],
    }
    assert pathway_sets(catalogue, genes, np.zeros((5, 30))).ids == ("ok",)
    empty = pathway_sets({}, genes, np.zeros((5, 30)))
    assert enrichment_z(np.ones((30, 2)), empty).shape == (0, 2)


def test_pathways_with_the_same_measured_members_are_one_and_name_each_other() -> None:
    genes = [f"g{i}" for i in range(30)]
    catalogue = {
        "c": genes[:10],
        "a": [*genes[:10], "unmeasured"],
        "b": genes[:10],
        "other": genes[1:12],
    }
    z = _standardised(np.random.default_rng(4).standard_normal((60, 30)))
    sets = pathway_sets(catalogue, genes, z)
    assert sets.ids == ("b", "other")
    assert sets.same == (("a", "c"), ())
    alone = pathway_sets({name: catalogue[name] for name in ("b", "other")}, genes, z)
    assert (sets.membership == alone.membership).all()
    assert (sets.vif == alone.vif).all()


def test_leading_members_have_the_sign_of_the_pathway() -> None:
    attribution = np.asarray([0.5, -0.2, 0.9, 0.0, -0.7])
    assert leading_members(attribution, np.arange(5), 1, 5).tolist() == [2, 0]
    assert leading_members(attribution, np.arange(5), -1, 1).tolist() == [4]
