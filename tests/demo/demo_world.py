"""A demonstration world with what an oracle may know of it, for the tests."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pathproof.ingest.demo.facts import Facts, load_facts
from pathproof.ingest.demo.mechanisms import with_mechanisms
from pathproof.ingest.demo.parameters import WorldParameters
from pathproof.ingest.demo.simulate import World, simulate
from pathproof.ingest.demo.truth import Truth, truth_of

Floats = npt.NDArray[np.float64]
LARGE = WorldParameters(seed=5, mechanism_seed=3, lines=600, drugs=90, genes=700, pairs=24, modules=6)


class Made:
    """A world with what an oracle may know of it."""

    def __init__(self, parameters: WorldParameters) -> None:
        self.facts: Facts = with_mechanisms(load_facts(), parameters)
        self.world: World = simulate(self.facts, parameters)
        self.truth: Truth = truth_of(self.facts, self.world, parameters)
        self.column = {drug.curie: d for d, drug in enumerate(self.facts.drugs)}
        names = {
            layer: list(genes) for layer, genes in (("expression", self.facts.genes), ("mutation", self.facts.drivers))
        }
        self.at = {(gene, layer): j for layer, genes in names.items() for j, gene in enumerate(genes)}

    def feature(self, gene: str, layer: str = "expression") -> Floats:
        table = self.world.cells.mutation if layer == "mutation" else self.world.cells.expression
        x: Floats = table[:, self.at[gene, layer]]
        return (x - x.mean()) / x.std()

    def response(self, drug: str) -> Floats:
        """ln IC50 without the parts that are no mechanism: what is planted, and noise."""
        d, parts = self.column[drug], self.world.parts
        y: Floats = parts["genes"][:, d] + parts["pairs"][:, d] + parts["modules"][:, d] + parts["noise"][:, d]
        return y

    def full(self, drug: str) -> Floats:
        """All of ln IC50, untested pairs included."""
        y: Floats = np.sum([part[:, self.column[drug]] for part in self.world.parts.values()], axis=0)
        return y

    def singles(self, drug: str) -> list[Floats]:
        rows = self.truth.genes[self.truth.genes["drug"] == drug]
        return [self.feature(gene, layer) for gene, layer in zip(rows["gene"], rows["layer"], strict=True)]

    def products(self, drug: str) -> list[Floats]:
        rows = self.truth.pairs[self.truth.pairs["drug"] == drug]
        names = ["gene_a", "layer_a", "gene_b", "layer_b"]
        return [self.feature(a, la) * self.feature(b, lb) for a, la, b, lb in rows[names].itertuples(index=False)]

    def scores(self, drug: str) -> list[Floats]:
        rows = self.truth.modules[self.truth.modules["drug"] == drug]
        return [
            sum(
                (w * self.feature(g) for g, w in zip(part["gene"], part["weight"], strict=True)), np.zeros(self.world.n)
            )
            for _, part in rows.groupby("module")
        ]


def r2(y: Floats, columns: list[Floats]) -> float:
    """Share of the variance that least squares explains."""
    x = np.column_stack([np.ones_like(y), *columns])
    return 1 - float(np.var(y - x @ np.linalg.lstsq(x, y)[0]) / np.var(y))
