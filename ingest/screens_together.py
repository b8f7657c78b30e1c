"""Screens that measured the same drugs on the same cell lines, held against each other: measures moved by rows."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.layers_together import suspects
from pathproof.ingest.tables_agreement import MIN_LINES, summary

LEAST = 0.2
"""Median over drugs of the rank correlation of ln IC50 in two screens. Sound: 0.43 (GDSC1 and GDSC2), 0.50 and 0.37
(CCLE with each); with all measures of one of them moved by a row: 0.03 to 0.08."""
MIN_DRUGS = 10
"""Drugs with enough cell lines in both screens, below which these are not held against each other."""


def check_screens(agreed: pd.DataFrame, files: Mapping[str, str]) -> None:
    """Hold every two screens against each other.

    Parameters
    ----------
    agreed : DataFrame
        See :func:`pathproof.ingest.tables_agreement.agreement`.
    files : dict of str to str
        The file of each screen.

    Raises
    ------
    DataError
        When two do not agree: the one that also disagrees with a third, where there is one, is probably wrong.
    """
    held = {
        (one["screen_a"], one["screen_b"]): one
        for one in summary(agreed)
        if one["measure"] == "ln_ic50"
        and one["screen_a"] != one["screen_b"]
        and one["drug_pairs_with_enough_lines"] >= MIN_DRUGS
    }
    wrong = {pair: one for pair, one in held.items() if one["median"] < LEAST}
    if not wrong:
        return
    told = [
        f"{pair[0]} and {pair[1]}: {one['median']:.2f} over {one['drug_pairs_with_enough_lines']:,} pairs of one drug"
        for pair, one in wrong.items()
    ]
    raise DataError(
        "Screens do not agree on the drugs and cell lines that they share: measures or ids look moved by rows.",
        where=" or ".join(files[name] for name in suspects(wrong, held)),
        got="; ".join(told) + f" (median rank correlation of ln IC50, drugs with {MIN_LINES} lines in both)",
        allowed=f"at least {LEAST:g}; between the published files 0.37 to 0.50, after a move by one row 0.08 at most",
        action="look whether measures, lines or drugs were moved or sorted alone, or download the file again; "
        "GDSC1 and CCLE are optional and can be taken away",
    )
