"""Folds: a partition, balanced, the same for any order of the ids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathproof.errors import UsageError
from pathproof.explain.splits import leave_lines_out, leave_tissues_out


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
