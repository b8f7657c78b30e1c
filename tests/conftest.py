"""Shared fixtures: the real data, the embedded store, and a real Neo4j to hold it against.

The real data and the Neo4j are found by $PATHPROOF_DATA and $PATHPROOF_NEO4J_HOME, else beside the
repository. Where they are absent, their tests are skipped with the reason; with CI=true they fail.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pathproof.errors import StoreError
from pathproof.graph_schema.store import GraphStore, open_store
from pathproof.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]


def _beside(variable: str, default: str, what: str) -> Path:
    folder = Path(os.environ.get(variable) or ROOT.parent / "shared" / default)
    if not folder.is_dir():
        absent(f"no {what}: set ${variable}")
    return folder


def absent(reason: str) -> None:
    """Skip, or fail where everything has to be there."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason + " (CI=true: may not be skipped)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data."""
    return _beside("PATHPROOF_DATA", "data", "real data")


@pytest.fixture(scope="session")
def embedded_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    """The embedded store of a workspace of its own."""
    with open_store(None, Workspace.open(tmp_path_factory.mktemp("embedded"))) as store:
        yield store


@dataclass(frozen=True)
class Neo4jServer:
    """Where the real Neo4j listens."""

    uri: str
    user: str
    password: str


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """A real Neo4j, started for these tests on free ports."""
    home = _beside("PATHPROOF_NEO4J_HOME", "neo4j", "Neo4j to test against")
    if shutil.which("java") is None:
        absent("no java for the Neo4j to test against")
    folder = tmp_path_factory.mktemp("neo4j")
    bolt, http = free_port(), free_port()
    server = Neo4jServer(f"bolt://127.0.0.1:{bolt}", "neo4j", secrets.token_hex(8))
    with (folder / "out.log").open("wb") as log:
        child = subprocess.Popen(
            [str(home / "start"), str(folder / "home"), str(bolt), str(http)],
            env={**os.environ, "NEO4J_PASSWORD": server.password},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(server, child, folder / "out.log")
        yield server
    finally:
        child.kill()  # its data are thrown away: no need to wait for an orderly end
        child.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(server: Neo4jServer, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            open_store(server.uri, None, user=server.user, password=server.password).close()
            return
        except StoreError:
            if child.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the Neo4j to test against did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.3)


@pytest.fixture(scope="session")
def neo4j_store(neo4j_server: Neo4jServer) -> Iterator[GraphStore]:
    """A store on the real Neo4j."""
    with open_store(neo4j_server.uri, None, user=neo4j_server.user, password=neo4j_server.password) as store:
        yield store


@pytest.fixture(params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def both(request: pytest.FixtureRequest) -> GraphStore:
    """Each of the two servers in turn, emptied."""
    store: GraphStore = request.getfixturevalue(f"{request.param}_store")
    store.write("MATCH (n) DETACH DELETE n")
    return store
