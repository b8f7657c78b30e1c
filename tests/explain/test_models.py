"""Every predictor against independent references: closed forms, finite differences, full forward passes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from predictor_world import small_graph, world
from sklearn.linear_model import Ridge as SklearnRidge

from pathproof.errors import DataError, UsageError
from pathproof.explain.data import Dataset, GeneGraph
from pathproof.explain.metrics import per_drug_pearson
from pathproof.explain.models.anchored import AnchoredConfig, AnchoredGnn
from pathproof.explain.models.base import Predictor, ResponseScale, plain_perturb_effects
from pathproof.explain.models.gnn import Gnn, GnnConfig, control_of
from pathproof.explain.models.gnn_training import normalised_adjacency, relation_edges
from pathproof.explain.models.naive import NaiveMeanEffects, TissueMean
from pathproof.explain.models.ridge import Ridge, RidgeConfig, solve_per_drug
from pathproof.explain.models.training import mini_batches

SMALL = GnnConfig(dim=8, hidden=12, epochs=6, batch=16, seeds=2, weight_decay=0.3)
DATA = world()
GRAPH = small_graph(DATA)
TRAIN, TEST = np.arange(70), np.arange(70, 90)
MAKERS: dict[str, Callable[[], Predictor]] = {
    "naive": NaiveMeanEffects,
    "tissue": TissueMean,
    "ridge": Ridge,
    "gnn": lambda: Gnn(GRAPH, SMALL),
    "anchored": lambda: AnchoredGnn(GRAPH, AnchoredConfig(gnn=SMALL, weight=0.4)),
}


@pytest.fixture(scope="module", params=sorted(MAKERS))
def fitted(request: pytest.FixtureRequest) -> Predictor:
    model = MAKERS[request.param]()
    model.fit(DATA, TRAIN, 0)
    return model


def test_prediction_has_shape_and_unit(fitted: Predictor) -> None:
    predicted = fitted.predict(DATA.x[TEST], DATA.tissue_one_hot[TEST])
    assert predicted.shape == (20, len(DATA.drugs))
    assert predicted.dtype == np.float64
    # ln IC50, not z-scores: the drugs' levels, which differ by several units, are met
    assert np.abs(predicted.mean(axis=0) - np.nanmean(DATA.y[TRAIN], axis=0)).max() < 1.5


def test_gradient_equals_finite_differences(fitted: Predictor) -> None:
    gradient, tissue = fitted.gradient(), DATA.tissue_one_hot[TRAIN]
    assert gradient.shape == (len(DATA.features), len(DATA.drugs))
    for feature in (0, 2, 17, 40, 45):
        step = np.zeros_like(DATA.x[TRAIN])
        step[:, feature] = 2**-10
        up, down = (fitted.predict(DATA.x[TRAIN] + s, tissue) for s in (step, -step))
        # the rounding of x + step to float32 limits the comparison
        np.testing.assert_allclose(((up - down) * 2**9).mean(axis=0), gradient[feature], rtol=2e-3, atol=2e-4)


@given(st.data())
@settings(max_examples=8, deadline=None)
def test_fast_perturbation_equals_full_passes(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    sets = [rng.choice(len(DATA.features), size, replace=False) for size in (1, 2, 7)]
    donors = rng.integers(0, 20, (3, 20))
    x, tissue = DATA.x[TEST], DATA.tissue_one_hot[TEST]
    drugs = data.draw(st.sampled_from([None, np.array([4, 1])]))
    replacement = data.draw(st.sampled_from([donors, x[donors]]))
    for model in FITTED.values():
        fast = np.stack(list(model.perturb_effects(x, tissue, sets, replacement, drugs)))
        plain = np.stack(list(plain_perturb_effects(model, x, tissue, sets, donors, drugs)))
        np.testing.assert_allclose(fast, plain, atol=2e-5)
        assert fast.shape == (3, 20, 6 if drugs is None else 2)


def _fit_all() -> dict[str, Predictor]:
    models = {name: make() for name, make in MAKERS.items()}
    for model in models.values():
        model.fit(DATA, TRAIN, 0)
    return models


FITTED: dict[str, Predictor] = {}


@pytest.fixture(autouse=True, scope="module")
def _fitted_once() -> None:
    FITTED.update(_fit_all())


def test_replacement_that_does_not_fit_is_refused(fitted: Predictor) -> None:
    x, tissue = DATA.x[TEST], DATA.tissue_one_hot[TEST]
    for wrong in (np.zeros((2, 5), dtype=np.int64), np.full((1, 20), 20), np.zeros((2, 20, 3), dtype=np.float32)):
        with pytest.raises(UsageError, match="replacement does not fit"):
            list(fitted.perturb_effects(x, tissue, [np.array([0])], wrong))


def test_save_and_load_give_equal_predictions(fitted: Predictor, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model")
    again = type(fitted).load(tmp_path / "model")
    x, tissue = DATA.x[TEST], DATA.tissue_one_hot[TEST]
    np.testing.assert_array_equal(again.predict(x, tissue), fitted.predict(x, tissue))
    np.testing.assert_array_equal(again.gradient(), fitted.gradient())
    assert not list(tmp_path.rglob("*.pkl"))


def test_another_models_file_is_refused(tmp_path: Path) -> None:
    FITTED["naive"].save(tmp_path)
    with pytest.raises(DataError, match="another one"):
        TissueMean.load(tmp_path)


@pytest.mark.parametrize("left", [0, 100, None])
def test_weights_that_were_cut_short_or_lost_are_refused(left: int | None, tmp_path: Path) -> None:
    model = Ridge()
    model.fit(DATA, TRAIN, 0)
    model.save(tmp_path)
    weights = tmp_path / "weights.safetensors"
    if left is None:
        weights.unlink()
    else:
        weights.write_bytes(weights.read_bytes()[:left])
    with pytest.raises(DataError, match="weights of a stored model cannot be read") as refused:
        Ridge.load(tmp_path)
    assert "train again" in refused.value.render()


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_unfitted_model_says_so(name: str) -> None:
    with pytest.raises(UsageError, match="not fitted"):
        MAKERS[name]().predict(DATA.x, DATA.tissue_one_hot)


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_fit_is_deterministic_and_leaves_global_state_alone(name: str) -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    model = MAKERS[name]()
    model.fit(DATA, TRAIN, 0)
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(
        model.predict(DATA.x, DATA.tissue_one_hot), FITTED[name].predict(DATA.x, DATA.tissue_one_hot)
    )


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_only_the_given_lines_are_learned_from(name: str) -> None:
    spoiled = world()
    spoiled.y[TEST] = 1e6
    spoiled.x[TEST] = 50.0
    model = MAKERS[name]()
    model.fit(spoiled, TRAIN, 0)
    x, tissue = DATA.x[TEST], DATA.tissue_one_hot[TEST]
    np.testing.assert_array_equal(model.predict(x, tissue), FITTED[name].predict(x, tissue))


@pytest.mark.parametrize("lines", [[], [-1, 3], [0, 90]])
def test_rows_outside_the_data_are_refused(lines: list[int]) -> None:
    with pytest.raises(UsageError, match="not rows of the data set"):
        Ridge().fit(DATA, np.array(lines, dtype=np.int64), 0)


def test_naive_is_the_mean_of_the_training_lines() -> None:
    predicted = FITTED["naive"].predict(DATA.x[TEST], DATA.tissue_one_hot[TEST])
    np.testing.assert_allclose(predicted, np.tile(np.nanmean(DATA.y[TRAIN], axis=0), (20, 1)))


def test_ridge_equals_sklearn_on_each_drugs_own_lines() -> None:
    config = RidgeConfig(mutation=0.2, tissue=0.1, alpha=2.0)
    scaled = np.concatenate(
        [DATA.x[:, :40] / np.sqrt(40), DATA.x[:, 40:] * np.sqrt(0.2 / 8), DATA.tissue_one_hot * np.sqrt(0.1)], axis=1
    ).astype(np.float64)
    model = Ridge(config)
    model.fit(DATA, TRAIN, 0)
    predicted = model.predict(DATA.x, DATA.tissue_one_hot)
    for d in range(len(DATA.drugs)):
        own = TRAIN[np.isfinite(DATA.y[TRAIN, d])]
        mean, sd = DATA.y[own, d].mean(), DATA.y[own, d].std()
        reference = SklearnRidge(alpha=2.0, fit_intercept=False).fit(scaled[own], (DATA.y[own, d] - mean) / sd)
        np.testing.assert_allclose(predicted[:, d], reference.predict(scaled) * sd + mean, rtol=1e-8)


def test_ridge_shares_factors_between_drugs_with_the_same_lines() -> None:
    rng = np.random.default_rng(0)
    inputs, z = rng.normal(size=(12, 30)), rng.normal(size=(12, 5))
    seen = np.ones((12, 5), dtype=bool)
    seen[:4, 1] = seen[:4, 3] = seen[2, 4] = False
    seen[:, 2] = False
    ours = solve_per_drug(inputs, np.where(seen, z, 0), seen, 0.7)
    for d in range(5):
        a = inputs[seen[:, d]]
        np.testing.assert_allclose(ours[:, d], np.linalg.solve(a.T @ a + 0.7 * np.eye(30), a.T @ z[seen[:, d], d]))


@pytest.mark.parametrize("name", ["ridge", "gnn", "anchored"])
def test_models_find_the_planted_signal(name: str) -> None:
    config = GnnConfig(dim=16, hidden=16, epochs=60, batch=16, seeds=2, weight_decay=0.3)
    model = {"gnn": Gnn(GRAPH, config), "anchored": AnchoredGnn(GRAPH, AnchoredConfig(gnn=config, weight=0.4))}.get(
        name, Ridge()
    )
    model.fit(DATA, TRAIN, 0)
    r = per_drug_pearson(DATA.y[TEST], model.predict(DATA.x[TEST], DATA.tissue_one_hot[TEST]))
    assert np.mean(r) > 0.5
    mean_slope = np.abs(model.gradient()).mean(axis=1)
    assert {0, 1, 2} <= set(np.argsort(-mean_slope[:40])[:5].tolist())


def test_repeated_lines_count_as_often() -> None:
    doubled, plain = Ridge(RidgeConfig(alpha=2.0)), Ridge(RidgeConfig(alpha=1.0))
    doubled.fit(DATA, np.repeat(TRAIN, 2), 0)
    plain.fit(DATA, TRAIN, 0)
    np.testing.assert_allclose(doubled.gradient(), plain.gradient(), rtol=1e-7)


def test_bootstrap_lines_never_lie_on_both_sides_of_the_inner_split() -> None:
    seen: list[tuple[set[int], set[int]]] = []

    class Spy(AnchoredGnn):
        def _inner_scores(self, dataset: Dataset, train: np.ndarray, held: np.ndarray, seed: int) -> np.ndarray:
            seen.append((set(train.tolist()), set(held.tolist())))
            return super()._inner_scores(dataset, train, held, seed)

    rows = np.random.default_rng(0).integers(0, 70, 70)
    model = Spy(GRAPH, AnchoredConfig(gnn=SMALL))
    model.fit(DATA, rows, 0)
    assert len(seen) == model.config.inner_used
    for train, held in seen:
        assert not train & held
        assert train | held == set(rows.tolist())
    assert model.weight in model.config.grid
    assert model.weight == float(max(model.inner_scores, key=lambda w: model.inner_scores[w]))


def test_anchored_is_the_weighted_mean_of_its_halves() -> None:
    model = FITTED["anchored"]
    assert isinstance(model, AnchoredGnn)
    x, tissue = DATA.x[TEST], DATA.tissue_one_hot[TEST]
    expected = 0.6 * FITTED["ridge"].predict(x, tissue) + 0.4 * FITTED["gnn"].predict(x, tissue)
    np.testing.assert_allclose(model.predict(x, tissue), expected)


def test_drug_without_training_response_gets_the_overall_mean() -> None:
    y = DATA.y.copy()
    y[:, 2] = np.nan
    y[1:, 3] = np.nan
    scale = ResponseScale.of(y)
    assert scale.mean[2] == pytest.approx(np.nanmean(y))
    assert scale.sd[2] == scale.sd[3] == 1.0
    with pytest.raises(DataError, match="no response to learn from"):
        ResponseScale.of(np.full((3, 2), np.nan))


def test_edges_go_both_ways_and_the_control_keeps_their_shape() -> None:
    plain = relation_edges(GRAPH)
    mixed = relation_edges(GRAPH, torch.Generator().manual_seed(0))
    for a, b in zip(plain, mixed, strict=True):
        pairs = {tuple(e) for e in a.T.tolist()}
        assert pairs == {(t, s) for s, t in pairs}
        degrees = [torch.bincount(edges[0], minlength=len(GRAPH.genes)).sort().values for edges in (a, b)]
        assert torch.equal(*degrees)
        assert pairs != {tuple(e) for e in b.T.tolist()}
    assert control_of(SMALL).shuffle_genes


def test_adjacency_is_symmetrically_normalised() -> None:
    edges = relation_edges(GRAPH)[0]
    n = len(GRAPH.genes)
    dense = np.zeros((n, n))
    dense[edges[0], edges[1]] = 1
    degree = np.maximum(dense.sum(axis=0), 1)
    expected = dense / np.sqrt(degree[:, None] * degree[None, :])
    np.testing.assert_allclose(normalised_adjacency(edges, n).to_dense().numpy(), expected, atol=1e-6)


def test_edges_matter_to_the_network() -> None:
    other = Gnn(GRAPH, control_of(SMALL))
    other.fit(DATA, TRAIN, 0)
    difference = other.predict(DATA.x, DATA.tissue_one_hot) - FITTED["gnn"].predict(DATA.x, DATA.tissue_one_hot)
    assert np.abs(difference).max() > 1e-3


def test_graph_without_the_genes_is_refused() -> None:
    other = small_graph(world())
    short = type(other)(other.genes[5:], {"omnipath": np.zeros((2, 0), dtype=np.int64)}, {})
    with pytest.raises(UsageError, match="lacks genes"):
        Gnn(short, SMALL).fit(DATA, TRAIN, 0)


def test_relation_without_edges_is_no_obstacle() -> None:
    nothing = np.zeros((2, 0), dtype=np.int64)
    bare = GeneGraph(GRAPH.genes, {"omnipath": nothing, "collectri": nothing}, {})
    model = Gnn(bare, SMALL)
    model.fit(DATA, TRAIN, 0)
    assert np.isfinite(model.predict(DATA.x, DATA.tissue_one_hot)).all()


def test_batches_hold_every_line_once() -> None:
    parts = mini_batches(23, 5, torch.Generator().manual_seed(0))
    assert [len(p) for p in parts] == [5, 5, 5, 5, 3]
    assert sorted(torch.cat(parts).tolist()) == list(range(23))
