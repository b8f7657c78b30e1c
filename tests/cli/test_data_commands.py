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


def test_nothing_is_made_in_the_data_folder(shell: Shell, tmp_path: Path) -> None:
    """Refused before anything is read or written: an empty folder would be refused for what it lacks."""
    answer = shell("ingest", "--data", tmp_path, "--workspace", tmp_path / "made/ws")
    assert answer.code == 2
    assert "The workspace lies inside the data folder." in answer.err
    assert list(tmp_path.iterdir()) == []


def test_the_check_of_an_empty_folder_says_what_to_get(shell: Shell, tmp_path: Path) -> None:
    answer = shell("data", "check", "--quick", tmp_path)
    assert answer.code == 3
    assert "fetch: pathproof fetch --data" in answer.out
    assert "missing: GDSC2 fitted dose response" in answer.out
    assert "nothing was started" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_of_two_releases_it_is_said_which_is_read(shell: Shell, tmp_path: Path) -> None:
    assert shell("demo-data", tmp_path / "demo").code == 0
    folder = tmp_path / "demo"
    folder = folder / "files" if (folder / "files").is_dir() else folder
    taken = next((folder / "gdsc").glob("GDSC2_fitted_dose_response*"))
    (folder / "gdsc" / "GDSC2_fitted_dose_response_27Oct23.csv.gz").write_bytes(b"another release")
    (folder / "gdsc" / "GDSC2.csv").write_bytes(b"another name")
    answer = shell("data", "check", "--quick", folder)
    assert f"not read: gdsc/GDSC2_fitted_dose_response_27Oct23.csv.gz: {taken.name} is read in its place" in answer.out
    assert "No source takes: gdsc/GDSC2.csv" in answer.out
