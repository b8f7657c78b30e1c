"""The embedded graph server: ArcadeDB as a loopback child process that speaks Bolt.

Every word about this server stands in this module, but for its command line and what its log says
(:mod:`pathproof.graph_schema.server_command`, :mod:`pathproof.graph_schema.server_log`). It is started from the wheel
`arcadedb-embedded`, which brings its own Java runtime; the package itself is never imported,
because a Java machine inside the Python process would abort it on SIGTERM.

Files in `workspace.store`::

    server.json   what runs now: process, its start time, ports, whether it is kept (mode 600; absent when nothing runs)
    users         locked shared by every process that uses the server: the last one out ends it, unless it is kept
    password      password of the user `root` (mode 600)
    arguments     the command line, read by `java @arguments` (mode 600: the password stays out of the process list)
    server.log    what the server said since its last start
    data/         the database
"""

from __future__ import annotations

import json
import socket
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import neo4j
import neo4j.exceptions
import psutil

from pathproof.errors import StoreError
from pathproof.graph_schema import server_log
from pathproof.graph_schema.calls import quiet, within
from pathproof.graph_schema.child import (
    HOST,
    Use,
    end,
    free_ports,
    guard,
    in_use,
    private,
    read_password,
    release,
    running,
    spawn,
    starting,
    unwritable,
    write_password,
)
from pathproof.graph_schema.reader import write_groups
from pathproof.graph_schema.server_command import DATABASE, USER, arguments, runtime
from pathproof.workspace import Workspace

START_SECONDS = 60.0
LOST_SECONDS = 5.0
_PORT_TAKEN = ("Address already in use", "BindException", "Unable to listen")


@dataclass(frozen=True)
class ServerStatus:
    """What is known of a workspace's embedded server; `uri` and `pid` are None when it does not run."""

    running: bool
    folder: Path
    password_file: Path
    log: Path
    user: str = USER
    database: str = DATABASE
    uri: str | None = None
    pid: int | None = None


class EmbeddedServer:
    """This process's use of a server, which it started or attached to.

    Parameters
    ----------
    status : ServerStatus
    use : Use
        Given up by :meth:`close`.
    guardian : subprocess.Popen or None
        Where this process started the server: who ends it if this process cannot.
    """

    def __init__(
        self, status: ServerStatus, workspace: Workspace, use: Use, guardian: subprocess.Popen[bytes] | None = None
    ) -> None:
        self.status = status
        self._workspace = workspace
        self._use: Use | None = use
        self._guardian = guardian
        self._log_before = server_log.log_size(workspace.store)

    @property
    def password(self) -> str:
        """The password of :attr:`ServerStatus.user`."""
        return read_password(self._workspace.store)

    def close(self) -> None:
        """Give the server up; the last of its users stops it, unless :func:`start` said that it is to stay."""
        use, self._use = self._use, None
        if use is not None and use.leave(lambda: _end_unless_kept(self._workspace)):
            release(self._guardian)

    def trouble(self, *, lost: bool) -> StoreError | None:
        """Why the server fails, where its disk, its process or its log since this object was made tell.

        Parameters
        ----------
        lost : bool
            The connection broke: the server may be about to end, so look for a few seconds.
        """
        folder = self._workspace.store
        deadline = time.monotonic() + (LOST_SECONDS if lost else 0.0)
        while status(self._workspace).pid == self.status.pid and time.monotonic() < deadline:
            time.sleep(0.05)
        if (full := server_log.disk_full(folder, self._log_before)) is not None:
            return full
        gone = status(self._workspace).pid != self.status.pid
        return server_log.ended(folder, self._log_before) if gone else None


def status(workspace: Workspace) -> ServerStatus:
    """Whether the embedded server of this workspace runs, and where."""
    folder = workspace.store
    facts = ServerStatus(False, folder, folder / "password", folder / "server.log")
    process, state = running(folder / "server.json")
    if process is None:
        return facts
    return replace(facts, running=True, uri=f"bolt://{HOST}:{state['bolt_port']}", pid=process.pid)


def start(workspace: Workspace) -> ServerStatus:
    """Have the server run, and stay when this process and all other users have ended, until :func:`stop`.

    Raises
    ------
    StoreError
        It did not start: the folder cannot be written, another process owns it, a port was
        taken, the server died (its last words are shown) or was not ready in time.
    DependencyError
        The wheel that brings the server is not installed.
    """
    with starting(workspace.store):
        use = Use(workspace.store)
        guardian = None
        try:
            if not status(workspace).running:
                guardian = _launch(workspace)
            _keep(workspace)
            return status(workspace)
        finally:
            use.leave(lambda: _end_unless_kept(workspace))
            release(guardian)


def attach_or_start(workspace: Workspace) -> EmbeddedServer:
    """Attach to the running server of this workspace, else start one that ends with the last of its users."""
    with starting(workspace.store):
        use = Use(workspace.store)
        guardian = None
        if not status(workspace).running:
            try:
                guardian = _launch(workspace)
            except BaseException:
                use.leave(lambda: None)
                raise
        return EmbeddedServer(status(workspace), workspace, use, guardian)


def stop(workspace: Workspace) -> bool:
    """Stop the server of this workspace, whoever uses it; False when none ran."""
    if not status(workspace).running:
        return False
    with starting(workspace.store):
        return _end(workspace.store)


def used(workspace: Workspace) -> bool:
    """Whether any process uses the server of this workspace now."""
    return in_use(workspace.store)


def _end(folder: Path) -> bool:
    process, _ = running(folder / "server.json")
    if process is not None:
        end(process)
    (folder / "server.json").unlink(missing_ok=True)
    return process is not None


def _end_unless_kept(workspace: Workspace) -> None:
    _, state = running(workspace.store / "server.json")
    if not state.get("kept"):
        _end(workspace.store)


def _keep(workspace: Workspace) -> None:
    path = workspace.store / "server.json"
    _, state = running(path)
    try:
        private(path, json.dumps({**state, "kept": True}))
    except OSError as error:
        raise unwritable(workspace.store, error) from error


def _launch(workspace: Workspace) -> subprocess.Popen[bytes]:
    """Start the child, wait until it answers and give its guardian; once more when a port was snatched."""
    folder = workspace.store
    server_log.check_space(folder)
    try:
        return _launch_once(folder)
    except StoreError as error:
        if not any(sign in str(error.got) for sign in _PORT_TAKEN):
            raise
    return _launch_once(folder)


def _launch_once(folder: Path) -> subprocess.Popen[bytes]:
    java, jars = runtime()
    bolt_port, http_port = free_ports()
    log = folder / "server.log"
    try:
        password = write_password(folder)
        write_groups(folder / "data")
        words = arguments(jars, folder / "data", password, (bolt_port, http_port))
        file = private(folder / "arguments", words)
        with log.open("wb") as out:
            process = spawn([str(java), f"@{file.resolve()}"], folder / "data", out)
    except OSError as error:
        raise unwritable(folder, error) from error
    guardian = guard(process.pid, folder)  # from its first moment: this process may be killed while it waits
    try:
        _wait_until_ready(process, f"bolt://{HOST}:{bolt_port}", password, folder)
        created = psutil.Process(process.pid).create_time()
        state = {"pid": process.pid, "created": created, "bolt_port": bolt_port, "http_port": http_port}
        private(folder / "server.json", json.dumps(state))
    except BaseException as error:
        process.kill()
        process.wait()
        release(guardian)
        if isinstance(error, OSError):
            raise unwritable(folder, error) from error
        raise
    return guardian


def _wait_until_ready(process: subprocess.Popen[bytes], uri: str, password: str, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        if process.poll() is not None:
            raise server_log.did_not_start(folder, f"it ended with status {process.returncode}")
        if server_log.START_FAILED in server_log.log_text(folder):  # its other threads would keep the process alive
            raise server_log.did_not_start(folder, "its start failed")
        if time.monotonic() > deadline:
            raise server_log.did_not_start(folder, f"it was not ready after {START_SECONDS:.0f} s")
        if within(lambda: _answers(uri, password), None, uri):
            return
        time.sleep(0.1)


def _answers(uri: str, password: str) -> bool:
    port = int(uri.rsplit(":", 1)[1])
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) != 0:
            return False
    try:
        with (
            quiet(),
            neo4j.GraphDatabase.driver(
                uri, auth=(USER, password), connection_timeout=3, connection_acquisition_timeout=3
            ) as driver,
            driver.session(database=DATABASE) as session,
        ):
            return bool(session.run("RETURN 1 AS one").single(strict=True)["one"] == 1)
    except (neo4j.exceptions.DriverError, neo4j.exceptions.Neo4jError, OSError):
        return False
