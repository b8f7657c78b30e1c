"""Numbers of the demonstration: cell lines, two feature layers and a screen with planted mechanisms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pathproof.ingest.demo.facts import Facts

FLOATS = NDArray[np.float64]
PATHWAY_LOADING = 0.8  # members of a pathway share about a quarter of their variance: plausible wrong answers
N_STATES = 4  # broad cell states move all genes a little, as the first principal components of real expression do
STATE_LOADING = 0.50
STATE_RESPONSE_SD = 0.40  # for each state
LINEAGE_SHIFT = 1.3  # standard deviations by which a lineage marker is higher in its tissue
TISSUE_SD = 0.25
FRAGILITY_SD = 0.40
LINEAGE_RESPONSE_SD = 0.5
NOISE_SD = 0.80
N_WITHOUT_EXPRESSION = 10
N_WITHOUT_MUTATIONS = 6
MISSING_PAIRS = 0.06
LOG_RANGE = float(np.log(1000.0))  # the tested doses span three decades, as is usual


@dataclass(frozen=True)
class World:
    """The simulated numbers.

    Parameters
    ----------
    tissue : int array, shape (n,)
        Index of each line's tissue.
    expression : float array, shape (n, genes)
        z-scores, lines x `Facts.genes`.
    mutation : float array, shape (n, drivers)
        0/1, lines x `Facts.drivers` in their order.
    has_expression, has_mutation, male : bool array, shape (n,)
        Which lines are released with the layer (all lines have a response); sex.
    ln_ic50 : float array, shape (n, drugs)
        ln uM; NaN where the pair was not tested.
    min_conc, max_conc : float array, shape (drugs,)
        uM.
    auc, rmse, z_score : float array, shape (n, drugs)
    """

    tissue: NDArray[np.int64]
    expression: FLOATS
    mutation: FLOATS
    has_expression: NDArray[np.bool_]
    has_mutation: NDArray[np.bool_]
    male: NDArray[np.bool_]
    ln_ic50: FLOATS
    min_conc: FLOATS
    max_conc: FLOATS
    auc: FLOATS
    rmse: FLOATS
    z_score: FLOATS

    @property
    def n(self) -> int:
        """Number of cell lines."""
        return len(self.tissue)


def simulate(facts: Facts, seed: int) -> World:
    """Draw the world. Each part has its own stream, so that one more gene does not redraw the screen's noise."""
    streams = dict(
        zip(
            ("lines", "expression", "mutation", "response", "curves"),
            (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5)),
            strict=True,
        )
    )
    tissue = np.repeat(np.arange(len(facts.tissues)), [t.lines for t in facts.tissues])
    tissue = streams["lines"].permutation(tissue)
    n = len(tissue)
    states = _states(facts, tissue, streams["lines"])
    expression = _expression(facts, tissue, states, streams["expression"])
    mutation = _mutation(facts, tissue, streams["mutation"])
    ln_ic50 = _planted(facts, expression, mutation) + _background(facts, tissue, states, streams["response"])
    top = np.array([np.exp(round(drug.mean)) for drug in facts.drugs])
    min_conc, max_conc = np.round(top / 1000.0, 6), np.round(top, 3)
    rng = streams["curves"]
    spread = (ln_ic50 - ln_ic50.mean(axis=0)) / ln_ic50.std(axis=0)
    rmse = rng.uniform(0.02, 0.14, ln_ic50.shape)
    tested = rng.random(ln_ic50.shape) >= MISSING_PAIRS
    order = streams["lines"].permutation(n)
    has_expression, has_mutation = np.ones(n, bool), np.ones(n, bool)
    has_expression[order[:N_WITHOUT_EXPRESSION]] = False
    has_mutation[order[-N_WITHOUT_MUTATIONS:]] = False
    return World(
        tissue=tissue,
        expression=expression,
        mutation=mutation,
        has_expression=has_expression,
        has_mutation=has_mutation,
        male=streams["lines"].random(n) < 0.5,
        ln_ic50=np.where(tested, ln_ic50, np.nan),
        min_conc=min_conc,
        max_conc=max_conc,
        auc=_auc(ln_ic50, np.log(max_conc)),
        rmse=rmse,
        z_score=spread,
    )


def _states(facts: Facts, tissue: NDArray[np.int64], rng: np.random.Generator) -> FLOATS:
    """Broad states of each line (lines x states, unit variance), a third of it lineage."""
    lineage = rng.standard_normal((len(facts.tissues), N_STATES))[tissue]
    own = rng.standard_normal((len(tissue), N_STATES))
    states: FLOATS = np.sqrt(1 / 3) * lineage + np.sqrt(2 / 3) * own
    return states


def _expression(facts: Facts, tissue: NDArray[np.int64], states: FLOATS, rng: np.random.Generator) -> FLOATS:
    """z-scores: broad states, pathway factors, lineage markers, and each gene's own variation."""
    n, column = len(tissue), {gene: j for j, gene in enumerate(facts.genes)}
    x = rng.standard_normal((n, len(facts.genes)))
    x += states @ (STATE_LOADING * rng.standard_normal((N_STATES, len(facts.genes))))
    x += TISSUE_SD * rng.standard_normal((len(facts.tissues), len(facts.genes)))[tissue]
    for pathway in facts.pathways:
        factor = rng.standard_normal(n) + 0.5 * rng.standard_normal(len(facts.tissues))[tissue]
        for gene in pathway.genes:
            x[:, column[gene]] += PATHWAY_LOADING * factor
    for t, place in enumerate(facts.tissues):
        for gene in place.markers:
            x[tissue == t, column[gene]] += LINEAGE_SHIFT
    z: FLOATS = (x - x.mean(axis=0)) / x.std(axis=0)
    return z


def _mutation(facts: Facts, tissue: NDArray[np.int64], rng: np.random.Generator) -> FLOATS:
    """0/1 with a fixed number of carriers in each tissue, so that no seed leaves a driver without carriers."""
    calls = np.zeros((len(tissue), len(facts.drivers)))
    for j, shares in enumerate(facts.drivers.values()):
        rest = []
        for t, place in enumerate(facts.tissues):
            lines = np.flatnonzero(tissue == t)
            if place.name in shares:
                calls[rng.permutation(lines)[: round(shares[place.name] * len(lines))], j] = 1.0
            else:
                rest.append(lines)
        others = rng.permutation(np.concatenate(rest)) if rest else np.zeros(0, int)
        calls[others[: round(shares["other"] * len(others))], j] = 1.0
    return calls


def _background(facts: Facts, tissue: NDArray[np.int64], states: FLOATS, rng: np.random.Generator) -> FLOATS:
    """Drug mean + general fragility + lineage + states + noise (lines x drugs); no states without a mechanism."""
    n_drugs = len(facts.drugs)
    fragility = FRAGILITY_SD * rng.standard_normal(len(tissue))
    slope = rng.uniform(0.6, 1.4, n_drugs)
    lineage = LINEAGE_RESPONSE_SD * rng.standard_normal((len(facts.tissues), n_drugs))
    responds = np.array([bool(drug.planted) for drug in facts.drugs])
    by_state = STATE_RESPONSE_SD * rng.standard_normal((N_STATES, n_drugs)) * responds
    # Centred, so that a line's mean response is its fragility: else removing it would leak states into every drug.
    by_state[:, responds] -= by_state[:, responds].mean(axis=1, keepdims=True)
    noise = NOISE_SD * rng.standard_normal((len(tissue), n_drugs))
    mean = np.array([drug.mean for drug in facts.drugs])
    y: FLOATS = mean + np.outer(fragility, slope) + lineage[tissue] + states @ by_state + noise
    return y


def _planted(facts: Facts, expression: FLOATS, mutation: FLOATS) -> FLOATS:
    """The planted effects (lines x drugs), each on its feature standardised over all lines."""
    genes = {gene: j for j, gene in enumerate(facts.genes)}
    drivers = {gene: j for j, gene in enumerate(facts.drivers)}
    y = np.zeros((len(expression), len(facts.drugs)))
    for d, drug in enumerate(facts.drugs):
        for planted in drug.planted:
            is_call = planted.layer == "mutation"
            x = mutation[:, drivers[planted.gene]] if is_call else expression[:, genes[planted.gene]]
            y[:, d] += planted.effect * (x - x.mean()) / x.std()
    return y


def _auc(ln_ic50: FLOATS, top: FLOATS) -> FLOATS:
    """Mean viability over the tested doses of a logistic curve of slope 1 in ln dose (0 = all killed)."""
    low = top - LOG_RANGE
    return (np.logaddexp(0.0, ln_ic50 - low) - np.logaddexp(0.0, ln_ic50 - top)) / LOG_RANGE
