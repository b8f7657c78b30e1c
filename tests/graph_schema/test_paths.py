"""Shortest signed paths: held against a search that tries every walk."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathproof.graph_schema import paths
from pathproof.graph_schema.paths import MOST_PATHS, MOST_STEPS, MechanismPath, Network, Step

GENES = "ABCDEFG"
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(GENES),
        st.sampled_from(GENES),
        st.sampled_from([1, -1]),
        st.sampled_from(["AFFECTS", "REGULATES"]),
    ),
    max_size=24,
).map(lambda rows: [Step(*row, f"e{i}") for i, row in enumerate(rows)])
_TARGETS = st.lists(st.sampled_from(GENES), max_size=3)


def every_walk(steps: list[Step], starts: set[str], ends: set[str]) -> list[tuple[Step, ...]]:
    """All walks of the least number of steps, of one to MOST_STEPS, from a start to an end."""
    for n in range(1, MOST_STEPS + 1):
        found = [
            walk
            for walk in itertools.product(steps, repeat=n)
            if walk[0].start in starts
            and walk[-1].end in ends
            and all(a.end == b.start for a, b in itertools.pairwise(walk))
        ]
        if found:
            return found
    return []


def oracle(steps: list[Step], targets: list[str], gene: str) -> set[MechanismPath]:
    """All shortest paths, none left out."""
    if gene in targets:
        return {MechanismPath("same", (gene,), (), ())}
    chosen: dict[tuple[str, str, int], Step] = {}
    for step in sorted(steps, key=lambda one: (one.type, one.edge)):
        if step.start != step.end:
            chosen.setdefault((step.start, step.end, step.sign), step)
    kept = list(chosen.values())
    found = {
        "downstream": every_walk(kept, set(targets), {gene}),
        "upstream": every_walk(kept, {gene}, set(targets)),
    }
    least = min((len(walks[0]) for walks in found.values() if walks), default=0)
    return {
        MechanismPath(
            direction,
            (walk[0].start, *(one.end for one in walk)),
            tuple(one.sign for one in walk),
            tuple(one.edge for one in walk),
        )
        for direction, walks in found.items()
        for walk in walks
        if len(walk) == least
    }


@given(_STEPS, _TARGETS, st.sampled_from(GENES))
@settings(max_examples=300, deadline=None)
def test_all_shortest_paths_and_no_other(steps: list[Step], targets: list[str], gene: str) -> None:
    wanted = oracle(steps, targets, gene)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "MOST_PATHS", 10**6)
        found = Network(steps, {"d": targets}).paths("d", [gene])[gene]
    assert len(found) == len(set(found))
    assert set(found) == wanted


@given(_STEPS, _TARGETS, st.sampled_from(GENES), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_the_most_paths_are_the_best_of_all_in_any_order_of_reading(
    steps: list[Step], targets: list[str], gene: str, order: random.Random
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "MOST_PATHS", 10**6)
        every = Network(steps, {"d": targets}).paths("d", [gene])[gene]
    shuffled = order.sample(steps, len(steps))
    few = Network(shuffled, {"d": reversed(targets)}).paths("d", [gene])[gene]
    assert few == every[:MOST_PATHS]
    kinds = {(path.direction, path.sign) for path in every}
    assert {(path.direction, path.sign) for path in few} == kinds, "one of each direction and sign comes first"


def _network(*rows: tuple[str, str, int], targets: tuple[str, ...] = ("T",)) -> Network:
    return Network([Step(a, b, sign, "AFFECTS", f"{a}>{b}{sign}") for a, b, sign in rows], {"d": targets})


def test_signs_multiply_and_both_directions_count() -> None:
    network = _network(("T", "A", -1), ("A", "G", -1), ("G", "B", -1), ("B", "T", 1), ("T", "G2", 1))
    found = network.paths("d", ["G", "G2", "T", "nobody"])
    assert [(one.direction, one.text, one.sign) for one in found["G"]] == [
        ("downstream", "T -| A -| G", 1),
        ("upstream", "G -| B -> T", -1),
    ]
    assert [(one.target, one.gene) for one in found["G"]] == [("T", "G"), ("T", "G")]
    assert [one.text for one in found["G2"]] == ["T -> G2"]
    assert [(one.direction, one.text, one.sign, one.edges) for one in found["T"]] == [("same", "T", 1, ())]
    assert found["nobody"] == ()


def test_paths_around_a_hub_come_first() -> None:
    through = [("T", "H", 1), ("H", "G", 1), ("T", "Q", 1), ("Q", "G", 1)]
    hub = [("H", f"X{i}", 1) for i in range(5)]
    assert [one.text for one in _network(*through, *hub).paths("d", ["G"])["G"]] == ["T -> Q -> G", "T -> H -> G"]


def test_parallel_relationships_of_one_sign_are_one_step_and_affects_speaks() -> None:
    steps = [
        Step("T", "G", 1, "REGULATES", "a"),
        Step("T", "G", 1, "AFFECTS", "c"),
        Step("T", "G", 1, "AFFECTS", "b"),
        Step("T", "G", -1, "REGULATES", "z"),
        Step("T", "T", 1, "AFFECTS", "self"),
    ]
    found = Network(steps, {"d": ["T"]}).paths("d", ["G"])["G"]
    assert [(one.text, one.edges) for one in found] == [("T -> G", ("b",)), ("T -| G", ("z",))]


def test_more_than_three_steps_and_drugs_without_targets_have_no_paths() -> None:
    network = _network(("T", "A", 1), ("A", "B", 1), ("B", "C", 1), ("C", "D", 1))
    found = network.paths("d", ["C", "D"])
    assert [one.text for one in found["C"]] == ["T -> A -> B -> C"]
    assert found["D"] == ()
    assert network.paths("another", ["A"]) == {"A": ()}
    assert Network([], {"d": ["T"]}).paths("d", ["T"])["T"][0].direction == "same"


def test_the_id_is_of_the_path_alone() -> None:
    one, two = (_network(("T", "A", 1), targets=who).paths("d", ["A"])["A"] for who in (("T",), ("T", "Z")))
    assert [path.id for path in one] == [path.id for path in two]
    upstream = MechanismPath("upstream", one[0].genes, one[0].signs, one[0].edges)
    assert upstream.id != one[0].id
