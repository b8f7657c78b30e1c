"""A column as a whole: whether enough of it is filled, and with the words that it usually holds.

A cell that is empty or says something new is counted by who reads the file. A column of them is another column.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources.base import Column, Tally
from pathproof.ingest.sources.problems import N_SHOWN, Problems

LEAST_WORDS = 0.9
"""Share of the filled cells that say one of the words of their column."""
_ACTION = "look whether columns were exchanged or emptied, or download the file again"


def check_shares(cells: pd.Series, column: Column, problems: Problems, tally: Tally | None) -> None:
    """Note a column (stripped texts, or numbers) that is emptier than the source says, or that holds other words.

    One without any value that need not have any is counted in `tally`.
    """
    there = cells.notna() if column.type == "float" else cells != ""
    n_filled = int(there.sum())
    if n_filled < column.filled * len(cells):
        problems.add(
            f"Too few cells are filled: column {column.name}.",
            f"column {column.name}",
            got=f"{n_filled:,} of {len(cells):,} rows ({n_filled / len(cells):.0%})",
            allowed=f"at least {column.filled:.0%}",
            action=_ACTION,
        )
    elif not n_filled and tally is not None:
        tally.note("column without any value", [column.name])
    if not column.words or not n_filled:
        return
    filled = cells[there]
    others = filled[~filled.isin(column.words)]
    if len(others) > (1 - LEAST_WORDS) * len(filled):
        problems.add(
            f"Most cells should say something else: column {column.name}.",
            f"column {column.name}",
            got=f"{len(others):,} of {len(filled):,} other: " + "; ".join(map(repr, others.unique()[:N_SHOWN])),
            allowed=f"in at least {LEAST_WORDS:.0%} one of {', '.join(column.words)}",
            action=_ACTION,
        )


def require_share(found: int, given: int, path: Path, what: str, least: float) -> None:
    """Stop when too few of the `given` names or rows are what they should be; `what` says it, as `genes are known`.

    Raises
    ------
    DataError
        When fewer than the share `least` were `found`: the file is probably another one than it is taken for.
    """
    if given and found < least * given:
        raise DataError(
            f"Only {found:,} of {given:,} {what}: this is probably the wrong file, or a column was exchanged.",
            where=path,
            got=f"{found / given:.1%}".replace(".0%", "%"),
            allowed=f"at least {least:.0%}",
            action="check that the file has the names that it should have (symbols, ids, species), then try again",
        )
