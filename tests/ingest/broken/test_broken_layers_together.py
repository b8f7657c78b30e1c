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
from pathproof.ingest.layers_together import (
    MIN_LINES,
    MOST_LINES,
    MOST_SAME,
    MOST_UNLIKE_GENES,
    PARTNERS,
    agreement,
    check_layers,
    own_agreement,
)
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


def _moved_part(table: pd.DataFrame, other: pd.DataFrame, share: float) -> pd.DataFrame:
    """The table with the values of a share of the genes that it has in common with another one moved among them."""
    genes = np.flatnonzero(table.columns.isin(other.columns))
    chosen = np.sort(np.random.default_rng(0).permutation(genes)[: round(share * len(genes))])
    values = table.to_numpy().copy()
    values[:, chosen] = values[:, np.roll(chosen, 1)]
    return pd.DataFrame(values, table.index, table.columns)


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


@pytest.mark.parametrize(
    ("axis", "fine", "wrong", "told"),
    [
        (0, 2, 8, "Some cell lines do not agree(.|\n)*8 of 60 cell lines correlate below 0.6 in expression and expr"),
        (1, 4, 8, "Some genes do not agree(.|\n)*8 of 50 genes correlate below 0.5 in expression and expression_tpm"),
    ],
    ids=["rows", "header"],
)
def test_a_few_exchanged_rows_or_genes_are_refused(
    axis: int, fine: int, wrong: int, told: str, three: dict[str, pd.DataFrame]
) -> None:
    """So few that the layers as a whole agree; fewer are not enough."""

    def spoilt(n: int) -> dict[str, pd.DataFrame]:
        values = np.array(three["expression"]) if axis == 0 else np.array(three["expression"]).T
        values[:n] = np.roll(values[:n], 1, 0)
        table = pd.DataFrame(values if axis == 0 else values.T, three["expression"].index, three["expression"].columns)
        return {**three, "expression": table}

    assert fine <= (MOST_LINES, MOST_UNLIKE_GENES)[axis] * three["expression"].shape[axis]
    assert check_layers(spoilt(fine), FILES) == []
    with pytest.raises(DataError, match=told) as caught:
        check_layers(spoilt(wrong), FILES)
    assert "expression.csv" in str(caught.value.where)


def test_rows_copied_over_others_are_refused(three: dict[str, pd.DataFrame]) -> None:
    table = three["expression_tpm"].copy()
    table.iloc[5:8] = table.iloc[0].to_numpy()
    assert MOST_SAME * len(table) < 3
    with pytest.raises(DataError, match="very same values") as caught:
        check_layers({"expression_tpm": table}, FILES)
    assert "4 of 60 lines, as " + " = ".join(table.index[[0, 5, 6, 7]]) in str(caught.value.got)
    assert check_layers({"expression_tpm": table.iloc[: MIN_LINES - 1]}, FILES) == ["expression_tpm"], "too few"


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
        for axis, least, most in (("line", pair.line, MOST_LINES), ("gene", pair.gene, MOST_UNLIKE_GENES)):
            assert bool(least) == (pair.one != "mutations")
            if least:
                turned = _moved(one, 0 if axis == "line" else 1)
                sound, exchanged = (float((own_agreement(t, other, axis) < least).mean()) for t in (one, turned))
                assert sound <= 0.02 < most < 0.5 <= exchanged, (pair, axis)
        if pair.gene:
            part = _moved_part(one, other, 0.3)
            assert float((own_agreement(part, other, "gene") < pair.gene).mean()) > 1.5 * MOST_UNLIKE_GENES
        moved = [agreement(_moved(one, 0), other), agreement(_moved(one, 1), other)]
        moved += [agreement(one, _moved(other, 0)), agreement(one, _moved(other, 1))]
        highest = max(r for r in moved if r is not None)
        assert highest == pytest.approx(pair.moved, abs=0.006)
        assert highest + 0.1 < pair.least < pair.sound - 0.2
