"""The association test on the demonstration, where the right answer is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from pathproof.explain.attribution import centre_over_drugs, response_sd, within_layer
from pathproof.explain.data import Dataset, load_dataset
from pathproof.explain.lmm import association_lmm, permuted_null
from pathproof.explain.lmm_data import association_dataset
from pathproof.explain.lmm_modules import association_modules
from pathproof.explain.lmm_pairs import product_deviates
from pathproof.explain.models.ridge import Ridge
from pathproof.explain.multivariate.data_peers import with_pairs
from pathproof.graph_schema.records import Explanation, Sign
from pathproof.ingest.demo.world import write_demo
from pathproof.ingest.pipeline import ingest
from pathproof.workspace import Workspace

THRESHOLD = 4.5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's files and what was planted in them."""
    made = tmp_path_factory.mktemp("demo")
    write_demo(made / "files")
    return made


@pytest.fixture(scope="module")
def data(folder: Path) -> Dataset:
    """Read by the real readers."""
    workspace = Workspace.open(folder / "workspace")
    ingest(folder / "files", workspace, kind="demonstration")
    return association_dataset(workspace)


def test_claims_are_what_was_planted(folder: Path, data: Dataset) -> None:
    """Strong claims name planted genes with their signs, for most drugs, and none for drugs without a mechanism."""
    planted = json.loads((folder / "files" / "planted.json").read_text(encoding="utf-8"))
    truth = {(m["drug"], g["gene"], g["sign"]) for m in planted["mechanisms"] for g in m["genes"]}
    for mechanism in planted["mechanisms"]:
        for module in mechanism["modules"]:
            for gene, weight in zip(module["genes"], module["weights"], strict=True):
                sign = "resistance" if module["effect"] * weight > 0 else "sensitivity"
                truth.add((mechanism["drug"], gene, sign))
    claims = association_lmm(data).claims(THRESHOLD)
    right = [(claim.drug, claim.gene, claim.sign.value) in truth for claim in claims]
    assert np.mean(right) > 0.95
    assert len({claim.drug for claim in claims}) > 0.7 * len(planted["mechanisms"])
    empty = {decoy["drug"] for decoy in planted["decoys"]["no_mechanism"]}
    assert empty
    assert empty.isdisjoint({claim.drug for claim in claims})


@pytest.mark.usefixtures("data")
def test_slopes_of_a_linear_model_find_planted_genes_in_units_of_their_layer(folder: Path) -> None:
    """In the order of our explainers; per SD mutations are last, because the model shrinks that layer more."""
    data = load_dataset(Workspace.open(folder / "workspace"))
    ridge = Ridge()
    ridge.fit(data, np.arange(len(data.cell_lines)), 0)
    slopes = centre_over_drugs(ridge.gradient() * data.x.std(axis=0)[:, None], response_sd(data.y))
    views = (slopes, within_layer(slopes, [feature.layer for feature in data.features]))
    genes, modules = (pd.read_csv(folder / "files" / "truth" / f"{name}.csv") for name in ("genes", "modules"))
    found: tuple[list[float], list[float]] = ([], [])
    for drug, rows in genes.groupby("drug"):
        planted = set(zip(rows["gene"], rows["layer"], strict=True))
        others = set(modules.loc[modules["drug"] == drug, "gene"])
        kept = [i for i, feature in enumerate(data.features) if feature.gene not in others]
        truth = [tuple(data.features[i]) in planted for i in kept]
        for values, own in zip(views, found, strict=True):
            own.append(roc_auc_score(truth, np.abs(values[kept, data.drugs.index(str(drug))])))
    assert np.mean(found[1]) >= 0.95
    assert np.median(found[1]) > 0.98
    assert np.mean(found[1]) > np.mean(found[0]) + 0.02


def test_a_permuted_screen_makes_next_to_no_claims(data: Dataset) -> None:
    """Two permutations within lineage: at most two claims each, where the data have dozens; z keeps unit spread."""
    null = permuted_null(data, seed=1, n=2)
    assert null.claims(THRESHOLD).max() <= 2
    assert 0.9 < float(np.nanstd(null.tables[0].z)) < 1.05


def test_planted_pairs_stand_out_from_random_pairs(folder: Path, data: Dataset) -> None:
    """The product of every planted pair has its sign and a clear deviate; random products have the nominal level."""
    pairs = pd.read_csv(folder / "files" / "truth" / "pairs.csv")
    place = {(feature.gene, feature.layer): i for i, feature in enumerate(data.features)}
    rng = np.random.default_rng(0)
    planted: list[float] = []
    random: list[float] = []
    for row in pairs.itertuples():
        own = (place[(row.gene_a, row.layer_a)], place[(row.gene_b, row.layer_b)])
        others = [tuple(rng.choice(len(data.features), 2, replace=False).tolist()) for _ in range(30)]
        z = product_deviates(data, data.drugs.index(row.drug), [own, *others])
        planted.append(float(z[0]) * (1 if row.sign == "resistance" else -1))
        random += z[1:][np.isfinite(z[1:])].tolist()
    assert min(planted) > 3
    truth = [1] * len(planted) + [0] * len(random)
    assert roc_auc_score(truth, np.abs([*planted, *random])) >= 0.95
    assert 0.01 < np.mean(np.abs(random) > 1.96) < 0.1


def test_planted_pairs_are_found_among_all_products_and_none_where_nothing_is_planted(
    folder: Path, data: Dataset
) -> None:
    """At the level of 190,000 products and 57 drugs half of the planted pairs are claimed, with their sign; no others.

    For drugs without a mechanism none is.
    """
    pairs = pd.read_csv(folder / "files" / "truth" / "pairs.csv")
    planted = json.loads((folder / "files" / "planted.json").read_text(encoding="utf-8"))
    asked = [*pairs["drug"], *(decoy["drug"] for decoy in planted["decoys"]["no_mechanism"][:3])]
    claimed = []
    for drug in asked:
        blank = Explanation(explainer="pairs", version="1", drug=drug, drug_name=drug, screen=data.screen)
        record = with_pairs(blank, data, data.drugs.index(drug))
        assert record.parameters["pairs_scored"] > 150_000
        claimed += [(drug, frozenset(claim.genes), claim.sign) for claim in record.claims]
    truth = {(row.drug, frozenset((row.gene_a, row.gene_b)), Sign(row.sign)) for row in pairs.itertuples()}
    assert len(set(claimed) & truth) >= 0.5 * len(truth)
    assert set(claimed) <= truth


def test_planted_modules_are_groups_that_move_together_and_most_are_shown_as_one(folder: Path, data: Dataset) -> None:
    """The groups are exact, and of those shown hardly one has no gene with a part in the drug's response."""
    genes, modules = (pd.read_csv(folder / "files" / "truth" / f"{name}.csv") for name in ("genes", "modules"))
    table = association_modules(data)
    named = [{data.features[f].gene for f in one.features} for one in table.modules]
    shown = {(data.drugs[d], i) for i, d in zip(*np.nonzero(table.shown()), strict=True)}
    planted = {}
    for drug, own in modules.groupby("drug"):
        (planted[str(drug)],) = [i for i, some in enumerate(named) if some == set(own["gene"])]
    assert len(planted) == 6
    assert len(set(planted.items()) & shown) >= 4
    acting = {str(drug): set(own["gene"]) for drug, own in genes.groupby("drug")}
    false = [(drug, i) for drug, i in shown if planted.get(drug) != i and not named[i] & acting.get(drug, set())]
    assert len(false) <= 1
    alone = [
        (i, d) for i, d in zip(*np.nonzero(np.abs(table.z) >= table.level), strict=True) if not table.shown()[i, d]
    ]
    assert "ERBB2" in {data.features[table.lead[i, d]].gene for i, d in alone}, "one gene acts, its group goes along"
