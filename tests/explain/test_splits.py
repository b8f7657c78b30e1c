"""Folds: a partition, balanced, the same for any order of the ids."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layers_world import gappy
from predictor_world import world

from pathproof.errors import UsageError
from pathproof.explain.splits import inner_folds, leave_lines_out, leave_tissues_out


@given(st.integers(2, 9), st.integers(9, 60), st.integers(0, 2**32 - 1))
def test_folds_are_balanced_and_complete(folds: int, n: int, seed: int) -> None:
    assigned = leave_lines_out([f"line{i}" for i in range(n)], folds, seed)
    sizes = np.bincount(assigned, minlength=folds)
    assert sizes.sum() == n
    assert sizes.max() - sizes.min() <= 1


@given(st.randoms(use_true_random=False))
def test_folds_do_not_depend_on_the_order_of_ids(shuffler: object) -> None:
    ids = [f"line{i}" for i in range(30)]
    mixed = ids.copy()
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]
    by_id = dict(zip(ids, leave_lines_out(ids, 5, 3).tolist(), strict=True))
    assert [by_id[i] for i in mixed] == leave_lines_out(mixed, 5, 3).tolist()


def test_seed_changes_the_folds() -> None:
    ids = [f"line{i}" for i in range(30)]
    assert leave_lines_out(ids, 5, 0).tolist() != leave_lines_out(ids, 5, 1).tolist()


@given(st.lists(st.sampled_from("abcdef"), min_size=10).filter(lambda t: len(set(t)) >= 3), st.integers(0, 99))
def test_no_tissue_lies_in_two_folds(tissue: list[str], seed: int) -> None:
    folds = leave_tissues_out(tissue, 3, seed)
    assert len({(t, int(f)) for t, f in zip(tissue, folds, strict=True)}) == len(set(tissue))
    assert set(folds.tolist()) == {0, 1, 2}


@pytest.mark.parametrize(("ids", "folds", "message"), [(["a", "a", "b"], 2, "not unique"), (["a", "b"], 3, "2 to 2")])
def test_impossible_splits_are_refused(ids: list[str], folds: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        leave_lines_out(ids, folds, 0)


def test_inner_folds_over_lines_hold_out_complete_lines_once_and_with_their_repeats() -> None:
    data = gappy()
    rows = np.r_[0:40, 3, 3, 60:160]
    parts = list(inner_folds(data, rows, 5, 0))
    held = np.concatenate([one for _, one in parts])
    np.testing.assert_array_equal(np.sort(held), np.arange(40))
    drawn = leave_lines_out([data.cell_lines[i] for i in range(40)], 5, 0)
    for fold, (train, one) in enumerate(parts):
        np.testing.assert_array_equal(one, np.flatnonzero(drawn == fold))
        assert not set(train) & set(one)
        assert set(train) >= set(range(60, 160))
        assert (train == 3).sum() == (0 if 3 in one else 3)


def test_inner_folds_over_tissues_hold_out_all_of_a_tissue() -> None:
    data = gappy()
    rows = np.r_[0:40, 60:160]
    tissue = np.asarray(data.tissue)
    parts = list(inner_folds(data, rows, 5, 0, by_tissue=True))
    assert len(parts) == 4  # there are four tissues
    for train, held in parts:
        assert held.max() < 40  # a line without all of the expression is not judged
        assert not set(tissue[train]) & set(tissue[held])
        assert set(train) | set(held) < set(rows)  # incomplete lines of the tissue held out are in neither
    np.testing.assert_array_equal(np.sort(np.concatenate([held for _, held in parts])), np.arange(40))


def test_lines_of_one_tissue_are_held_out_as_lines() -> None:
    data = dataclasses.replace(world(), tissue=("Lung",) * 90)
    rows = np.arange(90)
    by_tissue = inner_folds(data, rows, 3, 0, by_tissue=True)
    for one, other in zip(by_tissue, inner_folds(data, rows, 3, 0), strict=True):
        np.testing.assert_array_equal(one[1], other[1])
