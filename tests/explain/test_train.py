"""Training: nothing leaks, the key says what changed, workers and interruptions change no number, scores are right."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from predictor_world import DRUGS, N, open_workspace, small_graph, world

from pathproof.errors import DataError, UsageError
from pathproof.explain.data import load_dataset
from pathproof.explain.drug_side import load_drug_side
from pathproof.explain.input_check import check_input
from pathproof.explain.models.drug_kernel import LineMean
from pathproof.explain.models.naive import NaiveMeanEffects, TissueMean
from pathproof.explain.models.ridge import Ridge
from pathproof.explain.score_table import Judged
from pathproof.explain.scores import NAIVE, Scores, paired_difference
from pathproof.explain.splits import leave_lines_out, make_split
from pathproof.explain.train import TrainConfig, TrainResult, prediction_cube, train
from pathproof.explain.train_jobs import CONTROL, FOLD_STEP, MODEL_ORDER
from pathproof.workspace import Workspace, canonical_json

DATA = world()
GRAPH = small_graph(DATA)
CONFIG = TrainConfig(folds=3, seeds=1, epochs=2, workers=1)


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_seconds(v) for k, v in value.items() if k != "fit_seconds"}
    return [without_seconds(v) for v in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, TrainResult]:
    workspace = open_workspace(tmp_path_factory.mktemp("train"))
    return workspace, train(DATA, GRAPH, workspace, CONFIG)


def test_every_pair_is_predicted_once_by_every_model(done: tuple[Workspace, TrainResult]) -> None:
    table = pd.read_parquet(done[1].folder / "predictions.parquet")
    assert list(table.columns) == ["cell_line", "drug", "fold", "model", "prediction", "observed"]
    assert sorted(table["model"].unique()) == sorted(MODEL_ORDER)
    assert not table.duplicated(["cell_line", "drug", "model"]).any()
    assert len(table) == len(MODEL_ORDER) * np.isfinite(DATA.y).sum()
    first = table[table["model"] == "ridge"].pivot(index="cell_line", columns="drug", values="observed")
    np.testing.assert_array_equal(first.to_numpy(), DATA.y)


def test_folds_are_stored_and_hold(done: tuple[Workspace, TrainResult]) -> None:
    stored = json.loads((done[1].folder / "folds.json").read_text())
    assert [stored["fold"][line] for line in DATA.cell_lines] == done[1].folds.tolist()
    table = pd.read_parquet(done[1].folder / "predictions.parquet")
    assert (table["fold"] == table["cell_line"].map(stored["fold"])).all()


def test_test_lines_do_not_reach_the_models(done: tuple[Workspace, TrainResult], tmp_path: Path) -> None:
    result = done[1]
    spoiled = world()
    held = result.folds == 1
    spoiled.y[held] += np.where(np.isfinite(spoiled.y[held]), 7.0, 0.0)
    other = train(spoiled, GRAPH, open_workspace(tmp_path), CONFIG)
    before, after = (prediction_cube(DATA, pd.read_parquet(r.folder / "predictions.parquet")) for r in (result, other))
    for name in MODEL_ORDER:
        np.testing.assert_array_equal(before[name][held], after[name][held])
        assert np.nanmax(np.abs(before[name][~held] - after[name][~held])) > 0


def test_scores_equal_a_direct_computation(done: tuple[Workspace, TrainResult]) -> None:
    result = done[1]
    table = pd.read_parquet(result.folder / "predictions.parquet")
    for entry in result.predictor["models"]:
        mine = table[table["model"] == entry["name"]]
        by_fold = []
        for _, fold in mine.groupby("fold"):
            drugs = [d for _, d in fold.groupby("drug") if len(d) >= 10]
            by_fold.append(
                np.mean(
                    [
                        0.0 if entry["name"] == NAIVE else scipy.stats.pearsonr(d.observed, d.prediction)[0]
                        for d in drugs
                    ]
                )
            )
        assert entry["per_drug_pearson"] == pytest.approx(np.mean(by_fold), abs=1e-9)
        assert entry["sd_over_folds"] == pytest.approx(np.std(by_fold, ddof=1), abs=1e-9)
        errors = [np.sqrt(np.mean((f.observed - f.prediction) ** 2)) for _, f in mine.groupby("fold")]
        assert entry["rmse"] == pytest.approx(np.mean(errors))
        assert entry["fit_seconds"] >= 0


def test_section_is_complete_strict_json(done: tuple[Workspace, TrainResult]) -> None:
    section = done[1].predictor
    canonical_json(section)
    assert (section["split"], section["folds"], section["explained"]) == (
        "leave-cell-lines-out",
        3,
        "ridge-anchored-gnn",
    )
    assert list(section["per_drug"]) == list(section["beats_naive"]) == list(DATA.drugs)
    assert set(section["per_drug"][DATA.drugs[0]]) == set(MODEL_ORDER)
    assert section["n_pairs"] == np.isfinite(DATA.y).sum()
    naive = next(m for m in section["models"] if m["name"] == NAIVE)
    assert (naive["per_drug_pearson"], naive["normalised_pearson"], naive["drugs_beating_naive"]) == (0, 0, 0)
    ridge = next(m for m in section["models"] if m["name"] == "ridge")
    assert ridge["per_drug_pearson"] > 0.5  # the planted signal


def test_both_intervals_and_the_control_stand_in_the_section(done: tuple[Workspace, TrainResult]) -> None:
    section = done[1].predictor
    cube = prediction_cube(DATA, pd.read_parquet(done[1].folder / "predictions.parquet"))
    split = make_split("lco", DATA, DATA.drugs, CONFIG.folds, CONFIG.split_seed)
    np.testing.assert_array_equal(split.of[:, 0], done[1].folds)
    judged = Judged(cube, DATA.y, split, (), CONFIG.seed)
    for row in section["models"]:
        assert row["ci95_lines"] == pytest.approx(judged.row(row["name"])["ci95_lines"])
        assert row["ci95_folds"] == pytest.approx(judged.row(row["name"])["ci95_folds"])
    pairs = [(one["model"], one["minus"]) for one in section["differences"]]
    assert pairs == [*(("ridge-anchored-gnn", m) for m in MODEL_ORDER[:-1]), ("gnn", CONTROL)]
    own = [row["per_drug_pearson"] for name in ("gnn", CONTROL) for row in section["models"] if row["name"] == name]
    assert section["differences"][-1]["mean"] == pytest.approx(own[0] - own[1])
    assert len(section["says"]) == 2
    assert section["says"][0].startswith("ridge-anchored-gnn ")
    assert "The edges" in section["says"][1]


def test_readings_of_the_test_folds_are_counted(tmp_path: Path) -> None:
    quick = dataclasses.replace(CONFIG, folds=2, epochs=1, weight=0.3, control=False)
    workspace = open_workspace(tmp_path)
    first = train(DATA, GRAPH, workspace, quick)
    assert first.reads == {"reads": 1, "configurations": 1}
    assert train(DATA, GRAPH, workspace, quick).reads == first.reads  # nothing is fitted, nothing is read
    shutil.rmtree(first.fold_model_folders[1].parent)
    assert train(DATA, GRAPH, workspace, quick).reads == {"reads": 2, "configurations": 1}
    other = train(DATA, GRAPH, workspace, dataclasses.replace(quick, weight=0.4))
    assert other.reads == {"reads": 1, "configurations": 2}


def test_result_names_its_sources_and_models(done: tuple[Workspace, TrainResult]) -> None:
    result = done[1]
    assert result.model_id == f"model:{result.key}"
    assert {"gdsc", "depmap.expression", "gdsc.mutations", "omnipath", "collectri"} <= set(result.sources)
    assert result.load_model().weight == result.predictor["weights"]["explained"]
    held = np.flatnonzero(result.folds == 2)
    cube = prediction_cube(DATA, pd.read_parquet(result.folder / "predictions.parquet"))
    again = result.load_fold_model(2).predict(DATA.x[held], DATA.tissue_one_hot[held])
    seen = np.isfinite(DATA.y[held])
    np.testing.assert_array_equal(again[seen], cube["ridge-anchored-gnn"][held][seen])


def test_second_run_does_nothing_and_a_lost_fold_is_made_again(
    done: tuple[Workspace, TrainResult], tmp_path: Path
) -> None:
    copy = Workspace(tmp_path / "copy")
    shutil.copytree(done[0].root, copy.root)
    first = sorted(copy.root.glob(f"steps/{FOLD_STEP}/*"))
    times = {path: path.stat().st_mtime_ns for path in copy.root.rglob("*.safetensors")}
    messages: list[str] = []
    again = train(DATA, GRAPH, copy, CONFIG, lambda message, _: messages.append(message))
    assert messages == ["train: 4 of 4 pieces are there already"]
    assert {path: path.stat().st_mtime_ns for path in copy.root.rglob("*.safetensors")} == times
    assert again.predictor == done[1].predictor
    shutil.rmtree(first[1])
    shutil.rmtree(again.folder)
    messages.clear()
    repaired = train(DATA, GRAPH, copy, CONFIG, lambda message, _: messages.append(message))
    assert messages[0] == "train: 3 of 4 pieces are there already"
    assert len(messages) == 2
    assert without_seconds(repaired.predictor) == without_seconds(done[1].predictor)


def test_number_of_workers_changes_nothing(done: tuple[Workspace, TrainResult], tmp_path: Path) -> None:
    config = dataclasses.replace(CONFIG, workers=2)
    result = train(DATA, GRAPH, open_workspace(tmp_path), config)
    assert result.key == done[1].key
    assert without_seconds(result.predictor) == without_seconds(done[1].predictor)
    ours, theirs = (pd.read_parquet(r.folder / "predictions.parquet") for r in (result, done[1]))
    pd.testing.assert_frame_equal(ours, theirs, check_exact=True)


def test_key_follows_data_graph_and_settings(done: tuple[Workspace, TrainResult], tmp_path: Path) -> None:
    quick = dataclasses.replace(CONFIG, folds=2, epochs=1, weight=0.3, control=False)
    workspace = open_workspace(tmp_path)
    base = train(DATA, GRAPH, workspace, quick)
    assert base.key not in {done[1].key}
    assert CONTROL not in {m["name"] for m in base.predictor["models"]}
    assert base.load_model().weight == 0.3
    other_graph = train(DATA, small_graph(DATA, seed=1), workspace, quick)
    other_data = train(world(seed=1), small_graph(world(seed=1)), workspace, quick)
    other_split = train(DATA, GRAPH, workspace, dataclasses.replace(quick, split_seed=1))
    assert len({r.key for r in (base, other_graph, other_data, other_split)}) == 4


def test_a_drug_that_cannot_be_predicted_does_not_beat_naive() -> None:
    rng = np.random.default_rng(0)
    observed = rng.normal(size=(N, DRUGS))
    observed[25:, 5] = np.nan  # fewer than ten lines in every fold
    folds = np.arange(N) % 3
    good = observed + rng.normal(size=observed.shape)
    good[:, 1] = -observed[:, 1]
    good[:, 2] = observed[:, 2] * 9  # right order, far too wide: its errors are larger than naive's
    scores = Scores.of({NAIVE: np.zeros_like(observed), "model": np.nan_to_num(good)}, observed, folds)
    assert scores.beats_naive("model")[1:3] == (False, False)
    assert scores.beats_naive("model")[5] is None
    perfect = Scores.of({NAIVE: np.zeros_like(observed), "model": np.nan_to_num(observed)}, observed, folds)
    assert perfect.beats_naive("model") == (True, True, True, True, True, None)


def test_difference_has_a_t_interval() -> None:
    a, b = np.array([0.5, 0.6, 0.55, 0.7, 0.62]), np.array([0.48, 0.61, 0.5, 0.66, 0.6])
    result = paired_difference(a, b)
    low, high = scipy.stats.ttest_rel(a, b).confidence_interval(0.95)
    assert result["ci95"] == pytest.approx([low, high])
    assert result["folds_positive"] == 4


@pytest.mark.parametrize(
    ("change", "message"), [({"folds": 1}, "folds"), ({"seeds": 0}, "seeds"), ({"weight": 1.5}, "weight")]
)
def test_settings_that_cannot_be_meant(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        train(DATA, GRAPH, open_workspace(tmp_path), TrainConfig(**change))


def test_fewer_lines_than_folds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="fewer cell lines than folds"):
        train(world(n=4), GRAPH, open_workspace(tmp_path), TrainConfig())


def test_folds_too_small_to_score_a_drug_are_refused_before_anything_is_fitted(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    with pytest.raises(DataError, match=r"too few tested cell lines(.|\n)*give fewer folds"):
        train(world(n=30), GRAPH, workspace, TrainConfig())
    assert list(tmp_path.rglob("done.json")) == []


@pytest.mark.real_data
def test_real_screen_is_predicted_beyond_tissue(real_made: tuple[Workspace, dict[str, Any]]) -> None:
    workspace = real_made[0]
    data = load_dataset(workspace)
    assert (len(data.cell_lines), len(data.drugs), np.isfinite(data.y).sum()) == (441, 295, 116_740)
    assert data.layer_columns("expression").size == 1631
    folds = leave_lines_out(data.cell_lines, 5, 0)
    predictions = {model.name: np.empty(data.y.shape) for model in (NaiveMeanEffects, TissueMean, Ridge)}
    for fold in range(5):
        test = folds == fold
        for model in (NaiveMeanEffects(), TissueMean(), Ridge()):
            model.fit(data, np.flatnonzero(~test), 0)
            predictions[model.name][test] = model.predict(data.x[test], data.tissue_one_hot[test])
    scores = Scores.of(predictions, data.y, folds)
    means = {name: float(np.mean(scores.fold_means(name))) for name in predictions}
    assert means[NAIVE] == 0
    assert 0.38 < means["tissue-mean"] < 0.44
    assert 0.52 < means["ridge"] < 0.55
    drugs = load_drug_side(workspace, data)
    assert (len(set(drugs.molecules)), sum(bool(targets) for targets in drugs.targets)) == (285, 236)
    assert check_input(data) == data.left_out | {
        "drugs with fewer than 10 responses (no score)": 0,
        "drugs whose responses do not vary (no score)": 0,
    }
    unseen = make_split("ldo", data, drugs.molecules, 5, 0)
    predicted = np.full(data.y.shape, np.nan)
    for fold in range(5):
        seen, lines = unseen.training(data, fold)
        model = LineMean()
        model.fit(seen, lines, 0)
        tested = unseen.tested(fold)
        predicted[tested] = model.predict_lines(data, np.arange(len(data.cell_lines)))[tested]
    scores = Scores.of({NAIVE: np.zeros(data.y.shape), "line-mean": predicted}, data.y, unseen.of)
    assert 0.62 < np.mean(scores.fold_means("line-mean")) < 0.67
