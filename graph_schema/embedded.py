"""The embedded graph server: ArcadeDB as a loopback child process that speaks Bolt.

Every word about this server stands in this module, but for what its log says
(:mod:`pathproof.graph_schema.server_log`). It is started from the wheel
`arcadedb-embedded`, which brings its own Java runtime; the package itself is never imported,
because a Java machine inside the Python process would abort it on SIGTERM.

Files in `workspace.store`::

    server.json   what runs now: process, its start time, ports (mode 600; absent when nothing runs)
    password      password of the user `root` (mode 600)
    arguments     the command line, read by `java @arguments` (mode 600: the password stays out of the process list)
    server.log    what the server said since its last start
    data/         the database
"""

from __future__ import annotations

import importlib.util
import json
import socket
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import neo4j
import neo4j.exceptions
import psutil

from pathproof.errors import DependencyError, StoreError
from pathproof.graph_schema import server_log
from pathproof.graph_schema.calls import quiet, within
from pathproof.graph_schema.child import (
    HOST,
    end,
    free_ports,
    guard,
    private,
    read_password,
    release,
    running,
    spawn,
    starting,
    unwritable,
    write_password,
)
from pathproof.workspace import Workspace

USER = "root"
DATABASE = "pathproof"
START_SECONDS = 60.0
HEAP = "1g"
COMMAND_MS = 120_000
_PACKAGE = "arcadedb_embedded"
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
    """A server that this process started, or attached to.

    Parameters
    ----------
    status : ServerStatus
    owned : bool
        Whether :meth:`close` stops the server.
    """

    def __init__(
        self, status: ServerStatus, workspace: Workspace, owned: bool, guardian: subprocess.Popen[bytes] | None = None
    ) -> None:
        self.status = status
        self.owned = owned
        self._workspace = workspace
        self._guardian = guardian
        self._log_before = server_log.log_size(workspace.store)

    @property
    def password(self) -> str:
        """The password of :attr:`ServerStatus.user`."""
        return read_password(self._workspace.store)

    def close(self) -> None:
        """Stop the server if this process started it."""
        if self.owned:
            self.owned = False
            stop(self._workspace)
        guardian, self._guardian = self._guardian, None
        release(guardian)

    def trouble(self, *, lost: bool) -> StoreError | None:
        """Why the server fails, where its disk, its process or its log since this object was made tell.

        Parameters
        ----------
        lost : bool
            The connection broke: the server may be about to end, so look for up to a second.
        """
        folder = self._workspace.store
        deadline = time.monotonic() + (1.0 if lost else 0.0)
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
    """Start the server and leave it running after this process ends; does nothing when it runs.

    Raises
    ------
    StoreError
        It did not start: the folder cannot be written, another process owns it, a port was
        taken, the server died (its last words are shown) or was not ready in time.
    DependencyError
        The wheel that brings the server is not installed.
    """
    with starting(workspace.store):
        if not (found := status(workspace)).running:
            release(_launch(workspace))
            found = status(workspace)
    return found


def attach_or_start(workspace: Workspace) -> EmbeddedServer:
    """Attach to the running server of this workspace, else start one that ends with this process."""
    with starting(workspace.store):
        if (found := status(workspace)).running:
            return EmbeddedServer(found, workspace, owned=False)
        guardian = _launch(workspace)
        return EmbeddedServer(status(workspace), workspace, owned=True, guardian=guardian)


def stop(workspace: Workspace) -> bool:
    """Stop the server of this workspace; False when none ran."""
    folder = workspace.store
    process, _ = running(folder / "server.json")
    if process is not None:
        end(process)
    (folder / "server.json").unlink(missing_ok=True)
    return process is not None


def _launch(workspace: Workspace) -> subprocess.Popen[bytes] | None:
    """Start the child, wait until it answers and give its guardian; once more when a port was snatched."""
    folder = workspace.store
    server_log.check_space(folder)
    try:
        return _launch_once(folder)
    except StoreError as error:
        if not any(sign in str(error.got) for sign in _PORT_TAKEN):
            raise
    return _launch_once(folder)


def _launch_once(folder: Path) -> subprocess.Popen[bytes] | None:
    java, jars = _runtime()
    bolt_port, http_port = free_ports()
    log = folder / "server.log"
    try:
        password = write_password(folder)
        (folder / "data").mkdir(exist_ok=True)
        arguments = private(folder / "arguments", _arguments(jars, folder / "data", password, (bolt_port, http_port)))
        with log.open("wb") as out:
            process = spawn([str(java), f"@{arguments.resolve()}"], folder / "data", out)
    except OSError as error:
        raise unwritable(folder, error) from error
    guardian = guard(process.pid)  # from its first moment: this process may be killed while it waits
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


def _runtime() -> tuple[Path, str]:
    spec = importlib.util.find_spec(_PACKAGE)
    package = Path(spec.origin).parent if spec is not None and spec.origin else None
    java = package / "jre" / "bin" / "java" if package else None
    if package is None or java is None or not java.is_file():
        raise DependencyError(
            "The embedded graph store is not installed.",
            got=f"no usable package {_PACKAGE}",
            action="pip install 'arcadedb-embedded==26.10.2.post1', or use a Neo4j with --store bolt://HOST:7687",
        )
    return java, str(package / "jars" / "*")


def _arguments(jars: str, data: Path, password: str, ports: tuple[int, int]) -> str:
    settings = {
        "server.rootPath": data.resolve(),
        "server.rootPassword": password,
        "server.mode": "development",  # production hides what is wrong with a query; loopback and password hold in both
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "bolt.host": HOST,
        "bolt.port": ports[0],
        "bolt.defaultDatabase": DATABASE,
        "server.httpIncomingHost": HOST,
        "server.httpIncomingPort": ports[1],
        "server.defaultDatabases": f"{DATABASE}[{USER}]",
        "txWalFlush": 1,  # without it a commit is not flushed to the disk
        "opencypher.loadCsv.allowFileUrls": "false",
        "opencypher.loadCsv.allowRemoteUrls": "false",
        "command.timeout": COMMAND_MS,  # the server ignores a transaction's own time-out
    }
    words = [
        f"-Xmx{HEAP}",
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        "-XX:+UseCompactObjectHeaders",
        *(f"-Darcadedb.{name}={value}" for name, value in settings.items()),
        "-cp",
        jars,
        "com.arcadedb.server.ArcadeDBServer",
    ]
    quoted = ('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    return "\n".join(quoted) + "\n"


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
