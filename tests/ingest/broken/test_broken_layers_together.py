"""A layer whose rows, header or signs were moved no longer agrees with another one of the same lines and genes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import measured_world as world
import numpy as np
import pandas as pd
import pytest

from pathproof.errors import DataError
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.layers_together import MIN_LINES, PARTNERS, agreement, check_layers
from pathproof.ingest.sources.base import find_file
from pathproof.ingest.sources.depmap import EXPRESSION_TPM
from pathproof.ingest.sources.matrix_checks import MIN_LINES as MIN_ROWS
from pathproof.ingest.sources.matrix_checks import MatrixCheck, check_tpm, check_z_scores
from pathproof.ingest.sources.problems import Problems
from pathproof.ingest.tables import Tables, build_tables

FILES = {name: f"{name}.csv" for pair in PARTNERS for name in (pair.one, pair.other)}


def _made(data: Path) -> tuple[Tables, Inputs]:
    inputs = Inputs(data)
    inputs.read_all(lambda message, share: None, 1.0)
    return build_tables(inputs), inputs


def _layers(tables: Tables) -> dict[str, pd.DataFrame]:
    return {"expression": tables.expression, "mutations": tables.mutations, **tables.layers}


def _moved(table: pd.DataFrame, axis: int) -> pd.DataFrame:
    return pd.DataFrame(np.roll(table.to_numpy(), 1, axis), table.index, table.columns)


@pytest.fixture(scope="module")
def three() -> dict[str, pd.DataFrame]:
    """Three layers of one measurement, of lines and genes in another order."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(60, 50))
    base = pd.DataFrame(values, [f"L{i}" for i in range(60)], [f"G{i}" for i in range(50)])
    names = ("expression", "expression_tpm", "expression_nci60")
    return {name: base.sample(frac=1.0, random_state=n) + 0.1 * n for n, name in enumerate(names)}


def test_lines_and_genes_are_joined_by_name(three: dict[str, pd.DataFrame]) -> None:
    assert agreement(three["expression"], three["expression_tpm"]) == pytest.approx(1.0)
    assert check_layers(three, FILES) == []


@pytest.mark.parametrize("name", ["expression", "expression_tpm", "expression_nci60"])
@pytest.mark.parametrize("fault", ["rows", "header", "sign"])
def test_the_layer_that_disagrees_with_both_others_is_named(
    name: str, fault: str, three: dict[str, pd.DataFrame]
) -> None:
    table = three[name]
    spoilt = -table if fault == "sign" else _moved(table, axis=int(fault == "header"))
    with pytest.raises(DataError, match="do not agree: rows, header or signs") as caught:
        check_layers({**three, name: spoilt}, FILES)
    assert str(caught.value.where) == f"{name}.csv"
    assert str(caught.value.got).count("in the published files") == 2


def test_of_two_layers_both_are_named(three: dict[str, pd.DataFrame]) -> None:
    two = {name: three[name] for name in ("expression", "expression_tpm")}
    with pytest.raises(DataError) as caught:
        check_layers({**two, "expression": _moved(two["expression"], 0)}, FILES)
    assert set(str(caught.value.where).split(" or ")) == {"expression.csv", "expression_tpm.csv"}


def test_too_few_lines_or_genes_are_not_held_against_anything(three: dict[str, pd.DataFrame]) -> None:
    one, other = three["expression"], three["expression_tpm"]
    few = [f"L{i}" for i in range(MIN_LINES - 1)]
    assert agreement(one.loc[few], other) is None
    assert agreement(one, other[[f"G{i}" for i in range(MIN_LINES - 1)]]) is None
    assert agreement(one, None) is None
    assert check_layers({"expression": one, "expression_tpm": other.loc[few]}, FILES) == [
        "expression",
        "expression_tpm",
    ]


def test_copy_number_of_the_measured_world(tmp_path: Path) -> None:
    """The files as a whole: sound, then with the cells of one moved under their ids."""
    data = world.write_measured(tmp_path)
    tables, inputs = _made(data)
    note = "layer that no other one of the same lines and genes was held against"
    assert {name for record in inputs.files.values() for name in record.tally.examples.get(note, [])} >= {"expression"}
    assert "copy_number" not in check_layers(_layers(tables), dict.fromkeys(_layers(tables), "file"))
    frame = world.read(data, world.COPY_NUMBER)
    world.write(data, world.COPY_NUMBER, world.moved(frame.columns[0])(frame))
    with pytest.raises(DataError, match=r"copy_number and copy_number_gdsc: -?0\.\d\d \(at least 0.4;"):
        _made(data)


OTHER_TPM: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "natural logarithms": lambda frame: frame * np.log(2),
    "common logarithms": lambda frame: frame * np.log10(2),
    "turned round": lambda frame: frame.max().max() - frame,
    "turned round gene by gene": lambda frame: frame.max() - frame,
}


def _tpm_told(frame: pd.DataFrame, check: MatrixCheck) -> str:
    problems = Problems(Path("file"), "file")
    check(frame, problems)
    return "".join(error.render() for _, error in problems._found)


@pytest.mark.parametrize("check", [check_tpm, check_z_scores])
def test_expression_alone_is_held_against_genes_of_every_cell(check: MatrixCheck) -> None:
    """Without a partner: under the name of the TPM matrix, or under that of the z-scores, which it may stand for."""
    rng = np.random.default_rng(2)
    genes = ["EEF1A1 (1915)", "ACTB (60)", "GAPDH (2597)", *(f"G{n} ({9_000_000 + n})" for n in range(30))]
    frame = pd.DataFrame(rng.uniform(0.0, 9.0, (MIN_ROWS, len(genes))), columns=genes)
    frame.iloc[:, :3] = rng.normal(12.0, 0.5, (MIN_ROWS, 3))
    assert _tpm_told(frame, check) == ""
    for name, change in OTHER_TPM.items():
        told = _tpm_told(change(frame), check)
        assert "Expression is not log2(TPM + 1)" in told, name
        assert "EEF1A1 (1915), ACTB (60), GAPDH (2597)" in told
        assert _tpm_told(change(frame).iloc[: MIN_ROWS - 1], check) == "", "too few lines"
        assert _tpm_told(change(frame).iloc[:, 3:], check) == "", "none of these genes"


def test_the_real_tpm_matrix_and_its_faults(real_data: Path) -> None:
    path = find_file(EXPRESSION_TPM, real_data)
    assert path is not None
    frame = pd.read_csv(path, index_col=0)
    assert _tpm_told(frame, check_tpm) == ""
    for name, change in OTHER_TPM.items():
        assert "not log2(TPM + 1)" in _tpm_told(change(frame), check_tpm), name


def test_the_real_layers_agree_and_moved_ones_do_not(real_data: Path) -> None:
    """What the messages say is measured; the limit lies between."""
    tables = _layers(_made(real_data)[0])
    assert check_layers(tables, dict.fromkeys(tables, "file")) == ["cna_regions"]
    for pair in PARTNERS:
        one, other = tables[pair.one], tables[pair.other]
        assert agreement(one, other) == pytest.approx(pair.sound, abs=0.006)
        moved = [agreement(_moved(one, 0), other), agreement(_moved(one, 1), other)]
        moved += [agreement(one, _moved(other, 0)), agreement(one, _moved(other, 1))]
        highest = max(r for r in moved if r is not None)
        assert highest == pytest.approx(pair.moved, abs=0.006)
        assert highest + 0.1 < pair.least < pair.sound - 0.2
