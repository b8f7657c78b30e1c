"""Several processes on one embedded server: the last one out stops it, however the others ended."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pathproof.errors import WorkspaceError
from pathproof.graph_schema import embedded
from pathproof.graph_schema.store import open_store
from pathproof.workspace import Workspace

USER = """
    import sys
    from pathlib import Path
    from pathproof.graph_schema.store import open_store
    from pathproof.workspace import Workspace
    with open_store(None, Workspace.open(Path(sys.argv[1]))) as store:
        print("open", flush=True)
        sys.stdin.readline()
        store.read("RETURN 1 AS one")
"""
IN_AND_OUT = """
    import sys, time
    from pathlib import Path
    from pathproof.graph_schema.store import open_store
    from pathproof.workspace import Workspace
    end = time.monotonic() + float(sys.argv[2])
    while time.monotonic() < end:
        with open_store(None, Workspace.open(Path(sys.argv[1]))) as store:
            store.write("CREATE (:Visit)")
            print("visit", flush=True)
"""
HOLDER = """
    import sys
    from pathlib import Path
    from pathproof.workspace import Workspace
    with Workspace.open(Path(sys.argv[1])).lock():
        print("held", flush=True)
        sys.stdin.readline()
"""


def python(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python of its own that runs the script."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def gone(workspace: Workspace, seconds: float = 20.0) -> bool:
    """Whether the server has ended, waiting for it."""
    deadline = time.monotonic() + seconds
    while (workspace.store / "server.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not embedded.status(workspace).running


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.open(tmp_path / "w")
    yield workspace
    embedded.stop(workspace)


@pytest.mark.parametrize("how", ["ends", "is killed"])
def test_the_server_stays_for_a_second_user_when_the_first(how: str, place: Workspace) -> None:
    first = python(USER, place.root)
    assert said(first) == "open"
    pid = embedded.status(place).pid
    with open_store(None, place) as store:
        if how == "is killed":
            first.kill()
        _, err = first.communicate("\n", timeout=30)
        assert err == ""
        time.sleep(0.5)  # a guardian that is wrong would end the server now
        store.write("CREATE (:A)")
        assert embedded.status(place).pid == pid
    assert not embedded.status(place).running, "the last one out stops it"


def test_whether_anybody_uses_the_server_is_known(place: Workspace) -> None:
    assert not embedded.used(place)
    first = python(USER, place.root)
    assert said(first) == "open"
    assert embedded.used(place)
    first.communicate("\n", timeout=30)
    assert not embedded.used(place)


def test_the_server_ends_with_a_user_who_is_killed(place: Workspace) -> None:
    only = python(USER, place.root)
    assert said(only) == "open"
    assert embedded.status(place).running
    only.kill()
    only.communicate()
    assert gone(place)


def test_a_command_that_is_killed_while_another_one_leaves_strands_nobody(place: Workspace) -> None:
    users = [python(USER, place.root) for _ in range(3)]
    assert [said(one) for one in users] == ["open"] * 3
    for one in users:  # all at the same moment: the last of them may not know that it is
        one.kill()
    for one in users:
        one.communicate()
    assert gone(place)


def test_a_server_that_a_command_started_can_be_kept(place: Workspace) -> None:
    first = python(USER, place.root)
    assert said(first) == "open"
    kept = embedded.start(place)
    first.kill()
    first.communicate()
    time.sleep(1.0)
    assert embedded.status(place) == kept
    with open_store(None, place) as store:
        store.write("CREATE (:A)")
    assert embedded.status(place) == kept
    assert embedded.stop(place)


def test_coming_and_going_at_once_loses_no_visit(place: Workspace) -> None:
    users = [python(IN_AND_OUT, place.root, 12) for _ in range(2)]
    told = [one.communicate(timeout=80) for one in users]
    assert [err for _, err in told] == ["", ""]
    visits = sum(out.count("visit") for out, _ in told)
    with open_store(None, place) as store:
        assert store.read("MATCH (v:Visit) RETURN count(v) AS n") == [{"n": visits}]
    assert all(out.count("visit") for out, _ in told)


def test_a_workspace_that_another_process_writes_to_says_who(place: Workspace) -> None:
    holder = python(HOLDER, place.root)
    assert said(holder) == "held"
    with pytest.raises(WorkspaceError) as told, place.lock():
        pass
    assert f"process {holder.pid} on " in str(told.value)
    assert "`-c " in str(told.value)  # its command
    assert " UTC" in str(told.value)
    holder.kill()  # the lock dies with its process; what the file says of it is not believed
    holder.communicate()
    with place.lock():
        named = (place.root / ".lock").read_text()
    assert f"process {os.getpid()} on " in named
    assert str(holder.pid) not in named


def test_a_password_in_a_command_is_not_written_down(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/pathproof", "run", "--store", "bolt://neo4j:secret@host"])
    with place.lock():
        named = (place.root / ".lock").read_text()
    assert "secret" not in named
    assert "`pathproof run --store" in named
