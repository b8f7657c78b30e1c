"""Wide tables: read in one pass into float32, every wrong cell named, mapped to lines and symbols."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ingest_made import Made, source, table
from ingest_slices import write_slices
from screen_slices import COPY_NUMBER, DAMAGING, FURTHER, GDSC_COPY_NUMBER, NCI60, TPM

from pathproof.errors import DataError
from pathproof.ingest.pipeline import ingest
from pathproof.ingest.sources import depmap
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.matrix import Layout, read_matrix
from pathproof.workspace import Workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("layers")
    workspace = Workspace.open(root / "ws")
    return workspace, ingest(write_slices(root / "data", dict(FURTHER)), workspace)


@pytest.mark.parametrize(
    ("name", "rows", "dtype"),
    [
        ("expression_tpm", {"SIDM00001": [6.25, 0.0], "SIDM00002": [0.5, np.nan]}, "float32"),
        ("expression_nci60", {"SIDM00001": [6.9, 7.5], "SIDM00002": [np.nan, 8.25]}, "float32"),
        ("copy_number", {"SIDM00001": [1.0, 0.0], "SIDM00002": [1.0625, 7.2]}, "float32"),
        ("copy_number_gdsc", {"SIDM00001": [0.0, -4.32], "SIDM00002": [1.807, 0.322]}, "float32"),
        ("mutations_damaging", {"SIDM00001": [1, 0], "SIDM00002": [0, 2]}, "int8"),
        ("cna_regions", {"SIDM00001": [0], "SIDM00002": [1]}, "int8"),
    ],
)
def test_layer(made: Made, name: str, rows: dict[str, list[float]], dtype: str) -> None:
    frame = table(made, f"tables/layers/{name}").set_index("cell_line")
    assert set(frame.dtypes) == {np.dtype(dtype)}
    assert list(frame.index) == [f"sidm:{line}" for line in rows]
    np.testing.assert_array_equal(frame.to_numpy(), np.array(list(rows.values()), dtype=dtype))
    second = {"expression_tpm": "EGFR", "expression_nci60": "CCN1"}.get(name, "KRAS")
    assert list(frame.columns) == (["gain_cna1"] if name == "cna_regions" else ["BRAF", second])


def test_losses_are_counted(made: Made) -> None:
    facts = source(made, GDSC_COPY_NUMBER)
    assert facts["dropped"] == {"row without a known cell line": 1}
    alone = {"layer that no other one of the same lines and genes was held against": 1}  # two lines are too few
    assert facts["noted"] == {"column: unknown Entrez id": 1, **alone}
    assert facts["examples"]["column: unknown Entrez id"] == ["Entrez 999999999"]
    gaps = {"column: unmapped symbol": 1, "cell without a number, of 6": 1}
    assert source(made, NCI60)["noted"] == {"renamed to the approved symbol": 1, **gaps, **alone}
    for file in (TPM, COPY_NUMBER, DAMAGING):
        assert (source(made, file)["rows_in"], source(made, file)["rows_out"]) == (2, 2)


def test_manifest_says_which_layer_is_what(made: Made) -> None:
    facts = {one["name"]: one for one in made[1]["layers"]}
    assert [name for name, one in facts.items() if one["model_sees"]] == ["expression", "mutations"]
    assert facts["expression"]["unit"] == "z-score"
    assert facts["copy_number"]["unit"] == "log2(relative copies + 1)"
    assert facts["copy_number_gdsc"]["unit"] == "log2(copies / 2)"
    for one in facts.values():
        frame = table(made, one["table"].removesuffix(".parquet"))
        assert frame.shape == (one["cell_lines"], one["genes"] + 1)


def test_a_row_of_several_lines_is_not_guessed(tmp_path: Path) -> None:
    text = FURTHER[COPY_NUMBER] + "ACH-000001;ACH-000002,1,1\n"
    workspace = Workspace.open(tmp_path / "ws")
    manifest = ingest(write_slices(tmp_path / "data", {COPY_NUMBER: text}), workspace)
    assert source((workspace, manifest), COPY_NUMBER)["dropped"] == {"row of several cell lines": 1}


_SOURCE = Source(
    **{**depmap.COPY_NUMBER.__dict__, "cells": Column("GENE", "float", "number", low=0.0, high=9.0, blank=True)}
)


def read(folder: Path, text: str, source: Source = _SOURCE) -> pd.DataFrame:
    path = folder / "matrix.csv"
    path.write_text(text)
    return depmap.read_models(path, source, Tally())


def test_default_profile_of_a_model_is_taken_and_the_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    text = (
        ",SequencingID,IsDefaultEntryForModel,BRAF (673),ModelID,ModelConditionID,IsDefaultEntryForMC,KRAS (3845)\n"
        "0,CDS-1,No,9,ACH-000001,MC-1,No,9\n0,CDS-2,Yes,1,ACH-000001,MC-1,Yes,2\n\n0,CDS-3,Yes,3,ACH-000002,MC-2,Yes,\n"
    )
    path = tmp_path / "matrix.csv"
    path.write_text(text)
    frame = depmap.read_models(path, _SOURCE, tally := Tally())
    assert list(frame.index) == ["ACH-000001", "ACH-000002"]
    np.testing.assert_array_equal(frame.to_numpy(), np.array([[1, 2], [3, np.nan]], dtype="f4"))
    assert tally.rows_in == 2


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("high", r"Text where a number belongs: column KRAS \(3845\)\.(.|\n)*line 3(.|\n)*'high'"),
        ("1_0", "Text where a number belongs(.|\n)*'1_0'"),
        ("nan", "Text where a number belongs(.|\n)*'nan'"),
        ("inf", "Text where a number belongs(.|\n)*'inf'"),
        ("1e99", "Text where a number belongs(.|\n)*'1e99'"),
        ("１", "Text where a number belongs"),
        ("-0.5", r"out of its range(.|\n)*0.0 to 9.0"),
        ("9.5", "out of its range(.|\n)*'9.5'"),
    ],
)
def test_wrong_cell_is_named(cell: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, f",BRAF (673),KRAS (3845)\nACH-000001,1,2\nACH-000002,1,{cell}\n")


def test_all_wrong_cells_and_ids_are_told_at_once(tmp_path: Path) -> None:
    text = ",BRAF (673),KRAS (3845)\nACH-000001,x,2\nACH-000001,1,y\nHELA,99,2\n"
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    told = caught.value.render()
    for part in (
        "has 4 problems",
        "'HELA'",
        "Duplicate keys",
        "column BRAF (673) and others (2 cells)",
        "'y' (line 3, column KRAS (3845))",
        "'99'",
    ):
        assert part in told


def test_blank_cells_only_where_they_may_stand(tmp_path: Path) -> None:
    strict = Source(**{**_SOURCE.__dict__, "cells": Column("GENE", "float", "call", values=(0.0, 1.0), blank=False)})
    with pytest.raises(DataError, match="Text where a number belongs(.|\n)*0 or 1"):
        read(tmp_path, ",BRAF (673),KRAS (3845)\nACH-000001,1,\n", strict)
    with pytest.raises(DataError, match="out of its range(.|\n)*0 or 1"):
        read(tmp_path, ",BRAF (673),KRAS (3845)\nACH-000001,1,0.5\n", strict)


def test_missing_cells_are_counted_and_columns_without_any_left_out(tmp_path: Path) -> None:
    path = tmp_path / "matrix.csv"
    path.write_text(",BRAF (673),KRAS (3845),TP53 (7157)\nACH-000001,1,,2\nACH-000002,,,3\nACH-000003,,,\n")
    frame = depmap.read_models(path, _SOURCE, tally := Tally())
    assert list(frame.columns) == ["BRAF (673)", "TP53 (7157)"]
    np.testing.assert_array_equal(frame.to_numpy(), np.array([[1, 2], [np.nan, 3], [np.nan, np.nan]], "f4"))
    told = {"cell line without any number": 1, "column without any number, left out": 1}
    assert tally.noted == {**told, "cell without a number, of 9": 6}
    assert tally.examples["column without any number, left out"] == ["KRAS (3845)"]
    assert tally.examples["cell without a number, of 9"][:2] == ["ACH-000001, KRAS (3845)", "ACH-000002, BRAF (673)"]
    path.write_text(",BRAF (673)\nACH-000001,\n")
    with pytest.raises(DataError, match=r"Too many cells are without a number(.|\n)*1 of 1 cells \(100.0%\)"):
        depmap.read_models(path, _SOURCE, Tally())


@pytest.mark.parametrize(("share", "by"), [(0.2, "cell"), (0.22, "cell"), (0.25, "column"), (0.3, "row")])
def test_too_many_missing_cells_are_refused(share: float, by: str, tmp_path: Path) -> None:
    cells = np.full((50, 40), "1.0", dtype=object)
    if by == "cell":
        cells.ravel()[np.random.default_rng(1).permutation(2_000)[: round(share * 2_000)]] = ""
    else:
        (cells if by == "row" else cells.T)[: round(share * len(cells if by == "row" else cells.T))] = ""
    header = "".join(f",G{i} ({i + 1})" for i in range(40))
    text = "\n".join([header, *(f"ACH-{i:06d}," + ",".join(row) for i, row in enumerate(cells))]) + "\n"
    if share <= 0.2:
        assert np.isnan(read(tmp_path, text)).to_numpy().mean() == pytest.approx(share)
        return
    with pytest.raises(DataError, match=rf"of 2,000 cells \({share:.1%}\)(.|\n)*at most 20%"):
        read(tmp_path, text)


def test_column_that_is_no_entrez_id(tmp_path: Path) -> None:
    text = FURTHER[GDSC_COPY_NUMBER].replace("3845", "KRAS")
    with pytest.raises(DataError, match="a column is not an Entrez id(.|\n)*got: KRAS"):
        ingest(write_slices(tmp_path / "data", {GDSC_COPY_NUMBER: text}), Workspace.open(tmp_path / "ws"))


def test_matrix_keeps_every_float32(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(0, 10.0 ** rng.integers(-6, 6, (40, 30)), (40, 30)).astype("f4")
    names = [f"G{i}" for i in range(30)]
    lines = [f"ACH-{i:06d}" + "".join(f",{value!r}" for value in row.tolist()) for i, row in enumerate(values)]
    path = tmp_path / "matrix.csv"
    path.write_text("\n".join([",".join(["", *names]), *lines]) + "\n")
    free = Source(**{**_SOURCE.__dict__, "cells": None})
    frame = read_matrix(path, free, Layout(["", *names], "", names, (r"ACH-\d+", "a model")), Tally())
    np.testing.assert_array_equal(frame.to_numpy(), values)
    assert frame.to_numpy().dtype == np.float32
