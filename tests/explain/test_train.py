"""Training: nothing leaks, the key says what changed, workers and interruptions change no number, scores are right."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from predictor_world import DRUGS, N, open_workspace, small_graph, world

from pathproof.errors import DataError, UsageError
from pathproof.explain import train_pieces
from pathproof.explain.data import Dataset, load_dataset
from pathproof.explain.drug_side import load_drug_side
from pathproof.explain.input_check import check_input
from pathproof.explain.models.drug_kernel import LineMean
from pathproof.explain.models.naive import NaiveMeanEffects, TissueMean
from pathproof.explain.models.registry import Context
from pathproof.explain.models.ridge import Ridge
from pathproof.explain.predictions import long_table, prediction_cube
from pathproof.explain.reads import Reads
from pathproof.explain.score_table import Judged
from pathproof.explain.scores import NAIVE, Scores, paired_difference
from pathproof.explain.splits import leave_lines_out, make_split
from pathproof.explain.train import CONTROL, TrainConfig, TrainResult, train
from pathproof.explain.train_pieces import STEP as PIECE
from pathproof.explain.train_pieces import Fitted, fit_piece
from pathproof.explain.wide import Wide
from pathproof.workspace import Workspace, canonical_json, write_json

DATA = world()
GRAPH = small_graph(DATA)
CONFIG = TrainConfig(folds=3, seeds=1, epochs=2, workers=1)
MODEL_ORDER = (NAIVE, "tissue-mean", "ridge", "gnn", CONTROL, "ridge-anchored-gnn", "kernel", "kernel+trees")


class SameLines(Wide):
    """A wide data set without a further line or layer."""

    key = "same"
    data = DATA


def train_all(data: Dataset, workspace: Workspace, config: TrainConfig = CONFIG) -> TrainResult:
    wide = SameLines(workspace, data)
    wide.data = data
    return train(data, GRAPH, workspace, config, wide=wide)


def cube_of(result: TrainResult) -> dict[str, np.ndarray]:
    return prediction_cube(DATA, pd.read_parquet(result.folder / "predictions.parquet"), MODEL_ORDER)


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_seconds(v) for k, v in value.items() if k != "fit_seconds"}
    return [without_seconds(v) for v in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, TrainResult]:
    workspace = open_workspace(tmp_path_factory.mktemp("train"))
    return workspace, train_all(DATA, workspace)


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


def test_permuted_test_responses_change_nothing_that_was_fitted(
    done: tuple[Workspace, TrainResult], tmp_path: Path
) -> None:
    result = done[1]
    held, spoiled = result.folds == 1, world()
    there = held[:, None] & np.isfinite(spoiled.y)
    spoiled.y[there] = np.random.default_rng(0).permutation(spoiled.y[there]) * 3 + 50
    workspace = open_workspace(tmp_path)
    other = train_all(spoiled, workspace)
    before, after = cube_of(result), cube_of(other)
    for name in MODEL_ORDER:
        np.testing.assert_array_equal(before[name][held], after[name][held])
        assert np.nanmax(np.abs(before[name][~held] - after[name][~held])) > 0
    saved = [{card["model"]: files for card, files in _saved(one, 1)} for one in (done[0], workspace)]
    assert len(saved[0]) == 5
    assert saved[0] == saved[1]  # every byte of all models of the fold, the choices on inner folds included


def _saved(workspace: Workspace, fold: int) -> Iterator[tuple[dict[str, Any], dict[str, bytes]]]:
    for path in sorted((workspace.root / "steps" / PIECE).glob("*/card.json")):
        card, model = json.loads(path.read_text()), path.parent / "model"
        if card["split"] and card["split"]["fold"] == fold:
            yield card, {str(p.relative_to(model)): p.read_bytes() for p in sorted(model.rglob("*")) if p.is_file()}


def test_no_model_gets_a_response_of_its_test_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace without a predictor; each fit is looked at as it is called, and readings as they are noted."""
    given: list[Dataset] = []
    noted: list[int] = []

    def look(kind: str, context: Context, seen: Dataset, *others: Any) -> Fitted:
        given.append(seen)
        return fit_piece(kind, context, seen, *others)

    def note(account: Reads, readers: Mapping[str, str], fold: int) -> None:
        noted.append(fold)
        counted(account, readers, fold)

    def join(dataset: Dataset, rows: Any, tested: Any, fold: int, predictions: Any) -> pd.DataFrame:
        assert noted[-1] == fold  # counted before the responses are joined
        return long_table(dataset, rows, tested, fold, predictions)

    counted = Reads.note
    monkeypatch.setattr(Reads, "note", note)
    monkeypatch.setattr(train_pieces, "fit_piece", look)
    monkeypatch.setattr(train_pieces, "long_table", join)
    quick = dataclasses.replace(CONFIG, folds=2, epochs=1, weight=0.3)
    train_all(DATA, open_workspace(tmp_path), quick)
    split = make_split("lco", DATA, DATA.drugs, 2, CONFIG.split_seed)
    assert len(given) == 5 * 2 + 1
    assert len(noted) == 5 * 2
    whole = [seen for seen in given if np.array_equal(seen.y, DATA.y, equal_nan=True)]
    assert len(whole) == 1  # the model of all lines
    for seen in given:
        if seen is not whole[0]:
            assert any(np.isnan(seen.y[split.tested(fold)]).all() for fold in range(2))


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
    cube = cube_of(done[1])
    split = make_split("lco", DATA, DATA.drugs, CONFIG.folds, CONFIG.split_seed)
    np.testing.assert_array_equal(split.of[:, 0], done[1].folds)
    judged = Judged(cube, DATA.y, split, (), CONFIG.seed)
    for row in section["models"]:
        assert row["ci95_lines"] == pytest.approx(judged.row(row["name"])["ci95_lines"])
        assert row["ci95_folds"] == pytest.approx(judged.row(row["name"])["ci95_folds"])
    pairs = [(one["model"], one["minus"]) for one in section["differences"]]
    others = [name for name in MODEL_ORDER if name != "ridge-anchored-gnn"]
    assert pairs == [*(("ridge-anchored-gnn", m) for m in others), ("gnn", CONTROL)]
    own = [row["per_drug_pearson"] for name in ("gnn", CONTROL) for row in section["models"] if row["name"] == name]
    assert section["differences"][-1]["mean"] == pytest.approx(own[0] - own[1])
    best = max(section["models"], key=lambda row: row["per_drug_pearson"])["name"]
    assert best != "ridge-anchored-gnn"  # a network of two passes: the table says who is ahead of it
    assert section["says"][0].startswith("ridge-anchored-gnn ")
    assert (
        f"The highest score is that of {best}; what is claimed is claimed of ridge-anchored-gnn" in section["says"][1]
    )
    assert f"{best}: " in section["says"][-3]
    assert "The edges" in section["says"][-2]
    lines = len(DATA.cell_lines)
    assert section["says"][-1] == (
        f"kernel and kernel+trees learn from {lines} cell lines with any layer, the others from {lines} complete ones."
    )


def test_readings_of_the_test_folds_are_counted(tmp_path: Path) -> None:
    quick = dataclasses.replace(CONFIG, folds=2, epochs=1, weight=0.3, control=False)
    workspace = open_workspace(tmp_path)
    first = train(DATA, GRAPH, workspace, quick)
    assert first.reads == {"reads": 1, "configurations": 1}
    assert train(DATA, GRAPH, workspace, quick).reads == first.reads  # nothing is fitted, nothing is read
    shutil.rmtree(first.fold_model_folders[1])
    assert train(DATA, GRAPH, workspace, quick).reads == {"reads": 2, "configurations": 1}
    other = train(DATA, GRAPH, workspace, dataclasses.replace(quick, weight=0.4))
    assert other.reads == {"reads": 1, "configurations": 2}


def test_result_names_its_sources_and_models(done: tuple[Workspace, TrainResult]) -> None:
    result = done[1]
    assert result.model_id == f"model:{result.key}"
    assert {"gdsc", "depmap.expression", "gdsc.mutations", "omnipath", "collectri"} <= set(result.sources)
    assert result.load_model().weight == result.predictor["weights"]["explained"]
    held = np.flatnonzero(result.folds == 2)
    cube = cube_of(result)
    again = result.load_fold_model(2).predict(DATA.x[held], DATA.tissue_one_hot[held])
    seen = np.isfinite(DATA.y[held])
    np.testing.assert_array_equal(again[seen], cube["ridge-anchored-gnn"][held][seen])


def test_the_explained_model_has_a_card_and_is_refused_for_other_data(done: tuple[Workspace, TrainResult]) -> None:
    result = done[1]
    card = json.loads((result.model_folder / "card.json").read_text())
    assert (card["model"], card["data_id"], card["screen"]) == ("ridge-anchored-gnn", DATA.data_id, "test")
    assert card["features"] == {"expression": 40, "mutation": 8}
    assert {"configuration", "seed", "version", "code_version", "features_key"} <= set(card)
    assert card["facts"]["packages"]["numpy"] == np.__version__
    fold = json.loads((result.fold_model_folders[1] / "card.json").read_text())
    assert (fold["split"]["name"], fold["split"]["fold"]) == ("lco", 1)
    assert fold["metrics"]["ridge-anchored-gnn"]["drugs"] == DRUGS
    other = dataclasses.replace(result, dataset=world(seed=1))
    for load in (other.load_model, lambda: other.load_fold_model(1)):
        with pytest.raises(DataError, match=f"does not belong to this data set(.|\n)*{DATA.data_id}"):
            load()


def test_what_cannot_be_scored_is_counted_in_the_section(tmp_path: Path) -> None:
    data = world()
    data.y[:, 0], data.y[8:, 1] = 3.0, np.nan
    quick = dataclasses.replace(CONFIG, folds=2, epochs=1, weight=0.3, control=False)
    section = train(data, small_graph(data), open_workspace(tmp_path), quick).predictor
    assert section["left_out"]["drugs whose responses do not vary (no score)"] == 1
    assert section["left_out"]["drugs with fewer than 10 responses (no score)"] == 1
    assert section["models"][-1]["drugs_judged"] == DRUGS - 2


def test_all_lines_and_layers_are_read_only_when_something_is_fitted_on_them(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    write_json(workspace.root / "manifest.json", {"key": "first"})
    first = Wide(workspace, DATA).key
    assert first == Wide(workspace, world()).key != Wide(workspace, world(seed=1)).key
    write_json(workspace.root / "manifest.json", {"key": "second"})
    assert Wide(workspace, DATA).key != first
    assert "data" not in vars(Wide(workspace, DATA))


def test_second_run_does_nothing_and_a_lost_fold_is_made_again(
    done: tuple[Workspace, TrainResult], tmp_path: Path
) -> None:
    copy = Workspace(tmp_path / "copy")
    shutil.copytree(done[0].root, copy.root)
    times = {path: path.stat().st_mtime_ns for path in copy.root.rglob("*.safetensors")}
    messages: list[str] = []
    wide = SameLines(copy, DATA)
    again = train(DATA, GRAPH, copy, CONFIG, lambda message, _: messages.append(message), wide)
    assert messages == ["train: 13 of 13 fits are there already"]  # of all lines and layers nothing was read
    assert {path: path.stat().st_mtime_ns for path in copy.root.rglob("*.safetensors")} == times
    assert again.predictor == done[1].predictor
    shutil.rmtree(again.fold_model_folders[1])
    shutil.rmtree(again.folder)
    messages.clear()
    repaired = train(DATA, GRAPH, copy, CONFIG, lambda message, _: messages.append(message), wide)
    assert messages == [
        "train: 12 of 13 fits are there already",
        "train: ridge-anchored-gnn, fold 2",
        "train: 3 of 3 fits are there already",
    ]
    assert without_seconds(repaired.predictor) == without_seconds(done[1].predictor)


def test_number_of_workers_changes_nothing(done: tuple[Workspace, TrainResult], tmp_path: Path) -> None:
    config = dataclasses.replace(CONFIG, workers=2)
    result = train_all(DATA, open_workspace(tmp_path), config)
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
