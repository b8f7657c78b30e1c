"""What `pathproof store export --format neo4j-admin` wrote, into a real Neo4j: for tests and benchmarks."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

import neo4j
from neo4j_server import RealNeo4j

from pathproof.graph_schema.exchange.neo4j_admin import AFTER, CALL


def admin_import(server: RealNeo4j, home: Path, folder: Path) -> float:
    """Stop a server, import a folder over its database with neo4j-admin, start it and run what comes after.

    Parameters
    ----------
    server : RealNeo4j
        Started once before, so that it has its password.
    home : Path
        Folder with Neo4j's jars in `lib`.
    folder : Path
        The export.

    Returns
    -------
    float
        Seconds of the import itself (starting and stopping the server not counted).
    """
    server.end(signal.SIGTERM)
    program = server.folder / "neo4j-admin"
    classes = shlex.quote(str(home / "lib" / "*"))
    program.write_text(f'#!/bin/sh\nexec java -Xmx1g -cp {classes} org.neo4j.cli.AdminTool "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    started = time.monotonic()
    done = subprocess.run(
        ["/bin/sh", str(folder / CALL), "--overwrite-destination"],
        env={**os.environ, **server.environment(), "NEO4J_ADMIN": str(program)},
        cwd=server.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    if done.returncode:
        raise RuntimeError(f"neo4j-admin failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    server.start()
    after_import(server, folder)
    return seconds


def after_import(server: RealNeo4j, folder: Path) -> None:
    """Run the statements that come after an import, as cypher-shell does: each in a transaction of its own."""
    statements = (folder / AFTER).read_text(encoding="utf-8").split(";\n")
    with (
        neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver,
        driver.session() as session,
    ):
        for statement in filter(None, statements):
            session.run(statement).consume()  # type: ignore[arg-type]
