"""Folds over cell lines, made before anything is fitted and stored beside the predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pathproof.errors import UsageError
from pathproof.explain.data import Ints


def leave_lines_out(cell_lines: Sequence[str], folds: int, seed: int) -> Ints:
    """Assign each cell line to one fold at random (leave-cell-lines-out).

    The assignment depends on the ids and the seed, not on their order. It is not stratified: each fold
    is a simple random sample, so tissue is as unevenly spread as it would be in new lines.

    Parameters
    ----------
    cell_lines : sequence of str, length n
        Unique ids.
    folds : int
        2 to n.
    seed : int

    Returns
    -------
    int64 (n,)
        Fold of each line, 0 to folds - 1; sizes differ by one at most.
    """
    _check(len(cell_lines), len(set(cell_lines)), folds)
    order = np.argsort(np.asarray(cell_lines), kind="stable")
    assigned = np.empty(len(cell_lines), dtype=np.int64)
    assigned[order[np.random.default_rng(seed).permutation(len(order))]] = np.arange(len(order)) % folds
    return assigned


def leave_tissues_out(tissue: Sequence[str], folds: int, seed: int) -> Ints:
    """Assign whole tissues to folds (leave-tissues-out), largest first into the smallest fold.

    Parameters
    ----------
    tissue : sequence of str, length n
    folds : int
        2 to the number of tissues.
    seed : int
        Breaks ties between tissues of the same size.

    Returns
    -------
    int64 (n,)
        Fold of each line; no tissue lies in two folds.
    """
    names, counts = np.unique(np.asarray(tissue), return_counts=True)
    _check(len(names), len(names), folds)
    ties = np.random.default_rng(seed).permutation(len(names))
    sizes, home = np.zeros(folds, dtype=np.int64), {}
    for i in np.lexsort((ties, -counts)):
        fold = int(np.argmin(sizes))
        home[str(names[i])] = fold
        sizes[fold] += counts[i]
    return np.asarray([home[name] for name in tissue], dtype=np.int64)


def _check(n: int, unique: int, folds: int) -> None:
    if unique != n:
        raise UsageError("The ids to split are not unique.", got=f"{n} ids, {unique} different")
    if not 2 <= folds <= n:
        raise UsageError("The number of folds does not fit.", got=folds, allowed=f"2 to {n}")
