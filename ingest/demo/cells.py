"""Cell lines of the demonstration: tissues, broad states, expression and mutations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pathproof.ingest.demo.facts import Facts

FLOATS = NDArray[np.float64]
PATHWAY_LOADING = 0.8  # members of a pathway share about a quarter of their variance: plausible wrong answers
MODULE_LOADING = 1.6  # members of a module share about half of it: what moves together can be seen
N_STATES = 4  # broad cell states move all genes a little, as the first principal components of real expression do
STATE_LOADING = 0.5
HUB_STATE_LOADING = 1.0  # decoy hubs go with the states, and so with many responses, and do nothing
LINEAGE_SHIFT = 1.3  # standard deviations by which a lineage marker is higher in its tissue
TISSUE_SD = 0.25
ALWAYS_CARRIED = 0.05  # a driver of a tissue has a carrier there, however few lines there are


@dataclass(frozen=True)
class Cells:
    """Lines and their features.

    Parameters
    ----------
    tissue : int array, shape (n,)
        Index of each line's tissue.
    states : float array, shape (n, 4)
        Broad cell states, unit variance; a third of it is lineage. Hidden: in no file.
    expression : float array, shape (n, genes)
        z-scores, lines x `Facts.genes`.
    mutation : float array, shape (n, drivers)
        0/1, lines x `Facts.drivers` in their order.
    """

    tissue: NDArray[np.int64]
    states: FLOATS
    expression: FLOATS
    mutation: FLOATS


def standardised(x: FLOATS) -> FLOATS:
    """Mean 0 and standard deviation 1 over the lines (axis 0)."""
    z: FLOATS = (x - x.mean(axis=0)) / x.std(axis=0)
    return z


def draw_cells(facts: Facts, streams: dict[str, np.random.Generator]) -> Cells:
    """Lines in random order with their features; streams `lines`, `expression`, `mutation` and `modules`."""
    tissue = np.repeat(np.arange(len(facts.tissues)), [t.lines for t in facts.tissues])
    tissue = streams["lines"].permutation(tissue)
    states = _states(facts, tissue, streams["lines"])
    x = _expression(facts, tissue, states, streams["expression"])
    column = {gene: j for j, gene in enumerate(facts.genes)}
    for module in facts.modules:
        factor = streams["modules"].standard_normal(len(tissue))
        for gene, weight in zip(module.genes, module.weights, strict=True):
            x[:, column[gene]] += MODULE_LOADING * weight * factor
    return Cells(tissue, states, standardised(x), _mutation(facts, tissue, streams["mutation"]))


def _states(facts: Facts, tissue: NDArray[np.int64], rng: np.random.Generator) -> FLOATS:
    lineage = rng.standard_normal((len(facts.tissues), N_STATES))[tissue]
    own = rng.standard_normal((len(tissue), N_STATES))
    states: FLOATS = np.sqrt(1 / 3) * lineage + np.sqrt(2 / 3) * own
    return states


def _expression(facts: Facts, tissue: NDArray[np.int64], states: FLOATS, rng: np.random.Generator) -> FLOATS:
    """Broad states, pathway factors, lineage markers, and each gene's own variation; not yet standardised."""
    n, column = len(tissue), {gene: j for j, gene in enumerate(facts.genes)}
    x: FLOATS = rng.standard_normal((n, len(facts.genes)))
    loading = STATE_LOADING * rng.standard_normal((N_STATES, len(facts.genes)))
    loading[:, [column[gene] for gene in facts.hubs]] *= HUB_STATE_LOADING / STATE_LOADING
    x += states @ loading
    x += TISSUE_SD * rng.standard_normal((len(facts.tissues), len(facts.genes)))[tissue]
    for pathway in facts.pathways:
        factor = rng.standard_normal(n) + 0.5 * rng.standard_normal(len(facts.tissues))[tissue]
        for gene in pathway.genes:
            x[:, column[gene]] += PATHWAY_LOADING * factor
    for t, place in enumerate(facts.tissues):
        for gene in place.markers:
            x[tissue == t, column[gene]] += LINEAGE_SHIFT
    return x


def _mutation(facts: Facts, tissue: NDArray[np.int64], rng: np.random.Generator) -> FLOATS:
    """0/1 with a fixed number of carriers in each tissue, so that no seed leaves a driver without carriers."""
    calls = np.zeros((len(tissue), len(facts.drivers)))
    for j, shares in enumerate(facts.drivers.values()):
        rest = []
        for t, place in enumerate(facts.tissues):
            lines = np.flatnonzero(tissue == t)
            share = shares.get(place.name)
            if share is None:
                rest.append(lines)
            else:
                carriers = max(round(share * len(lines)), int(share >= ALWAYS_CARRIED))
                calls[rng.permutation(lines)[:carriers], j] = 1.0
        others = rng.permutation(np.concatenate(rest)) if rest else np.zeros(0, int)
        calls[others[: round(shares["other"] * len(others))], j] = 1.0
    return calls
