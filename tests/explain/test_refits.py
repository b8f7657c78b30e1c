"""Refits: the planted genes are found on the real responses, not on permuted ones nor with mislabelled weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from explain_world import PLANTED, FakeTrained, graph, world

from pathproof.explain import refits
from pathproof.explain.data import Dataset
from pathproof.explain.lmm import association_lmm
from pathproof.explain.refits import EXPLAINER, Refitter, permuted_responses
from pathproof.explain.screen_test import plain_deviates
from pathproof.graph_schema.records import ClaimKind, Explanation
from pathproof.workspace import Workspace


@pytest.fixture(scope="module")
def refitter(tmp_path_factory: pytest.TempPathFactory) -> Refitter:
    made = world()
    return Refitter(made, graph(made), Workspace.open(tmp_path_factory.mktemp("refit") / "w"), FakeTrained())  # type: ignore[arg-type]


def surest(found: Sequence[Explanation], drug: int) -> tuple[str, float]:
    claims = next(one for one in found if one.drug == f"gdsc.drug:{drug}").claims
    best = max(claims, key=lambda claim: claim.confidence or 0.0)
    return best.genes[0], best.confidence or 0.0


def test_only_the_real_responses_show_the_planted_genes(refitter: Refitter) -> None:
    own, permuted, wrong = refitter.own(), refitter.permuted(0), refitter.mislabelled(0)
    for drug, (gene, _) in PLANTED.items():
        assert surest(own, drug)[0] == gene
    for found in (permuted, wrong):
        assert {one.explainer for one in found} == {EXPLAINER}
        assert all(claim.kind is ClaimKind.GENE for one in found for claim in one.claims)
        hits = sum(surest(found, drug)[0] == gene for drug, (gene, _) in PLANTED.items())
        assert hits <= 1
        assert sum(surest(own, drug)[1] > surest(found, drug)[1] for drug in PLANTED) >= len(PLANTED) - 1


def test_each_draw_is_stored_and_not_made_again(refitter: Refitter, monkeypatch: pytest.MonkeyPatch) -> None:
    before = refitter.permuted(0)

    def fail(*_: object) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr(refits.Refitter, "_made", fail)
    assert refitter.permuted(0) == before
    with pytest.raises(AssertionError, match="made again"):
        refitter.permuted(1)


def test_a_draw_says_the_same_in_another_workspace(refitter: Refitter, tmp_path: Path) -> None:
    again = dataclasses.replace(refitter, workspace=Workspace.open(tmp_path / "w"))
    assert again.mislabelled(0) == refitter.mislabelled(0)


def lines_of(dataset: Dataset, keep: slice) -> Dataset:
    return dataclasses.replace(
        dataset,
        cell_lines=dataset.cell_lines[keep],
        x=dataset.x[keep],
        y=dataset.y[keep],
        tissue=dataset.tissue[keep],
        covariates={name: values[keep] for name, values in dataset.covariates.items()},
        has_layer={name: values[keep] for name, values in dataset.has_layer.items()},
    )


def test_permuted_responses_stay_whole_and_in_their_tissue() -> None:
    evidence = world()
    dataset = lines_of(evidence, slice(20, None))
    moved, wide = permuted_responses(dataset, evidence, np.random.default_rng(3))
    rows = {row.tobytes(): i for i, row in enumerate(evidence.y)}
    came_from = [rows[row.tobytes()] for row in wide.y]
    assert sorted(came_from) == list(range(len(evidence.cell_lines)))
    assert came_from != sorted(came_from)
    layers = [evidence.has_layer["mutation"][i] for i in came_from]
    assert [evidence.tissue[i] for i in came_from] == list(evidence.tissue)
    assert layers == list(evidence.has_layer["mutation"])
    assert np.array_equal(moved.y, wide.y[20:])
    assert np.array_equal(moved.x, dataset.x)


def test_a_relabelled_table_says_the_same_of_each_feature() -> None:
    table = association_lmm(world())
    order = np.random.default_rng(4).permutation(len(table.features))
    moved = table.of_features(order)
    at = {feature: i for i, feature in enumerate(moved.features)}
    for i, feature in enumerate(table.features):
        assert np.array_equal(table.z[i], moved.z[at[feature]], equal_nan=True)
        for drug in range(len(table.drugs)):
            lead, other = table.clump[i, drug], moved.clump[at[feature], drug]
            assert (lead < 0) == (other < 0)
            assert lead < 0 or table.features[lead] == moved.features[other]


def test_plain_deviates_are_those_of_scipy() -> None:
    from scipy import stats

    made = world(n_lines=60)
    y = made.y.copy()
    y[:10, 1] = np.nan
    found = plain_deviates(dataclasses.replace(made, y=y))
    for feature, drug in ((0, 0), (5, 1), (61, 3)):
        has = made.has_layer[made.features[feature].layer] & np.isfinite(y[:, drug])
        r = stats.pearsonr(made.x[has, feature].astype(float), y[has, drug])
        assert stats.norm.sf(abs(found[feature, drug])) * 2 == pytest.approx(r.pvalue, rel=1e-6)
        assert np.sign(found[feature, drug]) == np.sign(r.statistic)
