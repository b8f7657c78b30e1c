"""Controls of the graph: what is left of a model when its edges say something else, or nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pathproof.explain.data import GeneGraph, Ints

ROUNDS = 20
"""Rounds of swaps; each proposes one for every edge. After that hardly an edge is where it was."""


def without_edges(graph: GeneGraph) -> GeneGraph:
    """The same genes and relations, no edge."""
    nothing = np.zeros((2, 0), dtype=np.int64)
    relations = dict.fromkeys(graph.relations, nothing)
    return replace(graph, relations=relations, signs={name: nothing[0] for name in relations})


def rewired(graph: GeneGraph, seed: int) -> GeneGraph:
    """Every gene keeps its number of outgoing and incoming edges of each relation; partners are drawn anew.

    Double-edge swaps: two edges exchange their targets, unless that makes a self loop or repeats an edge.
    """
    rng = np.random.default_rng(seed)
    relations: dict[str, Ints] = {}
    signs: dict[str, Ints] = {}
    for name in sorted(graph.relations):
        edges = _rewired(graph.relations[name], len(graph.genes), rng)
        order = np.lexsort(edges[::-1])
        relations[name], signs[name] = edges[:, order], graph.signs[name][order]
    return replace(graph, relations=relations, signs=signs)


def _rewired(edges: Ints, n_genes: int, rng: np.random.Generator) -> Ints:
    source, target = edges[0], edges[1].copy()
    for _ in range(ROUNDS):
        order = rng.permutation(len(source))
        half = len(order) // 2
        one, two = order[:half], order[half : 2 * half]
        made = np.concatenate([source[one] * n_genes + target[two], source[two] * n_genes + target[one]])
        _, place, count = np.unique(made, return_inverse=True, return_counts=True)
        new = (count[place] == 1) & ~np.isin(made, source * n_genes + target)
        good = new.reshape(2, -1).all(axis=0) & (source[one] != target[two]) & (source[two] != target[one])
        target[one[good]], target[two[good]] = target[two[good]], target[one[good]]
    return np.stack([source, target])
