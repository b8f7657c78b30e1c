"""Numbers of the demonstration: a screen of the cell lines, with the planted mechanisms in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pathproof.errors import DataError
from pathproof.ingest.demo.cells import FLOATS, N_STATES, Cells, draw_cells, standardised
from pathproof.ingest.demo.facts import Drug, Facts, Layer, Pair
from pathproof.ingest.demo.parameters import WorldParameters

WITHOUT_EXPRESSION = 10 / 240  # share of the lines
WITHOUT_MUTATIONS = 6 / 240
LOG_RANGE = float(np.log(1000.0))  # the tested doses span three decades, as is usual
STREAMS = ("lines", "expression", "mutation", "response", "curves", "modules", "shuffle")
Part = Literal["mean", "fragility", "tissue", "states", "genes", "pairs", "modules", "noise"]


@dataclass(frozen=True)
class World:
    """The simulated numbers.

    Parameters
    ----------
    cells : Cells
        Lines and features.
    has_expression, has_mutation, male : bool array, shape (n,)
        Which lines are released with the layer (all lines have a response); sex.
    parts : dict of float array, shape (n, drugs)
        What ln IC50 is the sum of.
    ln_ic50 : float array, shape (n, drugs)
        ln uM; NaN where the pair was not tested.
    min_conc, max_conc : float array, shape (drugs,)
        uM.
    auc, rmse, z_score : float array, shape (n, drugs)
    """

    cells: Cells
    has_expression: NDArray[np.bool_]
    has_mutation: NDArray[np.bool_]
    male: NDArray[np.bool_]
    parts: Mapping[Part, FLOATS]
    ln_ic50: FLOATS
    min_conc: FLOATS
    max_conc: FLOATS
    auc: FLOATS
    rmse: FLOATS
    z_score: FLOATS

    @property
    def n(self) -> int:
        """Number of cell lines."""
        return len(self.cells.tissue)


def simulate(facts: Facts, parameters: WorldParameters) -> World:
    """Draw the world. Each part has its own stream, so that one more gene does not redraw the screen's noise."""
    spawned = np.random.SeedSequence(parameters.seed).spawn(len(STREAMS))
    streams = {name: np.random.default_rng(seed) for name, seed in zip(STREAMS, spawned, strict=True)}
    cells = draw_cells(facts, streams)
    n = len(cells.tissue)
    parts = _parts(facts, cells, parameters, streams["response"])
    if parameters.shuffled:
        order = _within(cells.tissue, streams["shuffle"])
        parts = {name: part[order] for name, part in parts.items()}
    ln_ic50 = sum(parts.values(), np.zeros((n, len(facts.drugs))))
    top = np.array([np.exp(round(drug.mean)) for drug in facts.drugs])
    min_conc, max_conc = np.round(top / 1000.0, 6), np.round(top, 3)
    rng = streams["curves"]
    rmse = rng.uniform(0.02, 0.14, ln_ic50.shape)
    tested = rng.random(ln_ic50.shape) >= parameters.missing
    order = streams["lines"].permutation(n)
    has_expression, has_mutation = np.ones(n, bool), np.ones(n, bool)
    has_expression[order[: round(WITHOUT_EXPRESSION * n)]] = False
    has_mutation[order[n - round(WITHOUT_MUTATIONS * n) :]] = False
    return World(
        cells=cells,
        has_expression=has_expression,
        has_mutation=has_mutation,
        male=streams["lines"].random(n) < 0.5,
        parts=parts,
        ln_ic50=np.where(tested, ln_ic50, np.nan),
        min_conc=min_conc,
        max_conc=max_conc,
        auc=_auc(ln_ic50, np.log(max_conc)),
        rmse=rmse,
        z_score=standardised(ln_ic50),
    )


def _within(tissue: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """A permutation of the lines that leaves each in its tissue."""
    order = np.arange(len(tissue))
    for t in np.unique(tissue):
        lines = np.flatnonzero(tissue == t)
        order[lines] = rng.permutation(lines)
    return order


def _parts(facts: Facts, cells: Cells, parameters: WorldParameters, rng: np.random.Generator) -> dict[Part, FLOATS]:
    """Drug mean, general fragility, tissue, states, what is planted, noise; no states without a mechanism."""
    n, n_drugs = len(cells.tissue), len(facts.drugs)
    fragility = parameters.fragility_sd * rng.standard_normal(n)
    slope = rng.uniform(0.6, 1.4, n_drugs)
    tissue = parameters.tissue_sd * rng.standard_normal((len(facts.tissues), n_drugs))
    responds = np.array([drug.responds for drug in facts.drugs])
    by_state = parameters.state_sd * rng.standard_normal((N_STATES, n_drugs)) * responds
    if responds.any():
        # Centred, so that a line's mean response is its fragility: else removing it would leak states into every drug.
        by_state[:, responds] -= by_state[:, responds].mean(axis=1, keepdims=True)
    noise = np.random.default_rng([parameters.seed, parameters.replicate, 0x6E6F6973])
    planted = _Planted(facts, cells)
    return {
        "mean": np.tile([drug.mean for drug in facts.drugs], (n, 1)),
        "fragility": np.outer(fragility, slope),
        "tissue": tissue[cells.tissue],
        "states": cells.states @ by_state,
        "genes": np.column_stack([planted.genes(drug) for drug in facts.drugs]),
        "pairs": np.column_stack([planted.pairs(drug) for drug in facts.drugs]),
        "modules": np.column_stack([planted.modules(drug) for drug in facts.drugs]),
        "noise": parameters.noise_sd * noise.standard_normal((n, n_drugs)),
    }


class _Planted:
    """The planted effects on ln IC50 (one number a line), each on a feature of unit variance over all lines."""

    def __init__(self, facts: Facts, cells: Cells) -> None:
        self._zero = np.zeros(len(cells.tissue))
        self._cells = cells
        self._columns: dict[Layer, dict[str, int]] = {
            "expression": {gene: j for j, gene in enumerate(facts.genes)},
            "mutation": {gene: j for j, gene in enumerate(facts.drivers)},
        }
        self._modules = {module.name: module for module in facts.modules}

    def feature(self, gene: str, layer: Layer) -> FLOATS:
        """A standardised feature."""
        table = self._cells.mutation if layer == "mutation" else self._cells.expression
        x: FLOATS = table[:, self._columns[layer][gene]]
        if x.std() == 0:
            raise DataError(
                f"No line, or every line, carries a mutation of {gene}, which a drug of the demonstration responds to.",
                got=f"{len(x)} lines",
                action="ask for more lines",
            )
        return standardised(x)

    def genes(self, drug: Drug) -> FLOATS:
        """The single-gene effects together."""
        return sum((one.effect * self.feature(one.gene, one.layer) for one in drug.planted), self._zero)

    def pairs(self, drug: Drug) -> FLOATS:
        """The product terms together."""
        return sum((pair.effect * self.product(pair) for pair in drug.pairs), self._zero)

    def product(self, pair: Pair) -> FLOATS:
        """The product of two features, less what each explains alone (least squares), of unit variance."""
        a, b = (self.feature(gene, layer) for gene, layer in zip(pair.genes, pair.layers, strict=True))
        alone = np.column_stack([np.ones_like(a), a, b])
        return standardised(a * b - alone @ np.linalg.lstsq(alone, a * b)[0])

    def modules(self, drug: Drug) -> FLOATS:
        """The modules' scores: the signed sum over their genes, of unit variance."""
        total = self._zero
        for acting in drug.acting:
            module = self._modules[acting.module]
            genes = np.column_stack([self.feature(gene, "expression") for gene in module.genes])
            total = total + acting.effect * standardised(genes @ np.array(module.weights, float))
        return total


def _auc(ln_ic50: FLOATS, top: FLOATS) -> FLOATS:
    """Mean viability over the tested doses of a logistic curve of slope 1 in ln dose (0 = all killed)."""
    low = top - LOG_RANGE
    return (np.logaddexp(0.0, ln_ic50 - low) - np.logaddexp(0.0, ln_ic50 - top)) / LOG_RANGE
