"""How ordinary a mechanism path is: the share of genes of like degree that come as near to a target of the drug.

Well-studied genes are hubs, and nearly every hub reaches nearly every target in three steps. So a path is held against
the other genes with about as many signed steps: in the order of all genes of the network by that number, the genes
whose number lies between those of the :data:`NEAR` th before and the :data:`NEAR` th after. All genes with the same
number stand at the middle of their places, and of the numbers at both ends all genes count: which of many equals lies
within is not left to the alphabet, where families of genes stand together. Nothing is drawn.

A gene of like degree that is a target itself counts as one that reaches a target, in no step. The gene in question is
left out. A share of .9 says that nearly every such gene has a path as short.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from pathproof.graph_schema.paths import MOST_STEPS, Ints, Network

NEAR = 25


class PathNull:
    """The genes of like degree of every gene of a network.

    Parameters
    ----------
    network : Network

    Attributes
    ----------
    peers : array of int64, genes
        How many genes each gene is held against, in the order of the network's symbols.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._order = np.argsort(network.degree, kind="stable")
        ordered = network.degree[self._order]
        last = len(ordered) - 1
        first_equal = np.searchsorted(ordered, network.degree, side="left")
        last_equal = np.searchsorted(ordered, network.degree, side="right") - 1
        middle = (first_equal + last_equal) // 2
        lowest, highest = ordered[np.maximum(middle - NEAR, 0)], ordered[np.minimum(middle + NEAR, last)]
        self._start: Ints = np.searchsorted(ordered, lowest, side="left")
        self._stop: Ints = np.searchsorted(ordered, highest, side="right")
        self.peers: Ints = self._stop - self._start - 1

    def shares(self, drug: str, genes: Iterable[str]) -> dict[str, dict[int, float]]:
        """Of each gene, the share of others of like degree that reach a target of the drug, either way.

        Parameters
        ----------
        drug : str
        genes : iterable of str
            Symbols.

        Returns
        -------
        dict of str to dict of int to float
            Gene to number of steps, 0 to MOST_STEPS, to the share (0 to 1) within at most so many. Genes that the
            network lacks, and genes without another one, are left out.
        """
        distances = self._network.distances(drug).values()
        nodes = {gene: self._network.number[gene] for gene in genes if gene in self._network.number}
        nodes = {gene: node for gene, node in nodes.items() if self.peers[node]}
        at = np.fromiter(nodes.values(), dtype=np.int64, count=len(nodes))
        found = np.empty((MOST_STEPS + 1, len(at)))
        for n in range(MOST_STEPS + 1):
            reach = np.any([(one >= 0) & (one <= n) for one in distances], axis=0)
            so_far = np.concatenate([[0], np.cumsum(reach[self._order])])
            found[n] = (so_far[self._stop[at]] - so_far[self._start[at]] - reach[at]) / self.peers[at]
        return {gene: dict(enumerate(column)) for gene, column in zip(nodes, found.T.tolist(), strict=True)}
