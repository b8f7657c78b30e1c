"""A run on another screen than the first: from its responses to a verdict about its own compounds."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from cli_world import Shell


def test_a_run_on_the_second_screen_is_about_that_screen(shell: Shell, tmp_path: Path) -> None:
    made = shell("demo-data", tmp_path / "data", "--lines", 150, "--second-noise-sd", 1.0)
    assert made.code == 0, made.err
    out = tmp_path / "out"
    ran = shell("run", "--data", tmp_path / "data", "--screen", "gdsc1", "--workspace", tmp_path / "ws", "--out", out)
    assert ran.code in (0, 1, 4), ran.err
    report = json.loads((out / "report.json").read_text())
    screened = pd.read_csv(tmp_path / "data/gdsc/GDSC1_fitted_dose_response.csv.gz")
    claims = pd.read_csv(out / "claims.csv", low_memory=False)
    assert set(claims["screen"]) == {"GDSC1"}
    assert set(claims["drug_name"]) <= set(screened["DRUG_NAME"])
    by_name = {model["name"]: model for model in report["predictor"]["models"]}
    assert by_name["ridge-anchored-gnn"]["per_drug_pearson"] > 0.2
