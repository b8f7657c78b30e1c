"""A provider's Excel workbook, read as the text table that its first sheet is."""

from __future__ import annotations

import csv
import io
import itertools
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from pathproof.errors import DataError
from pathproof.ingest.sources.problems import AGAIN

SUFFIX = ".xlsx"


def sheet_text(path: Path, rows: int | None = None) -> str:
    """The first sheet (or its first `rows`) as comma-separated text; whole numbers lose the `.0` of a workbook.

    Raises
    ------
    DataError
        When the file is no workbook, is damaged, or its first sheet holds nothing.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            for row in itertools.islice(workbook.get_sheet_by_index(0).iter_rows(), rows):
                writer.writerow([_cell(value) for value in row])
    except (CalamineError, OSError) as error:
        raise DataError(f"The workbook cannot be read: {error}", where=path, action=AGAIN) from error
    if not text.tell():
        raise DataError("The first sheet of the workbook is empty.", where=path, action=AGAIN)
    return text.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
