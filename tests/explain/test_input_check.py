"""Input that no model can learn from is refused with the reason; what only cannot be scored is counted."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from layers_world import gappy
from predictor_world import CALLS, GENES
from table_world import drug_side, quick_context, table_world, workspace_in

from pathproof.errors import DataError
from pathproof.explain.data import Dataset, Feature
from pathproof.explain.input_check import LEAST_SHARED, check_input
from pathproof.explain.models.mlp import Mlp, MlpConfig
from pathproof.explain.splits import make_split
from pathproof.explain.train_table import TableConfig, train_table

DATA = table_world()
GAPPY = gappy()
EXPRESSION = DATA.layer_columns("expression")


def with_expression(values: np.ndarray) -> Any:
    x = DATA.x.copy()
    x[:, EXPRESSION] = values
    return dataclasses.replace(DATA, x=x)


def test_good_input_passes_and_drugs_without_a_score_are_counted() -> None:
    y = DATA.y.copy()
    y[:, 0] = 3.0
    y[9:, 1] = np.nan
    found = check_input(dataclasses.replace(DATA, y=y))
    assert found["drugs whose responses do not vary (no score)"] == 1
    assert found["drugs with fewer than 10 responses (no score)"] == 1
    assert sum(check_input(DATA).values()) == 0


def test_such_drugs_have_no_figure_and_no_nan_reaches_the_table(tmp_path: Any) -> None:
    y = DATA.y.copy()
    y[:, 0] = 3.0
    y[1:, 1] = np.nan
    data = dataclasses.replace(DATA, y=y)
    config = TableConfig(models=("ridge", "elastic-net"), folds=3)
    table = train_table(data, quick_context(data), workspace_in(tmp_path), config, lambda _, __: None).table
    assert {row["drugs_judged"] for row in table["models"]} == {22}
    assert all(np.isfinite(row["per_drug"]["pearson"]) for row in table["models"])


def test_responses_that_never_vary_are_refused_before_anything_is_fitted(tmp_path: Any) -> None:
    context, workspace = quick_context(DATA), workspace_in(tmp_path)
    config = TableConfig(models=("ridge",), folds=3)
    flat = dataclasses.replace(DATA, y=np.where(np.isfinite(DATA.y), 3.0, np.nan))
    with pytest.raises(DataError, match="none has enough responses that vary(.|\n)*24 whose responses are all equal"):
        train_table(flat, context, workspace, config, lambda _, __: None)
    held = make_split("lco", DATA, context.drugs.molecules, 3, 0).tested(1)
    part = dataclasses.replace(DATA, y=np.where(held & np.isfinite(DATA.y), 3.0, DATA.y))
    with pytest.raises(DataError, match="tested responses to each are all equal(.|\n)*fold 2 of 3"):
        train_table(part, context, workspace, config, lambda _, __: None)
    assert list(tmp_path.rglob("done.json")) == []


def test_lines_that_are_known_by_held_out_drugs_only_are_refused(tmp_path: Any) -> None:
    few = dataclasses.replace(DATA, drugs=DATA.drugs[:6], drug_names=DATA.drug_names[:6], y=DATA.y[:, :6].copy())
    few.y[7, 1:] = np.nan
    few.y[7, 0] = 1.0
    context = dataclasses.replace(quick_context(DATA), drugs=drug_side(few))
    config = TableConfig(split="ldo", models=("line-mean",), folds=3)
    with pytest.raises(DataError, match="held-out drugs only(.|\n)*1 of 60 cell lines(.|\n)*6 drugs in all"):
        train_table(few, context, workspace_in(tmp_path), config, lambda _, __: None)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.exp(DATA.x[:, EXPRESSION] * 2 + 5), "not in z-scores"),
        (DATA.x[:, EXPRESSION] * 30, "not in z-scores"),
        (np.maximum(DATA.x[:, EXPRESSION] * 1.5 + 4, 0), r"not in z-scores(.|\n)*mean of 3\.9"),
    ],
)
def test_counts_and_raw_values_are_refused(values: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_input(with_expression(values))


def test_folds_in_which_no_drug_could_be_scored_are_refused_before_anything_is_fitted(tmp_path: Any) -> None:
    config = TableConfig(models=("ridge",), folds=12)
    said: list[str] = []
    with pytest.raises(DataError, match=r"too few tested cell lines(.|\n)*--folds"):
        train_table(DATA, quick_context(DATA), workspace_in(tmp_path), config, lambda message, _: said.append(message))
    assert said == []


def test_scaling_within_lines_is_refused() -> None:
    values = DATA.x[:, EXPRESSION].astype(float)
    values = (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, keepdims=True)
    with pytest.raises(DataError, match="within each cell line, not within each gene"):
        check_input(with_expression(values))


def test_a_matrix_that_is_turned_round_is_refused() -> None:
    features = tuple(Feature(f"SIDM{i:05d}", f.layer) for i, f in enumerate(DATA.features))
    with pytest.raises(DataError, match="turned round"):
        check_input(dataclasses.replace(DATA, features=features))


@pytest.mark.parametrize("apart", [0.0, 1e-4, 0.05])
def test_one_line_under_two_names_is_refused_also_when_measured_twice(apart: float) -> None:
    x = DATA.x.copy()
    x[7] = x[3]
    x[7, EXPRESSION] += np.random.default_rng(0).normal(0, apart, EXPRESSION.size).astype(np.float32)
    with pytest.raises(DataError, match="sidm:SIDM00003 = sidm:SIDM00007"):
        check_input(dataclasses.replace(DATA, x=x))


def _again(line: int, kept: slice) -> Dataset:
    """A screen with gaps to which a line is added under a second name, with some of its values only."""
    known, x = GAPPY.known.copy(), GAPPY.x.copy()
    y, twin = GAPPY.y.copy(), 120
    known[twin] = False
    known[twin, kept] = GAPPY.known[line, kept]
    x[twin], y[twin] = np.where(known[twin], x[line], np.float32(0)), y[line]
    has = {name: there.copy() for name, there in GAPPY.has_layer.items()}
    has["copy_number"][twin] = bool(known[twin, GAPPY.layer_columns("copy_number")].all())
    return dataclasses.replace(GAPPY, x=x, y=y, known=known, has_layer=has)


@pytest.mark.parametrize(
    ("line", "kept", "layer"),
    [
        (3, slice(0, 10), "expression"),  # all of the one, a part of the other
        (70, slice(0, 10), "expression"),  # a part of both
        (3, slice(-GENES, None), "copy number"),
        (110, slice(-GENES, None), "copy number"),  # neither has expression
    ],
)
def test_a_twin_that_lacks_the_expression_matrix_is_refused(line: int, kept: slice, layer: str) -> None:
    with pytest.raises(DataError, match=rf"{GAPPY.cell_lines[line]} = {GAPPY.cell_lines[120]} \({layer}\)"):
        check_input(_again(line, kept))


def test_lines_with_gaps_that_share_little_or_mutations_only_are_no_twins() -> None:
    check_input(GAPPY)
    check_input(_again(3, slice(0, LEAST_SHARED - 1)))
    check_input(_again(3, slice(GENES, GENES + CALLS)))  # driver mutations: too few to tell


def test_two_lines_of_one_kind_are_no_twins() -> None:
    x = DATA.x.copy()
    x[7, EXPRESSION] = x[3, EXPRESSION] + np.random.default_rng(0).normal(0, 0.5, EXPRESSION.size)
    check_input(dataclasses.replace(DATA, x=x))


def test_values_that_are_no_number_are_refused() -> None:
    x = DATA.x.copy()
    x[0, 0] = np.nan
    with pytest.raises(DataError, match="no number"):
        check_input(dataclasses.replace(DATA, x=x))


def test_a_loss_that_is_no_number_is_refused() -> None:
    x = DATA.x.copy()
    x[:, 0] = 3e38
    with pytest.raises(DataError, match="ended without a number"):
        Mlp(MlpConfig(seeds=1, epochs=1)).fit(dataclasses.replace(DATA, x=x), np.arange(60), 0)


def test_the_wide_data_set_is_checked_too(tmp_path: Any) -> None:
    x = DATA.x.copy()
    x[0, 0] = np.nan
    config, wide = TableConfig(models=("kernel",), folds=3), dataclasses.replace(DATA, x=x)
    with pytest.raises(DataError, match="no number"):
        train_table(DATA, quick_context(DATA), workspace_in(tmp_path), config, lambda *_: None, wide=wide)
