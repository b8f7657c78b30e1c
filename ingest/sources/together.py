"""Columns that say something of each other: when one of them was moved by rows or sorted alone, they no longer fit.

A source declares which columns of its file belong together; the same is declared for columns of two files whose rows
have an id in common. How well they fit in the sound files and how badly after a column was moved is measured; a limit
lies between both. What repeats too little for a share to say something is not held against anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pathproof.ingest.sources.problems import N_SHOWN, Problems

MIN_ROWS = 40
"""Rows with both values, below which they are not held against each other."""
MIN_KEYS = 12
"""Values of the first column that stand in several rows, below which they do not determine anything."""
_SIGNS = re.compile(r"[^a-z0-9;]")


@dataclass(frozen=True)
class Together:
    """Two columns, and how the first one says what the second one may be.

    Parameters
    ----------
    left, right : str
        Names of the columns.
    kind : {"determines", "suggests", "equals", "stands in", "shares"}
        `determines`: a value of the left column has one value of the right one (counted are the values in two and more
        rows). `suggests`: most rows with a value on the left have the same value on the right (counted are the rows
        that have it). `equals`: both are the same name or id but for case and signs, or one part of a ;-joined cell.
        `stands in`: the left name, or one of several (separated by commas, spaces or colons), stands in the text on the
        right. `shares`: both cells have a word of three and more letters and digits in common.
    least : float
        The least share.
    sound, moved : float
        The share in the published file, and after a column of it was moved by a row.
    left_part, right_part : str
        Pattern whose first group is taken of a cell; a cell that it does not fit says nothing. "" takes the whole.
    """

    left: str
    right: str
    kind: Literal["determines", "suggests", "equals", "stands in", "shares"]
    least: float
    sound: float
    moved: float
    left_part: str = ""
    right_part: str = ""


def check_together(
    left: pd.DataFrame,
    right: pd.DataFrame,
    declared: Iterable[Together],
    problems: Problems,
    files: tuple[str, str] | None = None,
) -> None:
    """Note the columns that do not belong together; `left` and `right` are texts with the same rows.

    `files` names both files where they are two. A column that is absent is skipped.
    """
    of = [f" of {name}" for name in files] if files else ["", ""]
    for one in declared:
        if one.left not in left or one.right not in right:
            continue
        cells = pd.DataFrame(
            {"left": _part(left[one.left], one.left_part), "right": _part(right[one.right], one.right_part)}
        )
        fits = _fits(cells[(cells["left"] != "") & (cells["right"] != "")], one)
        if not len(fits) or float(fits.mean()) >= one.least:
            continue
        problems.add(
            f"Columns {one.left}{of[0]} and {one.right}{of[1]} do not belong together: one looks moved by rows.",
            f"columns {one.left} and {one.right}",
            got=f"{fits.mean():.0%} of {len(fits):,} {_COUNTED[one.kind]}, as {_examples(cells, fits)}",
            allowed=f"at least {one.least:.0%}; in the published files {one.sound:.0%}, after a move {one.moved:.0%}",
            action="look whether a column was moved or sorted alone, or download the file again",
        )


_COUNTED = {
    "determines": "repeated values of the first have one value of the second",
    "suggests": "rows have the value of the second that is most frequent beside the first",
    "equals": "rows have the same in both",
    "stands in": "rows name in the second what the first says",
    "shares": "rows have a word in common",
}


def _part(cells: pd.Series[str], pattern: str) -> pd.Series[str]:
    return cells.str.extract(pattern, expand=False).fillna("") if pattern else cells


def _fits(cells: pd.DataFrame, one: Together) -> pd.Series[bool]:
    """Whether each key or row fits, by a row of `cells`; empty when there is too little of them."""
    if one.kind == "determines":
        keys = cells.groupby("left")["right"].agg(["size", "nunique"])
        keys = keys[keys["size"] > 1]
        first = cells.drop_duplicates("left").reset_index().set_index("left")["index"]
        fits = pd.Series((keys["nunique"] == 1).to_numpy(), index=first.reindex(keys.index).to_numpy(), dtype=bool)
        return fits if len(fits) >= MIN_KEYS else fits.iloc[:0]
    if len(cells) < MIN_ROWS:
        return pd.Series(dtype=bool)
    if one.kind == "suggests":
        counts = cells.groupby(["left", "right"]).size().sort_values(ascending=False, kind="stable").reset_index()
        usual = counts.drop_duplicates("left").set_index("left")["right"]
        return cells["right"] == cells["left"].map(usual)
    test = {"equals": _equal, "stands in": _stands_in, "shares": _share}[one.kind]
    return pd.Series([test(a, b) for a, b in zip(cells["left"], cells["right"], strict=True)], cells.index, dtype=bool)


def _equal(left: str, right: str) -> bool:
    one, other = (set(_SIGNS.sub("", cell.lower()).split(";")) for cell in (left, right))
    return bool(one & other)


def _stands_in(left: str, right: str) -> bool:
    text = right.lower()
    return any(len(name) > 1 and name in text for name in re.split(r"\s*,\s*|::", left.lower()))


def _share(left: str, right: str) -> bool:
    one, other = (set(re.findall(r"[A-Z0-9]{3,}", cell.upper())) for cell in (left, right))
    return bool(one & other)


def _examples(cells: pd.DataFrame, fits: pd.Series[bool]) -> str:
    shown = cells.loc[fits.index[~fits]].drop_duplicates().head(N_SHOWN)
    return "; ".join(f"{left[:40]!r} beside {right[:60]!r}" for left, right in shown.itertuples(index=False))
