"""What is planted beyond the written facts: decoys, walks, repeats, shuffled worlds, sizes, parameters."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from demo_world import LARGE, Made, r2

from pathproof.errors import DataError, UsageError
from pathproof.ingest.demo.facts import Facts, load_facts
from pathproof.ingest.demo.mechanisms import with_mechanisms
from pathproof.ingest.demo.parameters import WorldParameters
from pathproof.ingest.demo.simulate import simulate
from pathproof.ingest.demo.walks import PathwayGraph


@pytest.fixture(scope="module")
def made() -> Made:
    return Made(LARGE)


def test_decoy_hubs_are_the_most_connected_and_carry_no_effect(made: Made) -> None:
    """No effect by themselves or in a pair or module, though they go with the broad states."""
    degree = PathwayGraph(load_facts()).degree
    planted = {*made.truth.genes["gene"], *made.truth.pairs["gene_a"], *made.truth.pairs["gene_b"]}
    planted |= set(made.truth.modules["gene"])
    assert len(made.truth.hubs) == LARGE.hubs
    assert not set(made.truth.hubs) & planted
    assert min(degree[hub] for hub in made.truth.hubs) > np.percentile(list(degree.values()), 95)
    with_states = [r2(made.feature(gene), list(made.world.cells.states.T)) for gene in made.truth.hubs]
    others = [r2(made.feature(gene), list(made.world.cells.states.T)) for gene in made.facts.genes]
    assert np.mean(with_states) > 1.5 * np.mean(others)


def test_effects_act_along_the_graph(made: Made) -> None:
    """Every drawn effect lies within two signed steps of a target, and its walk consists of edges of the facts."""
    edges = {(a, b) for a, b, _ in made.facts.signed + made.facts.regulon}
    written = {(d.curie, p.gene) for d in load_facts().drugs for p in d.planted}
    rows = made.truth.genes
    drawn = rows[[(drug, gene) not in written for drug, gene in zip(rows["drug"], rows["gene"], strict=True)]]
    walks = [*drawn["walk"], *made.truth.pairs["walk_a"], *made.truth.pairs["walk_b"]]
    assert len(walks) > 60
    for walk in walks:
        steps = walk.split(" > ")
        assert walk
        assert len(steps) <= 3
        assert all(edge in edges for edge in itertools.pairwise(steps)), walk


def test_a_repeated_screen_agrees_as_much_as_the_truth_says() -> None:
    """Only the noise is new; the correlation of two repeats is the stated agreement; its size is the parameter."""
    first, second = (Made(WorldParameters(lines=400, replicate=r, noise_sd=0.9)) for r in (0, 1))
    np.testing.assert_array_equal(first.world.cells.expression, second.world.cells.expression)
    np.testing.assert_array_equal(first.world.parts["genes"], second.world.parts["genes"])
    difference = first.world.parts["noise"] - second.world.parts["noise"]
    assert float(difference.std()) / np.sqrt(2) == pytest.approx(0.9, rel=0.02)
    agreement = [np.corrcoef(first.full(drug), second.full(drug))[0, 1] for drug in first.column]
    assert float(np.mean(agreement)) == pytest.approx(float(first.truth.drugs["agreement"].mean()), abs=0.03)


def test_the_default_noise_is_that_of_compounds_that_gdsc2_measured_twice() -> None:
    """0.78 ln uM there (docs/demo-world.md); the default lies within a tenth of it."""
    assert WorldParameters().noise_sd == pytest.approx(0.78, rel=0.1)


def test_a_shuffled_world_keeps_tissues_and_profiles_and_loses_the_features() -> None:
    """Profiles stay whole and in their tissue; the planted features explain nothing; the truth is empty."""
    kept, shuffled = Made(WorldParameters(seed=2)), Made(WorldParameters(seed=2, shuffled=True))
    full = np.sum(list(kept.world.parts.values()), axis=0)
    other = np.sum(list(shuffled.world.parts.values()), axis=0)
    tissue = kept.world.cells.tissue
    assert not np.array_equal(full, other)
    for t in np.unique(tissue):
        np.testing.assert_array_equal(np.sort(full[tissue == t], axis=0), np.sort(other[tissue == t], axis=0))
    assert shuffled.truth.genes.empty
    assert shuffled.truth.pairs.empty
    assert shuffled.truth.modules.empty
    assert not shuffled.truth.drugs["responds"].any()
    found = {}
    for one in (kept, shuffled):
        y = {drug: one.world.parts["genes"][:, d] for drug, d in one.column.items() if not kept.truth.genes.empty}
        found[one] = np.mean([r2(y[drug], kept.singles(drug)) for drug in set(kept.truth.genes["drug"])])
    assert found[kept] == pytest.approx(1.0)
    assert found[shuffled] < 0.15


@pytest.mark.parametrize("sizes", [{"lines": 60, "drugs": 12, "pairs": 2, "modules": 1}, {"drugs": 61, "genes": 1000}])
def test_sizes_are_honoured(sizes: dict[str, int]) -> None:
    """Lines, drugs, genes, pairs and modules are as asked; tissues keep their proportions."""
    parameters = WorldParameters(**sizes)
    made = Made(parameters)
    assert made.world.ln_ic50.shape == (parameters.lines, parameters.drugs)
    assert made.world.cells.expression.shape == (parameters.lines, parameters.genes or len(made.facts.genes))
    assert len(made.truth.pairs) == parameters.pairs
    assert made.truth.modules["module"].nunique() == parameters.modules
    assert 0.05 <= np.isnan(made.world.ln_ic50).mean() <= 0.08
    share = np.bincount(made.world.cells.tissue) / parameters.lines
    assert share == pytest.approx([t.lines / 240 for t in load_facts().tissues], abs=0.02)
    known = {therapy for row in made.facts.evidence for therapy in row.therapies}
    assert known <= {drug.name for drug in made.facts.drugs}


def test_the_mechanism_seed_alone_decides_what_is_planted() -> None:
    """Other numbers, the same facts; another mechanism seed, other pairs and modules."""
    facts = load_facts()
    same = [with_mechanisms(facts, WorldParameters(seed=seed)) for seed in (0, 9)]
    assert same[0] == same[1]
    other = with_mechanisms(facts, WorldParameters(mechanism_seed=1))
    assert [d.pairs for d in other.drugs] != [d.pairs for d in same[0].drugs]
    assert [(d.name, d.planted[:1]) for d in other.drugs] == [(d.name, d.planted[:1]) for d in same[0].drugs]


def test_all_parameters_that_are_wrong_are_told_at_once() -> None:
    """With what is allowed, and nothing about the others."""
    with pytest.raises(UsageError) as told:
        WorldParameters(lines=10, noise_sd=0.0, seed=True, missing=float("nan"), shuffled=1)  # type: ignore[arg-type]
    text = str(told.value)
    for name in ("lines = 10", "noise_sd = 0.0", "seed = True", "missing = nan", "shuffled = 1"):
        assert name in text
    assert "lines 60 to 9999" in text
    assert "hubs" not in text


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (WorldParameters(modules=20), "no place for so many modules"),
        (WorldParameters(pairs=500), "no place for so many pairs"),
        (WorldParameters(genes=30), "the facts name more"),
    ],
)
def test_what_the_graph_cannot_hold_is_refused(parameters: WorldParameters, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        with_mechanisms(load_facts(), parameters)


def test_a_mutation_that_nobody_carries_is_told() -> None:
    """No effect can be planted on it, so none is pretended."""
    facts = with_mechanisms(load_facts(), WorldParameters())
    shares = {**facts.drivers, "EGFR": {"other": 0.0}}
    facts = Facts(**{**{name: getattr(facts, name) for name in facts.__dataclass_fields__}, "drivers": shares})
    with pytest.raises(DataError, match="mutation of EGFR"):
        simulate(facts, WorldParameters())
