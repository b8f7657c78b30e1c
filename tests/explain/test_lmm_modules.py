"""Genes that move together: formed without responses, and shown as one only where more than one of them acts."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from explain_world import world
from scipy.stats import norm

from pathproof.explain.data import Dataset
from pathproof.explain.lmm import association_lmm
from pathproof.explain.lmm_modules import (
    BEYOND,
    ModuleTable,
    association_modules,
    coexpression_modules,
    false_share_level,
)

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
    return association_modules(data, association_lmm(data))


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


def test_the_level_leaves_the_asked_share_of_false_ones() -> None:
    rng = np.random.default_rng(0)
    null = rng.standard_normal((50, 400))
    assert not np.isfinite(false_share_level(null)) or (np.abs(null) >= false_share_level(null)).sum() <= 2
    mixed = null.copy()
    mixed[:5] += 5.0
    level = false_share_level(mixed)
    taken = np.abs(mixed) >= level
    assert taken[:5].mean() > 0.9
    assert taken[5:].sum() / taken.sum() < 0.08
    size = np.sort(np.abs(mixed).ravel())[::-1]  # Benjamini and Hochberg's rule, written out
    p = 2 * norm.sf(size)
    last = np.flatnonzero(p <= 0.05 * np.arange(1, size.size + 1) / size.size)[-1]
    assert level == pytest.approx(size[last])
    assert false_share_level(np.full((2, 2), np.nan)) == np.inf


def test_too_few_lines_or_genes_make_no_group(data: Dataset) -> None:
    few = {**data.has_layer, "expression": np.arange(len(data.cell_lines)) < 15}
    assert coexpression_modules(dataclasses.replace(data, has_layer=few)) == ()
    table = association_modules(dataclasses.replace(data, has_layer=few), association_lmm(data))
    assert table.z.shape == (0, len(data.drugs))
    assert table.level == np.inf
    assert not table.shown().any()
