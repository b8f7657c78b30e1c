"""The product of two features in the mixed model: found where it was planted, and only beyond both features."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from explain_world import world
from scipy import stats

from pathproof.explain.data import Dataset
from pathproof.explain.lmm import association_lmm
from pathproof.explain.lmm_covariates import background
from pathproof.explain.lmm_kernel import weaker
from pathproof.explain.lmm_pairs import group_deviates, product_deviates
from pathproof.explain.lmm_robust import robust_association
from pathproof.explain.lmm_scan import strongest_products


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Drug 5 goes with the product of G20 and G30, drug 6 with that of G40 and the mutation M2."""
    made = world()
    y = made.y.copy()
    mutation = [feature.gene for feature in made.features].index("M2")
    y[:, 5] += 0.5 * made.x[:, 20] * made.x[:, 30]
    y[:, 6] += 0.9 * made.x[:, 40] * made.x[:, mutation]
    return dataclasses.replace(made, y=y)


def test_planted_products_have_large_deviates_and_others_have_not(dataset: Dataset) -> None:
    mutation = [feature.gene for feature in dataset.features].index("M2")
    assert product_deviates(dataset, 5, [(20, 30)])[0] > 4
    assert product_deviates(dataset, 6, [(40, mutation)])[0] > 3
    assert np.abs(product_deviates(dataset, 5, [(20, 31), (21, 30), (7, 8)])).max() < 3.5


def test_a_gene_that_acts_alone_shows_no_product(dataset: Dataset) -> None:
    """G5 has a slope of .8 for drug 1: its products with other genes are no news."""
    z = product_deviates(dataset, 1, [(5, i) for i in range(10, 60)])
    assert np.abs(z).mean() < 1.2
    assert (np.abs(z) > 1.96).mean() <= 0.14


def test_without_a_kernel_the_deviate_is_that_of_least_squares(dataset: Dataset) -> None:
    """With one gene in the kernel's place of all, h2 is 0 or the kernel is that gene, which the test has in it."""
    few = [20, 30]
    small = dataclasses.replace(dataset, features=tuple(dataset.features[i] for i in few), x=dataset.x[:, few])
    small = dataclasses.replace(small, y=np.random.default_rng(0).standard_normal(dataset.y.shape))
    covariates = background(small, 5)
    x = small.x.astype(float) - small.x.mean(axis=0)
    design = np.column_stack([covariates, x, x[:, 0] * x[:, 1]])
    for drug in range(3):
        slope, _, rank, _ = np.linalg.lstsq(design, small.y[:, drug], rcond=None)
        error = ((small.y[:, drug] - design @ slope) ** 2).sum() / (len(design) - rank)
        t = slope[-1] / np.sqrt(error * np.linalg.pinv(design.T @ design)[-1, -1])
        wanted = stats.norm.isf(stats.t.sf(abs(t), len(design) - rank)) * np.sign(t)
        assert product_deviates(small, drug, [(0, 1)], squares=False)[0] == pytest.approx(wanted, abs=0.15)


def test_one_gene_that_acts_in_a_bent_way_is_no_pair_with_what_goes_with_it(dataset: Dataset) -> None:
    """G11 is made to go with G10, whose square acts on drug 7: their product stands for it, and adds nothing to it."""
    x, y = dataset.x.copy(), dataset.y.copy()
    x[:, 11] = 0.8 * x[:, 10] + 0.6 * x[:, 11]
    y[:, 7] += 0.5 * x[:, 10] ** 2
    bent = dataclasses.replace(dataset, x=x, y=y)
    assert product_deviates(bent, 7, [(10, 11)], squares=False)[0] > 6
    assert product_deviates(bent, 7, [(10, 11)])[0] < 2.5
    x[:, 30] = 0.3 * x[:, 20] + 0.95 * x[:, 30]
    y[:, 5] = dataset.y[:, 5] + 0.5 * x[:, 20] * x[:, 30] - 0.5 * dataset.x[:, 20] * dataset.x[:, 30]
    both = dataclasses.replace(dataset, x=x, y=y)
    assert product_deviates(both, 5, [(20, 30)])[0] > 4, "a pair of genes that go together stays one"


def test_the_weaker_of_two_deviates_has_their_sign_or_is_nothing() -> None:
    first, second = np.asarray([3.0, -3.0, 3.0, np.nan, 2.0]), np.asarray([2.0, -4.0, -2.0, 1.0, np.nan])
    assert weaker(first, second)[:3].tolist() == [2.0, -3.0, 0.0]
    assert np.isnan(weaker(first, second)[3:]).all()


def test_one_extreme_line_makes_no_gene(dataset: Dataset) -> None:
    x, y = dataset.x.copy(), dataset.y.copy()
    x[9, 50] += 10.0
    y[9, 7] += 12.0
    far = dataclasses.replace(dataset, x=x, y=y)
    values, robust = association_lmm(far), robust_association(far)
    assert values.z[50, 7] > 5
    assert abs(robust.z[50, 7]) < 3
    assert robust.z[5, 1] > 5, "what was there is there still"
    known = np.isfinite(robust.z)
    assert (np.abs(robust.z[known]) <= np.abs(values.z[known])).all()
    assert (robust.z[known] * values.z[known] >= 0).all()
    assert not robust.lead[50, 7] or abs(robust.z[50, 7]) >= 1, "groups are those of the deviates that count"


def test_too_few_lines_and_a_product_without_variation_are_not_tested(dataset: Dataset) -> None:
    y = dataset.y.copy()
    y[25:, 0] = np.nan
    few = dataclasses.replace(dataset, y=y)
    assert np.isnan(product_deviates(few, 0, [(20, 30)])).all()
    x = dataset.x.copy()
    x[:, 30] = 1.0
    assert np.isnan(product_deviates(dataclasses.replace(dataset, x=x), 5, [(20, 30)])).all()


def test_a_group_of_lines_is_tested_beyond_the_covariates(dataset: Dataset) -> None:
    """G5 acts on drug 1: the lines where it is high are a group with a high ln IC50; random lines are none."""
    high = dataset.x[:, 5] >= np.median(dataset.x[:, 5])
    rng = np.random.default_rng(0)
    drawn = [rng.random(len(high)) < 0.5 for _ in range(60)]
    z = group_deviates(dataset, 1, [high, ~high, *drawn], [(5,)] * 62)
    assert z[0] > 1.96
    assert z[1] == pytest.approx(-z[0])
    assert (np.abs(z[2:]) > 1.96).mean() <= 0.14


def test_a_group_is_asked_only_where_its_layers_were_measured(dataset: Dataset) -> None:
    columns = [feature.gene for feature in dataset.features].index("M2")
    unseen = ~dataset.has_layer["mutation"]
    group = dataset.x[:, 40] > 0
    a, b = (group_deviates(dataset, 6, [own], [(40, columns)])[0] for own in (group, group ^ unseen))
    assert a == b
    assert np.isnan(group_deviates(dataset, 6, [unseen, np.ones(len(group), dtype=bool)], [(40, columns)] * 2)).all()


def test_the_scan_finds_planted_products_first_and_tests_them_as_asked_by_name(dataset: Dataset) -> None:
    """Of all products, those of G20 and G30 and of G40 and M2; z is that of the pair asked alone."""
    mutation = [feature.gene for feature in dataset.features].index("M2")
    for drug, pair in ((5, (20, 30)), (6, (40, mutation))):
        found = strongest_products(dataset, drug, 10)
        assert tuple(found.pairs[0]) == pair
        assert np.allclose(found.z, product_deviates(dataset, drug, [(int(i), int(j)) for i, j in found.pairs]))
        assert (np.diff(np.abs(found.z)) <= 0).all()
        assert 1770 < found.scored <= 1770 + 60 * 6


def test_the_scan_says_nothing_with_too_few_lines(dataset: Dataset) -> None:
    y = dataset.y.copy()
    y[25:, 0] = np.nan
    found = strongest_products(dataclasses.replace(dataset, y=y), 0)
    assert (len(found.pairs), len(found.z), found.scored) == (0, 0, 0)
