"""What no model can learn from: refused before anything is fitted, or left out of the scores and counted."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from pathproof.errors import DataError
from pathproof.explain.data import Bools, Dataset, FeatureLayer, Floats, Singles
from pathproof.explain.metrics import MIN_LINES
from pathproof.explain.splits import Split

WIDEST, LARGEST = 4.0, 40.0
"""Z-scores have a spread of 1; a median spread, or a value, beyond these is another scale."""
TWINS: Mapping[FeatureLayer, float] = {"expression": 0.2, "copy_number": 0.05}
"""Root mean square difference of two lines, over the genes that both have, below which they are one line. Expression in
z-scores: the closest two differ by .55 in GDSC1, .66 in GDSC2 and .71 in CCLE, and by .55, .60 and .46 where lines with
a part of it count; lines of one kind of cancer typically by more than 1. Log2 copy ratios: .106, .106 and .144, because
some lines have hardly any gain or loss; so a line that was measured twice may pass by these. Driver mutations cannot
tell: thousands of pairs of lines have the same."""
LEAST_SHARED = 10
"""Fewer values in common do not tell whether two lines are one."""
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
        Values that are no number, an expression in the wrong orientation or scale, one cell line under two names (as
        far as expression, a part of it, or copy numbers tell), which would be tested and learned from at once, or no
        drug with responses that vary.
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
    _check_scale(dataset.x[np.ix_(rows, columns)].astype(np.float64))
    _check_twins(dataset)
    few, flat = _unscored(dataset.y)
    if flat.any() and (few | flat).all():  # too few lines in all: that is said of the folds
        raise DataError(
            "No drug can be scored: none has enough responses that vary.",
            where=dataset.screen,
            got=f"{int(few.sum())} drugs with fewer than {MIN_LINES} responses, "
            f"{int(flat.sum())} whose responses are all equal",
            allowed=f"at least one drug with {MIN_LINES} responses that differ",
            action="check the response column of the screen's file, then ingest it again",
        )
    return {
        **dataset.left_out,
        f"drugs with fewer than {MIN_LINES} responses (no score)": int(few.sum()),
        "drugs whose responses do not vary (no score)": int(flat.sum()),
    }


def check_folds(dataset: Dataset, split: Split) -> None:
    """Refuse folds in which no drug can be scored, or a tested line is known by nothing (DataError)."""
    for fold in range(split.folds):
        where = f"{split.title}, fold {fold + 1} of {split.folds}"
        tested = np.where(split.tested(fold), dataset.y, np.nan)
        few, flat = _unscored(tested)
        most = int(np.isfinite(tested).sum(axis=0).max())
        if few.all():
            raise DataError(
                "A fold holds too few tested cell lines to score any drug.",
                where=where,
                got=f"at most {most} lines with a response to the same drug",
                allowed=f"at least {MIN_LINES}",
                action="give fewer folds (--folds)",
            )
        if (few | flat).all():
            raise DataError(
                "No drug can be scored in a fold: the tested responses to each are all equal.",
                where=where,
                got=f"{int(flat.sum())} drugs with {MIN_LINES} responses or more",
                action="give fewer folds (--folds)",
            )
        if split.name == "ldo":
            _check_lines_left(dataset, split, fold, where)


def _check_lines_left(dataset: Dataset, split: Split, fold: int, where: str) -> None:
    """Where drugs are held out, a tested line is known by its responses to the others."""
    seen, held = np.isfinite(dataset.y), split.tested(fold)
    lost = np.flatnonzero((seen & held).any(axis=1) & ~(seen & ~held).any(axis=1))
    if lost.size:
        names = ", ".join(dataset.cell_lines[i] for i in lost[:3])
        raise DataError(
            "Cell lines have responses to held-out drugs only: nothing is left to know them by.",
            where=where,
            got=f"{lost.size} of {len(dataset.cell_lines)} cell lines, as {names}; {len(dataset.drugs)} drugs in all",
            action="give more folds (--folds), so that fewer drugs are held out together, or a screen with more drugs",
        )


def _unscored(y: Floats) -> tuple[Bools, Bools]:
    """Of the drugs of responses (n, D): those with too few, and those whose responses are all equal."""
    few = np.isfinite(y).sum(axis=0) < MIN_LINES
    filled = np.where(few, 0.0, y)
    return few, ~few & (np.nanmax(filled, axis=0) == np.nanmin(filled, axis=0))


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


def _check_twins(dataset: Dataset) -> None:
    """Two lines that are one, told by any layer of numbers, over the genes that both have."""
    twins = []
    for layer, limit in TWINS.items():
        columns = dataset.layer_columns(layer)
        measured = dataset.measured[:, columns]
        rows = np.flatnonzero(measured.sum(axis=1) >= LEAST_SHARED)
        near = np.triu(_apart(dataset.x[np.ix_(rows, columns)], measured[rows]) < limit, k=1)
        pairs = (
            (dataset.cell_lines[rows[a]], dataset.cell_lines[rows[b]]) for a, b in zip(*near.nonzero(), strict=True)
        )
        twins += [f"{a} = {b} ({layer.replace('_', ' ')})" for a, b in pairs]
    if twins:
        raise DataError(
            "Cell lines have the same expression or copy numbers, or nearly: one line under two names would be "
            "learned from while it is tested.",
            got="; ".join(twins[:3]),
            allowed=f"lines that differ by {TWINS['expression']:g} (z-scores of the expression) and "
            f"{TWINS['copy_number']:g} (log2 copy ratios) or more per gene that both have (root mean square)",
            where=dataset.screen,
            action="keep one of each",
        )


def _apart(values: Singles, measured: Bools) -> Singles:
    """Root mean square differences (n, n) over the columns that two rows both have; infinite where those are few."""
    there = measured.astype(np.float32)
    values = values * there
    own, shared = values**2 @ there.T, there @ there.T
    squares = np.maximum(own + own.T - 2 * values @ values.T, np.float32(0))
    return np.where(shared < LEAST_SHARED, np.float32(np.inf), np.sqrt(squares / np.maximum(shared, np.float32(1))))
