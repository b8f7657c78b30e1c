"""Signed walks on the demonstration's own pathway graph, from a drug's targets to genes that may carry an effect."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pathproof.ingest.demo.facts import Facts

MAX_STEPS = 2
Side = Literal["target", "upstream", "downstream"]


@dataclass(frozen=True)
class Walk:
    """A shortest walk between a target and a gene.

    Parameters
    ----------
    gene : str
    side : {"target", "upstream", "downstream"}
        Where the gene stands; upstream genes act on the target.
    sign : int
        Product of the signs of the steps: +1 when a more active gene goes with a more active target (or the
        other way round, downstream).
    steps : tuple of str
        The genes of the walk in the direction of the edges.
    """

    gene: str
    side: Side
    sign: int
    steps: tuple[str, ...]


class PathwayGraph:
    """Signed interactions and regulation of the facts, as one directed graph; walks in the order of the facts."""

    def __init__(self, facts: Facts) -> None:
        self._forward: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        self._back: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for source, target, sign in facts.signed + facts.regulon:
            self._forward[source].append((target, sign))
            self._back[target].append((source, sign))
        self.regulon: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for source, target, sign in facts.regulon:
            self.regulon[source][target] = sign
        self.degree = Counter(
            [gene for source, target, _ in facts.signed + facts.regulon for gene in (source, target)]
            + [gene for pathway in facts.pathways for gene in pathway.genes]
        )

    def around(self, targets: Iterable[str]) -> dict[str, Walk]:
        """For each gene within two steps of a target its first shortest walk (downstream before upstream)."""
        found = {target: Walk(target, "target", 1, (target,)) for target in targets}
        sides: tuple[tuple[Side, dict[str, list[tuple[str, int]]]], ...] = (
            ("downstream", self._forward),
            ("upstream", self._back),
        )
        edge = [(found[target], side, edges) for target in found for side, edges in sides]
        for _ in range(MAX_STEPS):
            following = []
            for walk, side, edges in edge:
                for gene, sign in edges.get(walk.gene, ()):
                    if gene not in found:
                        steps = (*walk.steps, gene) if side == "downstream" else (gene, *walk.steps)
                        found[gene] = Walk(gene, side, walk.sign * sign, steps)
                        following.append((found[gene], side, edges))
            edge = following
        return found
