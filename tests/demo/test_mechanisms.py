"""What is planted beyond the written facts: an oracle recovers it at the stated size, and decoys carry nothing."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest

from pathproof.errors import DataError, UsageError
from pathproof.ingest.demo.facts import Facts, load_facts
from pathproof.ingest.demo.mechanisms import with_mechanisms
from pathproof.ingest.demo.parameters import WorldParameters
from pathproof.ingest.demo.simulate import World, simulate
from pathproof.ingest.demo.truth import Truth, truth_of
from pathproof.ingest.demo.walks import PathwayGraph

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


@pytest.fixture(scope="module")
def made() -> Made:
    return Made(LARGE)


def test_the_truth_accounts_for_the_whole_planted_part(made: Made) -> None:
    """Genes, products and scores of the truth explain all but the noise, whose size is the parameter's."""
    for drug in made.truth.drugs.loc[made.truth.drugs["responds"], "drug"]:
        y, d = made.response(drug), made.column[drug]
        pairs = made.truth.pairs[made.truth.pairs["drug"] == drug]
        alone = [made.feature(g, la) for g, la in zip(pairs["gene_a"], pairs["layer_a"], strict=True)]
        alone += [made.feature(g, la) for g, la in zip(pairs["gene_b"], pairs["layer_b"], strict=True)]
        oracle = [*made.singles(drug), *alone, *made.products(drug), *made.scores(drug)]
        without_noise = y - made.world.parts["noise"][:, d]
        assert r2(without_noise, oracle) == pytest.approx(1.0, abs=1e-9), drug


def test_stated_shares_of_variance_are_those_of_the_response(made: Made) -> None:
    """Beyond the background an oracle of the planted genes reaches the R2 that `genes` and `noise` of the truth say."""
    stated, found = [], []
    for row in made.truth.drugs[made.truth.drugs["responds"]].itertuples():
        if row.pairs == 0 and row.modules == 0:
            stated.append(row.genes / (row.genes + row.noise))
            found.append(r2(made.response(row.drug), made.singles(row.drug)))
    assert len(stated) > 40
    assert np.array(stated) == pytest.approx(np.array(found), abs=0.08)
    assert float(np.corrcoef(stated, found)[0, 1]) > 0.95


def test_a_pair_needs_the_product_term(made: Made) -> None:
    """Without main effects the two genes alone explain next to nothing of the pair's part; with the product all."""
    pairs = made.truth.pairs
    assert len(pairs) == LARGE.pairs
    assert Counter(pairs["with_main"]) == {True: 12, False: 12}
    for row in pairs.itertuples():
        part = made.world.parts["pairs"][:, made.column[row.drug]]
        alone = [made.feature(row.gene_a, row.layer_a), made.feature(row.gene_b, row.layer_b)]
        assert np.std(part) == pytest.approx(LARGE.pair_effect)
        assert r2(part, alone) == pytest.approx(0.0, abs=1e-9)
        assert r2(part, [*alone, alone[0] * alone[1]]) == pytest.approx(1.0)
        slope = np.polyfit(alone[0] * alone[1], part, 1)[0]
        assert slope * row.effect > 0
        assert row.sign == ("resistance" if row.effect > 0 else "sensitivity")
        own = set(made.truth.genes.loc[made.truth.genes["drug"] == row.drug, "gene"])
        assert {row.gene_a, row.gene_b} <= own if row.with_main else not {row.gene_a, row.gene_b} & own


def test_pairs_are_found_among_all_pairs_by_their_product(made: Made) -> None:
    """AUROC of |t| of the product term over all pairs of 120 genes, the planted ones among them."""
    rng = np.random.default_rng(0)
    areas = []
    for row in made.truth.pairs[made.truth.pairs["layer_a"].eq("expression")].itertuples():
        if row.layer_b != "expression":
            continue
        genes = [row.gene_a, row.gene_b, *rng.choice(made.facts.genes, 118, replace=False)]
        x = np.column_stack([made.feature(gene) for gene in genes])
        d, parts = made.column[row.drug], made.world.parts
        y = made.full(row.drug) - sum((parts[p][:, d] for p in ("mean", "fragility", "tissue", "states", "genes")), 0.0)
        i, j = np.triu_indices(len(genes), 1)
        product = x[:, i] * x[:, j]
        score = np.abs((product - product.mean(axis=0)).T @ (y - y.mean())) / product.std(axis=0)
        areas.append(float((score[1:] < score[0]).mean()))
    assert len(areas) > 10
    assert np.mean(areas) > 0.98


def test_modules_move_together_and_act_as_one(made: Made) -> None:
    """Members correlate by their weights, no gene stands in two modules, and the score explains the part."""
    modules = made.truth.modules
    assert modules["module"].nunique() == LARGE.modules
    assert not modules["gene"].duplicated().any()
    for (drug, _), part in modules.groupby(["drug", "module"]):
        signed = np.column_stack([w * made.feature(g) for g, w in zip(part["gene"], part["weight"], strict=True)])
        within = np.corrcoef(signed.T)[np.triu_indices(len(part), 1)]
        assert within.mean() > 0.35, "members move together"
        effect = made.world.parts["modules"][:, made.column[str(drug)]]
        assert r2(effect, made.scores(str(drug))) == pytest.approx(1.0)
        assert np.std(effect) == pytest.approx(LARGE.module_effect)
        factor = made.feature(part["factor"].iloc[0])
        assert abs(np.corrcoef(factor, signed.mean(axis=1))[0, 1]) < 0.45, (
            "its own expression does not show its activity"
        )


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
