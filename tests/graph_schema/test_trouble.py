"""What breaks in the middle of the work: told for what it is, without the driver's own log, and within bounds."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from pathproof.errors import StoreError, UsageError
from pathproof.graph_schema import embedded, server_log
from pathproof.graph_schema.calls import interrupted, quiet
from pathproof.graph_schema.store import GraphStore, open_store
from pathproof.workspace import Workspace


class Proxy:
    """A port in front of a server, which can go away in mid-work."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._sockets: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._copy, args=(one, other), daemon=True).start()

    @staticmethod
    def _copy(one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)

    def cut(self) -> None:
        for one in (self._door, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@pytest.fixture
def proxied(neo4j_server: Any) -> Iterator[tuple[Proxy, GraphStore]]:
    proxy = Proxy(int(neo4j_server.uri.rsplit(":", 1)[1]))
    uri = f"bolt://127.0.0.1:{proxy.port}"
    with open_store(uri, None, user=neo4j_server.user, password=neo4j_server.password) as store:
        yield proxy, store
    proxy.cut()


def _write_until_it_fails(store: GraphStore) -> StoreError:
    try:
        for _ in range(10_000):
            store.write_rows("UNWIND $rows AS row CREATE (n:Heap) SET n = row", [{"i": i} for i in range(100)])
    except StoreError as error:
        return error
    pytest.fail("the server did not go away")


@pytest.mark.neo4j
def test_a_neo4j_that_stops_in_mid_load_is_told_once(
    proxied: tuple[Proxy, GraphStore], caplog: pytest.LogCaptureFixture
) -> None:
    proxy, store = proxied
    timer = threading.Timer(0.3, proxy.cut)
    timer.start()
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        error = _write_until_it_fails(store)
        store.close()
    timer.join()
    assert "No graph store answers" in str(error)
    assert time.monotonic() - began < 20
    assert [record.name for record in caplog.records if record.name.startswith("neo4j")] == []


def test_an_embedded_server_that_fails_in_mid_work_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = Workspace.open(tmp_path / "w")
    with caplog.at_level(logging.WARNING), open_store(None, workspace) as store:
        with pytest.raises(StoreError, match="reports an error") as plain:
            store.write("CREATE (:A) RETURN nothing_of_this_name")
        assert "full" not in str(plain.value)

        usage = shutil.disk_usage(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(server_log.shutil, "disk_usage", lambda _: usage._replace(free=2**20))
            with pytest.raises(StoreError, match=r"disk of the(.|\n)*is full(.|\n)*1\.0 MiB(.|\n)*same command again"):
                store.write("CREATE (:A) RETURN nothing_of_this_name")
            with pytest.raises(UsageError, match="nothing_of_this_name"):  # the user's own mistake stays one
                store.user_query("RETURN nothing_of_this_name")

        with (workspace.store / "server.log").open("a") as log:
            log.write("java.io.IOException: No space left on device\n")
        with pytest.raises(StoreError, match=r"is full(.|\n)*said: java\.io\.IOException: No space left"):
            store.write("CREATE (:A) RETURN nothing_of_this_name")
        with open_store(None, workspace) as later:  # what was said before it came is over
            with pytest.raises(StoreError, match="reports an error"):
                later.write("CREATE (:A) RETURN nothing_of_this_name")

            pid = embedded.status(workspace).pid
            assert pid is not None
            later.write("CREATE (:Kept {i: 1})")
            began = time.monotonic()
            timer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
            timer.start()
            error = _write_until_it_fails(later)
            timer.join()
        assert time.monotonic() - began < 20
        assert "ended unexpectedly" in str(error)
        assert "run the same command again" in str(error)
        assert "docker" not in str(error)
    assert [record.name for record in caplog.records if record.name.startswith("neo4j")] == []
    with open_store(None, workspace) as store:
        assert store.read("MATCH (k:Kept) RETURN k.i AS i") == [{"i": 1}]  # what was acknowledged is there


def test_last_words_are_shown_when_they_are_about_a_failure(tmp_path: Path) -> None:
    (tmp_path / "server.log").write_text("INFO up\njava.lang.OutOfMemoryError: Java heap space\nINFO bye\n")
    assert "OutOfMemoryError: Java heap space" in str(server_log.ended(tmp_path))
    assert "gives no reason" in str(server_log.ended(tmp_path, since=server_log.log_size(tmp_path)))


class Breaking:
    """A driver that breaks while it handles Ctrl-C, as the real one may."""

    def session(self, **_: Any) -> Any:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise BufferError("Existing exports of data: object cannot be re-sized")  # noqa: B904

    def close(self) -> None:
        raise BufferError("Existing exports of data: object cannot be re-sized")


@pytest.mark.parametrize("call", ["read", "write"])
def test_an_interrupt_stays_one(call: str) -> None:
    driver: Any = Breaking()
    with pytest.raises(KeyboardInterrupt), GraphStore(driver, "bolt://h", "neo4j") as store:
        getattr(store, call)("RETURN 1 AS one")


def test_an_interrupt_is_found_at_any_remove() -> None:
    inner = ValueError()
    inner.__context__ = KeyboardInterrupt()
    outer = OSError()
    outer.__cause__ = inner
    inner.__cause__ = outer  # a ring must end
    assert interrupted(outer)
    assert not interrupted(ValueError())


_INTERRUPTED = """
    import os, random, signal, sys, threading
    from pathlib import Path
    from pathproof.graph_schema.store import open_store
    from pathproof.workspace import Workspace
    chance = random.Random(0)
    workspace = Workspace.open(Path(sys.argv[1]))
    for _ in range(12):
        try:
            with open_store(None, workspace) as store:
                threading.Timer(chance.uniform(0, 0.2), os.kill, (os.getpid(), signal.SIGINT)).start()
                while True:
                    store.read("UNWIND range(1, 20000) AS x RETURN x, 'text' + x AS t")
        except KeyboardInterrupt:
            print("interrupted", flush=True)
"""


def test_ctrl_c_at_any_moment_of_a_call_is_only_that(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "w")
    embedded.start(workspace)
    try:
        done = _python(_INTERRUPTED, workspace)
        out, err = done.communicate(timeout=150)
    finally:
        embedded.stop(workspace)
    assert (out.split(), err, done.returncode) == (["interrupted"] * 12, "", 0)


def _python(script: str, workspace: Workspace) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(workspace.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.parametrize("function", ["attach_or_start", "start"])
def test_a_python_killed_while_it_starts_the_server_leaves_none(function: str, tmp_path: Path) -> None:
    script = f"""
        import sys
        from pathlib import Path
        from pathproof.graph_schema import embedded
        from pathproof.workspace import Workspace
        embedded._answers = lambda *_: False   # the start lasts
        embedded.{function}(Workspace.open(Path(sys.argv[1])))
    """
    python = _python(script, Workspace.open(tmp_path / "w"))
    me = psutil.Process(python.pid)
    deadline = time.monotonic() + 20
    children: list[psutil.Process] = []
    while len(children) < 2 and time.monotonic() < deadline:  # the server and its guardian
        time.sleep(0.05)
        children = me.children()
    assert sorted(child.name()[:6] for child in children) == ["java", "python"]
    time.sleep(0.3)
    python.kill()
    python.communicate()
    _, alive = psutil.wait_procs(children, timeout=15)
    assert alive == []


def test_the_drivers_log_is_silent_during_calls_only(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("neo4j.pool")
    with quiet():
        with quiet():
            log.warning("inner")
        log.warning("outer")
    log.warning("after")
    assert [record.getMessage() for record in caplog.records] == ["after"]
    with caplog.at_level(logging.DEBUG, logger="neo4j"), quiet():
        log.debug("a level that somebody chose stays")
    assert len(caplog.records) == 2
