"""Claims x references: what every drug's reference holds of every claim.

A gene or pathway claim is held when the reference holds its one item; a pair when it holds both
genes; a module when it holds at least half of its genes that are in the universe (and at least
half of them are). A held claim is supported, unless the reference holds it with the opposite
sign only: then it is contradicted. The columns are drugs, so that scoring one drug's claims
against another drug's reference is reading another column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse, stats

from pathproof.validate.reference import Reference
from pathproof.validate.universe import Universe

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def read_layer(layer: str) -> str:
    """The layer in which facts are read: a claim whose layer is not said is read as the alteration, a mutation."""
    return "expression" if layer == "expression" else "mutation"


HELD, ASIDE = np.uint8(1), np.uint8(2)
UP = {"mutation": np.uint8(4), "expression": np.uint8(16)}
DOWN = {"mutation": np.uint8(8), "expression": np.uint8(32)}


@dataclass(frozen=True)
class Facts:
    """A reference as an array, items x drugs: one byte for each cell, so that many drugs and genes fit.

    Parameters
    ----------
    codes : ndarray of uint8, items x drugs
        Sum of HELD (the reference holds the item for the drug), UP and DOWN by layer (with resistance,
        with sensitivity), ASIDE (neither right nor wrong for this drug: set aside by the reference, or circular).
    """

    codes: npt.NDArray[np.uint8]

    @property
    def held(self) -> Bools:
        """Items x drugs that the reference holds."""
        return np.asarray((self.codes & HELD) > 0)

    @property
    def aside(self) -> Bools:
        """Items x drugs that are neither right nor wrong."""
        return np.asarray((self.codes & ASIDE) > 0)

    @cached_property
    def testable(self) -> Bools:
        """Drugs with at least one fact in the universe."""
        return np.asarray(self.held.any(axis=0))

    @cached_property
    def n_held(self) -> Ints:
        """Items held for each drug."""
        return np.asarray(np.count_nonzero(self.codes & HELD, axis=0), dtype=np.int64)

    @cached_property
    def n_open(self) -> Ints:
        """Items that can be tested for each drug."""
        return np.asarray(len(self.codes) - np.count_nonzero(self.codes & ASIDE, axis=0), dtype=np.int64)

    @cached_property
    def base_rate(self) -> float | None:
        """Mean share of the universe that is held, over testable drugs; None without one."""
        shares = self.n_held[self.testable] / np.maximum(self.n_open[self.testable], 1)
        return float(shares.mean()) if shares.size else None


def agree(codes: npt.NDArray[np.uint8], sign: int, layer: str) -> Bools:
    """For each cell whether the reference supports a claim of this sign and layer (cells of `Facts.codes`)."""
    if sign == 0:
        return np.asarray((codes & HELD) > 0)
    layer = read_layer(layer)
    wanted, other = (UP[layer], DOWN[layer]) if sign > 0 else (DOWN[layer], UP[layer])
    return np.asarray(((codes & wanted) > 0) | ((codes & (HELD | other)) == HELD))


def compile_facts(
    reference: Reference, drugs: Sequence[str], universe: Universe, kind: str, circular: Bools | None = None
) -> Facts:
    """The reference's facts about `drugs` and the items of this kind of claim.

    Parameters
    ----------
    reference : Reference
    drugs : sequence of str
        Columns.
    universe : Universe
    kind : str
        Kind of claim: pathway claims see pathways, all others genes.
    circular : ndarray of bool, optional
        Facts to leave out. A pair that loses all its facts is set aside, not called wrong.
    """
    item_at = universe.index(kind)
    drug_at = {drug: j for j, drug in enumerate(drugs)}
    rows = np.array([item_at.get(item, -1) for _, item in reference.pairs], dtype=np.int64)
    columns = np.array([drug_at.get(drug, -1) for drug, _ in reference.pairs], dtype=np.int64)
    inside = (rows >= 0) & (columns >= 0)
    kept = inside if circular is None else inside & ~circular
    codes = np.zeros((len(universe.items(kind)), len(drugs)), dtype=np.uint8)
    codes[rows[inside], columns[inside]] = ASIDE
    codes[rows[kept], columns[kept]] = HELD
    for drug, item in reference.set_aside:
        if drug in drug_at and item in item_at:
            codes[item_at[item], drug_at[drug]] = ASIDE
    if not reference.signed:
        return Facts(codes)
    kept = kept & (codes[rows, columns] == HELD)
    for layer in ("mutation", "expression"):
        sign = reference.facts[f"sign_{layer}"].to_numpy(dtype=int)
        for bit, said in ((UP[layer], kept & (sign > 0)), (DOWN[layer], kept & (sign < 0))):
            codes[rows[said], columns[said]] |= bit
    return Facts(codes)


@dataclass(frozen=True)
class Block:
    """Claims of one kind as arrays: which items they name, how many of them must be held.

    Parameters
    ----------
    names : csr_matrix, claims x items
    size, need : ndarray of int
        Items of the claim in the universe, and how many of them must be held.
    inside : ndarray of bool
        Whether enough of the claim is in the universe.
    sign : ndarray of int
    layer : ndarray of str
    """

    names: sparse.csr_matrix
    size: Ints
    need: Ints
    inside: Bools
    sign: Ints
    layer: npt.NDArray[np.str_]


def block_of(claims: pd.DataFrame, universe: Universe, kind: str) -> Block:
    """The claims (all of one kind) as a :class:`Block`."""
    item_at = universe.index(kind)
    named = [(key,) for key in claims["key"]] if kind == "pathway" else list(claims["genes"])
    total = np.array([len(items) for items in named], dtype=np.int64)
    known = [[item_at[item] for item in items if item in item_at] for items in named]
    size = np.array([len(items) for items in known], dtype=np.int64)
    columns = np.array([item for items in known for item in items], dtype=np.int64)
    pointer = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    matrix = sparse.csr_matrix(
        (np.ones(columns.size, dtype=np.float32), columns, pointer), shape=(len(named), len(universe.items(kind)))
    )
    half = kind == "module"
    need = np.maximum((size + 1) // 2, 1) if half else total
    inside = (2 * size >= total) & (size > 0) if half else (size == total) & (total > 0)
    layer = claims["layer"].to_numpy(dtype=str)
    return Block(matrix, size, need, inside, claims["sign"].to_numpy(dtype=np.int64), layer)


@dataclass(frozen=True)
class Overlap:
    """Claims x drugs (bool): what the reference of the column's drug says of the row's claim."""

    supported: Bools
    contradicted: Bools
    testable: Bools


def overlap(block: Block, facts: Facts, rows: Ints, columns: Ints) -> Overlap:
    """Judge claims by the facts of drugs.

    Parameters
    ----------
    block : Block
    facts : Facts
    rows : ndarray of int
        The claims.
    columns : ndarray of int, 1 x drugs or claims x 1
        The drugs that judge every claim, or the one drug that judges each claim.
    """
    names = block.names[rows]
    many = np.diff(names.indptr)
    place = np.repeat(np.arange(len(rows)), many)
    codes = facts.codes[names.indices[:, None], columns if len(columns) == 1 else columns[place]]
    shape = (len(rows), columns.shape[1])
    first, filled, need = names.indptr[:-1][many > 0], many > 0, block.need[rows, None]

    def count(hits: Bools) -> Ints:
        found = np.zeros(shape, dtype=np.int64)
        found[filled] = np.add.reduceat(hits, first, axis=0, dtype=np.int64)
        return found

    def enough(hits: Bools) -> Bools:
        return hits if np.all(many == 1) else np.asarray(count(hits) >= need)

    agreed = np.zeros(codes.shape, dtype=bool)
    for sign, layer, mine in alike_claims(block, rows):
        here = slice(None) if mine.all() else mine[place]
        agreed[here] = agree(codes[here], sign, layer)
    if not len(first):
        return Overlap(*(np.zeros(shape, dtype=bool) for _ in range(3)))
    closed = (codes & ASIDE) > 0
    closed = closed if np.all(many == 1) else count(closed) > 0
    testable = ~closed & block.inside[rows, None] & facts.testable[columns]
    supported = enough(agreed) & testable
    return Overlap(supported, enough((codes & HELD) > 0) & testable & ~supported, testable)


def alike_claims(block: Block, rows: Ints) -> list[tuple[int, str, Bools]]:
    """Which of these claims have the same sign and are read in the same layer."""
    sign, expression = block.sign[rows], block.layer[rows] == "expression"
    found = ((s, e, (sign == s) & (expression == e)) for s in np.unique(sign).tolist() for e in (False, True))
    return [(s, "expression" if e else "mutation", mine) for s, e, mine in found if mine.any()]


def chance(block: Block, facts: Facts, column: Ints) -> Floats:
    """Probability that a random claim of the same size, sign and layer is supported.

    Closed form: with M items open for the drug, K of them agreeing, k in the claim and m needed,
    P(X >= m) for X hypergeometric (M, K, k); for one item this is K / M.

    Parameters
    ----------
    block : Block
    facts : Facts
    column : ndarray of int
        Each claim's drug.
    """
    agreeing = np.zeros(len(column), dtype=np.int64)
    for sign, layer, mine in alike_claims(block, np.arange(len(column))):
        agreeing[mine] = np.count_nonzero(agree(facts.codes, sign, layer), axis=0)[column[mine]]
    open_items = facts.n_open[column]
    if np.all(block.size <= 1):
        return np.asarray(agreeing / np.maximum(open_items, 1), dtype=np.float64)
    size = np.minimum(block.size, open_items)
    return np.asarray(stats.hypergeom.sf(block.need - 1, open_items, agreeing, size), dtype=np.float64)
