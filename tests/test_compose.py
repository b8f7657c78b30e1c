"""docker-compose.yml: loopback only, no password of its own, data kept; its settings are those that the tests run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from neo4j_server import RealNeo4j, compose_settings

from pathproof.graph_schema.store import GraphStore

FILE = Path(__file__).resolve().parents[1] / "docker-compose.yml"
ACCOUNT = ("server.directories.", "server.default_", "server.bolt.listen_", "server.http")


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    services = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    assert list(services) == ["neo4j"]
    return dict(services["neo4j"])


def test_it_is_the_long_term_release(service: dict[str, Any]) -> None:
    assert service["image"] == "neo4j:5.26-community"


def test_it_listens_on_the_loopback_only(service: dict[str, Any]) -> None:
    assert [port.rsplit(":", 1)[1] for port in service["ports"]] == ["7687", "7474"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert "network_mode" not in service


def test_a_password_is_demanded(service: dict[str, Any]) -> None:
    assert service["environment"]["NEO4J_AUTH"].startswith("neo4j/${NEO4J_PASSWORD:?")
    assert "none" not in service["environment"]["NEO4J_AUTH"]


def test_data_outlive_the_container(service: dict[str, Any]) -> None:
    assert service["volumes"] == ["neo4j-data:/data"]
    assert "neo4j-data" in yaml.safe_load(FILE.read_text(encoding="utf-8"))["volumes"]


def test_health_is_an_answered_query(service: dict[str, Any]) -> None:
    check = service["healthcheck"]
    assert check["test"][0] == "CMD-SHELL"
    assert "RETURN 1" in check["test"][1]
    assert (
        "$${NEO4J_AUTH#*/}" in check["test"][1]
    )  # read in the container: not in the file, not in the process list of the host
    assert check["retries"] * 5 >= 60


def test_names_are_translated_as_the_image_does(tmp_path: Path) -> None:
    file = tmp_path / "compose.yml"
    environment = {"NEO4J_AUTH": "neo4j/x", "NEO4J_server_memory_heap_max__size": "1g", "NEO4J_a_b__c": "false"}
    file.write_text(yaml.safe_dump({"services": {"neo4j": {"environment": environment}}}))
    assert compose_settings(file) == {"server.memory.heap.max_size": "1g", "a.b_c": "false"}


@pytest.mark.neo4j
def test_the_tests_run_these_settings(neo4j_server: RealNeo4j, neo4j_store: GraphStore) -> None:
    cypher = "SHOW SETTINGS YIELD name, value, isExplicitlySet WHERE isExplicitlySet RETURN name, value"
    found = {row["name"]: row["value"] for row in neo4j_store.read(cypher)}
    wanted = compose_settings()
    assert set(wanted) <= set(found)
    sizes = {"256m": "256.00MiB", "512m": "512.00MiB", "1g": "1.00GiB"}
    assert {name: found[name] for name in wanted} == {name: sizes.get(value, value) for name, value in wanted.items()}
    assert all(name in wanted or name.startswith(ACCOUNT) for name in found), found


def test_docker_compose_reads_it() -> None:
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("no docker here")
    if subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode != 0:
        pytest.skip("docker is here without its compose plug-in")
    command = [docker, "compose", "-f", str(FILE), "config", "--quiet"]
    bare = {name: value for name, value in os.environ.items() if name != "NEO4J_PASSWORD"}
    refused = subprocess.run(command, capture_output=True, text=True, check=False, env=bare)
    assert refused.returncode != 0
    assert "set NEO4J_PASSWORD" in refused.stderr
    given = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**bare, "NEO4J_PASSWORD": "12345678"}
    )
    assert given.returncode == 0, given.stderr
