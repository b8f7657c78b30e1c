"""The background that a claim must stand out from: cancer type, growth in suspension, general fragility."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset

Floats = npt.NDArray[np.float64]
OTHER = "other"
UNSTATED = frozenset({"", "unknown"})


def background(dataset: Dataset, min_group: int) -> Floats:
    """Covariates of every cell line.

    Parameters
    ----------
    dataset : Dataset
        With `covariates["cancer_type"]` and `covariates["growth"]`, one text per line; an empty
        text and "unknown" are not stated.
    min_group : int
        Smallest group of lines that gets a covariate of its own.

    Returns
    -------
    float64 array (n, c): intercept, one column for each group but the first, growth in suspension,
    growth unknown, fragility. Columns may be collinear on a subset of the lines.
    """
    return np.column_stack([lineage(dataset, min_group), fragility(dataset.y)])


def lineage(dataset: Dataset, min_group: int) -> Floats:
    """The covariates that know no response (n, c - 1): those of :func:`background` without fragility."""
    n = len(dataset.cell_lines)
    groups = lineage_groups(dataset.covariates["cancer_type"], dataset.tissue, min_group)
    names = sorted(set(groups))
    growth = [value.strip().lower() for value in dataset.covariates["growth"]]
    columns = [np.ones(n)]
    columns += [np.array([group == name for group in groups], dtype=np.float64) for name in names[1:]]
    columns.append(np.array([value.startswith("suspension") for value in growth], dtype=np.float64))
    columns.append(np.array([value in UNSTATED for value in growth], dtype=np.float64))
    return np.stack(columns, axis=1)


def lineage_groups(cancer_type: Sequence[str], tissue: Sequence[str], min_group: int) -> list[str]:
    """For each line its cancer type where that has `min_group` lines, else its tissue, else "other".

    A tissue counts the lines that were left without a large enough cancer type. Cancer types that are
    not stated fall to the tissue, tissues that are not stated to "other".
    """
    types = Counter(cancer_type)
    large = [name not in UNSTATED and types[name] >= min_group for name in cancer_type]
    tissues = Counter(home for home, done in zip(tissue, large, strict=True) if not done)
    groups = []
    for name, home, done in zip(cancer_type, tissue, large, strict=True):
        if done:
            groups.append(f"type:{name}")
        else:
            groups.append(f"tissue:{home}" if home not in UNSTATED and tissues[home] >= min_group else OTHER)
    return groups


def fragility(y: Floats) -> Floats:
    """Mean over drugs of each line's response, z-scored per drug over the lines measured (n,).

    NaN responses are left out; a line without any response gets 0, the mean.
    """
    values = np.asarray(y, dtype=np.float64)
    known = np.isfinite(values)
    counts = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, values, 0.0)
    centred = np.where(known, values - filled.sum(axis=0) / counts, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / counts)
    z = centred / np.where(spread > 0, spread, np.inf)
    return np.asarray(z.sum(axis=1) / np.maximum(known.sum(axis=1), 1), dtype=np.float64)
