"""Members, centring, layer choice and stability counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from explain_world import LinearModel, world
from hypothesis import given, settings
from hypothesis import strategies as st

from pathproof.explain.attribution import (
    attribute,
    centre_over_drugs,
    choose_features,
    score_genes,
    top_masks,
    within_layer,
)
from pathproof.explain.ensemble import fit_ensemble, member_key, plan_members
from pathproof.workspace import Workspace


def test_seed_members_share_the_lines_and_bootstraps_do_not() -> None:
    members = plan_members(50, 3, 4, seed=7)
    assert [m.kind for m in members] == ["seed"] * 3 + ["bootstrap"] * 4
    assert all(np.array_equal(m.lines, np.arange(50)) for m in members[:3])
    assert len({m.seed for m in members}) == 7
    drawn = [m.lines for m in members[3:]]
    assert all(len(lines) == 50 and len(np.unique(lines)) < 45 for lines in drawn)
    assert len({lines.tobytes() for lines in drawn}) == 4
    again = plan_members(50, 3, 4, seed=7)
    assert [member_key(m, "x") for m in members] == [member_key(m, "x") for m in again]
    assert member_key(members[0], "x") != member_key(members[0], "y")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_centring_removes_what_all_drugs_share_in_units_of_their_spread(seed: int) -> None:
    rng = np.random.default_rng(seed)
    own, shared, sd = rng.standard_normal((5, 4)), rng.standard_normal((5, 1)), rng.uniform(0.5, 3, 4)
    assert np.allclose(centre_over_drugs(own + shared * sd, sd), centre_over_drugs(own, sd))
    assert np.allclose((centre_over_drugs(own, sd) / sd).mean(axis=1), 0)


def test_the_stronger_layer_stands_for_the_gene() -> None:
    score = np.asarray([[0.1, -3.0], [0.5, 0.5], [-0.2, 1.0]])
    assert choose_features(score, np.asarray([0, 1, 0]), 2).tolist() == [[2, 0], [1, 1]]


def test_a_layer_that_is_shrunk_as_a_whole_keeps_its_ranks() -> None:
    rng = np.random.default_rng(0)
    values = rng.standard_normal((20, 3))
    layers = ["expression"] * 15 + ["mutation"] * 5
    out = within_layer(values, layers)
    assert np.allclose((out[15:] ** 2).mean(axis=0), 1)
    shrunk = values.copy()
    shrunk[15:] *= 0.01
    assert np.allclose(within_layer(shrunk, layers), out)
    assert (within_layer(np.zeros((20, 3)), layers) == 0).all()


def test_top_masks_count_by_absolute_value() -> None:
    score = np.asarray([[1.0, 0.0], [-3.0, 0.1], [2.0, -0.2]])
    assert top_masks(score, 2).tolist() == [[False, False], [True, True], [True, True]]


def test_a_killed_ensemble_goes_on_where_it_was(tmp_path: Path) -> None:
    dataset, workspace = world(), Workspace.open(tmp_path / "w")
    members, made = plan_members(dataset.x.shape[0], 2, 2, 0), []

    class Killed(LinearModel):
        def fit(self, dataset: object, lines: object, seed: int) -> None:
            if len(made) == 3:
                raise KeyboardInterrupt
            made.append(seed)
            super().fit(dataset, lines, seed)  # type: ignore[arg-type]

    def run(kind: type[LinearModel]) -> list[object]:
        return list(fit_ensemble(dataset, workspace, members, kind, ["p"], lambda m, f: None))  # type: ignore[arg-type]

    with pytest.raises(KeyboardInterrupt):
        run(Killed)
    assert len(made) == 3
    made.clear()
    fitted = run(Killed)
    assert made == [members[3].seed]
    whole = Workspace.open(tmp_path / "v")
    fresh = fit_ensemble(dataset, whole, members, LinearModel, ["p"], lambda m, f: None)  # type: ignore[arg-type]
    for a, b in zip(fitted, fresh, strict=True):
        assert np.array_equal(a.gradient, b.gradient)  # type: ignore[attr-defined]


def test_fidelity_is_judged_on_unseen_lines_and_counts_the_tissue_against_the_account(tmp_path: Path) -> None:
    dataset, workspace = world(), Workspace.open(tmp_path / "w")
    members = plan_members(dataset.x.shape[0], 1, 1, 0)
    fitted = fit_ensemble(dataset, workspace, members, LinearModel, [], lambda m, f: None)  # type: ignore[arg-type]
    model = LinearModel.load(fitted[1].folder)
    unseen = np.setdiff1d(np.arange(160), members[1].lines)
    lines = members[1].lines
    wanted = model.predict(dataset.x[unseen], dataset.tissue_one_hot[unseen])
    base = model.predict(dataset.x[lines], dataset.tissue_one_hot[lines]).mean(axis=0)
    got = base + (dataset.x[unseen] - dataset.x[lines].mean(axis=0)) @ model.weights
    r2 = [1 - ((w - g) ** 2).sum() / ((w - w.mean()) ** 2).sum() for w, g in zip(wanted.T, got.T, strict=True)]
    assert np.allclose(fitted[1].fidelity, r2, atol=1e-6)
    assert fitted[1].fidelity[0] > 0.9


def test_scores_find_the_planted_genes(tmp_path: Path) -> None:
    dataset, workspace = world(), Workspace.open(tmp_path / "w")
    members = plan_members(dataset.x.shape[0], 2, 6, 0)
    fitted = fit_ensemble(dataset, workspace, members, LinearModel, [], lambda m, f: None)  # type: ignore[arg-type]
    attributions = attribute(dataset, fitted[0].gradient, fitted)
    mutation = dataset.genes.index("M1")
    carriers = dataset.x[dataset.has_layer["mutation"], mutation]
    assert np.isclose(attributions.feature_sd[mutation], carriers.std(), atol=1e-6)
    scores = score_genes(attributions, dataset.features, dataset.genes, top_k=5)
    for drug, gene, sign in ((0, "G0", -1), (1, "G5", 1), (3, "M1", -1)):
        g = dataset.genes.index(gene)
        assert np.argmax(np.abs(scores.value[:, drug])) == g
        assert scores.selection[g, drug] == 1.0
        assert scores.consistency[g, drug] == 1.0
        assert np.sign(scores.value[g, drug]) == sign
    assert np.isclose(scores.selection.sum(axis=0), 5).all()
