"""Rows on standard output: as a table for people, as CSV, or as strict JSON."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pathproof.cli import options as o
from pathproof.errors import UsageError, nearest

PIPE_WIDTH = 100_000  # a pipe has no edge
FORMS = ("table", "csv", "json")
Rows = list[dict[str, Any]]


def check_form(form: str) -> None:
    """Refuse a format that is none.

    Raises
    ------
    UsageError
    """
    if form not in FORMS:
        raise UsageError(
            "Unknown format.", where="--format", got=form, allowed=", ".join(FORMS), nearest=nearest(form, FORMS)
        )


def console() -> Console:
    """Standard output: as wide as the terminal, without an edge in a pipe."""
    return o.out if o.out.is_terminal else Console(width=PIPE_WIDTH, highlight=False)


def print_rows(rows: Rows, form: str, columns: Sequence[str] = ()) -> None:
    """Print rows; their number goes to standard error.

    Parameters
    ----------
    rows : list of dict
    form : str
        One of :data:`FORMS`.
    columns : sequence of str
        Heads of a table or CSV without rows.
    """
    names = list(rows[0]) if rows else list(columns)
    if form == "json":
        strict = [{name: _finite(value) for name, value in row.items()} for row in rows]
        sys.stdout.write(json.dumps(strict, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([[_cell(row[name]) for name in names] for row in rows])
    else:
        console().print(table_of(rows, columns=names))
    o.err.print(f"{len(rows)} row(s)")


def table_of(rows: Rows, *, columns: Sequence[str] = (), headed: bool = True, kept: Sequence[str] = ()) -> Table:
    """The rows as a table; cells fold, those of the `kept` columns stay on one line."""
    names = list(rows[0]) if rows else list(columns)
    table = Table(box=None, pad_edge=False, show_header=headed)
    for name in names:
        table.add_column(name, overflow="fold", no_wrap=name in kept)  # on a narrow terminal nothing is cut off
    for row in rows:
        table.add_row(*(_shown(row[name]) for name in names))
    return table


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity: they become null, at any depth."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return value


def _cell(value: Any) -> Any:
    return ";".join(str(item) for item in value) if isinstance(value, list) else value


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list):
        return escape(", ".join(str(item) for item in value))
    return "" if value is None else escape(str(value))
