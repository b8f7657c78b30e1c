"""Anybody's explanations and stored runs by the commands, on the finished demonstration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli_world import Finished, Shell

from pathproof.validate.knowledge import read_knowledge
from pathproof.validate.knowledge_tables import KnowledgeTables
from pathproof.validate.references import build_references
from pathproof.workspace import Workspace

WORDS = {1: "resistance", -1: "sensitivity", 0: ""}


def written(path: Path, rows: pd.DataFrame) -> Path:
    pd.DataFrame(
        {
            **{"drug": rows["drug"], "gene": rows["key"], "score": rows["score"], "confidence": rows["confidence"]},
            **{"sign": rows["sign"].map(WORDS), "layer": rows["layer"].fillna("")},
        }
    ).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def mine(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    claims = pd.read_csv(finished.out / "claims.csv")
    own = claims[(claims["explainer"] == "pathproof") & (claims["kind"] == "gene") & (claims["order"].between(1, 5))]
    return written(tmp_path_factory.mktemp("foreign") / "mine.csv", own)


@pytest.fixture(scope="module")
def again(mine: Path) -> Path:
    """A second run: the same claims, some of them less sure."""
    frame = pd.read_csv(mine, keep_default_na=False)
    frame["score"] *= 1 - 0.5 * np.random.default_rng(1).random(len(frame))
    frame.to_csv(mine.parent / "again.csv", index=False)
    return mine.parent / "again.csv"


def report_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


def gates(folder: Path) -> dict[str, str]:
    return {gate["id"]: gate["status"] for gate in report_of(folder)["gates"]}


@pytest.fixture(scope="module")
def validated(
    shell: Shell, finished: Finished, mine: Path, again: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """With runs, and with stored predictions of a model for every drug that is claimed about."""
    out = tmp_path_factory.mktemp("validated")
    rng = np.random.default_rng(0)
    drugs = sorted(set(pd.read_csv(mine)["drug"]))
    told = pd.DataFrame({"drug": np.repeat(drugs, 20), "cell_line": [f"line {i}" for i in range(20)] * len(drugs)})
    told["observed"] = rng.normal(size=len(told))
    told["prediction"] = told["observed"] + 0.3 * rng.normal(size=len(told))
    told.to_csv(out / "unseen.csv", index=False)
    words = ("--workspace", finished.workspace, "--runs", again, "--seen", "none", "--questions", out / "ask.csv")
    answer = shell(
        "validate", "--explanations", mine, *words, "--predictions", out / "unseen.csv", "--out", out / "report"
    )
    assert answer.code == 4, answer.err
    assert "Verdict: INCONCLUSIVE" in answer.out
    return out / "report"


def test_a_file_is_tested_in_the_screen_and_its_runs_are_compared(validated: Path) -> None:
    found = gates(validated)
    assert found["data_support"] == "pass"
    assert found["stability"] == "pass"
    assert found["not_circular"] == "pass"
    assert found["predictor"] == found["predictor_per_drug"] == "pass"
    assert found["faithfulness"] == "not_run"
    claims = pd.read_csv(validated / "claims.csv")
    assert claims["borne_out"].notna().all()
    assert claims.loc[claims["confidence"] > 0.5, "borne_out"].mean() > 0.9
    asked = pd.read_csv(validated.parent / "ask.csv")
    assert set(asked["purpose"]) == {"claimed", "random", "popular"}


def test_a_copied_answer_key_is_caught_by_the_data(shell: Shell, finished: Finished, tmp_path: Path) -> None:
    """Every gene that the reference holds, right by knowledge; the simulated screen bears out few of them."""
    tables = KnowledgeTables(Workspace.open(finished.workspace))
    facts = build_references(read_knowledge(tables))[0].facts.drop_duplicates(["drug", "item"])
    rows = pd.DataFrame(
        {"drug": facts["drug"], "key": facts["item"], "score": np.linspace(1.0, 0.9, len(facts)), "layer": "mutation"}
    ).assign(sign=facts["sign_mutation"], confidence=1.0)
    key = written(tmp_path / "key.csv", rows)
    answer = shell("validate", "--explanations", key, "--workspace", finished.workspace, "--out", tmp_path / "o")
    assert answer.code == 1, answer.err
    assert "Not supported for key: the screen itself bears out the claims." in answer.out
    assert gates(tmp_path / "o")["precision"] == "pass"
    assert gates(tmp_path / "o")["data_support"] == "fail"


def test_without_the_data_test_nothing_is_tested_there(shell: Shell, finished: Finished, mine: Path) -> None:
    out = shell.folder / "bare"
    words = ("--workspace", finished.workspace, "--no-data-test", "--out", out)
    assert shell("validate", "--explanations", mine, *words).code == 4
    assert gates(out)["data_support"] == "not_run"


def test_what_cannot_be_meant(shell: Shell, finished: Finished, mine: Path, tmp_path: Path) -> None:
    answer = shell("validate", "--runs", mine, "--workspace", finished.workspace)
    assert (answer.code, "--runs" in answer.err) == (2, True)
    answer = shell("validate", "--explanations", mine, "--workspace", finished.workspace, "--seen", "civik")
    assert answer.code == 2
    assert "did you mean: civic" in answer.err
    (tmp_path / "none.csv").write_text("drug,cell_line,prediction\n")
    answer = shell(
        "validate", "--explanations", mine, "--workspace", finished.workspace, "--predictions", tmp_path / "none.csv"
    )
    assert (answer.code, "lacks observed" in answer.err) == (3, True)
    assert shell("run", "--workspace", finished.workspace, "--refits", "-1").code == 2
    words = ("--workspace", finished.workspace, "--drugs-not-in", "gdsc2", "--no-data-test")
    answer = shell("validate", "--explanations", mine, *words)
    assert (answer.code, "holds every compound that was explained" in answer.err) == (3, True)
    answer = shell("validate", "--workspace", finished.workspace, "--drugs-not-in", "gdsc1")
    assert (answer.code, "not among the ingested ones" in answer.err) == (2, True)
    assert shell("validate", "--explanations", mine, "--refits", "3").code == 2


def test_a_stored_run_is_shown(shell: Shell, finished: Finished, validated: Path) -> None:
    run = report_of(finished.out)["run"]["id"]
    answer = shell("report", "show", run, "--workspace", finished.workspace)
    assert answer.code == finished.answer.code
    for words in ("Verdict:", "gate", "drug-swap", "permuted_response", "resistance_evidence", run):
        assert words in answer.out
    told = shell("report", "show", validated, "--json")
    assert json.loads(told.out) == report_of(validated)
    newest = shell("report", "show", "--workspace", finished.workspace)
    assert "Verdict:" in newest.out


def test_what_changed_between_two_runs(shell: Shell, finished: Finished, validated: Path) -> None:
    run = report_of(finished.out)["run"]["id"]
    answer = shell("report", "diff", run, validated, "--workspace", finished.workspace)
    assert answer.code == 0, answer.err
    for words in ("verdict:", "explainer: pathproof -> mine", "claims lost:", "gate data_support: – -> pass"):
        assert words in answer.out
    told = json.loads(shell("report", "diff", validated, validated, "--json", "--workspace", finished.workspace).out)
    assert told["equal"] is True
    same = shell("report", "diff", run, finished.out, "--workspace", finished.workspace)
    assert "Nothing differs" in same.out
    lost = shell("report", "diff", "run:0000", validated, "--workspace", finished.workspace)
    assert lost.code == 3
    assert run in lost.err
