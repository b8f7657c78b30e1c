"""The cells of one column, held against what the source declares of it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pathproof.ingest.sources.base import Column, Tally
from pathproof.ingest.sources.problems import Problems

_MONTH = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
SPREADSHEET_DATE = rf"(\d{{1,2}}-{_MONTH}|{_MONTH}-\d{{1,2}})"
"""What spreadsheets make of gene symbols: 2-Sep of SEPT2, 1-Mar of MARCH1 or MARC1, 1-Dec of DEC1."""
_DECIMAL_COMMA = r"\s*[-+]?\d+,\d+\s*"


def check_numbers(raw: pd.Series[str], column: Column, problems: Problems) -> NDArray[np.float64]:
    """The column as float64, NaN for what is blank; what is no number or may not stand there is a problem."""
    values = pd.to_numeric(raw, errors="coerce").to_numpy(dtype=np.float64)
    blank = np.asarray(raw.str.strip() == "", dtype=bool)
    bad = ~np.isfinite(values) & ~(blank & column.blank)
    comma = bad.any() and raw[bad].str.fullmatch(_DECIMAL_COMMA).any()
    hint = "write numbers with a decimal point, not a comma, and without a sign between thousands" if comma else ""
    problems.cells("Text where a number belongs", bad, raw, "a finite number", hint)
    for limit, outside in ((column.low, np.less), (column.high, np.greater)):
        if limit is not None:
            allowed = f"{column.low} to {column.high}" if column.high is not None else f"at least {column.low}"
            problems.cells("A number out of its range", outside(values, limit) & ~bad, raw, allowed)
    if column.values:
        other = np.isfinite(values) & ~np.isin(values, column.values)
        problems.cells("A number that may not stand here", other, raw, " or ".join(f"{v:g}" for v in column.values))
    if column.typical is not None and np.isfinite(values).any():
        check_typical(float(np.nanmedian(values[np.isfinite(values)])), column, problems)
    return values


def check_typical(median: float, column: Column, problems: Problems) -> None:
    """Whether the median of a column lies where the source says that it does."""
    low, high = column.typical or (-np.inf, np.inf)
    if not low <= median <= high:
        problems.add(
            f"The numbers are of another kind or unit: column {column.name}.",
            f"column {column.name}",
            got=f"a median of {median:.4g}",
            allowed=f"a median from {low:g} to {high:g}" + (f" ({column.unit})" if column.unit else ""),
            action="look whether columns were swapped or values converted, or download the file again",
        )


def check_texts(raw: pd.Series[str], column: Column, problems: Problems, tally: Tally | None) -> pd.Series[str]:
    """The column without spaces around its cells (counted); blanks and cells of another form are problems."""
    stripped = raw.str.strip()
    padded = np.asarray(stripped != raw, dtype=bool)
    if tally is not None and padded.any():
        tally.note("spaces around a cell, taken off", [f"{column.name}: {text!r}" for text in raw[padded]])
    blank = np.asarray(stripped == "", dtype=bool)
    if not column.blank:
        problems.cells("An empty cell where a value is needed", blank, raw, "a value")
    if column.form is not None:
        pattern, meaning = column.form
        wrong = ~blank & ~np.asarray(stripped.str.fullmatch(pattern, flags=re.ASCII), dtype=bool)
        problems.cells(f"Not {meaning}", wrong, raw, meaning)
    return stripped
