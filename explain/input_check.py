"""What no model can learn from: refused before anything is fitted, or left out of the scores and counted."""

from __future__ import annotations

import re

import numpy as np

from pathproof.errors import DataError
from pathproof.explain.data import Dataset, Floats
from pathproof.explain.metrics import MIN_LINES
from pathproof.explain.splits import Split

WIDEST, LARGEST = 4.0, 40.0
"""Z-scores have a spread of 1; a median spread, or a value, beyond these is another scale."""
TWINS = 0.2
"""Root mean square difference of the z-scores of two lines, over genes, below which they are one line. The closest two
lines differ by .55 in GDSC1, .66 in GDSC2 and .71 in CCLE; lines of one kind of cancer typically by more than 1."""
OFF_CENTRE = 0.5
"""Z-scores have a mean of 0 (over the lines of GDSC2 typically within .03); log2(TPM + 1) has one of 1 to 9."""
LINE_NAME = re.compile(r"(sidm:)?SIDM\d{5}|ACH-\d{6}|COSMIC\d+", re.IGNORECASE)


def check_input(dataset: Dataset) -> dict[str, int]:
    """Refuse a data set that is not what it should be; count what stays in it and cannot be scored.

    Returns
    -------
    dict of reason to int
        What loading left out already, and drugs that get no score.

    Raises
    ------
    DataError
        Values that are no number, an expression in the wrong orientation or scale, or one cell line under
        two names, which would be tested and learned from at once.
    """
    columns = dataset.layer_columns("expression")
    names = [dataset.features[i].gene for i in columns]
    turned = [name for name in names if LINE_NAME.fullmatch(name)]
    if turned:
        raise DataError(
            "The expression is turned round: its features are named like cell lines.",
            got=", ".join(turned[:3]),
            allowed="one row per cell line, one column per gene symbol",
            action="transpose the file and ingest it again",
        )
    if not np.isfinite(dataset.x).all() or np.isinf(dataset.y).any():
        raise DataError(
            "Features or responses hold values that are no number.",
            got=f"{int((~np.isfinite(dataset.x)).sum())} features, {int(np.isinf(dataset.y).sum())} responses",
        )
    rows = np.flatnonzero(dataset.has_layer["expression"])
    values = dataset.x[np.ix_(rows, columns)].astype(np.float64)
    _check_scale(values)
    _check_twins(dataset, values, [dataset.cell_lines[i] for i in rows])
    seen = np.isfinite(dataset.y)
    few = seen.sum(axis=0) < MIN_LINES
    filled = np.where(seen, dataset.y, np.nan)
    flat = ~few & (np.nanmax(np.where(few, 0.0, filled), axis=0) == np.nanmin(np.where(few, 0.0, filled), axis=0))
    return {
        **dataset.left_out,
        f"drugs with fewer than {MIN_LINES} responses (no score)": int(few.sum()),
        "drugs whose responses do not vary (no score)": int(flat.sum()),
    }


def check_folds(dataset: Dataset, split: Split) -> None:
    """Refuse folds that are too small to score any drug in (DataError)."""
    seen = np.isfinite(dataset.y)
    most = [int((split.tested(fold) & seen).sum(axis=0).max()) for fold in range(split.folds)]
    if min(most) < MIN_LINES:
        raise DataError(
            "A fold holds too few tested cell lines to score any drug.",
            where=f"{split.title}, fold {int(np.argmin(most)) + 1} of {split.folds}",
            got=f"at most {min(most)} lines with a response to the same drug",
            allowed=f"at least {MIN_LINES}",
            action="give fewer folds (--folds)",
        )


def _check_scale(values: Floats) -> None:
    spread = float(np.median(values.std(axis=0)))
    centre = float(np.median(np.abs(values.mean(axis=0))))
    largest = float(np.abs(values).max())
    if spread > WIDEST or centre > OFF_CENTRE or largest > LARGEST:
        raise DataError(
            "The expression is not in z-scores.",
            got=f"genes have a typical mean of {centre:.3g} off 0, a standard deviation of {spread:.3g}; "
            f"the largest value is {largest:.3g}",
            allowed=f"0, about 1, and at most {LARGEST:g}",
            action="take log2(TPM + 1), then z-scores of each gene over the cell lines; counts are neither",
        )
    if values.shape[1] > 1 and _standard(values, axis=1) and not _standard(values, axis=0):
        raise DataError(
            "The expression was scaled within each cell line, not within each gene.",
            got="mean 0 and standard deviation 1 over the genes of every line",
            allowed="z-scores of each gene over the cell lines",
            action="scale the genes of the original values; z-scores of z-scores lose what a line differs by",
        )


def _standard(values: Floats, axis: int) -> bool:
    centre, spread = values.mean(axis=axis), values.std(axis=axis)
    return bool((np.abs(centre) < 1e-3).all() and (np.abs(spread - 1) < 1e-2).all())


def _check_twins(dataset: Dataset, values: Floats, lines: list[str]) -> None:
    squares = (values**2).sum(axis=1)
    apart = np.maximum(squares[:, None] + squares[None, :] - 2 * values @ values.T, 0.0)
    near = np.triu(apart < TWINS**2 * values.shape[1], k=1)
    twins = [(lines[a], lines[b]) for a, b in zip(*np.nonzero(near), strict=True)]
    if twins and values.shape[1] > 1:
        raise DataError(
            "Cell lines have the same expression, or nearly: one line under two names would be learned from "
            "while it is tested.",
            got="; ".join(f"{a} = {b}" for a, b in twins[:3]),
            allowed=f"lines that differ by {TWINS:g} or more per gene (root mean square of z-scores)",
            where=dataset.screen,
            action="keep one of each",
        )
