"""Claims x references: one sparse product says what every drug's reference holds of every claim.

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


@dataclass(frozen=True)
class Facts:
    """A reference as arrays, items x drugs (bool).

    `held`: the reference holds the item for the drug; `up` / `down` by layer: with resistance,
    with sensitivity; `aside`: neither right nor wrong for this drug (set aside by the reference,
    or circular).
    """

    held: Bools
    aside: Bools
    up: dict[str, Bools]
    down: dict[str, Bools]

    @cached_property
    def testable(self) -> Bools:
        """Drugs with at least one fact in the universe."""
        return np.asarray(self.held.any(axis=0))

    def agree(self, sign: int, layer: str) -> Bools:
        """Items x drugs where a claim of this sign and layer would be supported."""
        layer = read_layer(layer)
        if sign == 0:
            return self.held
        wanted, other = (self.up, self.down) if sign > 0 else (self.down, self.up)
        return wanted[layer] | (self.held & ~other[layer])

    @cached_property
    def base_rate(self) -> float | None:
        """Mean share of the universe that is held, over testable drugs; None without one."""
        open_items = (~self.aside).sum(axis=0)[self.testable]
        shares = self.held.sum(axis=0)[self.testable] / np.maximum(open_items, 1)
        return float(shares.mean()) if shares.size else None


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
    shape = (len(universe.items(kind)), len(drugs))
    facts = reference.facts
    rows = np.array([item_at.get(item, -1) for _, item in reference.pairs], dtype=np.int64)
    columns = np.array([drug_at.get(drug, -1) for drug, _ in reference.pairs], dtype=np.int64)
    inside = (rows >= 0) & (columns >= 0)
    kept = inside if circular is None else inside & ~circular

    def cells(mask: Bools) -> Bools:
        matrix = np.zeros(shape, dtype=bool)
        matrix[rows[mask], columns[mask]] = True
        return matrix

    signs = {layer: facts[f"sign_{layer}"].to_numpy(dtype=int) for layer in ("mutation", "expression")}
    held = cells(kept)
    aside = cells(inside) & ~held
    for drug, item in reference.set_aside:
        if drug in drug_at and item in item_at:
            aside[item_at[item], drug_at[drug]] = True
    held &= ~aside
    if not reference.signed:
        nothing = np.broadcast_to(np.False_, shape)
        return Facts(held, aside, dict.fromkeys(signs, nothing), dict.fromkeys(signs, nothing))
    up = {layer: cells(kept & (sign > 0)) & held for layer, sign in signs.items()}
    down = {layer: cells(kept & (sign < 0)) & held for layer, sign in signs.items()}
    return Facts(held, aside, up, down)


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


def overlap(block: Block, facts: Facts) -> Overlap:
    """Judge every claim by every drug's facts."""
    hits = block.names @ facts.held.astype(np.float32)
    held = np.asarray(hits >= block.need[:, None])
    agreed = np.zeros_like(held)
    for sign, layer, rows in _alike(block):
        part = block.names[rows] @ facts.agree(sign, layer).astype(np.float32)
        agreed[rows] = part >= block.need[rows, None]
    aside = block.names @ facts.aside.astype(np.float32) > 0
    testable = ~aside & block.inside[:, None] & facts.testable[None, :]
    supported = agreed & testable
    return Overlap(supported, held & testable & ~supported, testable)


def _alike(block: Block) -> list[tuple[int, str, Ints]]:
    """Rows with the same sign and layer."""
    keys = sorted(set(zip(block.sign.tolist(), block.layer.tolist(), strict=True)))
    return [(s, la, np.flatnonzero((block.sign == s) & (block.layer == la))) for s, la in keys]


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
    for sign, layer, rows in _alike(block):
        agreeing[rows] = facts.agree(sign, layer).sum(axis=0)[column[rows]]
    open_items = (~facts.aside).sum(axis=0)[column]
    if np.all(block.size <= 1):
        return np.asarray(agreeing / np.maximum(open_items, 1), dtype=np.float64)
    size = np.minimum(block.size, open_items)
    return np.asarray(stats.hypergeom.sf(block.need - 1, open_items, agreeing, size), dtype=np.float64)
