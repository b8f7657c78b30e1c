"""`pathproof ingest --report` and `pathproof data check`, as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

from cli_world import Finished, Shell


def test_the_data_report_is_shown_and_written(shell: Shell, finished: Finished, tmp_path: Path) -> None:
    out = tmp_path / "report"
    answer = shell("ingest", "--report", "--workspace", finished.workspace, "--out", out)
    assert answer.code == 0, answer.err
    assert "From raw rows to usable pairs: GDSC2" in answer.out
    assert "SIMULATED" in answer.out
    report = json.loads((out / "data-report.json").read_text())
    manifest = json.loads((finished.workspace / "manifest.json").read_text())
    assert report["key"] == manifest["key"]
    assert [funnel["steps"][0]["pairs"] for funnel in report["funnels"]] == [
        screen["attrition"][0]["rows"] for screen in manifest["screens"]
    ]
    assert (out / "data-report.txt").read_text() in answer.out
    assert str(out / "data-report.html") in answer.out
    assert not [path for path in out.iterdir() if path.name not in answer.out]


def test_the_check_of_an_empty_folder_says_what_to_get(shell: Shell, tmp_path: Path) -> None:
    answer = shell("data", "check", "--quick", tmp_path)
    assert answer.code == 3
    assert "fetch: pathproof fetch --data" in answer.out
    assert "missing: GDSC2 fitted dose response" in answer.out
    assert "nothing was started" in answer.err
    assert list(tmp_path.iterdir()) == []
