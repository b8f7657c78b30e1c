"""A real Neo4j as a child process, with the settings of docker-compose.yml: for tests and benchmarks.

The server is found by $PATHPROOF_NEO4J_HOME, else beside the repository: a folder with Neo4j's jars in `lib`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import yaml

from pathproof.errors import StoreError
from pathproof.graph_schema.store import GraphStore, open_store

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 180.0
_OPENS = ("java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch")


def found() -> Path | None:
    """Folder of the Neo4j to test against; None where there is none, or no Java to run it."""
    home = Path(os.environ.get("PATHPROOF_NEO4J_HOME") or ROOT.parent / "shared" / "neo4j")
    return home if (home / "lib").is_dir() and shutil.which("java") else None


def compose_settings(path: Path = ROOT / "docker-compose.yml") -> dict[str, str]:
    """Neo4j's settings by their own names, from the NEO4J_* variables of the compose file (NEO4J_AUTH is none)."""
    service = yaml.safe_load(path.read_text(encoding="utf-8"))["services"]["neo4j"]
    given = {key.removeprefix("NEO4J_"): str(value) for key, value in service["environment"].items()}
    del given["AUTH"]
    return {key.replace("__", "\0").replace("_", ".").replace("\0", "_"): value for key, value in given.items()}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class RealNeo4j:
    """A server of its own data folder, on free ports of the loopback, with a password.

    Parameters
    ----------
    home : Path
        Folder with `lib` (see :func:`found`).
    folder : Path
        Where its data, configuration and logs go; made when absent. The same folder can be started again.
    """

    user = "neo4j"

    def __init__(self, home: Path, folder: Path) -> None:
        self._home = home
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.password = secrets.token_hex(8)
        self.port = free_port()
        self.uri = f"bolt://127.0.0.1:{self.port}"

    @property
    def runs(self) -> bool:
        """Whether it was started and not ended."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Process number of the running server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it answers; a start after an end finds the same data."""
        settings = compose_settings()
        self._configure(settings)
        log = (self.folder / "out.log").open("ab")
        with log:
            if not (self.folder / "data" / "databases").is_dir():
                admin = ["org.neo4j.cli.AdminTool", "dbms", "set-initial-password", self.password]
                subprocess.run(self._java(settings) + admin, env=self.environment(), stdout=log, stderr=log, check=True)
            where = [f"--home-dir={self.folder}", f"--config-dir={self.folder / 'conf'}", "--console-mode"]
            self._process = subprocess.Popen(
                [*self._java(settings), "org.neo4j.server.CommunityEntryPoint", *where],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def open(self) -> GraphStore:
        """A store on it."""
        return open_store(self.uri, None, user=self.user, password=self.password)

    def end(self, sign: int = signal.SIGKILL) -> None:
        """Send a signal and wait for the end; does nothing when it does not run."""
        if self._process is not None:
            self._process.send_signal(sign)
            self._process.wait()
            self._process = None

    def _java(self, settings: dict[str, str]) -> list[str]:
        sizes = {"-Xms": "server.memory.heap.initial_size", "-Xmx": "server.memory.heap.max_size"}
        return [
            "java",
            *(flag + settings[name] for flag, name in sizes.items()),
            "-XX:+UseG1GC",
            "-Dfile.encoding=UTF-8",
            "-Dlog4j2.disable.jmx=true",
            "-Dio.netty.tryReflectionSetAccessible=true",
            *(f"--add-opens={name}=ALL-UNNAMED" for name in _OPENS),
            "-cp",
            str(self._home / "lib" / "*"),
        ]

    def environment(self) -> dict[str, str]:
        """What its programs find it by."""
        return {**os.environ, "NEO4J_HOME": str(self.folder), "NEO4J_CONF": str(self.folder / "conf")}

    def _configure(self, settings: dict[str, str]) -> None:
        for name in ("conf", "data", "logs", "import"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        here = {
            "server.default_listen_address": "127.0.0.1",
            "server.bolt.listen_address": f"127.0.0.1:{self.port}",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
        }
        lines = [f"{name}={value}\n" for name, value in {**settings, **here}.items()]
        (self.folder / "conf" / "neo4j.conf").write_text("".join(lines), encoding="utf-8")

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.open().close()
                return
            except StoreError as error:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() > deadline:
                    said = (self.folder / "out.log").read_text(encoding="utf-8", errors="replace")[-2000:]
                    self.end()
                    raise RuntimeError(f"the Neo4j to test against did not start:\n{said}") from error
                time.sleep(0.3)
