"""Folds over cell lines, tissues, drugs or pairs, made before anything is fitted and stored beside the predictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from pathproof.errors import DataError, UsageError, nearest
from pathproof.explain.data import Bools, Dataset, Ints
from pathproof.workspace import content_key

TITLES: Mapping[str, str] = {
    "lco": "leave-cell-lines-out",
    "lto": "leave-tissues-out",
    "ldo": "leave-drugs-out",
    "lpo": "leave-pairs-out",
}
"""Name of each split on the command line -> what is held out together."""


def title_of(name: str) -> str:
    """What the split holds out, in words; an unknown one is refused (UsageError)."""
    if name not in TITLES:
        raise UsageError("Unknown split.", got=name, allowed=", ".join(TITLES), nearest=nearest(name, TITLES))
    return TITLES[name]


@dataclass(frozen=True)
class Split:
    """Which pair of cell line and drug is tested in which fold.

    Parameters
    ----------
    name : str
        lco, lto, ldo or lpo.
    folds, seed : int
    of : int64 (n, D)
        Fold of each pair; -1: always in training. A pair is never in training in its own fold.
    scored : bool (n,)
        Lines whose pairs are tested. Others, which miss a layer, may be learned from in the folds that
        do not hold them out.
    units : dict of str to int
        Fold of each unit that is held out as a whole: cell line, tissue or molecule; empty for lpo.
    """

    name: str
    folds: int
    seed: int
    of: Ints
    scored: Bools
    units: Mapping[str, int]

    @property
    def title(self) -> str:
        """The split's name in words."""
        return TITLES[self.name]

    @cached_property
    def key(self) -> str:
        """Content key of the assignment."""
        return content_key(self.name, self.folds, self.seed, self.of.tolist(), self.scored.tolist())

    def tested(self, fold: int) -> Bools:
        """The pairs (n, D) that are tested in the fold."""
        return np.asarray((self.of == fold) & self.scored[:, None])

    def training(self, dataset: Dataset, fold: int) -> tuple[Dataset, Ints]:
        """What a model of the fold may see: the data set without the held-out responses, and the rows with any.

        The held-out responses are not there at all, so no model can be influenced by them.

        Raises
        ------
        DataError
            When no response is left to learn from, or none to test on.
        """
        responses = np.where(self.of == fold, np.nan, dataset.y)
        rows = np.flatnonzero(np.isfinite(responses).any(axis=1))
        tested = np.isfinite(dataset.y[self.tested(fold)]).sum()
        if not rows.size or not tested:
            raise DataError(
                f"Fold {fold + 1} of {self.folds} of the split {self.name} is empty.",
                got=f"{rows.size} cell lines to learn from, {tested} responses to test on",
                action="ask for fewer folds (--folds)",
            )
        return replace(dataset, y=responses), rows

    def record(self) -> dict[str, Any]:
        """What is stored with the predictions (JSON-able): the folds of the units."""
        return {
            "split": self.title,
            "name": self.name,
            "folds": self.folds,
            "seed": self.seed,
            "fold": dict(self.units),
        }


def make_split(name: str, dataset: Dataset, molecules: Sequence[str], folds: int, seed: int) -> Split:
    """Draw the folds of a split over the pairs of a data set.

    Parameters
    ----------
    name : str
        One of :data:`TITLES`.
    dataset : Dataset
        Lines without expression are learned from, not tested.
    molecules : sequence of str, length D
        Molecule of each drug: the ids of one molecule are held out together, in ldo and in lpo.
    folds : int
    seed : int

    Raises
    ------
    UsageError
        An unknown split.
    DataError
        Fewer cell lines, tissues or molecules than folds.
    """
    title_of(name)
    scored = np.asarray(dataset.has_layer["expression"], dtype=bool)
    of, units = _MAKERS[name](dataset, scored, molecules, folds, seed)
    return Split(name, folds, seed, of, scored, units)


def _lines(dataset: Dataset, scored: Bools, _: Sequence[str], folds: int, seed: int) -> tuple[Ints, dict[str, int]]:
    ids = [line for line, s in zip(dataset.cell_lines, scored, strict=True) if s]
    _enough("cell lines", len(ids), folds)
    units = dict(zip(ids, leave_lines_out(ids, folds, seed).tolist(), strict=True))
    return _rows([units.get(line, -1) for line in dataset.cell_lines], dataset), units


def _tissues(dataset: Dataset, scored: Bools, _: Sequence[str], folds: int, seed: int) -> tuple[Ints, dict[str, int]]:
    own = [tissue for tissue, s in zip(dataset.tissue, scored, strict=True) if s]
    _enough("tissues", len(set(own)), folds)
    units = dict(sorted(zip(own, leave_tissues_out(own, folds, seed).tolist(), strict=True)))
    return _rows([units.get(tissue, -1) for tissue in dataset.tissue], dataset), units


def _drugs(dataset: Dataset, _: Bools, molecules: Sequence[str], folds: int, seed: int) -> tuple[Ints, dict[str, int]]:
    ids = sorted(set(molecules))
    _enough("drugs (molecules)", len(ids), folds)
    units = dict(zip(ids, leave_lines_out(ids, folds, seed).tolist(), strict=True))
    own = np.asarray([units[molecule] for molecule in molecules], dtype=np.int64)
    return np.tile(own, (len(dataset.cell_lines), 1)), units


def _pairs(
    dataset: Dataset, scored: Bools, molecules: Sequence[str], folds: int, seed: int
) -> tuple[Ints, dict[str, int]]:
    ids = sorted(set(molecules))
    lines = sorted(line for line, s in zip(dataset.cell_lines, scored, strict=True) if s)
    _enough("pairs of cell line and drug", len(ids) * len(lines), folds)
    order = np.random.default_rng(seed).permutation(len(lines) * len(ids))
    drawn = np.empty(len(order), dtype=np.int64)
    drawn[order] = np.arange(len(order)) % folds
    row = {line: i for i, line in enumerate(lines)}
    column = {molecule: i for i, molecule in enumerate(ids)}
    table = np.concatenate([drawn.reshape(len(lines), len(ids)), np.full((1, len(ids)), -1, dtype=np.int64)])
    rows = [row.get(line, len(lines)) for line in dataset.cell_lines]  # the last row: always in training
    return table[rows][:, [column[molecule] for molecule in molecules]], {}


_Maker = Callable[[Dataset, Bools, Sequence[str], int, int], tuple[Ints, dict[str, int]]]
_MAKERS: Mapping[str, _Maker] = {"lco": _lines, "lto": _tissues, "ldo": _drugs, "lpo": _pairs}


def _rows(folds: Sequence[int], dataset: Dataset) -> Ints:
    return np.tile(np.asarray(folds, dtype=np.int64)[:, None], (1, len(dataset.drugs)))


def _enough(what: str, there: int, folds: int) -> None:
    if there < folds:
        raise DataError(
            f"There are fewer {what} than folds.",
            got=f"{there} {what}",
            allowed=f"at least {folds}",
            action="ask for fewer folds (--folds), or another split",
        )


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


def inner_folds(
    dataset: Dataset, rows: Ints, folds: int, seed: int, *, by_tissue: bool = False
) -> Iterator[tuple[Ints, Ints]]:
    """Cut the rows that a model may learn from once more, for what it chooses.

    Parameters
    ----------
    dataset : Dataset
    rows : int64
        Rows to learn from; a row that is repeated lies on one side of every cut.
    folds : int
        At most; fewer where there are fewer lines, or tissues, to hold out.
    seed : int
    by_tissue : bool
        Hold out whole tissues, as the outer split does; lines where all are of one tissue.

    Yields
    ------
    int64, int64
        For each fold the rows left (repeats kept), and the rows held out, each once. Only lines with all of the
        expression are held out, as only they are tested; others of a tissue that is held out are in neither.
    """
    unique = np.unique(rows)
    judged = unique[dataset.complete[unique]]
    tissue = np.asarray(dataset.tissue)
    kinds = len(set(tissue[judged]))
    if by_tissue and kinds > 1:
        drawn = leave_tissues_out(tissue[judged].tolist(), min(folds, kinds), seed)
        unit = tissue
    else:
        drawn = leave_lines_out([dataset.cell_lines[i] for i in judged], min(folds, len(judged)), seed)
        unit = np.asarray(dataset.cell_lines)
    for fold in range(int(drawn.max()) + 1):
        held = judged[drawn == fold]
        yield rows[~np.isin(unit[rows], unit[held])], held


def _check(n: int, unique: int, folds: int) -> None:
    if unique != n:
        raise UsageError("The ids to split are not unique.", got=f"{n} ids, {unique} different")
    if not 2 <= folds <= n:
        raise UsageError("The number of folds does not fit.", got=folds, allowed=f"2 to {n}")
