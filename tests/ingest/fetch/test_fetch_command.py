"""`pathproof fetch` as a user calls it: exit codes, what is said, what lies there."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fetch_bench import BODY, PATH, Bench
from fetch_server import Unreliable, stalled, status, whole

from pathproof.cli.app import app
from pathproof.errors import PathproofError

Run = Callable[..., tuple[int, str, str]]
LOOPBACK_ONLY = Path(__file__).resolve().parents[2] / "cli" / "no_network"
COMPOUNDS = b"DRUG_ID,DRUG_NAME,SYNONYMS,TARGET,TARGET_PATHWAY\n1,Erlotinib,Tarceva,EGFR,EGFR signaling\n"


def environment() -> dict[str, str]:
    """That of a user without settings, and with nothing but loopback to talk to."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PATHPROOF_")}
    return {**kept, "COLUMNS": "80", "PYTHONPATH": str(LOOPBACK_ONLY)}


def command(*words: str | Path) -> list[str]:
    """The command line of a child."""
    return [sys.executable, "-m", "pathproof", "fetch", *map(str, words)]


def child(folder: Path, *words: str | Path) -> tuple[int, str, str]:
    """Exit code and both streams of a process of its own."""
    done = subprocess.run(
        command(*words), cwd=folder, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Exit code and both streams of the command in this process, which is quicker."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PATHPROOF_DATA", raising=False)

    def run(*words: str | Path) -> tuple[int, str, str]:
        try:
            code, error = app(["fetch", *map(str, words)], standalone_mode=False), ""
        except PathproofError as refused:
            code, error = refused.exit_code, refused.render()
        said = capsys.readouterr()
        return code, said.out, said.err + error

    return run


@pytest.fixture
def lock(tmp_path: Path, server: Unreliable) -> Path:
    """A lock file with a table that anybody may have, and one with a licence to accept."""
    path = tmp_path / "lock.toml"
    path.write_text(
        f"""
format = 1
[licence.free]
title = "Free"
terms = "https://example.org/free"
[licence.strict]
title = "Not commercial"
terms = "https://example.org/strict"
accept = true
[[file]]
source = "collectri"
path = "{PATH}"
urls = ["{server.address}/collectri", "{server.address}/mirror"]
release = "2.0"
licence = "free"
bytes = {len(BODY)}
note = "a copy of the tests"
[[file]]
source = "gdsc"
path = "gdsc/screened_compounds.csv"
urls = ["{server.address}/compounds"]
release = "8.5"
licence = "strict"
[by_hand]
"GDSC drug targets as gene symbols" = "nobody ships it"
""",
        encoding="utf-8",
    )
    server.serve("/collectri", whole(BODY))
    server.serve("/compounds", whole(COMPOUNDS))
    return path


def test_all_is_fetched_once(server: Unreliable, bench: Bench, lock: Path, here: Run) -> None:
    words = ("--data", bench.data, "--lock", lock)
    code, out, err = here(*words)
    assert code == 2
    assert "not fetched before you have accepted its licence" in err
    assert "--accept-licence strict" in err
    assert bench.files() == {PATH: BODY}  # one file that may not come does not stop the others
    assert f"fetched {PATH}" in out
    code, out, err = here(*words, "--accept-licence", "strict")
    assert code == 0, err
    assert bench.files() == {PATH: BODY, "gdsc/screened_compounds.csv": COMPOUNDS}
    assert f"there   {PATH}" in out
    assert "by hand gdsc/drug_gene_targets.csv" in out
    assert "nobody ships it" in out
    asked = len(server.asked)
    assert asked == 2
    code, _, err = here(*words, "--offline")
    assert (code, len(server.asked)) == (0, asked), err
    (bench.data / PATH).unlink()
    code, _, err = here(*words, "--offline")
    assert (code, len(server.asked)) == (3, asked)
    assert f"{PATH} is missing" in err


def test_offline_a_file_that_may_be_absent_is_no_problem(bench: Bench, lock: Path, here: Run) -> None:
    optional = "hgnc/hgnc_complete_set.txt"
    text = lock.read_text().replace(PATH, optional).replace('source = "collectri"', 'source = "hgnc"')
    lock.write_text(text, encoding="utf-8")
    code, out, _ = here("--data", bench.data, "--lock", lock, "--offline", "--only", "hgnc")
    assert f"missing {optional}" in out
    assert "may be absent" in out
    assert code == 3  # another file of the same source may not: it is got by hand
    assert "by hand hgnc/gene_identifiers.csv" in out
    assert not bench.data.exists()


def test_a_killed_fetch_goes_on(server: Unreliable, bench: Bench, lock: Path) -> None:
    server.serve("/collectri", stalled(BODY, 200_000), whole(BODY))
    words = ("--data", bench.data, "--lock", lock, "--only", "collectri")
    with subprocess.Popen(command(*words), cwd=lock.parent, env=environment(), stderr=subprocess.DEVNULL) as first:
        deadline = time.monotonic() + 30
        while not any(len(body) > 190_000 for body in bench.files().values()) and time.monotonic() < deadline:
            time.sleep(0.05)
        second = child(lock.parent, *words)
        first.send_signal(signal.SIGKILL)
        assert first.wait(10) == -signal.SIGKILL
    assert second[0] == 3
    assert "Another pathproof process is fetching into this folder" in second[2]
    assert bench.names() == [".part/omnipath__CollecTRI_regulons.csv"]
    have = max(len(body) for body in bench.files().values())
    code, _, err = child(lock.parent, *words)
    assert code == 0, err
    assert bench.files() == {PATH: BODY}
    assert [headers.get("Range") for headers in server.headers("/collectri")] == [None, f"bytes={have}-"]
    assert f"[1/1] {PATH}: done" in err


def test_what_fails_is_said_with_address_status_and_what_to_do(
    server: Unreliable, bench: Bench, lock: Path, here: Run
) -> None:
    server.serve("/collectri", status(403))
    server.serve("/mirror", whole(b"<html>Sign in</html>", kind="text/html"))
    code, out, err = here("--data", bench.data, "--lock", lock, "--only", "collectri")
    assert code == 3
    assert bench.files() == {}
    for said in (f"{server.address}/collectri: status 403", f"{server.address}/mirror: status 200", "web page"):
        assert said in err
    assert f"where: {bench.data / PATH}" in err
    assert "download it by hand" in err
    assert "All files" not in out


def test_the_list_opens_no_connection_and_hides_nothing(
    server: Unreliable, lock: Path, here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    code, out, _ = here("--list", "--lock", lock)
    assert (code, server.asked) == (0, [])
    for said in (PATH, "release 2.0", f"{server.address}/mirror", "a copy of the tests", "nobody ships it"):
        assert said in out
    assert "Not commercial (--accept-licence strict, see https://example.org/strict)" in out
    code, out, _ = here("--list")
    assert code == 0
    assert "keep the file" in out
    assert "by hand gdsc/drug_gene_targets.csv" in out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--only", "colectri"), 2, "did you mean: collectri"),
        (("--accept-licence", "free"), 2, "allowed: strict"),
        (("--only", "gdsc.targets", "--data", "here"), 3, "get them by hand"),
        ((), 2, "--data DIR"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything(
    server: Unreliable, lock: Path, here: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    answer = here("--lock", lock, *words)
    assert answer[0] == code
    assert said in answer[2]
    assert server.asked == []
