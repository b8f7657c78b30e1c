"""Files that give nothing, which stop, and files with far fewer rows than the published ones, which are told."""

from __future__ import annotations

from collections.abc import Iterable

from pathproof.errors import DataError
from pathproof.ingest.inputs import FileRead, Inputs
from pathproof.ingest.sources import depmap
from pathproof.ingest.tables import Tables

LEAST_ROWS = 0.6
"""Share of the published file's rows below which a file is told: one that was cut at its half has 0.5."""
USABLE = "with expression"
_SHOWN = 4


def require_use(inputs: Inputs, tables: Tables) -> None:
    """Stop at a file of which no row at all is used; call it when all rows are counted.

    Raises
    ------
    DataError
        It names the file and why its rows were left out; also when no line of any screen has expression.
    """
    for record in inputs.files.values():
        if not record.tally.rows_out:
            raise _unused(record)
    steps = [step for screen in tables.screens.values() for step in screen.attrition if step["step"] == USABLE]
    if not any(step["rows"] for step in steps):
        raise DataError(
            "No cell line of any screen has expression: this is probably the wrong file.",
            where=inputs.path(depmap.EXPRESSION),
            got=f"{len(tables.expression):,} cell lines, as {', '.join(tables.expression.index[:_SHOWN])}",
            allowed="expression of the cell lines that were screened",
            action=f"get it from {depmap.EXPRESSION.get_from}",
        )


def _unused(record: FileRead) -> DataError:
    source, tally = record.source, record.tally
    lost = sorted(tally.dropped.items(), key=lambda item: -item[1])
    told = [f"{n:,} {why} ({', '.join(tally.examples.get(why, [])[:_SHOWN])})" for why, n in lost[:_SHOWN]]
    action = "look whether it has the species, the ids and the names that it should have, or get it from "
    return DataError(
        f"No row of the {source.title} is used: this is probably the wrong file.",
        where=record.path,
        got=f"{tally.rows_in:,} rows: " + ("; ".join(told) or "nothing in them"),
        allowed="at least one row that is used",
        action=action + source.get_from + (", or take it away: it is optional" if source.optional else ""),
    )


def short_files(records: Iterable[FileRead]) -> dict[str, str]:
    """Title of each file with far fewer rows than the published one -> what to know of it.

    A text file that was cut at the end of a line is sound by itself, and a part of a file is what many a user wants:
    so it is told, and does not stop.
    """
    return {
        record.source.title: f"{record.tally.rows_in:,} of the {record.source.rows:,} rows of the published file: "
        "a part of it, or cut off at the end of a line"
        for record in records
        if record.tally.rows_in < LEAST_ROWS * record.source.rows
    }
