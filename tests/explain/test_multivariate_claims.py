"""Pairs put to the model, and an explanation of a predictor as records."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from explain_world import PLANTED, LinearModel, world
from multivariate_world import function, lines, planted

from pathproof.errors import DataError, UsageError
from pathproof.explain.multivariate.account import Account, explain_function
from pathproof.explain.multivariate.asking import ask_pairs
from pathproof.explain.multivariate.claims import Limits, explanations
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import of_predictor
from pathproof.graph_schema.records import ClaimKind, Explanation

M, N = 20, 80
MODEL = planted(M, 3)
PAIRS = np.asarray([list(pair) for pair in MODEL.pairs[0]], dtype=np.int64)


class PairedModel(LinearModel):
    """A linear model with one product for the drug of the planted gene G5."""

    name = "paired"

    def predict(self, x: np.ndarray, tissue: np.ndarray) -> np.ndarray:
        out = super().predict(x, tissue)
        out[:, 1] += 0.8 * x[:, 20] * x[:, 30]
        return out


@pytest.fixture(scope="module")
def explained() -> tuple[Account, list[Explanation]]:
    dataset = world(n_lines=100)
    model = PairedModel()
    model.fit(dataset, np.arange(100), 0)
    ask, background = of_predictor(model, dataset)
    account = explain_function(ask, background, Settings(latents=12, rank=4, steps=60, swaps=3), seeds=2, samples=3)
    return account, explanations(account, dataset, "model:1", ("gdsc",), 0, Limits(draws=2))


def test_the_model_shows_its_products_with_their_size_and_sign_and_no_others() -> None:
    background = lines(N, M)
    asked = ask_pairs(function(MODEL, M), background, PAIRS, draws=60)
    x = background.x
    for k, (i, j) in enumerate(PAIRS.tolist()):
        size = MODEL.pairs[0][(i, j)]
        above = x[:, [i, j]] > np.median(x[:, [i, j]], axis=0)
        same = above[:, 0] == above[:, 1]
        product = (x[:, i] - x[:, i].mean()) * (x[:, j] - x[:, j].mean())
        assert asked.effect[k, 0] == pytest.approx(size * (product[same].mean() - product[~same].mean()), rel=0.1)
        if (i, j) not in MODEL.pairs[1]:
            assert abs(asked.effect[k, 1]) < 1e-9
    sign = np.sign([MODEL.pairs[0][tuple(p)] for p in PAIRS.tolist()])
    assert asked.confirmed(0, sign).all()
    assert not asked.confirmed(0, -sign).any()
    assert asked.model_calls == N * (2 + 180 * 42)


def test_a_model_without_products_confirms_no_pair() -> None:
    additive = dataclasses.replace(MODEL, pairs=({}, {}, {}))
    asked = ask_pairs(function(additive, M), lines(N, M), PAIRS, draws=5)
    for sign in (1.0, -1.0):
        assert not asked.confirmed(0, np.full(len(PAIRS), sign)).any()


def test_a_background_smaller_than_asked_and_pairs_that_are_none_are_refused() -> None:
    background = lines(N, M)
    with pytest.raises(DataError, match=r"background is smaller"):
        ask_pairs(function(MODEL, M), background, PAIRS, draws=N)
    for wrong in (np.asarray([[1, 1]]), np.asarray([[0, M]]), np.asarray([1, 2])):
        with pytest.raises(UsageError, match=r"two different features"):
            ask_pairs(function(MODEL, M), background, wrong)
    with pytest.raises(UsageError, match=r"too few random pairs"):
        ask_pairs(function(MODEL, M), background, PAIRS, nulls=5)
    tiny = lines(N, 6)
    with pytest.raises(DataError, match=r"too few other pairs"):
        ask_pairs(
            dataclasses.replace(function(MODEL, M), features=tiny.features, call=lambda x: x[:, :3]), tiny, PAIRS[:0]
        )


def test_records_hold_the_planted_gene_of_each_drug_with_its_sign(
    explained: tuple[Account, list[Explanation]],
) -> None:
    account, records = explained
    assert [record.drug for record in records] == list(account.function.outputs)
    for d, (gene, slope) in PLANTED.items():
        first = next(claim for claim in records[d].claims if claim.kind is ClaimKind.GENE and claim.genes == (gene,))
        assert first.rank <= 2
        assert first.sign is not None
        assert first.sign.number == np.sign(slope)
    for d, record in enumerate(records):
        assert record.fidelity == pytest.approx(account.fidelity[d])
        assert record.stability is not None
        assert record.stability > 0.6
        assert Explanation.from_json(record.to_json()) == record
        assert not any("tissue" in gene for claim in record.claims for gene in claim.genes)
        for claim in record.claims:
            if claim.confidence is not None and claim.selection_frequency and claim.sign_consistency:
                wanted = claim.selection_frequency * claim.sign_consistency * max(record.fidelity or 0.0, 0.0)
                assert claim.confidence == pytest.approx(wanted)


def test_the_planted_product_is_a_confirmed_interaction_and_a_module(
    explained: tuple[Account, list[Explanation]],
) -> None:
    _, records = explained
    pairs = [claim for claim in records[1].claims if claim.kind is ClaimKind.INTERACTION]
    assert pairs[0].key == "G20|G30"
    assert pairs[0].confirmed
    assert pairs[0].effect is not None
    assert pairs[0].effect > 0
    assert "G20|G30" in [claim.key for claim in records[1].claims if claim.kind is ClaimKind.MODULE]
    for record in records:
        for claim in record.claims:
            if claim.kind is ClaimKind.INTERACTION and claim.key != "G20|G30":
                assert claim.confirmed is False
                assert claim.reason


def test_an_account_of_other_features_makes_no_records(explained: tuple[Account, list[Explanation]]) -> None:
    dataset = world(n_lines=100)
    other = dataclasses.replace(dataset, features=tuple(f._replace(gene="X" + f.gene) for f in dataset.features))
    with pytest.raises(DataError, match=r"other features"):
        explanations(explained[0], other, "model:1", (), 0)
