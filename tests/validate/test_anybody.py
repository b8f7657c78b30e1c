"""Explanations from a DataFrame or a file, in a notebook: no model, no store, no network."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from anybody_world import write_workspace
from scoring_world import DRUGS, GENES, evidence, gene, right, row, shuffled, table

import pathproof
from pathproof.errors import DataError, UsageError, WorkspaceError
from pathproof.validate.anybody import Validation
from pathproof.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return write_workspace(tmp_path_factory.mktemp("anybody") / "ws")


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Claims as somebody would write them."""
    words = {1: "resistance", -1: "sensitivity", 0: ""}
    claims = table(rows).frame
    return pd.DataFrame(
        {
            **{"Drug": claims["drug"], "gene": claims["key"], "score": claims["score"]},
            **{"confidence": claims["confidence"], "sign": claims["sign"].map(words), "layer": "mutation"},
        }
    )


KEY = [row("key", d, symbol, 1.0, sign) for i, d in enumerate(DRUGS) for symbol, sign in evidence(i)]


@pytest.fixture(scope="module")
def asked(workspace: Workspace) -> Validation:
    return pathproof.validate(
        frame_of(right()), compare={"wrong": frame_of(shuffled(right()))}, universe=GENES, workspace=workspace
    )


def test_agreement_with_knowledge_alone_never_passes(asked: Validation) -> None:
    assert asked.verdict == "INCONCLUSIVE"
    gates = asked.gates.set_index("id")["status"]
    assert gates["precision"] == "pass"
    assert gates["above_drug_swap"] == "pass"
    told = " ".join(asked.says["not_tested"])
    for what in ("the predictor's scores", "the agreement of several runs", "deletion of the claimed features"):
        assert what in told
    assert not any(sentence.startswith("Supported for") for sentence in asked.says["supported"])
    assert repr(asked) == asked.headline


def test_the_tables_are_data_frames(asked: Validation) -> None:
    assert list(asked.leaderboard["explainer"]) == ["explanations", "wrong"]
    assert asked.differences["ci95"].iloc[0][0] > 0
    assert {"precision", "drug_swap_mean", "base_rate"} <= set(asked.precision.columns)
    assert set(asked.claims["explainer"]) == {"explanations", "wrong"}
    assert len(asked.selective) > 0


def test_the_report_is_the_programs_own(asked: Validation, tmp_path: Path) -> None:
    files = asked.report(tmp_path / "out")
    assert set(files) == {"report.json", "report.html", "claims.csv", "junit.xml", "summary.md"}
    report = json.loads(files["report.json"].read_text())
    assert report["verdict"]["status"] == "INCONCLUSIVE"
    assert "Leaderboard" in files["report.html"].read_text()


def test_files_references_and_profiles(workspace: Workspace, tmp_path: Path) -> None:
    frame_of(right()).to_csv(tmp_path / "mine.csv", index=False)
    frame_of(right(seed=4)).to_csv(tmp_path / "other.tsv", sep="\t", index=False)
    (tmp_path / "sets.gmt").write_text("Drug_0\tx\t" + "\t".join(s for s, _ in evidence(0)) + "\n")
    (tmp_path / "low.toml").write_text("precision = 0.2\nmargin = 0.0\n")
    found = pathproof.validate(
        str(tmp_path / "mine.csv"),
        compare=tmp_path / "other.tsv",
        references=[tmp_path / "sets.gmt"],
        universe=GENES,
        profile=tmp_path / "low.toml",
        workspace=workspace.root,
    )
    assert set(found.leaderboard["explainer"]) == {"mine", "other"}
    assert found.report_json["profile"]["name"] == "low.toml"
    assert "asked 20 % by the profile low.toml" in found.headline
    assert found.report_json["verdict"]["asked"] == 0.2
    assert "user.sets" in set(found.precision["reference"])


def test_nothing_is_opened_and_it_takes_seconds(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    start = time.monotonic()
    pathproof.validate(frame_of(KEY), universe=GENES, workspace=workspace)
    assert time.monotonic() - start < 20


def test_what_cannot_be_meant(workspace: Workspace, tmp_path: Path) -> None:
    good = frame_of(KEY)
    with pytest.raises(UsageError, match="DataFrame or the path"):
        pathproof.validate(good, compare=[3], workspace=workspace)  # type: ignore[list-item]
    with pytest.raises(WorkspaceError, match="no workspace here"):
        pathproof.validate(good, workspace=tmp_path)
    with pytest.raises(DataError, match="same explainer"):
        pathproof.validate(good, compare={"explanations": good}, workspace=workspace)
    with pytest.raises(DataError, match="row 1: unknown drug: got 'Drog 0'.*\n?.*did you mean Drug 0"):
        pathproof.validate(pd.DataFrame([{"drug": "Drog 0", "gene": gene(1), "score": 1}]), workspace=workspace)
    with pytest.raises(DataError, match="row 2: score cannot be used: got ''"):
        frame = pd.DataFrame({"drug": ["Drug 0"] * 2, "gene": [gene(1), gene(2)], "score": [1.0, float("nan")]})
        pathproof.validate(frame, workspace=workspace)
    with pytest.raises(DataError, match="has 0 rows"):
        pathproof.validate(good.head(0), workspace=workspace)
