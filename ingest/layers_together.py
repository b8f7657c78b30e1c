"""Layers that say something of the same lines and genes, held against each other: a moved index, header or sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathproof.errors import DataError

MIN_LINES = 30
"""Cell lines, and genes, in common below which two layers are not held against each other."""
MOST_GENES = 500
"""Genes in common that are looked at, evenly spread: more change nothing and take time."""


@dataclass(frozen=True)
class Partners:
    """Two layers, the least correlation of their entries, and what it is in the published files: as they are, and
    with the rows or the columns of one moved by one (the higher of both)."""

    one: str
    other: str
    least: float
    sound: float
    moved: float


PARTNERS = (
    Partners("expression", "expression_tpm", 0.5, 0.91, 0.15),
    Partners("copy_number", "copy_number_gdsc", 0.4, 0.79, 0.05),
    Partners("mutations", "mutations_damaging", 0.2, 0.45, 0.08),
    Partners("expression", "expression_nci60", 0.4, 0.73, 0.07),
    Partners("expression_tpm", "expression_nci60", 0.4, 0.84, 0.09),
)


def check_layers(tables: Mapping[str, pd.DataFrame], files: Mapping[str, str]) -> list[str]:
    """Hold the layers against each other.

    Parameters
    ----------
    tables : dict of str to DataFrame
        By name: cell lines x approved symbols; an empty one is none.
    files : dict of str to str
        The file of each.

    Returns
    -------
    list of str
        The layers that no other one was held against.

    Raises
    ------
    DataError
        When two do not agree: the one that also disagrees with a third, where there is one, is probably wrong.
    """
    found = {pair: r for pair in PARTNERS if (r := agreement(tables.get(pair.one), tables.get(pair.other))) is not None}
    wrong = [pair for pair, r in found.items() if r < pair.least]
    if wrong:
        raise _disagreement(wrong, found, files)
    held = {name for pair in found for name in (pair.one, pair.other)}
    return sorted(name for name, table in tables.items() if table.shape[1] and name not in held)


def agreement(one: pd.DataFrame | None, other: pd.DataFrame | None) -> float | None:
    """Correlation of all entries that two tables have in common, each less the mean of its gene.

    NaN counts as the mean. None where a table is absent, or too few lines or genes are in both.
    """
    if one is None or other is None:
        return None
    lines, genes = one.index.intersection(other.index), one.columns.intersection(other.columns)
    if min(len(lines), len(genes)) < MIN_LINES:
        return None
    genes = genes[:: len(genes) // MOST_GENES + 1]
    first, second = (table.loc[lines, genes].to_numpy(dtype=np.float64) for table in (one, other))
    first, second = (np.nan_to_num(values - np.nanmean(values, axis=0)) for values in (first, second))
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / scale if scale else None


def _disagreement(wrong: list[Partners], found: Mapping[Partners, float], files: Mapping[str, str]) -> DataError:
    def bad(name: str) -> tuple[int, int]:
        """How many others it disagrees with, and (less) how many it agrees with."""
        own = [pair for pair in found if name in (pair.one, pair.other)]
        n_bad = sum(pair in wrong for pair in own)
        return n_bad, n_bad - len(own)

    names = sorted({name for pair in wrong for name in (pair.one, pair.other)}, key=bad, reverse=True)
    alone = len(names) > 1 and bad(names[0]) > bad(names[1])
    suspects = names[:1] if alone else names
    told = [
        f"{pair.one} and {pair.other}: {found[pair]:.2f} (at least {pair.least:g}; in the published files "
        f"{pair.sound:.2f}, after a move by one row or column {pair.moved:.2f})"
        for pair in wrong
    ]
    return DataError(
        "Layers of the same cell lines and genes do not agree: rows, header or signs look moved or turned round.",
        where=" or ".join(files[name] for name in suspects),
        got="; ".join(told),
        allowed="a correlation at least as high as that",
        action="look whether the ids, the header or the values were moved or converted, or download the file again",
    )
