"""The servers that benchmarks/faults.py and the fault tests kill: an embedded one, and a real Neo4j."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from typing import Protocol

from neo4j_server import RealNeo4j

from pathproof.graph_schema import embedded
from pathproof.graph_schema.store import GraphStore, open_store
from pathproof.workspace import Workspace

PATIENCE_SECONDS = 90.0


class Place(Protocol):
    """A server that can be killed."""

    name: str
    workspace: Workspace

    def fresh(self) -> None:
        """Make the graph empty."""

    def command(self) -> tuple[list[str], dict[str, str]]:
        """What the loader is given: arguments after the workspace, environment."""

    def pid(self) -> int:
        """Process number of the server."""

    def kill(self) -> None:
        """Kill the server with SIGKILL."""

    def ended(self) -> None:
        """End the server by force, if it is still there."""

    def settle(self) -> None:
        """Wait until nothing of the killed load is under way."""

    def open(self) -> GraphStore:
        """A store on the server, which is started where it has ended."""


class EmbeddedPlace:
    """The embedded server of a workspace; its loader starts it."""

    name = "embedded"

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def fresh(self) -> None:
        shutil.rmtree(self.workspace.store, ignore_errors=True)

    def command(self) -> tuple[list[str], dict[str, str]]:
        return [], {}

    def pid(self) -> int:
        found_pid = embedded.status(self.workspace).pid
        assert found_pid is not None
        return found_pid

    def kill(self) -> None:
        os.kill(self.pid(), signal.SIGKILL)

    def ended(self) -> None:
        embedded.stop(self.workspace)

    def settle(self) -> None:
        _until(lambda: not embedded.status(self.workspace).running, "the guardian did not end the server")

    def open(self) -> GraphStore:
        return open_store(None, self.workspace)


class Neo4jPlace:
    """A real Neo4j that runs beside the loader."""

    name = "Neo4j"

    def __init__(self, workspace: Workspace, server: RealNeo4j) -> None:
        self.workspace = workspace
        self._server = server

    def fresh(self) -> None:
        with self.open() as store:
            store.write("MATCH (n) DETACH DELETE n")

    def command(self) -> tuple[list[str], dict[str, str]]:
        return [self._server.uri], {"PATHPROOF_STORE_PASSWORD": self._server.password}

    def pid(self) -> int:
        return self._server.pid

    def kill(self) -> None:
        self._server.end()

    def ended(self) -> None:
        self._server.end()

    def settle(self) -> None:
        if self._server.runs:
            with self.open() as store:
                others = (
                    "SHOW TRANSACTIONS YIELD currentQuery WHERE NOT currentQuery STARTS WITH 'SHOW' RETURN 1 AS one"
                )
                _until(lambda: not store.read(others), "a transaction of the killed loader stays")

    def open(self) -> GraphStore:
        if not self._server.runs:
            self._server.start()
        return self._server.open()


def _until(met: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not met():
        if time.monotonic() > deadline:
            raise RuntimeError(otherwise)
        time.sleep(0.02)
