"""A table of predictors: complete, resumable, the same wherever it is made, its test folds read once."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from table_world import drug_side, quick_context, table_world, workspace_in

from pathproof.errors import DataError, UsageError
from pathproof.explain.cluster import fan_out
from pathproof.explain.cross_screen import OtherScreen, same_molecules, unseen_lines, with_features_of
from pathproof.explain.data import Feature
from pathproof.explain.models.registry import KINDS
from pathproof.explain.predictions import long_table
from pathproof.explain.train_pieces import STEP as PIECE
from pathproof.explain.train_pieces import open_model
from pathproof.explain.train_table import STEP, TableConfig, TableResult, train_table
from pathproof.workspace import Workspace, canonical_json, write_parquet

DATA = table_world()
CONTEXT = quick_context(DATA)
MODELS = ("tissue-mean", "ridge", "gnn", "gnn-no-edges")
CONFIG = TableConfig(models=MODELS, folds=3)
QUICK = TableConfig(models=("tissue-mean", "ridge"), folds=3)
HERE = Path(__file__).parent


def quiet(_: str, __: float | None) -> None:
    return


def other_screen() -> OtherScreen:
    """Half of its lines and all but one of its molecules are ours; scales differ."""
    other = table_world(lines=slice(30, None))
    side = drug_side(DATA)
    return OtherScreen(
        dataclasses.replace(other, y=other.y * 0.3 + 4, screen="other"),
        dataclasses.replace(side, molecules=("elsewhere", *side.molecules[1:])),
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, TableResult]:
    workspace = workspace_in(tmp_path_factory.mktemp("table"))
    return workspace, train_table(DATA, CONTEXT, workspace, CONFIG, quiet, (other_screen(),))


def test_the_table_is_complete_strict_json(done: tuple[Workspace, TableResult]) -> None:
    table = done[1].table
    canonical_json(table)
    assert [row["name"] for row in table["models"]] == ["naive-mean-effects", *MODELS]
    ridge = next(row for row in table["models"] if row["name"] == "ridge")
    assert ridge["per_drug"]["pearson"] > 0.5  # the planted signal
    for key in ("ci95_folds", "ci95_lines"):
        low, high = ridge[key]
        assert low < ridge["per_drug"]["pearson"] < high
    assert {one["minus"] for one in table["differences"]} == {"ridge"}
    assert [one["minus"] for one in table["edges"]] == ["gnn-no-edges"]
    assert any("edges" in sentence for sentence in table["says"])
    assert {row["level"] for row in table["coverage"]} == {0.8, 0.95}
    assert {row["class"] for row in table["classes"]} == {"class 0", "class 1", "class 2"}
    assert (done[1].folder / "table.md").read_text().count("\n| ridge |") == 1
    widths = pd.read_parquet(done[1].folder / "intervals.parquet")
    assert len(widths) == 5 * 2 * len(DATA.drugs)
    assert (widths["half_width"] > 0).all()


def test_folds_and_predictions_are_stored_and_agree(done: tuple[Workspace, TableResult]) -> None:
    folder = done[1].folder
    folds = json.loads((folder / "folds.json").read_text())["fold"]
    table = pd.read_parquet(folder / "predictions.parquet")
    assert (table["fold"] == table["cell_line"].map(folds)).all()
    assert not table.duplicated(["cell_line", "drug", "model"]).any()
    assert len(table) == (len(MODELS) + 1) * np.isfinite(DATA.y).sum()


def test_every_fit_has_a_card_and_reads_back(done: tuple[Workspace, TableResult], tmp_path: Path) -> None:
    cards = sorted((done[0].root / "steps" / PIECE).glob("*/card.json"))
    assert len(cards) == 5 * 4  # three folds and all lines
    card = json.loads(cards[0].read_text())
    assert {"data_id", "genes", "features", "split", "seed", "version", "code_version", "configuration"} <= set(card)
    assert card["features"] == {"expression": 40, "mutation": 8}
    names = pd.read_parquet(cards[0].parent / "features.parquet")
    assert list(names.itertuples(index=False, name=None)) == [tuple(feature) for feature in DATA.features]
    assert card["facts"]["packages"]["numpy"] == np.__version__
    every = [json.loads(path.read_text()) for path in cards]
    assert {one["features_key"] for one in every} == {card["features_key"]}
    for row in done[1].table["models"]:
        own = [one["metrics"][row["name"]] for one in every if row["name"] in (one["metrics"] or {})]
        assert np.mean([one["per_drug_pearson"] for one in own]) == pytest.approx(row["per_drug"]["pearson"])
    assert sum(one["metrics"] is None for one in every) == 5
    folder = next(path.parent for path in cards if json.loads(path.read_text())["model"] == "gnn")
    model = open_model(folder, DATA)
    assert np.isfinite(model.predict(DATA.x, DATA.tissue_one_hot)).all()
    with pytest.raises(DataError, match="does not belong to this data set"):
        open_model(folder, table_world(1))
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "card.json").write_text(json.dumps({**json.loads((copy / "card.json").read_text()), "code_version": 0}))
    with pytest.raises(DataError, match="code_version 0"):
        open_model(copy, DATA)


@pytest.mark.parametrize("lost", ["card.json", "model/card.json", "model/weights.safetensors"])
def test_a_damaged_fit_says_which_folder_to_delete_and_is_then_made_anew(
    done: tuple[Workspace, TableResult], tmp_path: Path, lost: str
) -> None:
    workspace = Workspace(tmp_path / "copy")
    shutil.copytree(done[0].root, workspace.root)
    cards = {
        path.parent: json.loads(path.read_text()) for path in (workspace.root / "steps" / PIECE).glob("*/card.json")
    }
    whole = next(path for path, card in cards.items() if card["model"] == "ridge" and card["split"] is None)
    before = open_model(whole, DATA).gradient()
    (whole / lost).write_bytes((whole / lost).read_bytes()[:20])
    with pytest.raises(DataError, match=f"delete the folder {whole} and run the same command again"):
        open_model(whole, DATA)
    config = dataclasses.replace(CONFIG, models=("ridge",))
    with pytest.raises(DataError, match=f"delete the folder {whole}"):  # so does the command that needs the model
        train_table(DATA, CONTEXT, workspace, config, quiet, (other_screen(),))
    shutil.rmtree(whole)
    train_table(DATA, CONTEXT, workspace, config, quiet, (other_screen(),))
    np.testing.assert_array_equal(open_model(whole, DATA).gradient(), before)


@pytest.mark.parametrize("lost", ["card.json", "predictions.parquet"])
def test_a_damaged_fold_says_which_folder_to_delete(
    done: tuple[Workspace, TableResult], tmp_path: Path, lost: str
) -> None:
    workspace = Workspace(tmp_path / "copy")
    shutil.copytree(done[0].root, workspace.root)
    for path in (workspace.root / "steps" / PIECE).glob("*/card.json"):
        card = json.loads(path.read_text())
        if card["model"] == "tissue-mean" and card["split"] and card["split"]["fold"] == 1:
            folder = path.parent
    (folder / lost).write_bytes((folder / lost).read_bytes()[:20])
    config = dataclasses.replace(CONFIG, models=("tissue-mean", "ridge"))
    with pytest.raises(DataError, match=f"delete the folder {folder} and run the same command again"):
        train_table(DATA, CONTEXT, workspace, config, quiet)
    shutil.rmtree(folder)
    rows = {row["name"]: row for row in train_table(DATA, CONTEXT, workspace, config, quiet).table["models"]}
    wanted = {row["name"]: row for row in done[1].table["models"]}
    assert rows["tissue-mean"]["per_drug"] == wanted["tissue-mean"]["per_drug"]


def test_a_test_fold_is_read_once_and_a_second_reading_is_counted(
    done: tuple[Workspace, TableResult], tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "copy")
    shutil.copytree(done[0].root, workspace.root)
    rows = {row["name"]: row for row in done[1].table["models"]}
    assert {(row["reads"], row["configurations"]) for row in rows.values()} == {(1, 1)}
    again = train_table(DATA, CONTEXT, workspace, CONFIG, quiet)  # another table of the same fits reads nothing
    assert {row["reads"] for row in again.table["models"]} == {1}
    for card in (workspace.root / "steps" / PIECE).glob("*/card.json"):
        held = json.loads(card.read_text())
        if held["model"] == "tissue-mean" and held["split"] and held["split"]["fold"] == 1:
            shutil.rmtree(card.parent)
    shutil.rmtree(again.folder)
    repaired = train_table(DATA, CONTEXT, workspace, CONFIG, quiet).table["models"]
    assert {row["name"]: row["reads"] for row in repaired}["tissue-mean"] == 2
    other = train_table(DATA, CONTEXT, workspace, dataclasses.replace(CONFIG, seed=5), quiet).table["models"]
    assert {row["configurations"] for row in other} == {2}


def test_a_part_of_a_model_reads_the_test_folds_as_the_model_that_it_is_alone(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    config = TableConfig(models=("ridge", "ridge-anchored-gnn"), folds=2)
    context = dataclasses.replace(CONTEXT, epochs=1, weight=0.3)
    first = {row["name"]: row for row in train_table(DATA, context, workspace, config, quiet).table["models"]}
    (path,) = (workspace.root / "reads").glob("*.json")
    held = json.loads(path.read_text())
    wanted = [
        "gnn",
        "naive-mean-effects",
        "ridge",
        "ridge-anchored-gnn",
    ]  # gnn has no row, but its scores are on the card
    assert {name: [list(folds.values()) for folds in own.values()] for name, own in held.items()} == {
        name: [[1, 1]] for name in wanted
    }
    assert len({configuration for own in held.values() for configuration in own}) == len(wanted)
    alone = dataclasses.replace(config, models=("ridge",))
    again = {row["name"]: row for row in train_table(DATA, context, workspace, alone, quiet).table["models"]}
    assert again["ridge"]["per_drug"] == first["ridge"]["per_drug"]  # fitted again, and the same
    assert (again["ridge"]["reads"], again["ridge"]["configurations"]) == (2, 1)
    heavier = train_table(DATA, dataclasses.replace(context, weight=0.4), workspace, config, quiet).table["models"]
    counts = {row["name"]: (row["reads"], row["configurations"]) for row in heavier}
    assert counts == {"naive-mean-effects": (1, 1), "ridge": (3, 1), "ridge-anchored-gnn": (1, 2)}
    path.unlink()  # as of a part that was fitted before its readings were entered: its scores were seen once at least
    counted = train_table(DATA, context, workspace, alone, quiet).table["models"]
    assert {(row["reads"], row["configurations"]) for row in counted} == {(1, 1)}


def test_jobs_and_a_dask_cluster_change_no_number(done: tuple[Workspace, TableResult], tmp_path: Path) -> None:
    wanted = pd.read_parquet(done[1].folder / "predictions.parquet")
    wanted = wanted[wanted["model"] == "ridge"].sort_values(["cell_line", "drug"], ignore_index=True)
    for name, change in (("jobs", {"jobs": 2}), ("dask", {"jobs": 1, "cluster": "dask"})):
        if name == "dask":
            pytest.importorskip("distributed")
        workspace = workspace_in(tmp_path / name)
        made = train_table(DATA, CONTEXT, workspace, dataclasses.replace(QUICK, **change), quiet)
        table = pd.read_parquet(made.folder / "predictions.parquet")
        table = table[table["model"] == "ridge"].sort_values(["cell_line", "drug"], ignore_index=True)
        pd.testing.assert_frame_equal(table, wanted, check_exact=True)


def test_an_unknown_scheduler_is_refused() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match="No Dask scheduler answers"):
        list(fan_out(abs, [(1,)], 1, "tcp://127.0.0.1:9"))


def test_an_error_in_a_worker_is_our_error() -> None:
    with pytest.raises(UsageError, match="Unknown split"):
        list(fan_out(_fails, [(1,), (2,)], 2))


def _fails(_: int) -> None:
    raise UsageError("Unknown split.")


CHILD = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_table as t
from pathproof.workspace import Workspace
def progress(text, share):
    if share is not None and share > 0.5:
        time.sleep(300)  # until it is killed
t.train_table(t.DATA, t.CONTEXT, Workspace.open(Path(sys.argv[2])), t.QUICK, progress)
"""


def test_a_killed_run_goes_on_after_its_last_finished_fold(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(HERE), str(workspace.root)])
    try:
        deadline = time.monotonic() + 120
        while len(_finished(workspace)) < 5 and time.monotonic() < deadline:
            assert child.poll() is None
            time.sleep(0.05)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    kept = _finished(workspace)
    assert len(kept) == 5
    assert not (workspace.root / "steps" / STEP).exists()
    messages: list[str] = []
    result = train_table(DATA, CONTEXT, workspace, QUICK, lambda text, _: messages.append(text))
    assert messages[0] == "train: 5 of 9 fits are there already"
    assert {path: _finished(workspace)[path] for path in kept} == kept
    unbroken = train_table(DATA, CONTEXT, workspace_in(tmp_path / "other"), QUICK, quiet)
    figures = [{row["name"]: row["per_drug"] for row in one.table["models"]} for one in (result, unbroken)]
    assert figures[0] == figures[1]
    assert {row["reads"] for row in result.table["models"]} == {1}


def _finished(workspace: Workspace) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (workspace.root / "steps" / PIECE).glob("*/done.json")}


@pytest.mark.parametrize("split", ["ldo", "lpo", "lto"])
def test_other_splits_make_a_table_too(split: str, tmp_path: Path) -> None:
    models = {"ldo": ("line-mean", "drug-kernel-ridge"), "lpo": ("ridge",), "lto": ("tissue-mean", "ridge")}[split]
    config = TableConfig(split=split, models=models, folds=3)
    result = train_table(DATA, CONTEXT, workspace_in(tmp_path), config, quiet)
    rows = {row["name"]: row for row in result.table["models"]}
    assert set(rows) == {"naive-mean-effects", *models}
    if split == "ldo":  # a mechanism says more than the line's mean
        assert rows["drug-kernel-ridge"]["per_drug"]["pearson"] > rows["line-mean"]["per_drug"]["pearson"] + 0.1
    if split == "lpo":
        pairs = pd.read_parquet(result.folder / "folds.parquet")
        assert len(pairs) == np.isfinite(DATA.y).sum()


def test_a_screen_that_was_never_seen(done: tuple[Workspace, TableResult]) -> None:
    rows = {row["model"]: row for row in done[1].table["cross_screen"]}
    assert set(rows) == {"naive-mean-effects", *MODELS}
    best = rows["ridge"]
    assert (best["screen"], best["lines"], best["drugs"]) == ("other", 30, 23)
    assert best["spearman"] > 0.4
    assert rows["naive-mean-effects"]["spearman"] == 0


def test_models_of_all_layers_meet_another_screen_too(tmp_path: Path) -> None:
    """Complete lines, so both data sets say the same; copy number follows the expression of its gene."""
    workspace, other = workspace_in(tmp_path), other_screen()
    every = table_world(lines=slice(None))
    copies = every.x[:, :3]
    calls = every.layer_columns("mutation")
    for name, columns, values in (
        ("mutations", [every.features[i].gene for i in calls], every.x[:, calls]),
        ("layers/copy_number_gdsc", ["G0", "G1", "G2"], 7 * copies / np.abs(copies).max()),
    ):
        table = pd.DataFrame(values, columns=columns)
        table.insert(0, "cell_line", every.cell_lines)
        write_parquet(workspace.tables / f"{name}.parquet", table)
    numbers = tuple(Feature(f"G{i}", "copy_number") for i in range(3))
    wide = dataclasses.replace(DATA, features=(*DATA.features, *numbers))
    layered = with_features_of(wide, DATA, workspace)
    assert layered.features == wide.features
    np.testing.assert_array_equal(layered.x[:, : len(DATA.features)], DATA.x)
    assert np.abs(layered.x[:, -3:]).max() <= 3  # limited, as in the data set that is learned from
    whole = dataclasses.replace(other, wide=with_features_of(wide, other.dataset, workspace))
    assert whole.key != other.key
    config = dataclasses.replace(QUICK, models=("ridge", "kernel", "kernel+trees"))
    result = train_table(DATA, CONTEXT, workspace, config, quiet, (whole,), layered)
    rows = {row["model"]: row for row in result.table["cross_screen"]}
    assert set(rows) == {"naive-mean-effects", *config.models}
    assert {(row["lines"], row["drugs"]) for row in rows.values()} == {(30, 23)}
    assert rows["kernel"]["spearman"] > 0.4


def test_lines_of_another_screen_come_in_our_features() -> None:
    other = other_screen()
    turned = dataclasses.replace(
        other.dataset,
        features=other.dataset.features[::-1],
        x=np.ascontiguousarray(other.dataset.x[:, ::-1]),
        tissue=("elsewhere", *other.dataset.tissue[1:]),
    )
    aligned, lines = unseen_lines(DATA, turned)
    assert not set(aligned.cell_lines) & set(DATA.cell_lines)
    np.testing.assert_array_equal(aligned.x, other.dataset.x[lines])
    assert aligned.tissue_one_hot.shape == (30, len(DATA.tissues))
    pairs = dict(same_molecules(drug_side(DATA), other.drugs))
    assert pairs[3] == [0, 3]  # both ids of the molecule
    assert 0 not in pairs


def test_a_rare_mutation_of_the_tested_lines_is_read(tmp_path: Path) -> None:
    workspace, other = workspace_in(tmp_path), other_screen().dataset
    calls = DATA.layer_columns("mutation")
    table = pd.DataFrame(other.x[:, calls], columns=[DATA.features[i].gene for i in calls])
    table.insert(0, "cell_line", other.cell_lines)
    write_parquet(workspace.tables / "mutations.parquet", table)
    filtered = dataclasses.replace(other, features=other.features[: calls[0] + 2], x=other.x[:, : calls[0] + 2])
    whole = with_features_of(DATA, filtered, workspace)
    assert whole.features == DATA.features
    np.testing.assert_array_equal(whole.x, other.x)


def test_a_prediction_that_is_no_number_is_refused() -> None:
    rows, tested = np.arange(3), np.ones((3, len(DATA.drugs)), dtype=bool)
    values = np.full((3, len(DATA.drugs)), np.nan)
    with pytest.raises(DataError, match="The model broken predicts no number in fold 1"):
        long_table(DATA, rows, tested, 0, {"broken": values})


def test_every_model_has_a_name_of_its_own_and_a_card() -> None:
    assert all(name == kind.name for name, kind in KINDS.items())
    for kind in KINDS.values():
        canonical_json(kind.settings(CONTEXT))
