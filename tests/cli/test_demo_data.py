"""`pathproof demo-data`: a world of any size, which the other commands take for the demonstration that it is."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from cli_world import Shell
from rich.console import Console

from pathproof.cli.pipeline import Pipeline
from pathproof.cli.progress import Steps
from pathproof.config import load_settings
from pathproof.ingest.demo.truth import read_truth
from pathproof.workspace import Workspace


def test_a_world_of_the_asked_size_is_written(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "world"
    sizes = ("--lines", "80", "--drugs", "20", "--pairs", "3", "--modules", "2", "--noise-sd", "0.5", "--seed", "4")
    answer = shell("demo-data", folder, *sizes)
    assert answer.code == 0, answer.err
    assert str(folder) in answer.out
    parameters = json.loads((folder / "planted.json").read_text())["parameters"]
    asked = {"lines": 80, "drugs": 20, "pairs": 3, "modules": 2, "noise_sd": 0.5, "seed": 4}
    assert {name: parameters[name] for name in asked} == asked
    assert len(pd.read_csv(folder / "depmap/Model.csv.gz")) == 80
    truth = read_truth(folder)
    assert len(truth.drugs) == 20
    assert len(truth.pairs) == 3
    assert sorted(truth.pairs["with_main"]) == [False, False, True]


def test_what_cannot_be_drawn_and_a_full_folder_are_usage_errors(shell: Shell, tmp_path: Path) -> None:
    wrong = shell("demo-data", tmp_path / "world", "--lines", "10", "--noise-sd", "0")
    assert wrong.code == 2
    assert "lines = 10 is out of range; noise_sd = 0.0 is out of range" in wrong.err
    assert not (tmp_path / "world").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    full = shell("demo-data", tmp_path / "full")
    assert full.code == 2
    assert "not empty" in full.err
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(("name", "kind"), [("planted.json", "demonstration"), ("other.json", "real")])
def test_a_demonstration_is_known_by_its_truth(name: str, kind: str, tmp_path: Path) -> None:
    """Wherever it lies: its numbers must never be told as real ones."""
    data = tmp_path / "data"
    data.mkdir()
    (data / name).write_text("{}")
    settings = load_settings({"data": data, "workspace": tmp_path / "ws"}, environ={}, folder=tmp_path)
    assert Pipeline(settings, Steps(Console(stderr=True), 1), command="test").kind == kind


@pytest.mark.parametrize("command", ["run", "ingest", "train", "explain"])
def test_without_a_data_folder_the_demonstration_does_not_take_the_place_of_real_data(
    command: str, shell: Shell, tmp_path: Path
) -> None:
    Workspace.open(tmp_path / "ws")
    manifest = tmp_path / "ws" / "manifest.json"
    manifest.write_text('{"kind": "real"}')
    answer = shell(command, "--workspace", tmp_path / "ws")
    assert answer.code == 2
    assert "would take the place of the data in this workspace" in answer.err
    assert "--data DIR" in answer.err
    assert manifest.read_text() == '{"kind": "real"}'
    assert not (tmp_path / "ws" / "steps" / "demo").exists()
