"""Whether the numbers of a wide table are what it says: calls and copy number turned round, expression of another kind.

Every limit lies far from the sound files on one side and from the fault on the other; the figures are measured on
GDSC's features and copy number and on DepMap's extracts. A table too small for a check is not held against it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pathproof.ingest.sources.problems import N_SHOWN, Problems

MatrixCheck = Callable[[pd.DataFrame, Problems], None]
MIN_LINES = 20
"""Rows below which a column says nothing, and columns below which a row says nothing."""
MOST_MISSING = 0.2
"""Share of the cells that may be empty. Sound: 0.00, and 0.018 (a line of the NCI-60 without any number)."""
MOST_CALLED = 0.5
"""Share of all calls that may be altered. Sound: 0.02 (mutations), 0.06 (regions), 0.07 (damaging); inverted: 0.93."""
MOST_CARRIERS = 0.9
"""Share of the lines that may carry one gene, and of the genes that one line may carry. Sound: at most 0.74 (TP53) and
0.76 (a line without mismatch repair); a typical gene that was inverted: 0.98."""
LEAST_GAIN = -0.1
"""Mean copy number of MYC, the gene that is gained most, less that of CDKN2A, the one lost most. Sound: 1.96 and 0.73;
with the sign turned round: the same below 0."""
TYPICAL_Z = 0.5
"""Median over genes of the distance of the mean from 0 and of the SD from 1, for z-scores. Sound: 0.00 and 0.00;
log2(TPM + 0.001): above 3 and 1."""
HIGHEST = (10.0, 15.0)
"""Range of the median cell of EEF1A1, ACTB and GAPDH, which every cell makes in plenty, as log2(TPM + 1). Sound: 11.9;
natural logarithms: 8.3; common ones: 3.6; turned round (the highest value less each): 4.7."""
_EVERYWHERE = ("1915", "60", "2597")
_MYC, _CDKN2A = "4609", "1029"
_ACTION = "look whether the values were turned round or converted, or download the file again"


def check_missing(frame: pd.DataFrame, missing: NDArray[np.bool_], problems: Problems) -> None:
    """Few cells are without a number (`missing`, as `frame`); a table of a few rows may lack more, but not all."""
    share = float(missing.mean()) if missing.size else 0.0
    if share <= MOST_MISSING or (len(frame) < MIN_LINES and share < 1.0):
        return
    n_columns, n_rows = int(missing.all(axis=0).sum()), int(missing.all(axis=1).sum())
    problems.add(
        "Too many cells are without a number.",
        got=f"{int(missing.sum()):,} of {missing.size:,} cells ({share:.1%}); {n_columns:,} columns and {n_rows:,} "
        "rows have none at all",
        allowed=f"at most {MOST_MISSING:.0%}; in the published files 1.8 % at most",
        action="look whether values were emptied on the way, or download the file again",
    )


def check_calls(frame: pd.DataFrame, problems: Problems) -> None:
    """Calls (0, or 1 and more: altered), rows lines, columns genes: alterations are rare."""
    called = frame.to_numpy() > 0
    share = float(called.mean()) if called.size else 0.0
    if share > MOST_CALLED:
        problems.add(
            "Most calls say altered, as if 0 and 1 were exchanged.",
            got=f"{share:.0%} of all calls",
            allowed=f"at most {MOST_CALLED:.0%}",
            action=_ACTION,
        )
        return
    for axis, (what, names) in enumerate((("gene", frame.columns), ("cell line", frame.index))):
        if called.shape[axis] < MIN_LINES:
            continue
        shares = called.mean(axis=axis)
        most = np.flatnonzero(shares > MOST_CARRIERS)
        if len(most):
            shown = ", ".join(f"{names[place]} ({shares[place]:.0%})" for place in most[:N_SHOWN])
            problems.add(
                f"Nearly all calls of a {what} say altered, as if 0 and 1 were exchanged there.",
                f"{'column' if what == 'gene' else 'row'} {names[most[0]]}",
                got=shown + (f", and {len(most) - N_SHOWN:,} more" if len(most) > N_SHOWN else ""),
                allowed=f"at most {MOST_CARRIERS:.0%}",
                action=_ACTION,
            )


def check_gains(frame: pd.DataFrame, problems: Problems) -> None:
    """Copy number in any unit that rises with the copies, columns Entrez ids or `SYMBOL (ENTREZ)`."""
    places = _places(frame)
    if len(frame) < MIN_LINES or not {_MYC, _CDKN2A} <= places.keys():
        return
    gained, lost = (float(np.nanmean(frame.iloc[:, places[gene]], dtype=float)) for gene in (_MYC, _CDKN2A))
    if gained - lost < LEAST_GAIN:
        problems.add(
            "Copy number is turned round: losses look like gains.",
            f"columns {frame.columns[places[_MYC]]} and {frame.columns[places[_CDKN2A]]}",
            got=f"a mean of {gained:.2f} for MYC and of {lost:.2f} for CDKN2A",
            allowed="more for MYC, which cancers gain, than for CDKN2A, which they lose",
            action=_ACTION,
        )


def check_tpm(frame: pd.DataFrame, problems: Problems) -> None:
    """Expression as log2(TPM + 1), columns `SYMBOL (ENTREZ)`: other logarithms, and what is turned round."""
    places = _places(frame)
    there = [places[gene] for gene in _EVERYWHERE if gene in places]
    if len(frame) < MIN_LINES or not there:
        return
    cells = frame.iloc[:, there].to_numpy(dtype=float)
    typical = float(np.nanmedian(cells)) if np.isfinite(cells).any() else np.nan
    low, high = HIGHEST
    if not low <= typical <= high:
        problems.add(
            "Expression is not log2(TPM + 1): genes that every cell makes in plenty say so.",
            f"columns {', '.join(str(frame.columns[place]) for place in there)}",
            got=f"a median of {typical:.2f}",
            allowed=f"{low:g} to {high:g} (natural logarithms have 0.69 of it, common ones 0.30)",
            action=_ACTION,
        )


def _places(frame: pd.DataFrame) -> dict[str, int]:
    """Place of each column by its Entrez id."""
    return {str(name).rpartition("(")[2].rstrip(")"): place for place, name in enumerate(frame.columns)}


def check_z_scores(frame: pd.DataFrame, problems: Problems) -> None:
    """A table with negative numbers is taken for z-scores per gene: mean 0 and SD 1 (scored twice, it is the same)."""
    values = frame.to_numpy()
    if len(frame) < MIN_LINES or frame.shape[1] < MIN_LINES:
        return
    if not float(np.nanmin(values, initial=0.0)) < 0.0:
        check_tpm(frame, problems)
        return
    mean = float(frame.mean().abs().median())
    spread = float(frame.std().median())
    if mean > TYPICAL_Z or abs(spread - 1.0) > TYPICAL_Z:
        problems.add(
            "Numbers below 0 in expression that is no z-score per gene.",
            got=f"a typical gene with a mean {mean:.2f} from 0 and a standard deviation of {spread:.2f}",
            allowed="z-scores (mean 0, standard deviation 1), or log2(TPM + 1), which is never below 0",
            action="give log2(TPM + 1), or z-scores of each gene over the cell lines",
        )
