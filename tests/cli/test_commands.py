"""The commands as a user runs them: a child process, exit codes, messages, files."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from cli_world import Finished, Shell, child_environment, free_port

from pathproof.graph_schema import embedded
from pathproof.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
EXIT = {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": 4}


def report_of(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


def timeless(report: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in report.items() if key != "run"}


def test_the_demonstration_says_so_first_and_last_and_ends_with_a_verdict(finished: Finished) -> None:
    report = report_of(finished.out)
    lines = finished.answer.out.strip().splitlines()
    assert "SIMULATED" in lines[0]
    assert "SIMULATED" in lines[-2]
    assert lines[-1] == f"Report: {finished.out / 'report.html'}"
    assert report["kind"] == "demonstration"
    assert finished.answer.code == EXIT[report["verdict"]["status"]]
    assert f"Verdict: {report['verdict']['status']}" in finished.answer.out
    assert {path.name for path in finished.out.iterdir()} == {
        "report.json",
        "report.html",
        "claims.csv",
        "junit.xml",
        "summary.md",
    }


def test_the_demonstration_finds_what_was_planted_and_not_everything(finished: Finished) -> None:
    planted = report_of(finished.out)["planted"]
    assert 0.5 < planted["recall"] <= 1
    assert 0.3 < planted["precision"] < 1


def test_a_second_call_does_nothing_and_says_so(shell: Shell, finished: Finished, tmp_path: Path) -> None:
    again = shell("run", "--workspace", finished.workspace, "--out", tmp_path / "out")
    assert again.code == finished.answer.code
    assert "Nothing has changed" in again.out
    assert (tmp_path / "out" / "report.json").read_bytes() == (finished.out / "report.json").read_bytes()


def test_report_copies_the_newest_report(shell: Shell, finished: Finished, tmp_path: Path) -> None:
    answer = shell("report", "--workspace", finished.workspace, "--out", tmp_path)
    assert answer.code == finished.answer.code
    assert (tmp_path / "report.html").read_bytes() == (finished.out / "report.html").read_bytes()


def test_a_reader_that_stops_reading_does_not_change_the_verdict(finished: Finished) -> None:
    words = [sys.executable, "-u", "-m", "pathproof", "report", "--workspace", str(finished.workspace)]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=child_environment())
    if child.stdout is not None:
        child.stdout.close()
    assert child.wait(timeout=60) == finished.answer.code


def test_the_forms_of_an_answer_hold_the_same_rows(shell: Shell, finished: Finished) -> None:
    words = ("query", "explanation-of-drug", "drug=Trametinib", "--workspace", finished.workspace, "--format")
    as_json = json.loads(shell(*words, "json").out)
    as_csv = list(csv.DictReader(io.StringIO(shell(*words, "csv").out)))
    table = shell(*words, "table")
    assert len(as_json) == len(as_csv) > 0
    assert [list(row) for row in as_json] == [list(row) for row in as_csv]
    assert f"{len(as_json)} row(s)" in table.err


def test_queries_are_listed(shell: Shell) -> None:
    answer = shell("query", "--list", "--format", "json")
    names = {row["name"] for row in json.loads(answer.out)}
    assert {
        "explanation-of-drug",
        "evidence-for-claim",
        "drugs-sharing-module",
        "contradicted-claims",
        "confident-claims-without-support",
    } <= names


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["query", "explanation-of-drgu"], 2, "explanation-of-drug"),
        (["query", "explanation-of-drug", "drgu=x"], 2, "drug"),
        (["query", "--cypher", "MATCH (n) DETACH DELETE n"], 2, "read"),
        (["query", "--cypher", "MATCH (n RETURN n"], 2, "syntax|Invalid|Cypher"),
        (["query", "drugs", "--format", "xml"], 2, "table, csv, json"),
        (["query"], 2, "name of a query"),
        (["query", "drugs", "--limit", "5"], 2, "--limit is for your own Cypher"),
        (["run", "--data", "nowhere"], 3, "nowhere"),
        (["run", "--seed", "many"], 2, "seed"),
        (["run", "--frobnicate"], 2, "frobnicate"),
        (["run", "--profile", "lenient"], 2, "default"),
        (["run", "--screen", "gdcs2"], 2, "did you mean: gdsc2"),
        (["train", "--screen", "ccle"], 2, "not among the ingested"),
        (["run", "--max-rmse", "-1"], 2, "above 0"),
        (["run", "--store", "ftp://x"], 2, "neo4j://"),
        (["validate", "--explanations", "nowhere.csv"], 3, "no such file"),
        (["validate", "--explanations", "."], 3, "a folder, and a file is needed"),
        (["data", "check", "nowhere"], 3, "nowhere"),
    ],
)
def test_wrong_words_end_in_one_clear_message(
    shell: Shell, finished: Finished, words: list[str], code: int, text: str
) -> None:
    place = [] if words[0] == "data" else ["--workspace", finished.workspace]
    answer = shell(*words, *place)
    assert answer.code == code, answer.err
    assert re.search(text, answer.err, re.IGNORECASE), answer.err
    assert "Traceback" not in answer.err


def test_cypher_takes_parameters_and_json_stays_strict(shell: Shell, finished: Finished) -> None:
    words = ("query", "--cypher", "RETURN $x + 1 AS y, 0.0 / 0.0 AS n", "x=41", "--format", "json")
    answer = shell(*words, "--workspace", finished.workspace)
    assert answer.code == 0, answer.err
    assert json.loads(answer.out) == [{"y": 42, "n": None}]


def test_a_fault_of_ours_is_one_message_and_no_verdict(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    import pathproof.cli
    import pathproof.cli.app

    def broken(standalone_mode: bool) -> int:
        raise ZeroDivisionError("by us")

    monkeypatch.setattr(pathproof.cli.app, "app", broken)
    with pytest.raises(SystemExit) as left:
        pathproof.cli.main()
    err = capsys.readouterr().err
    assert left.value.code == 3
    assert "fault in PathProof" in err
    assert "Traceback" not in err
    log = Path(re.search(r"where: (\S+)", err)[1])  # type: ignore[index]
    assert "ZeroDivisionError: by us" in log.read_text()
    log.unlink()


def test_an_error_born_of_an_interrupt_is_an_interrupt(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    import pathproof.cli
    import pathproof.cli.app

    def broken(standalone_mode: bool) -> int:
        try:
            raise KeyboardInterrupt
        finally:
            raise BufferError("while cleaning up")

    monkeypatch.setattr(pathproof.cli.app, "app", broken)
    with pytest.raises(SystemExit) as left:
        pathproof.cli.main()
    assert left.value.code == 130
    assert "Interrupted" in capsys.readouterr().err


def test_no_workspace_yet(shell: Shell, tmp_path: Path) -> None:
    answer = shell("query", "drugs", "--workspace", tmp_path / "new")
    assert answer.code == 3
    assert "no workspace here" in answer.err


def test_a_store_that_is_down(shell: Shell, finished: Finished) -> None:
    answer = shell("query", "drugs", "--workspace", finished.workspace, "--store", f"bolt://127.0.0.1:{free_port()}")
    assert answer.code == 3
    assert "Traceback" not in answer.err
    assert "what to do" in answer.err


def test_a_folder_that_cannot_be_written(shell: Shell, finished: Finished, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    answer = shell("run", "--workspace", finished.workspace, "--out", tmp_path / "file" / "out")
    assert answer.code == 3
    assert "Traceback" not in answer.err
    other = shell("run", "--workspace", tmp_path / "file")
    assert other.code == 3
    assert "Traceback" not in other.err


def test_one_writer_at_a_time(shell: Shell, finished: Finished) -> None:
    from pathproof.workspace import Workspace

    with Workspace.open(finished.workspace).lock():
        answer = shell("run", "--workspace", finished.workspace)
    assert answer.code == 3
    assert "Another pathproof process" in answer.err


def test_the_embedded_store_is_started_kept_and_stopped(shell: Shell, finished: Finished) -> None:
    place = ("--workspace", finished.workspace)
    assert "not running" in shell("store", "status", *place).out
    try:
        assert "is running" in shell("store", "start", *place).out
        assert "is running" in shell("store", "status", *place).out
        counted = shell("query", "--cypher", "MATCH (d:Drug) RETURN count(d) AS n", "--format", "json", *place)
        assert json.loads(counted.out)[0]["n"] > 0
    finally:
        stopped = shell("store", "stop", *place)
        assert "was stopped" in stopped.out
        assert stopped.err == "", "nobody else used it"
    assert "not running" in shell("store", "status", *place).out


def test_who_stops_a_store_in_use_is_told(shell: Shell, finished: Finished) -> None:
    place = Workspace.open(Path(finished.workspace), create=False)
    server = embedded.attach_or_start(place)
    try:
        answer = shell("store", "stop", "--workspace", finished.workspace)
    finally:
        server.close()
    assert "was stopped" in answer.out
    assert "Another command was using it" in answer.err


def test_interrupted_and_resumed(shell: Shell, tmp_path: Path) -> None:
    place = tmp_path / "ws"
    child = subprocess.Popen(
        [sys.executable, "-m", "pathproof", "train", "--workspace", str(place)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=child_environment(),
    )
    deadline = time.monotonic() + 400
    while not list((place / "steps").glob("train*/*/done.json")) and time.monotonic() < deadline:
        assert child.poll() is None, child.communicate()
        time.sleep(0.2)
    kept = {path: path.stat().st_mtime_ns for path in (place / "steps").glob("train*/*/done.json")}
    assert kept
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=180)
    assert child.returncode == 130, err
    assert "Traceback" not in err
    assert "Interrupted" in err
    assert "not running" in shell("store", "status", "--workspace", place).out
    assert shell("train", "--workspace", place).code == 0
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_random_and_copied_explanations_are_told_apart_and_neither_passes(
    shell: Shell, finished: Finished, tmp_path: Path
) -> None:
    subprocess.run(
        [sys.executable, str(ROOT / "examples" / "make_explanations.py"), str(finished.workspace), str(tmp_path)],
        check=True,
        capture_output=True,
    )
    found = {}
    for name in ("random", "answer_key"):
        answer = shell(
            *("validate", "--workspace", finished.workspace, "--explanations", tmp_path / f"{name}.csv"),
            *("--universe", tmp_path / "universe.txt", "--out", tmp_path / name),
        )
        report = report_of(tmp_path / name)
        assert answer.code == EXIT[report["verdict"]["status"]], answer.err
        found[name] = report
    assert found["random"]["verdict"]["status"] == "FAIL"
    assert found["answer_key"]["verdict"]["status"] == "INCONCLUSIVE"
    words = " ".join(found["answer_key"]["verdict"]["not_tested"] + found["answer_key"]["verdict"]["not_supported"])
    assert "copied" in words


def test_unknown_names_in_explanations_are_all_listed(shell: Shell, finished: Finished, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("drug,gene,score\nTrametinb,DUSP6,1\nTrametinib,DUSPP6,2\nTrametinib,DUSP6,high\n")
    answer = shell("validate", "--workspace", finished.workspace, "--explanations", path)
    assert answer.code == 3
    for text in ("line 2", "Trametinib", "line 3", "DUSP6", "line 4", "high"):
        assert text in answer.err


@pytest.mark.neo4j
def test_a_real_neo4j_gives_the_same_report_and_the_same_rows(
    shell: Shell, finished: Finished, neo4j_server: Any, tmp_path: Path
) -> None:
    shutil.copytree(finished.workspace, tmp_path / "ws", ignore=shutil.ignore_patterns("store", ".lock"))
    place = ("--workspace", tmp_path / "ws", "--store", neo4j_server.uri)
    secret = {"PATHPROOF_STORE_PASSWORD": neo4j_server.password}
    answer = shell("run", *place, "--out", tmp_path / "out", env=secret)
    assert answer.code == finished.answer.code, answer.err
    assert timeless(report_of(tmp_path / "out")) == timeless(report_of(finished.out))
    for words in (
        ("explanation-of-drug", "drug=Trametinib"),
        ("evidence-for-claim", "drug=Trametinib", "gene=BRAF"),
        ("drugs-sharing-module",),
        ("contradicted-claims",),
        ("confident-claims-without-support", "min_confidence=0.5"),
    ):
        there = shell("query", *words, *place, "--format", "json", env=secret)
        here = shell("query", *words, "--workspace", finished.workspace, "--format", "json")
        assert there.code == here.code == 0, there.err + here.err
        assert json.loads(there.out) == json.loads(here.out)
    wrong = shell("query", "drugs", *place, env={"PATHPROOF_STORE_PASSWORD": "not-the-password"})
    assert wrong.code == 3
    assert "password" in wrong.err
    assert "not-the-password" not in wrong.err


def test_the_children_of_these_tests_cannot_leave_the_machine() -> None:
    for host, code in (("192.0.2.1", 1), ("127.0.0.1", 0)):
        ask = f"import socket; s = socket.socket(); s.settimeout(1); print(s.connect_ex(({host!r}, 1)) != 0)"
        done = subprocess.run([sys.executable, "-c", ask], env=child_environment(), capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        assert ("network outside loopback" in done.stderr) == (code == 1)


def test_a_port_in_use_does_not_stop_the_embedded_store(shell: Shell, finished: Finished) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = shell("query", "drugs", "--workspace", finished.workspace, "--format", "csv")
    assert answer.code == 0
    assert answer.out.startswith("id,")
