"""Genes that move together: formed without responses, and shown as one only where more than one of them acts."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from explain_world import world
from scipy.stats import norm

from pathproof.explain.compute import bonferroni_deviate
from pathproof.explain.data import Dataset
from pathproof.explain.lmm import LmmConfig, association_lmm, score_deviates
from pathproof.explain.lmm_kernel import rank_normal
from pathproof.explain.lmm_modules import (
    BEYOND,
    ModuleTable,
    association_modules,
    coexpression_modules,
)
from pathproof.explain.lmm_pairs import deviates, product_deviates
from pathproof.explain.lmm_scan import strongest_products

FIRST, SECOND = np.arange(20, 28), np.arange(40, 45)
WAYS = np.array([1.0, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0])


def _made() -> Dataset:
    """The world with two groups that move together; drug 4 goes with the first as one, drug 5 with one gene of it."""
    data = world()
    rng = np.random.default_rng(9)
    x, y = data.x.astype(np.float64), data.y.copy()
    for columns, ways in ((FIRST, WAYS), (SECOND, np.ones(5))):
        x[:, columns] += 2.0 * rng.standard_normal((len(x), 1)) * ways
    y[:, 4] += 0.6 * (x[:, FIRST] * WAYS).mean(axis=1)
    y[:, 5] -= 1.0 * x[:, FIRST[2]]
    return dataclasses.replace(data, x=x.astype(np.float32), y=y)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return _made()


@pytest.fixture(scope="module")
def table(data: Dataset) -> ModuleTable:
    return association_modules(data)


def test_the_groups_are_those_that_move_together_with_their_ways(data: Dataset) -> None:
    found = coexpression_modules(data)
    assert FIRST.tolist() == found[0].features.tolist()
    assert SECOND.tolist() in [one.features.tolist() for one in found]
    assert (found[0].turned == WAYS).all()
    score = found[0].score(data.x)
    assert [np.sign(np.corrcoef(score, data.x[:, f])[0, 1]) for f in FIRST] == WAYS.tolist()
    assert found[0].way(int(FIRST[2])) == -1.0
    named = np.concatenate([one.features for one in found])
    assert len(set(named.tolist())) == len(named), "no gene stands in two"


def test_no_response_has_a_part_in_the_groups(data: Dataset) -> None:
    other = dataclasses.replace(data, y=data.y[::-1] * 3.0)
    for one, same in zip(coexpression_modules(data), coexpression_modules(other), strict=True):
        assert (one.features == same.features).all()


def test_a_group_is_shown_where_it_acts_as_one_and_not_where_one_gene_does(data: Dataset, table: ModuleTable) -> None:
    assert table.z[0, 4] > table.level
    assert table.shown()[0, 4]
    assert int(table.lead[0, 5]) == FIRST[2]
    assert not table.beyond[0, 5] * np.sign(table.z[0, 5]) >= BEYOND, "the others only move with the gene that acts"
    assert table.shown().sum() == 1
    assert table.place(int(FIRST[3])) == 0
    single = association_lmm(data).z
    assert table.z[0, 4] > np.abs(single[FIRST, 4]).max(), "together they show more than each alone"
    assert table.z[0, 5] < np.abs(single[FIRST, 5]).max()


def test_what_is_below_the_level_is_not_looked_at_further(table: ModuleTable) -> None:
    below = ~(np.abs(np.nan_to_num(table.z)) >= table.level)
    assert below.any()
    assert np.isnan(table.beyond[below]).all()
    assert (table.lead[below] == -1).all()


def test_more_can_be_asked_below_the_level_and_nothing_is_shown_by_it(data: Dataset, table: ModuleTable) -> None:
    low = (1, 4)
    assert abs(table.z[low]) < table.level
    assert table.lead[low] == -1
    asked = table.asked(data, [low, (0, 4)])
    assert asked.lead[low] in SECOND
    assert np.isfinite(asked.beyond[low])
    assert asked.beyond[0, 4] == table.beyond[0, 4]
    assert (asked.shown() == table.shown()).all()
    sure = dataclasses.replace(asked, beyond=np.where(np.isfinite(asked.z), 5.0 * np.sign(asked.z), np.nan))
    assert (sure.shown() == (np.abs(np.nan_to_num(sure.z)) >= sure.level)).all(), "the level is asked too"


def test_deviates_are_over_their_inflation_and_the_level_counts_every_group_and_drug(
    data: Dataset, table: ModuleTable
) -> None:
    assert table.inflation >= 1.0
    tests = np.isfinite(table.z).sum()
    assert tests == len(table.modules) * len(data.drugs)
    assert table.level == pytest.approx(norm.isf(0.025 / tests))
    loud = dataclasses.replace(data, y=data.y + 0.6 * np.linspace(-1, 1, len(data.drugs)) * data.x[:, [50]])
    other = association_modules(loud)
    assert np.median(np.abs(other.z)) <= norm.isf(0.25) + 1e-9


def test_a_group_is_tested_with_a_kernel_without_its_own_genes(data: Dataset, table: ModuleTable) -> None:
    own = table.modules[0].score(data.x)[:, None]
    with_them = score_deviates(data, own, np.zeros(0, dtype=np.int64))
    without = score_deviates(data, own, table.modules[0].features)
    assert without[0, 4] > with_them[0, 4] + 0.5, "a kernel of them takes their effect away"


def test_one_extreme_line_makes_no_module_and_no_pair(data: Dataset) -> None:
    """A line in which a group is far off and a drug's response too: by the ranks it is one line of 160."""
    x, y = data.x.copy(), data.y.copy()
    x[7, SECOND] += 12.0
    y[7, 6] += 15.0
    far = dataclasses.replace(data, x=x, y=y)
    table = association_modules(far)
    place = table.place(int(SECOND[0]))
    score = table.modules[place].score(x)
    asked = [(("expression",), lambda rows: score[rows][:, None])]
    by_value = deviates(far, 6, asked, LmmConfig(), table.modules[place].features)[0]
    assert by_value > table.level, "by the values the line makes a module"
    assert abs(table.z[place, 6]) < 3
    pairs = [(int(i), int(j)) for i, j in itertools.combinations(SECOND, 2)]
    assert np.abs(product_deviates(far, 6, pairs, responses="values", squares=False)).max() > 8, (
        "and pairs of its genes"
    )
    level = bonferroni_deviate(30 * len(data.drugs))
    assert np.abs(product_deviates(far, 6, pairs)).max() < level
    assert np.abs(strongest_products(far, 6, 10).z).max() < level
    assert table.shown()[0, 4], "what was there is there still"


def test_the_strongest_gene_is_found_by_ranks_too(data: Dataset) -> None:
    """One line makes another gene of the group the strongest by the values."""
    x, y = data.x.copy(), data.y.copy()
    x[7, FIRST[5]] += 12.0
    y[7, 4] += 12.0
    far = dataclasses.replace(data, x=x, y=y)
    assert FIRST[np.argmax(np.abs(association_lmm(far).z[FIRST, 4]))] == FIRST[5]
    table = association_modules(far)
    assert table.z[0, 4] >= table.level
    assert table.lead[0, 4] != FIRST[5]


def test_ranks_become_normal_deviates_and_what_is_missing_stays_so() -> None:
    values = np.array([[3.0, 1.0], [100.0, np.nan], [-2.0, 1.0], [4.0, 5.0]])
    found = rank_normal(values)
    assert found[:, 0] == pytest.approx(norm.ppf((np.array([2, 4, 1, 3]) - 0.375) / 4.25))
    assert np.isnan(found[1, 1])
    assert found[0, 1] == found[2, 1] < 0 < found[3, 1]


def test_too_few_lines_or_genes_make_no_group(data: Dataset) -> None:
    none = {**data.has_layer, "expression": np.zeros(len(data.cell_lines), dtype=bool)}
    assert coexpression_modules(dataclasses.replace(data, has_layer=none)) == ()
    few = {**data.has_layer, "expression": np.arange(len(data.cell_lines)) < 15}
    assert coexpression_modules(dataclasses.replace(data, has_layer=few)) == ()
    table = association_modules(dataclasses.replace(data, has_layer=few))
    assert table.z.shape == (0, len(data.drugs))
    assert table.level == np.inf
    assert not table.shown().any()
