"""From what a peer says to claims: one gene once, pairs of two genes once, and no direction where none is stated."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from explain_world import PLANTED, world

from pathproof.errors import UsageError
from pathproof.explain import lmm_scan
from pathproof.explain.data import Dataset, Feature
from pathproof.explain.multivariate import data_peers
from pathproof.explain.multivariate.data_peers import explain_data
from pathproof.explain.multivariate.figures import figures
from pathproof.explain.multivariate.model_peers import Said
from pathproof.explain.multivariate.peer_claims import claims_of, strongest
from pathproof.explain.multivariate.peer_kinds import KINDS, Request
from pathproof.graph_schema.records import ClaimKind, Sign
from pathproof.workspace import Workspace

FEATURES = [Feature(g, "expression") for g in "ABCD"] + [Feature(g, "mutation") for g in "AB"]
SLOPES = np.asarray([[0.1, -0.9, 0.0, 0.5, -0.3, 0.04, 7.0]])  # the last one is a tissue
SAID = Said(SLOPES, np.asarray([np.nan]))


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return world(n_lines=80)


def test_the_strongest_features_name_each_gene_once_and_nothing_that_is_0() -> None:
    slopes = np.asarray([0.1, -0.9, 0.0, 0.5, 0.3])
    assert strongest(slopes, ["A", "B", "C", "B", "D"], 20) == [1, 4, 0]
    assert strongest(slopes, ["A", "B", "C", "B", "D"], 1) == [1]


def test_genes_carry_layer_direction_and_size_per_sd() -> None:
    claims = claims_of(SAID, 0, FEATURES, 20, by_layer=False)
    assert [(own.genes[0], own.layers[0], own.value, own.rank) for own in claims] == [
        ("B", "expression", -0.9, 1), ("D", "expression", 0.5, 2), ("A", "mutation", -0.3, 3),
    ]  # fmt: skip
    assert [own.sign for own in claims] == [Sign.SENSITIVITY, Sign.RESISTANCE, Sign.SENSITIVITY]
    assert all(own.confirmed is None and own.confidence is None for own in claims)


def test_in_units_of_the_layer_the_value_follows_the_order_and_the_weight_stays_per_sd() -> None:
    claims = claims_of(SAID, 0, FEATURES, 2, by_layer=True)
    assert [own.genes[0] for own in claims] == ["B", "A"]
    assert abs(claims[0].value) > abs(claims[1].value)
    sizes = np.sqrt([(SLOPES[0, :4] ** 2).mean(), (SLOPES[0, 4:6] ** 2).mean()])
    assert [own.value for own in claims] == pytest.approx([-0.9 / sizes[0], -0.3 / sizes[1]])
    assert [own.weights for own in claims] == [(-0.9,), (-0.3,)]


def test_without_a_direction_none_is_stated_and_none_is_drawn(dataset: Dataset) -> None:
    claims = claims_of(dataclasses.replace(SAID, slopes=np.abs(SLOPES), signed=False), 0, FEATURES, 3, by_layer=False)
    assert {own.sign for own in claims} == {None}
    assert {own.weights for own in claims} == {()}
    (record,) = explain_data(Request(KINDS["univariate"], (0,)), dataset, Workspace(Path()), _no_graph, _quiet)
    drawn = figures(record.model_copy(update={"claims": claims}))["genes"]
    assert "no direction is stated" in drawn
    assert "resistance" not in drawn
    assert "confirmed" not in drawn
    assert "resistance" in figures(record)["genes"]


def test_pairs_name_two_genes_once_the_strongest_first() -> None:
    pairs = {(0, 6): 9.0, (0, 4): 8.0, (5, 3): 0.1, (1, 3): -0.4, (2, 3): 0.2, (0, 1): 0.0}
    claims = claims_of(dataclasses.replace(SAID, pairs=(pairs,)), 0, FEATURES, 1, by_layer=False)
    found = [own for own in claims if own.kind is ClaimKind.INTERACTION]
    assert [(own.key, own.value, own.rank) for own in found] == [("B|D", -0.4, 1), ("C|D", 0.2, 2)]


def _no_graph() -> None:
    raise AssertionError


def _quiet(_text: str, _share: float | None) -> None:
    return


@pytest.mark.parametrize("name", ["association-lmm", "univariate", "random"])
def test_an_explainer_of_the_data_says_the_same_whoever_else_is_asked_about(
    name: str, dataset: Dataset, tmp_path: Path
) -> None:
    workspace = Workspace.open(tmp_path)
    some, one = (
        explain_data(Request(KINDS[name], drugs, top=5), dataset, workspace, _no_graph, _quiet)
        for drugs in ((0, 1), (1,))
    )
    assert some[1] == one[0]
    assert one[0].model_id is None
    if name != "random":
        assert one[0].claims[0].genes == (PLANTED[1][0],)


def test_the_mixed_model_states_its_deviates_and_which_reach_the_level(dataset: Dataset, tmp_path: Path) -> None:
    request = Request(KINDS["association-lmm"], (0,), top=5)
    (record,) = explain_data(request, dataset, Workspace.open(tmp_path), _no_graph, _quiet)
    for claim in record.claims:
        z = record.parameters["factors"][f"gene:{claim.key}"]["data_z"]
        assert claim.sign is not None
        assert np.sign(z) == claim.sign.number
        assert (claim.confidence >= 0.5) == (abs(z) >= record.parameters["z0"])
        assert claim.confirmed is None, "the model was not asked"


def test_pairs_in_the_data_are_of_two_genes_and_come_once(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dataset.features[4].gene != dataset.features[5].gene
    pairs = np.asarray([[0, 1], [1, 0], [2, 2], [4, 5], [6, 7], [8, 9]])  # once more, and within a gene
    found = lmm_scan.Products(pairs, np.asarray([-9.0, 8.5, 8.4, 8.0, 2.0, 0.0]), 100)
    monkeypatch.setattr(data_peers, "strongest_products", lambda *_given: found)
    request = Request(KINDS["association-lmm"], (0,), top=1, pairs=True)
    (record,) = explain_data(request, dataset, Workspace.open(tmp_path), _no_graph, _quiet)
    shown = [own for own in record.claims if own.kind is ClaimKind.INTERACTION]
    assert [(own.value, own.rank) for own in shown] == [(-9.0, 1), (8.0, 2)]


@pytest.mark.parametrize("wrong", [{"top": 0}, {"seed": -1}])
def test_what_cannot_be_meant_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=r"too small"):
        Request(KINDS["lime"], (0,), **wrong)
