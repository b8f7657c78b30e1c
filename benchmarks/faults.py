"""Kill a load at random moments, over and over, and look what is left: the fault table.

    python benchmarks/faults.py [--rounds 30] [--neo4j 5] [--seed 0] [--out FILE.jsonl]

In each round a loader (benchmarks/fault_world.py) starts on an empty store; after a random number of committed
transactions and a random part of one more, the loader, the store or both get SIGKILL. The store is started again
and its fingerprint compared with those of a load that nobody disturbed, taken after each of its transactions:
the graph has to be exactly the one after the last acknowledged transaction, or the one after the next (which was
committed while its acknowledgement was on the way). Then the load runs again and has to give the whole graph.

Rounds that stand in --out are not run again. Prints a Markdown table; the exit code is 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from fault_places import EmbeddedPlace, Neo4jPlace, Place
from fault_world import load, small_transactions, write_world
from neo4j_server import RealNeo4j, found

from pathproof.graph_schema.fingerprint import fingerprint

KINDS = ("loader", "store", "both")
LOADER = Path(__file__).with_name("fault_world.py")


@dataclass(frozen=True)
class Round:
    """One kill and what was found after it.

    `left` is "acknowledged" (the graph after the last acknowledged transaction), "next" (after the one
    that followed) or "broken". `told_s` is how long a loader whose store was killed took to say so.
    """

    server: str
    kind: str
    number: int
    acknowledged: int
    left: str
    completed: bool
    ready_s: float
    told_s: float | None
    message: str | None


@dataclass(frozen=True)
class Undisturbed:
    """A load that nobody disturbed: the fingerprint after each transaction (0: before the first), and its seconds."""

    after: list[str]
    seconds: float


def undisturbed(place: Place) -> Undisturbed:
    """Load once for the fingerprints, and once more for the time that a transaction takes."""
    place.fresh()
    with place.open() as store:
        after = [fingerprint(store)]
        with small_transactions(store, lambda _: after.append(fingerprint(store))):
            load(store, place.workspace)
        store.write("MATCH (n) DETACH DELETE n")
        with small_transactions(store, lambda _: None):
            began = time.monotonic()
            load(store, place.workspace)
            seconds = time.monotonic() - began
        if fingerprint(store) != after[-1]:
            raise RuntimeError("two loads of the same tables differ")
    return Undisturbed(after, seconds)


def one_round(place: Place, kind: str, number: int, whole: Undisturbed, chance: random.Random) -> Round:
    """Kill once and look."""
    last = len(whole.after) - 1
    wanted, rest = chance.randrange(1, last), chance.random() * whole.seconds / last
    place.fresh()
    words, environment = place.command()
    loader = subprocess.Popen(
        [sys.executable, str(LOADER), str(place.workspace.root), *words],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert loader.stdout is not None
    lines: list[str] = []
    for line in loader.stdout:
        lines.append(line)
        if line == f"committed {wanted}\n":
            break
    time.sleep(rest)
    began = time.monotonic()
    if kind in ("loader", "both"):
        loader.kill()
    if kind in ("store", "both"):
        place.kill()
    lines += loader.stdout
    loader.wait()
    told = time.monotonic() - began if kind == "store" else None
    stopped = [json.loads(line.removeprefix("stopped ")) for line in lines if line.startswith("stopped ")]
    acknowledged = sum(line.startswith("committed ") for line in lines)
    place.settle()
    began = time.monotonic()
    with place.open() as store:
        ready = time.monotonic() - began
        found_state = fingerprint(store)
        load(store, place.workspace)
        completed = fingerprint(store) == whole.after[-1]
    left = "broken"
    if found_state == whole.after[acknowledged]:
        left = "acknowledged"
    elif found_state == whole.after[min(acknowledged + 1, last)]:
        left = "next"
    message = stopped[0] if stopped else None
    return Round(place.name, kind, number, acknowledged, left, completed, ready, told, message)


def rounds(place: Place, kinds: Iterable[str], n: int, seed: int, out: Path | None) -> list[Round]:
    """`n` rounds of each kind; those that `out` holds are taken from there, new ones are added to it."""
    done: dict[tuple[str, int], Round] = {}
    if out is not None and out.exists():
        known = [Round(**json.loads(line)) for line in out.read_text(encoding="utf-8").splitlines()]
        done = {(one.kind, one.number): one for one in known if one.server == place.name}
    wanted = [(kind, i) for kind in kinds for i in range(n)]
    missing = [key for key in wanted if key not in done]
    whole = undisturbed(place) if missing else None
    for kind, i in missing:
        assert whole is not None
        one = one_round(place, kind, i, whole, random.Random(f"{seed} {place.name} {kind} {i}"))  # noqa: S311
        done[kind, i] = one
        print(f"{place.name}, {kind} {i + 1}/{n}: {one.acknowledged} acknowledged, left {one.left}", file=sys.stderr)
        if out is not None:
            with out.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps(asdict(one)) + "\n")
    return [done[key] for key in wanted]


def table(found: Iterable[Round]) -> str:
    """The fault table as Markdown."""
    head = (
        "| server | killed | rounds | acknowledged transactions | of them lost, or any half there | committed, "
        "acknowledgement on the way | completed when run again | ready again, s (median, worst) "
        "| told after, s (worst) |"
    )
    lines = [head, "|---|---|---|---|---|---|---|---|---|"]
    groups: dict[tuple[str, str], list[Round]] = {}
    for one in found:
        groups.setdefault((one.server, one.kind), []).append(one)
    for (server, kind), some in groups.items():
        ready = [one.ready_s for one in some]
        told = [one.told_s for one in some if one.told_s is not None]
        broken, after = (sum(one.left == what for one in some) for what in ("broken", "next"))
        cells = [
            *(server, kind, len(some), f"{sum(one.acknowledged for one in some):,}", f"{broken} rounds", after),
            f"{sum(one.completed for one in some)} of {len(some)}",
            f"{statistics.median(ready):.1f}, {max(ready):.1f}",
            f"{max(told):.1f}" if told else "–",
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def main() -> int:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30, help="rounds of each kind on the embedded store")
    parser.add_argument("--neo4j", type=int, default=5, help="rounds of each kind on a real Neo4j, where there is one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=None, help="where finished rounds are kept, to go on from there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = write_world(Path(folder) / "workspace")
        results = rounds(EmbeddedPlace(workspace), KINDS, given.rounds, given.seed, given.out)
        home = found()
        if home is not None and given.neo4j:
            server = RealNeo4j(home, Path(folder) / "neo4j")
            server.start()
            try:
                results += rounds(Neo4jPlace(workspace, server), KINDS, given.neo4j, given.seed, given.out)
            finally:
                server.end()
    print(table(results))
    return int(any(one.left == "broken" or not one.completed for one in results))


if __name__ == "__main__":
    sys.exit(main())
