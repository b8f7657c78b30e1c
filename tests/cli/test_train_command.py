"""`pathproof train`: a table of any predictors on any split, and what cannot be meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_world import Finished, Shell


def test_a_table_for_unseen_drugs(shell: Shell, finished: Finished) -> None:
    words = ("train", "--workspace", finished.workspace, "--split", "ldo", "--folds", "3", "--jobs", "1")
    answer = shell(*words, "--model", "line-mean", "--model", "drug-kernel-ridge")
    assert answer.code == 0, answer.err
    assert "leave-drugs-out" in answer.out
    for text in ("95 % over lines", "line-mean", "drug-kernel-ridge", "naive-mean-effects", "Conformal"):
        assert text in answer.out
    path = next(Path(word) for word in answer.out.split() if word.endswith("/table.json"))
    table = json.loads(path.read_text())
    assert {row["name"] for row in table["models"]} == {"naive-mean-effects", "line-mean", "drug-kernel-ridge"}
    again = shell(*words, "--model", "line-mean", "--model", "drug-kernel-ridge")
    assert again.out == answer.out  # nothing was fitted or read again


def test_without_options_the_predictors_of_a_run_are_shown(shell: Shell, finished: Finished) -> None:
    answer = shell("train", "--workspace", finished.workspace)
    assert answer.code == 0, answer.err
    assert "95 % over folds" in answer.out
    for text in ("95 % over lines", "ridge-anchored-gnn minus ridge:", "The edges", "Test folds read: 1 "):
        assert text in answer.out
    assert "ridge-anchored-gnn minus ridge:" in finished.answer.out  # the run prints them too


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["--model", "rige"], 2, "did you mean: ridge"),
        (["--model", "ridge", "--split", "ldo"], 2, "cannot do the split ldo"),
        (["--split", "loo"], 2, "Unknown split"),
        (["--split", "lto", "--folds", "500"], 3, "fewer tissues than folds"),
        (["--test-screen", "prism"], 2, "prism"),
        (["--test-screen", "gdsc2"], 2, "no other screen than itself"),
    ],
)
def test_what_cannot_be_meant_is_said(shell: Shell, finished: Finished, words: list[str], code: int, text: str) -> None:
    answer = shell("train", "--workspace", finished.workspace, *words)
    assert answer.code == code, answer.err
    assert text in answer.err
    assert "Traceback" not in answer.err
