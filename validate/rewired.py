"""The null of a rewired graph: every node keeps its number of edges of each type and sign.

Double-edge swaps: two edges of the same type and sign exchange an end. A swap that would make a
self-loop or repeat an edge is not made. The references are then read from the rewired graph by the
same rules; one test holds that reading equal to the references of the graph as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pathproof.validate.alteration import expression_sign, mutation_sign
from pathproof.validate.judged import Judged
from pathproof.validate.knowledge import Knowledge, records
from pathproof.validate.overlap import alike_claims
from pathproof.validate.sampled import Floats, items_of, mean_of_shares
from pathproof.validate.scoring import Picked

Ints = npt.NDArray[np.int64]
Signs = tuple[int, int]

FIRST, BETWEEN = 20, 2  # rounds of proposals (each proposes a swap for every edge) before and between draws
EVIDENCE, STEPS = "resistance_evidence", "signed_neighbourhood"


@dataclass(frozen=True)
class Edges:
    """Edges as arrays; two edges of the same `kind` may exchange their ends.

    Parameters
    ----------
    start, end, kind : ndarray of int
    loops : bool
        Whether a start may equal an end (the two are of different sorts).
    """

    start: Ints
    end: Ints
    kind: Ints
    loops: bool = True

    def swapped(self, rng: np.random.Generator) -> Edges:
        """One round: random pairs of edges of a kind exchange their ends where that is allowed."""
        order = rng.permutation(len(self.start))
        order = order[np.argsort(self.kind[order], kind="stable")]
        first, second = order[:-1:2], order[1::2]
        same = self.kind[first] == self.kind[second]
        first, second = first[same], second[same]
        width = int(max(self.start.max(initial=0), self.end.max(initial=0))) + 1
        held = self._keys(self.start, self.end, self.kind, width)
        one = self._keys(self.start[first], self.end[second], self.kind[first], width)
        two = self._keys(self.start[second], self.end[first], self.kind[first], width)
        made = np.concatenate([one, two])
        _, place, count = np.unique(made, return_inverse=True, return_counts=True)
        good = ((count[place] == 1) & ~is_in(made, np.sort(held))).reshape(2, -1).all(axis=0)
        if not self.loops:
            good &= (self.start[first] != self.end[second]) & (self.start[second] != self.end[first])
        end = self.end.copy()
        end[first[good]], end[second[good]] = self.end[second[good]], self.end[first[good]]
        return Edges(self.start, end, self.kind, self.loops)

    @staticmethod
    def _keys(start: Ints, end: Ints, kind: Ints, width: int) -> Ints:
        return np.asarray((kind * width + start) * width + end, dtype=np.int64)


def _rounds(edges: Edges, rng: np.random.Generator, draws: int) -> Iterator[Edges]:
    for _ in range(FIRST):
        edges = edges.swapped(rng)
    for _ in range(draws):
        for _ in range(BETWEEN):
            edges = edges.swapped(rng)
        yield edges


@dataclass(frozen=True)
class Graph:
    """The edges behind a reference, and how a drug's facts follow from them.

    Parameters
    ----------
    edges : Edges
        Of evidence: therapy, gene; of signalling: gene, gene.
    signs : tuple of (mutation, expression)
        What each kind of edge says; (0, 0) for an unsigned reference.
    reach : csr_matrix, drugs x starts
        Therapies of the drug's class, or targets of the drug.
    items : ndarray of int
        Place of each universe item among the ends; -1 for one without any edge.
    both_ways : bool
        Whether an edge is followed backwards too.
    """

    edges: Edges
    signs: tuple[Signs, ...]
    reach: sparse.csr_matrix
    items: Ints
    both_ways: bool = False


def graph_of(known: Knowledge, judged: Judged, items: tuple[str, ...]) -> Graph | None:
    """The graph behind the judged reference; None for one that is not read from single edges."""
    if judged.reference.startswith(EVIDENCE):
        return _evidence_graph(known, judged, items)
    return _step_graph(known, judged, items) if judged.reference == STEPS else None


def _evidence_graph(known: Knowledge, judged: Judged, items: tuple[str, ...]) -> Graph:
    without = "D" if judged.reference.endswith("_no_D") else ""
    by_class = "_class" in judged.reference
    facts = sorted(
        {
            (
                str(row.drug),
                str(row.gene),
                mutation_sign(int(row.sign), row.profile, row.gene),
                expression_sign(int(row.sign), row.profile, row.gene),
            )
            for row in records(known["evidence-edges"])
            if not row.combination and row.level != without
        }
    )
    signs = tuple(sorted({(mutation, expression) for _, _, mutation, expression in facts}))
    therapies = {name: i for i, name in enumerate(sorted({fact[0] for fact in facts}))}
    genes = {name: i for i, name in enumerate(sorted({fact[1] for fact in facts}))}
    edges = Edges(
        np.array([therapies[fact[0]] for fact in facts], dtype=np.int64),
        np.array([genes[fact[1]] for fact in facts], dtype=np.int64),
        np.array([signs.index(fact[2:]) for fact in facts], dtype=np.int64),
    )
    relatives = known.relatives if by_class else {}
    reach = _matrix([relatives.get(drug, (drug,)) for drug in judged.drugs], therapies)
    return Graph(edges, signs, reach, np.array([genes.get(item, -1) for item in items], dtype=np.int64))


def _step_graph(known: Knowledge, judged: Judged, items: tuple[str, ...]) -> Graph:
    frame = known["signalling-edges"]
    steps = sorted({(str(r.start), str(r.end), int(r.sign)) for r in records(frame) if r.start != r.end})
    genes = {name: i for i, name in enumerate(sorted({gene for step in steps for gene in step[:2]}))}
    edges = Edges(
        np.array([genes[step[0]] for step in steps], dtype=np.int64),
        np.array([genes[step[1]] for step in steps], dtype=np.int64),
        np.array([int(step[2] > 0) for step in steps], dtype=np.int64),
        loops=False,
    )
    reach = _matrix([known.targets.get(drug, ()) for drug in judged.drugs], genes)
    places = np.array([genes.get(item, -1) for item in items], dtype=np.int64)
    return Graph(edges, ((0, 0), (0, 0)), reach, places, both_ways=True)


def _matrix(members: list[tuple[str, ...]], places: dict[str, int]) -> sparse.csr_matrix:
    rows = [(i, places[name]) for i, names in enumerate(members) for name in set(names) if name in places]
    at = np.array(rows, dtype=np.int64).reshape(-1, 2)
    ones = np.ones(len(at), dtype=np.float32)
    return sparse.csr_matrix((ones, (at[:, 0], at[:, 1])), shape=(len(members), max(len(places), 1)))


class Reading:
    """The picked claims, ready to be judged by any rewiring of a graph: what is asked stays, the edges change."""

    def __init__(self, graph: Graph, judged: Judged, picked: Picked) -> None:
        reach = graph.reach[judged.column[picked.rows]]
        claim = np.repeat(np.arange(len(picked.rows)), np.diff(reach.indptr))
        start, end = reach.indices.astype(np.int64), graph.items[items_of(judged, picked)][claim]
        inside = graph.items[graph.items >= 0]
        ends = (inside, graph.edges.start, graph.edges.end)
        self._width = int(max(side.max(initial=0) for side in ends)) + 1
        self._inside = np.zeros(self._width, dtype=bool)
        self._inside[inside] = True
        self._graph, self._first, self._claims = graph, picked.first, len(picked.rows)
        self._reached, self._start = claim, start  # every start that a claim's drug reaches
        self._asked, keys = claim[end >= 0], start * self._width + end
        self._keys = [keys[end >= 0]] + ([(end * self._width + start)[end >= 0]] if graph.both_ways else [])
        self._alike = alike_claims(judged.block, picked.rows)

    def precision(self, edges: Edges) -> float:
        """Mean precision of the claims when the reference is read from these edges."""
        signs = self._graph.signs
        held = self._held(edges, np.ones(len(signs), dtype=bool))
        testable = self._testable(edges)
        right = np.zeros(self._claims, dtype=bool)
        for one, name, here in self._alike:
            agree = held
            if one:
                says = np.array([sign[0 if name == "mutation" else 1] for sign in signs])
                agree = self._held(edges, says == one) | (held & ~self._held(edges, says == -one))
            right[here] = agree[here]
        total = np.add.reduceat(testable, self._first, dtype=np.int64)[None, :]
        return float(mean_of_shares(np.add.reduceat(right & testable, self._first, dtype=np.int64)[None, :], total)[0])

    def _held(self, edges: Edges, kinds: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """For each claim whether an edge of these kinds leads from a start of its drug to its item."""
        keep = kinds[edges.kind]
        there = np.sort(edges.start[keep] * self._width + edges.end[keep])
        found = np.zeros(self._claims, dtype=bool)
        for keys in self._keys:
            found[self._asked[is_in(keys, there)]] = True
        return found

    def _testable(self, edges: Edges) -> npt.NDArray[np.bool_]:
        """For each claim whether its drug holds any item of the universe."""
        leads = np.zeros(max(self._graph.reach.shape[1], self._width), dtype=bool)
        leads[edges.start[self._inside[edges.end]]] = True
        if self._graph.both_ways:
            leads[edges.end[self._inside[edges.start]]] = True
        found = np.zeros(self._claims, dtype=bool)
        found[self._reached[leads[self._start]]] = True
        return found


def is_in(keys: Ints, ascending: Ints) -> npt.NDArray[np.bool_]:
    """For each key whether it stands in the sorted array."""
    if not len(ascending):
        return np.zeros(len(keys), dtype=bool)
    return np.asarray(ascending[np.minimum(np.searchsorted(ascending, keys), len(ascending) - 1)] == keys)


def rewired_draws(graph: Graph, judged: Judged, picked: Picked, rng: np.random.Generator, draws: int) -> Floats:
    """Mean precision of the picked claims against each of the rewired graphs."""
    reading = Reading(graph, judged, picked)
    return np.array([reading.precision(edges) for edges in _rounds(graph.edges, rng, draws)])
