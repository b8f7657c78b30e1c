"""A second user of the embedded server, who may read and nothing else: a user's own Cypher runs as that one.

The embedded server lets a READ session write. What it does enforce is what a user's group allows, so even a
statement that our guard let through by mistake is refused there. Neo4j enforces its READ sessions itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import neo4j

from pathproof.graph_schema.child import private

READER = "reader"


def credentials(password: str) -> str:
    """The reader as the server's list of users names it; the password is the workspace's own."""
    return f"{READER}:{password}:{READER}"


def reader_auth(password: str) -> neo4j.Auth:
    """What a session of the reader logs in with."""
    return neo4j.basic_auth(READER, password)


def write_groups(data: Path) -> None:
    """Write what the groups of users may do, before the server starts and reads it.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    every = ["createRecord", "readRecord", "updateRecord", "deleteRecord"]
    groups = {
        "admin": _group(["updateSecurity", "updateSchema", "updateDatabaseSettings"], every),
        READER: _group([], ["readRecord"]),
        "*": _group([], []),
    }
    folder = data / "config"
    folder.mkdir(parents=True, exist_ok=True)
    private(folder / "server-groups.json", json.dumps({"databases": {"*": {"groups": groups}}, "version": 2}, indent=2))


def _group(access: list[str], records: list[str]) -> dict[str, Any]:
    return {"resultSetLimit": -1, "readTimeout": -1, "access": access, "types": {"*": {"access": records}}}
