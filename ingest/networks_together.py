"""Signed networks held against each other: which end of an edge is the source, and whether it activates.

Regulators of genes are few and their targets many, and signals end at them: in OmniPath they stand more often as
targets than as sources. The edges that both networks have mostly say the same sign.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources.networks import COLLECTRI
from pathproof.ingest.sources.problems import Problems

MIN_NAMES = 40
"""Sources of CollecTRI below which they are not counted against its targets."""
MIN_ROWS = 1_000
"""Rows of OmniPath from or to CollecTRI's sources below which their direction may be chance (public files: 6,200)."""
MIN_EDGES = 200
"""Edges in both networks below which the agreement of their signs may be chance (public files: 880)."""
MOST_UPSTREAM = 1.2
"""OmniPath's rows from CollecTRI's sources for one row to them. Sound: 0.65; source and target exchanged: 1.53."""
LEAST_SIGNS = 0.3
"""Agreement of the signs of common edges above chance (kappa). Sound: 0.52; moved by a row in either file: 0.12 at
most."""


def check_networks(interactions: pd.DataFrame, regulation: pd.DataFrame, paths: tuple[Path, Path]) -> None:
    """Hold OmniPath (`interactions`) and CollecTRI (`regulation`) against each other.

    Parameters
    ----------
    interactions, regulation : DataFrame
        Columns source, target, sign.
    paths : tuple of Path
        Their files.

    Raises
    ------
    DataError
        When source and target look exchanged in one of them, or the signs moved.
    """
    problems = Problems(paths[1], COLLECTRI.title)
    regulators, regulated = set(regulation["source"]), set(regulation["target"])
    if len(regulators) >= MIN_NAMES and len(regulators) > len(regulated):
        problems.add(
            "Regulators outnumber what they regulate: source and target look exchanged.",
            "columns source and target",
            got=f"{len(regulators):,} sources and {len(regulated):,} targets",
            allowed="at most as many sources as targets; in the published file 1,186 and 6,692",
            action="look whether the columns were exchanged, or download the file again",
        )
    problems.raise_if_any()
    problems = Problems(paths[0], "OmniPath network")
    _check_direction(interactions, regulators, problems)
    problems.raise_if_any()
    _check_signs(interactions, regulation, paths)


def _check_direction(interactions: pd.DataFrame, regulators: set[str], problems: Problems) -> None:
    away, towards = (int(interactions[end].isin(regulators).sum()) for end in ("source", "target"))
    if away + towards < MIN_ROWS or away <= MOST_UPSTREAM * towards:
        return
    problems.add(
        "Signals go away from the regulators of genes: source and target look exchanged.",
        "columns source and target",
        got=f"{away:,} rows from CollecTRI's sources and {towards:,} to them",
        allowed=f"at most {MOST_UPSTREAM:g} rows from them for one to them; in the published file 0.65",
        action="look whether the columns were exchanged, or download the file again",
    )


def _check_signs(interactions: pd.DataFrame, regulation: pd.DataFrame, paths: tuple[Path, Path]) -> None:
    ends = ["source", "target"]
    both = interactions.drop_duplicates(ends).merge(regulation.drop_duplicates(ends), on=ends)
    agree = kappa(both["sign_x"], both["sign_y"])
    if len(both) < MIN_EDGES or agree is None or agree >= LEAST_SIGNS:
        return
    other = both[both["sign_x"] != both["sign_y"]]
    shown = ", ".join(f"{source} -> {target}" for source, target in other[ends].head(5).itertuples(index=False))
    raise DataError(
        "The signs of the two networks do not belong together: those of one look moved by rows.",
        where=f"{paths[0]} or {paths[1].name}, the column of the sign",
        got=f"{len(other):,} of {len(both):,} edges in both have another sign, as {shown}: {agree:.2f} above chance",
        allowed=f"an agreement above chance (kappa) of {LEAST_SIGNS:g}; in the published files 0.52, after a move 0.12",
        action="look whether the column was moved or sorted alone in one of them, or download both again",
    )


def kappa(one: pd.Series[int], other: pd.Series[int]) -> float | None:
    """Agreement of two signs above what chance gives (Cohen 1960, doi:10.1177/001316446002000104); None when one of
    them does not vary."""
    up, also_up = float((one > 0).mean()), float((other > 0).mean())
    chance = up * also_up + (1 - up) * (1 - also_up)
    return None if not len(one) or chance == 1.0 else (float((one == other).mean()) - chance) / (1 - chance)
