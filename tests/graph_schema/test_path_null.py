"""How ordinary a mechanism path is: counted by hand, held against a plain count, and kept out of every confidence."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathproof.graph_schema import path_null
from pathproof.graph_schema.path_null import PathNull
from pathproof.graph_schema.paths import MOST_STEPS, Network, Step

ROOT = Path(__file__).resolve().parents[2]
GENES = "ABCDEFGH"
_STEPS = st.lists(st.tuples(st.sampled_from(GENES), st.sampled_from(GENES), st.sampled_from([1, -1])), max_size=24).map(
    lambda rows: [Step(*row, "AFFECTS", f"e{i}") for i, row in enumerate(rows)]
)
_TARGETS = st.lists(st.sampled_from(GENES), max_size=3)


def network(*arrows: str, targets: str = "T") -> Network:
    """A step for each "AB", from A to B."""
    return Network([Step(a, b, 1, "AFFECTS", a + b) for a, b in arrows], {"d": targets})


def test_a_share_counted_by_hand() -> None:
    """T reaches A, G and H in 1, 2 and 3 steps; X and Y stand apart; the target itself counts, the gene does not."""
    null = PathNull(network("TA", "AG", "GH", "XY"))
    assert null.shares("d", ["G", "T", "X", "nobody"]) == {
        "G": {0: 1 / 5, 1: 2 / 5, 2: 2 / 5, 3: 3 / 5},  # of T, A, H, X and Y
        "T": {0: 0.0, 1: 1 / 5, 2: 2 / 5, 3: 3 / 5},  # of A, G, H, X and Y
        "X": {0: 1 / 5, 1: 2 / 5, 2: 3 / 5, 3: 4 / 5},  # of T, A, G, H and Y
    }
    assert null.shares("of no target", ["G"]) == {"G": dict.fromkeys(range(4), 0.0)}
    assert null.shares("d", []) == {}


def test_both_directions_count() -> None:
    null = PathNull(network("AT", "TB", "CX"))
    assert null.shares("d", ["C"])["C"] == {0: 1 / 4, 1: 3 / 4, 2: 3 / 4, 3: 3 / 4}


def test_only_genes_of_like_degree_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Degrees: T, D and E 1, B, C, F and G 2, A 3; one gene before and after, and all that are equal to these."""
    monkeypatch.setattr(path_null, "NEAR", 1)
    made = network("TA", "AB", "AC", "BD", "CE", "FG", "GF")
    null = PathNull(made)
    degrees = dict(zip(made.symbols, made.degree.tolist(), strict=True))
    assert degrees == {"A": 3, "B": 2, "C": 2, "D": 1, "E": 1, "F": 2, "G": 2, "T": 1}
    found = null.shares("d", GENES)
    assert found["D"] == {0: 1 / 2, 1: 1 / 2, 2: 1 / 2, 3: 1.0}  # of T and E
    assert found["B"] == {0: 0.0, 1: 0.0, 2: 1 / 3, 3: 1 / 3}  # of C, F and G
    assert found["C"] == found["B"], "not the one that the alphabet puts beside it"
    assert found["A"] == {0: 0.0, 1: 0.0, 2: 1 / 2, 3: 1 / 2}  # of B, C, F and G
    assert "H" not in found


def test_a_gene_alone_has_no_share() -> None:
    assert PathNull(Network([], {"d": ["T"]})).shares("d", ["T"]) == {}
    assert PathNull(Network([], {})).shares("d", ["T"]) == {}


def plainly(made: Network, near: int, gene: str) -> dict[int, float]:
    """The share by its words: genes in the order of their numbers, those within `near` places of the middle equal."""
    degree = dict(zip(made.symbols, made.degree.tolist(), strict=True))
    ordered = sorted(degree.values())
    places = [i for i, n in enumerate(ordered) if n == degree[gene]]
    middle = (places[0] + places[-1]) // 2
    within = ordered[max(middle - near, 0) : middle + near + 1]
    peers = [one for one, n in degree.items() if within[0] <= n <= within[-1] and one != gene]
    ways = made.paths("d", peers)
    steps = [len(ways[one][0].signs) for one in peers if ways[one]]
    return {n: sum(one <= n for one in steps) / len(peers) for n in range(MOST_STEPS + 1)} if peers else {}


@given(_STEPS, _TARGETS, st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_the_shares_are_those_of_a_plain_count(steps: list[Step], targets: list[str], near: int) -> None:
    made = Network(steps, {"d": targets})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(path_null, "NEAR", near)
        found = PathNull(made).shares("d", made.symbols)
    assert {gene: found.get(gene, {}) for gene in made.symbols} == {
        gene: plainly(made, near, gene) for gene in made.symbols
    }


def test_what_explains_does_not_know_of_it() -> None:
    """Confidence is formed in `explain`; nothing there reads a path or its null."""
    sources = [one.read_text(encoding="utf-8") for one in (ROOT / "explain").rglob("*.py")]
    assert len(sources) > 40
    for text, word in itertools.product(sources, ("null_share", "path_null", "PathNull", "HAS_PATH", "MechanismPath")):
        assert word not in text
