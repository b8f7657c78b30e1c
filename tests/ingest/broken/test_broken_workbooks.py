"""Broken workbooks: cut off anywhere, another sheet first, a column gone, other cells than numbers."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import measured_world as world
import openpyxl
import pandas as pd
import pytest

from pathproof.errors import DataError
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.sources.gdsc_response import Response

NAME = "gdsc/GDSC2_fitted_dose_response_27Oct23.xlsx"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration with the start of its screen as a workbook."""
    data = world.write_measured(tmp_path_factory.mktemp("workbooks"))
    frame = world.read(data, world.GDSC2).head(100)
    (data / world.GDSC2).unlink()
    frame.to_excel(data / NAME, index=False)
    return data


def read(sound: Path, folder: Path, change: Callable[[bytes], bytes]) -> Response:
    """The screen of the changed workbook."""
    for path in sound.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(sound)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(change(path.read_bytes()) if path.suffix == ".xlsx" else path.read_bytes())
    return Inputs(folder).response


def edited(edit: Callable[[openpyxl.Workbook], None]) -> Callable[[bytes], bytes]:
    """A workbook after a change of its cells."""

    def change(content: bytes) -> bytes:
        book, target = openpyxl.load_workbook(io.BytesIO(content)), io.BytesIO()
        edit(book)
        book.save(target)
        return target.getvalue()

    return change


def another_sheet_first(book: openpyxl.Workbook) -> None:
    book.create_sheet("Read me", 0).append(["GDSC2", "fitted dose response", "see the next sheet"])


def empty_sheet_first(book: openpyxl.Workbook) -> None:
    book.create_sheet("Sheet0", 0)


def no_auc(book: openpyxl.Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.delete_cols([cell.value for cell in sheet[1]].index("AUC") + 1)


def header_only(book: openpyxl.Workbook) -> None:
    book.worksheets[0].delete_rows(2, 10_000)


def put(column: str, value: object) -> Callable[[openpyxl.Workbook], None]:
    """Another value in line 3 of a column."""

    def edit(book: openpyxl.Workbook) -> None:
        sheet = book.worksheets[0]
        sheet.cell(3, [cell.value for cell in sheet[1]].index(column) + 1).value = value

    return edit


def test_a_workbook_says_what_the_text_says(sound: Path, tmp_path: Path) -> None:
    found = read(sound, tmp_path / "book", lambda content: content)
    frame = pd.read_excel(sound / NAME, engine="openpyxl")
    assert found.frame["ln_ic50"].tolist() == frame["LN_IC50"].tolist()
    assert found.frame["line"].tolist() == frame["SANGER_MODEL_ID"].tolist()


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.7, 0.999])
def test_a_workbook_that_is_cut_off(share: float, sound: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"workbook cannot be read(.|\n)*download the file again"):
        read(sound, tmp_path, lambda content: content[: int(share * len(content))])


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (another_sheet_first, "columns are missing(.|\n)*see the next sheet"),
        (empty_sheet_first, "first sheet of the workbook is empty"),
        (no_auc, r"1 of 10 columns are missing(.|\n)*AUC"),
        (header_only, "header and no rows"),
        (put("LN_IC50", "#N/A"), "Text where a number belongs(.|\n)*line 3, column LN_IC50"),
        (put("LN_IC50", None), "Text where a number belongs(.|\n)*line 3, column LN_IC50"),
        (put("DRUG_ID", 900_001.5), "compound number(.|\n)*900001.5"),
        (put("SANGER_MODEL_ID", pd.Timestamp("2026-09-02")), "Sanger model id(.|\n)*2026-09-02"),
    ],
    ids=["another sheet", "an empty sheet", "a column gone", "no rows", "error", "blank", "half a number", "a date"],
)
def test_a_workbook_with_other_cells(
    edit: Callable[[openpyxl.Workbook], None], words: str, sound: Path, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read(sound, tmp_path, edited(edit))
    assert Path(NAME).name in str(caught.value.where)
