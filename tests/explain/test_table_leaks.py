"""No response of a test pair reaches a fitted number: for each model and each split that it can do."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from layers_world import gappy
from table_world import drug_side, quick_context, table_world

from pathproof.errors import DataError, UsageError
from pathproof.explain.data import Dataset
from pathproof.explain.models import drug_kernel, per_drug
from pathproof.explain.models.registry import KINDS, able, chosen, to_fit
from pathproof.explain.splits import TITLES, Split, make_split
from pathproof.explain.train_pieces import fit_piece, plan

DATA = table_world()
CONTEXT = quick_context(DATA)
SPLITS = {name: make_split(name, DATA, drug_side(DATA).molecules, 3, 0) for name in TITLES}
CASES = [(name, split) for name, kind in KINDS.items() for split in kind.splits]


@pytest.fixture(autouse=True, scope="module")
def _small_grids() -> Iterator[None]:
    """Two settings for each tuned model, few trees: the choice is made, and is quick."""
    patch = pytest.MonkeyPatch()
    for kind in (per_drug.PerDrug, drug_kernel.DrugKernelRidge):
        for own in [kind, *kind.__subclasses__()]:
            if hasattr(own, "grid"):
                patch.setattr(own, "grid", own.grid[:2])
    patch.setattr("pathproof.explain.models.trees.TREES", 4)
    patch.setattr(per_drug, "SAMPLE", 3)
    patch.setattr(per_drug, "INNER_FOLDS", 2)
    yield
    patch.undo()


def spoiled(split: Split, fold: int, data: Dataset = DATA) -> Dataset:
    """The test pairs' responses are permuted among themselves and moved far away."""
    held = split.of == fold
    y = data.y.copy()
    there = held & np.isfinite(y)
    y[there] = np.random.default_rng(0).permutation(y[there]) * 3 + 50
    return dataclasses.replace(data, y=y)


def fitted(dataset: Dataset, name: str, split: Split, fold: int) -> tuple[dict[str, np.ndarray], dict[str, bytes]]:
    seen, lines = split.training(dataset, fold)
    rows = np.flatnonzero(split.tested(fold).any(axis=1))
    context = dataclasses.replace(CONTEXT, inner_by_tissue=split.name == "lto")
    result = fit_piece(name, context, seen, lines, rows, 7)
    return dict(result.predictions), dict(result.files)


@pytest.mark.parametrize(("name", "split_name"), CASES)
def test_permuted_test_responses_change_nothing_that_was_fitted(name: str, split_name: str) -> None:
    split = SPLITS[split_name]
    before, files = fitted(DATA, name, split, 1)
    after, others = fitted(spoiled(split, 1), name, split, 1)
    assert files == others  # every byte of the saved model, the choices on inner folds included
    assert set(before) == {name, *KINDS[name].gives}
    for model, values in before.items():
        np.testing.assert_array_equal(values, after[model])
        assert np.isfinite(values[split.tested(1)[split.tested(1).any(axis=1)]]).all()


@pytest.fixture(scope="module")
def wide() -> Dataset:
    """All layers with gaps: 30 of 110 lines have everything, others lack copy number, expression or a part of it."""
    data = gappy(n=110)
    known = data.known.copy()
    copies = data.layer_columns("copy_number")
    known[np.ix_(np.r_[30:60, 90:100], copies)] = False
    has = {**data.has_layer, "copy_number": known[:, copies].all(axis=1)}
    return dataclasses.replace(data, x=np.where(known, data.x, np.float32(0)), known=known, has_layer=has)


@pytest.mark.parametrize("split_name", ["lco", "lto", "lpo"])
@pytest.mark.parametrize("name", ["kernel", "kernel+trees", "kernel-anchored-gnn"])
def test_nor_in_a_screen_with_gaps(name: str, split_name: str, wide: Dataset) -> None:
    split = make_split(split_name, wide, wide.drugs, 2, 0)
    lines = split.training(wide, 1)[1]
    assert (~wide.complete[lines]).sum() > 20  # lines that lack expression are learned from
    before, files = fitted(wide, name, split, 1)
    after, others = fitted(spoiled(split, 1, wide), name, split, 1)
    assert files == others
    for model, values in before.items():
        np.testing.assert_array_equal(values, after[model])
    other, _ = fitted(spoiled(split, 0, wide), name, split, 1)
    assert np.abs(other[name] - before[name]).max() > 1  # and what is learned from does count


@pytest.mark.parametrize("name", ["ridge", "naive-mean-effects"])
def test_permuted_training_responses_do_change_it(name: str) -> None:
    split = SPLITS["lco"]
    before, _ = fitted(DATA, name, split, 1)
    after, _ = fitted(spoiled(split, 0), name, split, 1)
    assert np.abs(before[name] - after[name]).max() > 1


@pytest.mark.parametrize("name", sorted(TITLES))
def test_every_pair_is_tested_once_and_never_in_training_then(name: str) -> None:
    split = SPLITS[name]
    times = np.zeros(DATA.y.shape, dtype=int)
    for fold in range(split.folds):
        tested = split.tested(fold)
        times += tested
        seen, lines = split.training(DATA, fold)
        assert np.isnan(seen.y[tested]).all()
        assert np.isfinite(seen.y[lines]).any(axis=1).all()
        if name == "lco":
            assert not set(lines) & set(np.flatnonzero(tested.any(axis=1)))
    assert (times == 1).all()


def test_molecules_are_held_out_whole() -> None:
    for name in ("ldo", "lpo"):
        of = SPLITS[name].of
        np.testing.assert_array_equal(of[:, 0], of[:, 3])  # two ids of one molecule
    assert len(set(SPLITS["lpo"].of[0])) == 3


@pytest.mark.parametrize("name", sorted(TITLES))
def test_folds_follow_ids_not_places(name: str) -> None:
    lines = np.random.default_rng(0).permutation(len(DATA.cell_lines))
    turned = dataclasses.replace(
        DATA,
        cell_lines=tuple(DATA.cell_lines[i] for i in lines),
        tissue=tuple(DATA.tissue[i] for i in lines),
        x=DATA.x[lines],
        y=DATA.y[lines],
        has_layer={layer: there[lines] for layer, there in DATA.has_layer.items()},
    )
    again = make_split(name, turned, drug_side(DATA).molecules, 3, 0)
    np.testing.assert_array_equal(again.of, SPLITS[name].of[lines])
    assert make_split(name, DATA, drug_side(DATA).molecules, 3, 1).key != SPLITS[name].key


def test_lines_without_expression_are_learned_from_and_not_tested() -> None:
    has = np.ones(len(DATA.cell_lines), dtype=bool)
    has[:20] = False
    part = dataclasses.replace(DATA, has_layer={**DATA.has_layer, "expression": has})
    molecules = drug_side(DATA).molecules
    lco = make_split("lco", part, molecules, 3, 0)
    assert (lco.of[:20] == -1).all()
    assert not any(lco.tested(fold)[:20].any() for fold in range(3))
    assert set(range(20)) <= set(lco.training(part, 0)[1])
    lto = make_split("lto", part, molecules, 2, 0)
    for fold in range(2):
        held = {part.tissue[i] for i in np.flatnonzero(lto.tested(fold).any(axis=1))}
        assert not held & {part.tissue[i] for i in lto.training(part, fold)[1]}


@pytest.mark.parametrize(
    ("name", "folds", "what"), [("lco", 61, "cell lines"), ("lto", 5, "tissues"), ("ldo", 24, "drugs")]
)
def test_fewer_units_than_folds_is_refused(name: str, folds: int, what: str) -> None:
    with pytest.raises(DataError, match=f"fewer {what}"):
        make_split(name, DATA, drug_side(DATA).molecules, folds, 0)


def test_a_fold_without_responses_is_refused() -> None:
    y = DATA.y.copy()
    y[SPLITS["lco"].of == 2] = np.nan
    with pytest.raises(DataError, match="Fold 3 of 3 .* is empty"):
        SPLITS["lco"].training(dataclasses.replace(DATA, y=y), 2)


def test_a_model_that_cannot_do_a_split_says_so() -> None:
    with pytest.raises(UsageError, match="ridge cannot do the split ldo"):
        chosen(("ridge",), "ldo")
    with pytest.raises(UsageError, match="line-mean cannot do the split lco"):
        chosen(("line-mean",), "lco")
    with pytest.raises(UsageError, match="did you mean: ridge"):
        chosen(("rige",), "lco")
    with pytest.raises(UsageError, match="Unknown split"):
        make_split("loo", DATA, drug_side(DATA).molecules, 3, 0)


def test_parts_of_a_model_are_not_fitted_twice() -> None:
    names = ("ridge", "gnn", "ridge-anchored-gnn")
    assert [kind.name for kind in to_fit(names)] == ["ridge-anchored-gnn"]
    every = {name for kind in to_fit(able("lco")) for name in (kind.name, *kind.gives)}
    assert every == set(able("lco"))


def test_a_fit_is_known_by_all_that_decides_it() -> None:
    def keys(**change: object) -> set[str]:
        context = dataclasses.replace(CONTEXT, **change)
        return {p.key for p in plan(DATA, SPLITS["lco"], [KINDS["ridge-anchored-gnn"]], context, 0, whole=True)}

    assert len(keys()) == 4
    assert not keys() & keys(epochs=3)
    assert not keys() & keys(seeds=2)
    assert not keys() & keys(inner_by_tissue=True)
    assert keys() == keys(drugs=drug_side(table_world(1)))  # it does not see the drugs' facts
