"""Layers that say something of the same lines and genes, held against each other: a moved index, header or sign."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources.problems import N_SHOWN

MIN_LINES = 30
"""Cell lines, and genes, in common below which two layers are not held against each other."""
MOST_GENES = 500
"""Genes in common that are looked at, evenly spread: more change nothing and take time."""
MOST_LINES = 0.05
"""Share of the lines that may be unlike themselves in the other layer. Sound: 0.00 and 0.01; of a layer with exchanged
rows nearly all of these are."""
MOST_UNLIKE_GENES = 0.1
"""The same of genes. Sound: 0.00, and 0.02 beside the NCI-60; with three tenths of a header exchanged: 0.20 to 0.33."""
MOST_SAME = 0.01
"""Share of the lines whose values may all be those of another line. Sound: 0.00."""


@dataclass(frozen=True)
class Partners:
    """Two layers, the least correlation of their entries, and what it is in the published files: as they are, and
    with the rows or the columns of one moved by one (the higher of both).

    `line` is the least correlation of one cell line with itself, of layers that measure the same: in the published
    files at most one line in a hundred is below, after an exchange at least eight in ten are. 0: not looked at (calls).
    `gene` is the same of one gene: at most two in a hundred, and at least half.
    """

    one: str
    other: str
    least: float
    sound: float
    moved: float
    line: float = 0.0
    gene: float = 0.0


PARTNERS = (
    Partners("expression", "expression_tpm", 0.5, 0.91, 0.15, line=0.6, gene=0.5),
    Partners("copy_number", "copy_number_gdsc", 0.4, 0.79, 0.05, line=0.3, gene=0.3),
    Partners("mutations", "mutations_damaging", 0.2, 0.45, 0.08),
    Partners("expression", "expression_nci60", 0.4, 0.73, 0.07, line=0.3, gene=0.1),
    Partners("expression_tpm", "expression_nci60", 0.4, 0.84, 0.09, line=0.3, gene=0.1),
)
Axis = Literal["line", "gene"]
# What an entry of the axis is, the share of them that may be unlike themselves, and what names them.
_NAMES: dict[Axis, tuple[str, float, str]] = {
    "line": ("cell lines", MOST_LINES, "index"),
    "gene": ("genes", MOST_UNLIKE_GENES, "header"),
}
_CONTINUOUS = ("expression", "expression_tpm", "expression_nci60", "copy_number")


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
        When two do not agree: the one that also disagrees with a third, where there is one, is probably wrong. Also
        when too many lines or genes are unlike themselves in another layer, or lines have the values of another line.
    """
    for name in _CONTINUOUS:
        if name in tables:
            _check_same(tables[name], files[name])
    found = {pair: r for pair in PARTNERS if (r := agreement(tables.get(pair.one), tables.get(pair.other))) is not None}
    wrong = [pair for pair, r in found.items() if r < pair.least]
    if wrong:
        raise _disagreement(wrong, found, files)
    for pair in found:
        if pair.line:
            _check_each(pair, "line", pair.line, tables, files)
        if pair.gene:
            _check_each(pair, "gene", pair.gene, tables, files)
    held = {name for pair in found for name in (pair.one, pair.other)}
    return sorted(name for name, table in tables.items() if table.shape[1] and name not in held)


def agreement(one: pd.DataFrame | None, other: pd.DataFrame | None) -> float | None:
    """Correlation of all entries that two tables have in common, each less the mean of its gene.

    NaN counts as the mean. None where a table is absent, or too few lines or genes are in both.
    """
    shared = _shared(one, other)
    if shared is None:
        return None
    first, second = shared
    scale = float(np.sqrt((first**2).to_numpy().sum() * (second**2).to_numpy().sum()))
    return float((first * second).to_numpy().sum()) / scale if scale else None


def own_agreement(one: pd.DataFrame, other: pd.DataFrame, axis: Axis) -> pd.Series[float]:
    """The same within each cell line, or each gene; one without any value in one of them is left out."""
    shared = _shared(one, other)
    if shared is None:
        return pd.Series(dtype=float)
    first, second = shared
    along: Literal["columns", "index"] = "columns" if axis == "line" else "index"
    scale: pd.Series[float] = ((first**2).sum(axis=along) * (second**2).sum(axis=along)) ** 0.5
    found: pd.Series[float] = (first * second).sum(axis=along) / scale.where(scale > 0)
    return found.dropna()


def _shared(one: pd.DataFrame | None, other: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The entries that two tables have in common, each less the mean of its gene; NaN is 0."""
    if one is None or other is None:
        return None
    lines, genes = one.index.intersection(other.index), one.columns.intersection(other.columns)
    if min(len(lines), len(genes)) < MIN_LINES:
        return None
    genes = genes[:: len(genes) // MOST_GENES + 1]
    first, second = (table.loc[lines, genes].astype(np.float64) for table in (one, other))
    return (first - first.mean()).fillna(0.0), (second - second.mean()).fillna(0.0)


def _check_same(table: pd.DataFrame, file: str) -> None:
    """No two cell lines have the very same measurements."""
    if min(table.shape) < MIN_LINES:
        return
    rows = pd.Series([row.tobytes() for row in table.to_numpy()], index=table.index)
    same = rows[rows.duplicated(keep=False)]
    if same.duplicated().sum() <= MOST_SAME * len(table):
        return
    shown = (" = ".join(map(str, group.index)) for _, group in list(same.groupby(same, sort=False))[:N_SHOWN])
    raise DataError(
        "Cell lines have the very same values: rows look copied over others.",
        where=file,
        got=f"{len(same):,} of {len(table):,} lines, as {'; '.join(shown)}",
        allowed=f"at most {MOST_SAME:.0%} of the lines with the values of another one; in the published files none",
        action="look whether rows were copied or filled down, or download the file again",
    )


def _check_each(
    pair: Partners, axis: Axis, least: float, tables: Mapping[str, pd.DataFrame], files: Mapping[str, str]
) -> None:
    """Few lines or genes are unlike themselves: else some were exchanged, which the whole hardly shows."""
    what, most, moved = _NAMES[axis]
    alike = own_agreement(tables[pair.one], tables[pair.other], axis)
    low = alike[alike < least].sort_values()
    if len(low) <= most * len(alike):
        return
    shown = ", ".join(f"{name} ({r:.2f})" for name, r in low.head(N_SHOWN).items())
    raise DataError(
        f"Some {what} do not agree with themselves in two layers: their {moved} looks exchanged.",
        where=f"{files[pair.one]} or {files[pair.other]}",
        got=f"{len(low):,} of {len(alike):,} {what} correlate below {least:g} in {pair.one} and {pair.other}, "
        f"as {shown}",
        allowed=f"at most {most:.0%} of the {what}; in the published files 2 % at most",
        action=f"look whether the names or the values of these {what} were moved or sorted alone, or download both "
        "again",
    )


def suspects(wrong: Collection[tuple[str, str]], held: Collection[tuple[str, str]]) -> list[str]:
    """Of the pairs that disagree (all that were held against each other: `held`), the name that is probably wrong, or
    all names when none disagrees with more others than the next."""

    def bad(name: str) -> tuple[int, int]:
        """How many others it disagrees with, and (less) how many it agrees with."""
        own = [pair for pair in held if name in pair]
        n_bad = sum(pair in wrong for pair in own)
        return n_bad, n_bad - len(own)

    names = sorted({name for pair in wrong for name in pair}, key=bad, reverse=True)
    alone = len(names) > 1 and bad(names[0]) > bad(names[1])
    return names[:1] if alone else names


def _disagreement(wrong: list[Partners], found: Mapping[Partners, float], files: Mapping[str, str]) -> DataError:
    names = [[(pair.one, pair.other) for pair in pairs] for pairs in (wrong, found)]
    told = [
        f"{pair.one} and {pair.other}: {found[pair]:.2f} (at least {pair.least:g}; in the published files "
        f"{pair.sound:.2f}, after a move by one row or column {pair.moved:.2f})"
        for pair in wrong
    ]
    return DataError(
        "Layers of the same cell lines and genes do not agree: rows, header or signs look moved or turned round.",
        where=" or ".join(files[name] for name in suspects(*names)),
        got="; ".join(told),
        allowed="a correlation at least as high as that",
        action="look whether the ids, the header or the values were moved or converted, or download the file again",
    )
