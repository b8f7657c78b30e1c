"""The embedded server: started, attached to, stopped, and clear about why it cannot start."""

from __future__ import annotations

import json
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from pathproof.errors import DependencyError, StoreError
from pathproof.graph_schema import embedded, server_command, server_log
from pathproof.graph_schema.store import open_store
from pathproof.workspace import Workspace


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.open(tmp_path / 'a workspace\'s "name" µ')
    yield workspace
    embedded.stop(workspace)


def test_start_attach_stop(place: Workspace) -> None:
    assert not embedded.status(place).running
    assert embedded.stop(place) is False
    first = embedded.start(place)
    assert first.running
    assert embedded.start(place) == first == embedded.status(place)
    with open_store(None, place) as store:
        assert (store.kind, store.uri) == ("embedded", first.uri)
        store.write("CREATE (:A {id: 1})")
    assert embedded.status(place).running, "who attaches does not stop it"
    process = psutil.Process(int(first.pid or 0))
    password = first.password_file.read_text()
    assert password not in " ".join(process.cmdline())
    listening = [one.laddr.ip for one in process.net_connections() if one.status == psutil.CONN_LISTEN]
    assert len(listening) == 2
    assert all(ip.removeprefix("::ffff:") == "127.0.0.1" for ip in listening)
    for name in ("password", "arguments", "server.json"):
        assert stat.S_IMODE((place.store / name).stat().st_mode) == 0o600
    assert embedded.stop(place) is True
    assert not process.is_running()
    with open_store(None, place) as store:
        assert store.read("MATCH (a:A) RETURN a.id AS id") == [{"id": 1}]
    assert not embedded.status(place).running, "who starts it stops it"


def test_a_directory_that_another_process_owns_is_told(place: Workspace) -> None:
    running = embedded.start(place)
    state = (place.store / "server.json").read_text()
    (place.store / "server.json").unlink()
    try:
        with pytest.raises(StoreError, match=r"another process has this database open"):
            embedded.start(place)
    finally:
        (place.store / "server.json").write_text(state)
    assert embedded.status(place).pid == running.pid


def test_a_snatched_port_is_tried_again(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    free = embedded.free_ports
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        choices = [(port, free()[1]), free()]
        monkeypatch.setattr(embedded, "free_ports", lambda: choices.pop(0))
        assert embedded.start(place).running
        assert choices == []
        embedded.stop(place)
        choices = [(port, free()[1])] * 2
        with pytest.raises(StoreError, match="did not start(.|\n)*Unable to listen"):
            embedded.start(place)


def test_last_words_are_shown_when_it_dies(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_command, "HEAP", "1k")
    with pytest.raises(StoreError, match=r"did not start(.|\n)*server\.log(.|\n)*ended with status(.|\n)*heap"):
        embedded.start(place)
    assert not embedded.status(place).running


def test_one_that_is_never_ready_is_ended(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[Any] = []
    spawn = embedded.spawn
    monkeypatch.setattr(embedded, "spawn", lambda *given: children.append(spawn(*given)) or children[0])
    monkeypatch.setattr(embedded, "START_SECONDS", 0.2)
    with pytest.raises(StoreError, match="not ready after"):
        embedded.start(place)
    assert children[0].poll() is not None


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "w")
    workspace.store.write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot write its folder(.|\n)*--workspace"):
        embedded.start(workspace)


def test_a_full_disk_is_told(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(place.root)
    monkeypatch.setattr(server_log.shutil, "disk_usage", lambda _: usage._replace(free=2**20))
    with pytest.raises(StoreError, match="too little space(.|\n)*1 MiB free"):
        embedded.start(place)


def test_a_missing_wheel_is_told(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_command, "_PACKAGE", "no_such_package")
    with pytest.raises(DependencyError, match="arcadedb-embedded==26"):
        embedded.start(place)


@pytest.mark.parametrize("state", ["{", "{}", '{"pid": 1}', "[]"])
def test_a_broken_state_file_means_not_running(place: Workspace, state: str) -> None:
    place.store.mkdir()
    (place.store / "server.json").write_text(state)
    assert not embedded.status(place).running


def test_a_reused_process_number_is_not_our_server(place: Workspace) -> None:
    place.store.mkdir()
    me = psutil.Process()
    state = {"pid": me.pid, "created": me.create_time() - 1000, "bolt_port": 1, "http_port": 2}
    (place.store / "server.json").write_text(json.dumps(state))
    assert not embedded.status(place).running
    assert embedded.stop(place) is False
