"""An oracle recovers what is planted at its stated size: genes, products, modules."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from demo_world import LARGE, Made, r2
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score, roc_auc_score

from pathproof.ingest.demo.parameters import WorldParameters


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


def test_modules_can_be_told_apart_by_how_their_genes_move(made: Made) -> None:
    """Average linkage of their genes' correlations (tissue and states removed) gives the planted partition."""
    modules = made.truth.modules.drop_duplicates("gene")
    x = np.column_stack([made.feature(gene) for gene in modules["gene"]])
    nuisance = np.column_stack([np.eye(10)[made.world.cells.tissue], made.world.cells.states])
    x = x - nuisance @ np.linalg.lstsq(nuisance, x)[0]
    distance = 1 - np.abs(np.corrcoef(x.T))
    found = AgglomerativeClustering(LARGE.modules, metric="precomputed", linkage="average").fit_predict(distance)
    assert adjusted_rand_score(modules["module"], found) > 0.9


def test_genes_are_found_by_a_simple_test_in_the_default_world() -> None:
    """AUROC of the partial correlation given tissue, line mean and four components, over all features of a drug."""
    made = Made(WorldParameters())
    names = [*((gene, "expression") for gene in made.facts.genes), *((gene, "mutation") for gene in made.facts.drivers)]
    x = np.column_stack([made.feature(*name) for name in names])
    y = np.column_stack([made.full(drug) for drug in made.column])
    parts = np.linalg.svd(made.world.cells.expression, full_matrices=False)[0][:, :4]
    nuisance = np.column_stack([np.eye(10)[made.world.cells.tissue], (y - y.mean(axis=0)).mean(axis=1), parts])
    x, y = (a - nuisance @ np.linalg.lstsq(nuisance, a)[0] for a in (x, y))
    score = np.abs((x / np.linalg.norm(x, axis=0)).T @ y)
    areas = []
    for drug, part in made.truth.genes.groupby("drug"):
        own = set(zip(part["gene"], part["layer"], strict=True))
        members = set(made.truth.modules.loc[made.truth.modules["drug"] == drug, "gene"])
        keep = [i for i, (gene, _) in enumerate(names) if gene not in members]
        areas.append(roc_auc_score([names[i] in own for i in keep], score[keep, made.column[str(drug)]]))
    assert float(np.mean(areas)) > 0.95
