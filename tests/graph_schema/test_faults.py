"""kill -9 of the loader, of the store and of both, at random moments: nothing lost, nothing half there, and the load
completes when run again. benchmarks/faults.py is the same with more rounds."""

from __future__ import annotations

import random
from pathlib import Path

import faults
import pytest
from fault_places import EmbeddedPlace, Neo4jPlace
from fault_world import write_world
from neo4j_server import RealNeo4j

ROUNDS = 3


def check(found: list[faults.Round]) -> None:
    assert {one.left for one in found} <= {"acknowledged", "next"}, found
    assert all(one.completed for one in found), found
    assert all(one.acknowledged > 0 for one in found)


@pytest.mark.slow
@pytest.mark.parametrize("kind", faults.KINDS)
def test_a_killed_load_on_the_embedded_store(kind: str, tmp_path: Path) -> None:
    place = EmbeddedPlace(write_world(tmp_path / "w"))
    found = faults.rounds(place, [kind], ROUNDS, seed=1, out=None)
    check(found)
    if kind == "store":
        for one in found:
            assert one.message is not None
            assert "ended unexpectedly" in one.message
            assert "run the same command again" in one.message
            assert one.told_s is not None
            assert one.told_s < 40


@pytest.mark.slow
@pytest.mark.neo4j
def test_a_killed_load_on_neo4j(neo4j_home: Path, tmp_path: Path) -> None:
    server = RealNeo4j(neo4j_home, tmp_path / "neo4j")
    server.start()
    try:
        place = Neo4jPlace(write_world(tmp_path / "w"), server)
        found = faults.rounds(place, ["loader", "store"], 2, seed=1, out=None)
    finally:
        server.end()
    check(found)
    for one in found:
        if one.kind == "store":
            assert one.message is not None
            assert "No graph store answers" in one.message
            assert one.told_s is not None
            assert one.told_s < 40


class Tampering(EmbeddedPlace):
    """A store that loses one acknowledged node while nobody looks."""

    def settle(self) -> None:
        super().settle()
        with self.open() as store:
            store.write("MATCH (n:Gene) WITH n ORDER BY n.id LIMIT 1 DETACH DELETE n")


@pytest.mark.slow
def test_a_loss_would_be_seen(tmp_path: Path) -> None:
    place = Tampering(write_world(tmp_path / "w"))
    whole = faults.undisturbed(place)
    one = faults.one_round(place, "loader", 0, whole, random.Random(0))
    assert (one.left, one.completed) == ("broken", True)
    assert "| embedded | loader | 1 |" in faults.table([one])
    assert "| 1 rounds |" in faults.table([one])


def test_finished_rounds_are_not_run_again(tmp_path: Path) -> None:
    out = tmp_path / "rounds.jsonl"
    done = [
        faults.Round("embedded", "store", i, 10, "acknowledged", completed=True, ready_s=2.0, told_s=1.0, message="m")
        for i in range(2)
    ]
    out.write_text("".join(faults.json.dumps(faults.asdict(one)) + "\n" for one in done))
    place = EmbeddedPlace(write_world(tmp_path / "w"))
    assert faults.rounds(place, ["store"], 2, seed=0, out=out) == done
    assert not place.workspace.store.exists()
