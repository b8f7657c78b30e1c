"""Shortest signed paths of the knowledge between the targets of a drug and a gene.

A step is a signed relationship between two genes, AFFECTS or REGULATES; nothing passes from a gene to itself.
Relationships of one sign between the same two genes are one step, and AFFECTS speaks for it before REGULATES,
then the lower id; opposite signs are two steps, because both signs are said. Paths run with the arrows,
"downstream" from a target to the gene or "upstream" from the gene to a target; a gene that is a target itself has
one path without a step ("same").

Of a gene and a drug only the paths of the least length are given, over all targets and both directions, and of
these at most :data:`MOST_PATHS`: the best of each direction and sign first, then the second best of each, and so
on. Better is what passes genes with fewer steps of their own (the sum over the genes between the ends: a path
through a hub says little), then what comes first by symbol, read from the target.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pathproof.workspace import content_key

MOST_STEPS = 3
MOST_PATHS = 4
Ints = npt.NDArray[np.int64]


class Step(NamedTuple):
    """A signed relationship: symbols of its ends, +1 or -1, its type and its id in the graph."""

    start: str
    end: str
    sign: int
    type: str
    edge: str


@dataclass(frozen=True)
class MechanismPath:
    """One path.

    Parameters
    ----------
    direction : str
        "downstream", "upstream" or "same".
    genes : tuple of str
        Symbols in the direction of the arrows.
    signs : tuple of int
        +1 or -1 of each step.
    edges : tuple of str
        Ids of the relationships, in order.
    """

    direction: str
    genes: tuple[str, ...]
    signs: tuple[int, ...]
    edges: tuple[str, ...]

    @property
    def id(self) -> str:
        """The same for the same path, whatever drug or claim it belongs to."""
        return "path:" + content_key(self.direction, self.genes, self.edges)

    @property
    def sign(self) -> int:
        """Product of the steps' signs: +1 when the ends rise together; +1 without a step."""
        return -1 if self.signs.count(-1) % 2 else 1

    @property
    def target(self) -> str:
        """Symbol of the target at one end."""
        return self.genes[-1 if self.direction == "upstream" else 0]

    @property
    def gene(self) -> str:
        """Symbol of the gene at the other end."""
        return self.genes[0 if self.direction == "upstream" else -1]

    @property
    def text(self) -> str:
        """In words, e.g. "BRAF -> MAP2K1 -| TP53"."""
        arrows = ["->" if sign > 0 else "-|" for sign in self.signs]
        steps = (f" {arrow} {gene}" for arrow, gene in zip(arrows, self.genes[1:], strict=True))
        return self.genes[0] + "".join(steps)

    def properties(self) -> dict[str, Any]:
        """Properties of the MechanismPath node, without its provenance."""
        return {
            "text": self.text,
            "target": self.target,
            "gene": self.gene,
            "direction": self.direction,
            "n_steps": len(self.signs),
            "sign": self.sign,
            "genes": list(self.genes),
            "signs": list(self.signs),
            "edges": list(self.edges),
        }


class _Part(NamedTuple):
    """A path from a target as far as some gene; parts compare as paths are better or worse."""

    hubs: int
    nodes: tuple[int, ...]
    minus: tuple[bool, ...]
    steps: tuple[int, ...]


@dataclass(frozen=True)
class _Way:
    """All steps in one direction, grouped by the gene that they come to: genes (rows) x genes that they come from."""

    matrix: sparse.csr_matrix
    step: Ints

    @classmethod
    def of(cls, size: int, came_from: Ints, comes_to: Ints) -> _Way:
        step = np.argsort(comes_to, kind="stable")
        pointer = np.concatenate([[0], np.cumsum(np.bincount(comes_to, minlength=size))])
        ones = np.ones(len(step), dtype=np.float32)
        return cls(sparse.csr_matrix((ones, came_from[step], pointer), shape=(size, size)), step)

    def distance(self, targets: Ints) -> npt.NDArray[np.int8]:
        """Steps from the nearest target to each gene; -1 where more than MOST_STEPS are needed."""
        found = np.full(self.matrix.shape[0], -1, dtype=np.int8)
        found[targets] = 0
        for n in range(1, MOST_STEPS + 1):
            reached = self.matrix @ (found == n - 1).astype(np.float32) > 0
            found[reached & (found < 0)] = n
        return found


class Network:
    """The signed steps between genes, and the targets of the drugs.

    Parameters
    ----------
    steps : iterable of Step
        In any order.
    targets : mapping of str to iterable of str
        Symbols of the targets of each drug. A drug that is not named has none.
    """

    def __init__(self, steps: Iterable[Step], targets: Mapping[str, Iterable[str]]) -> None:
        kept: dict[tuple[str, str, int], Step] = {}
        for step in sorted(steps, key=lambda one: (one.start, one.end, one.sign, one.type, one.edge)):
            if step.start != step.end:
                kept.setdefault((step.start, step.end, step.sign), step)
        self.steps = tuple(kept.values())
        self.targets = {drug: tuple(sorted(set(genes))) for drug, genes in targets.items()}
        names = {name for one in self.steps for name in (one.start, one.end)}
        self.symbols = tuple(sorted(names.union(*self.targets.values())))
        self.number = {symbol: i for i, symbol in enumerate(self.symbols)}
        start = np.array([self.number[one.start] for one in self.steps], dtype=np.int64)
        end = np.array([self.number[one.end] for one in self.steps], dtype=np.int64)
        size = len(self.symbols)
        self.degree = np.bincount(start, minlength=size) + np.bincount(end, minlength=size)
        self.ways = {"downstream": _Way.of(size, start, end), "upstream": _Way.of(size, end, start)}
        self._distances: dict[str, dict[str, npt.NDArray[np.int8]]] = {}

    def distances(self, drug: str) -> dict[str, npt.NDArray[np.int8]]:
        """Of each direction the steps between the nearest target and each gene, in the order of `symbols`.

        Returns
        -------
        dict of str to array of int8
            Genes long; -1 where more than MOST_STEPS are needed. Kept, so that each drug is searched once.
        """
        if drug not in self._distances:
            targets = np.array([self.number[name] for name in self.targets.get(drug, ())], dtype=np.int64)
            self._distances[drug] = {name: way.distance(targets) for name, way in self.ways.items()}
        return self._distances[drug]

    def paths(self, drug: str, genes: Iterable[str]) -> dict[str, tuple[MechanismPath, ...]]:
        """The shortest paths between each gene and the drug's targets, the best first.

        Parameters
        ----------
        drug : str
        genes : iterable of str
            Symbols.

        Returns
        -------
        dict of str to tuple of MechanismPath
            One entry for each gene; an empty one when the drug has no target or no path is short enough.
        """
        searches = [_Search(self, direction, distance) for direction, distance in self.distances(drug).items()]
        return {gene: self._between(searches, gene) for gene in dict.fromkeys(genes)}

    def _between(self, searches: Sequence[_Search], gene: str) -> tuple[MechanismPath, ...]:
        node = self.number.get(gene, -1)
        lengths = [int(one.distance[node]) for one in searches if node >= 0 and one.distance[node] >= 0]
        if not lengths:
            return ()
        if min(lengths) == 0:
            return (MechanismPath("same", (gene,), (), ()),)
        ranked = [
            (rank, part, search.direction)
            for search in searches
            if search.distance[node] == min(lengths)
            for parts in search.best(node).values()
            for rank, part in enumerate(parts)
        ]
        return tuple(self._path(part, direction) for _, part, direction in sorted(ranked)[:MOST_PATHS])

    def _path(self, part: _Part, direction: str) -> MechanismPath:
        order = slice(None, None, -1) if direction == "upstream" else slice(None)
        genes = tuple(self.symbols[node] for node in part.nodes[order])
        steps = [self.steps[i] for i in part.steps[order]]
        return MechanismPath(direction, genes, tuple(one.sign for one in steps), tuple(one.edge for one in steps))


class _Search:
    """From the targets of one drug in one direction."""

    def __init__(self, network: Network, direction: str, distance: npt.NDArray[np.int8]) -> None:
        self.direction = direction
        self._network = network
        self._way = network.ways[direction]
        self.distance = distance
        self._found: dict[int, dict[bool, list[_Part]]] = {
            int(node): {False: [_Part(0, (int(node),), (), ())]} for node in np.flatnonzero(distance == 0)
        }

    def best(self, node: int) -> dict[bool, list[_Part]]:
        """The best MOST_PATHS shortest ways from the targets to the node, by whether they turn the sign."""
        if node not in self._found:
            ways: dict[bool, list[_Part]] = {False: [], True: []}
            for before, number in self._steps_to(node):
                minus = self._network.steps[number].sign < 0
                hub = int(self._network.degree[before]) if self.distance[before] else 0
                for turned, parts in self.best(before).items():
                    ways[turned != minus] += [
                        _Part(p.hubs + hub, (*p.nodes, node), (*p.minus, minus), (*p.steps, number)) for p in parts
                    ]
            self._found[node] = {turned: heapq.nsmallest(MOST_PATHS, parts) for turned, parts in ways.items()}
        return self._found[node]

    def _steps_to(self, node: int) -> Iterable[tuple[int, int]]:
        """The genes one step nearer to a target from which a step comes here, with the step's number."""
        cells = slice(*self._way.matrix.indptr[node : node + 2])
        before = self._way.matrix.indices[cells]
        nearer = self.distance[before] == self.distance[node] - 1
        return zip(before[nearer].tolist(), self._way.step[cells][nearer].tolist(), strict=True)
