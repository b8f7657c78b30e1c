"""Shared fixtures: the real data, the embedded store, and a real Neo4j to hold it against.

The real data and the Neo4j are found by $PATHPROOF_DATA and $PATHPROOF_NEO4J_HOME, else beside the
repository. Where they are absent, their tests are skipped with the reason; with CI=true they fail.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NoReturn

import pytest

from pathproof.graph_schema.store import GraphStore, open_store
from pathproof.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "benchmarks"))  # what tests and benchmarks share stands there

from ingest_jobs import ingest_apart  # noqa: E402
from neo4j_server import RealNeo4j, found  # noqa: E402

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background job: its children would ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _beside(variable: str, default: str, what: str) -> Path:
    folder = Path(os.environ.get(variable) or ROOT.parent / "shared" / default)
    if not folder.is_dir():
        absent(f"no {what}: set ${variable}")
    return folder


def absent(reason: str) -> NoReturn:
    """Skip, or fail where everything has to be there."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason + " (CI=true: may not be skipped)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data."""
    return _beside("PATHPROOF_DATA", "data", "real data")


@pytest.fixture(scope="session")
def real_made(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, Any]]:
    """The real data, ingested once, and their manifest. To be read only: a test that writes takes a copy."""
    workspace = Workspace.open(tmp_path_factory.mktemp("real") / "ws")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:  # its peak memory is measured too
        return workspace, apart.submit(ingest_apart, real_data, workspace.root).result()


@pytest.fixture(scope="session")
def embedded_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace for the embedded store alone."""
    return Workspace.open(tmp_path_factory.mktemp("embedded"))


@pytest.fixture(scope="session")
def embedded_store(embedded_workspace: Workspace) -> Iterator[GraphStore]:
    """The embedded store of a workspace of its own."""
    with open_store(None, embedded_workspace) as store:
        yield store


@pytest.fixture(scope="session")
def neo4j_home() -> Path:
    """Folder of the Neo4j to test against."""
    home = found()
    if home is None:
        absent("no Neo4j to test against, or no java for it: set $PATHPROOF_NEO4J_HOME")
    return home


@pytest.fixture(scope="session")
def neo4j_server(neo4j_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealNeo4j]:
    """A real Neo4j with the settings of docker-compose.yml, started for these tests on free ports."""
    server = RealNeo4j(neo4j_home, tmp_path_factory.mktemp("neo4j"))
    server.start()
    yield server
    server.end()  # by force: its data are thrown away


@pytest.fixture(scope="session")
def neo4j_store(neo4j_server: RealNeo4j) -> Iterator[GraphStore]:
    """A store on the real Neo4j."""
    with neo4j_server.open() as store:
        yield store


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say what one process runs: a file, or all that share a finished run or the ingested real data."""
    for item in items:
        shared = {"finished", "real_made"}.intersection(getattr(item, "fixturenames", ()))
        item.add_marker(pytest.mark.xdist_group(min(shared) if shared else str(item.path)))


@pytest.fixture(params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def both(request: pytest.FixtureRequest) -> GraphStore:
    """Each of the two servers in turn, emptied."""
    store: GraphStore = request.getfixturevalue(f"{request.param}_store")
    store.write("MATCH (n) DETACH DELETE n")
    return store
