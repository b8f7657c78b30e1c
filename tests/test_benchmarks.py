"""The benchmarks measure what they say: memory, exit codes, missed targets, graphs of the size that was asked."""

from __future__ import annotations

import importlib.util
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import cast

import numpy as np
import pytest
import store_figures as figures
import store_growth as growth
import store_measures as measures
import store_report as report
import store_results as results
from hypothesis import given
from hypothesis import strategies as st
from store_report import Figure
from synthetic import apportion, draw_pairs, write_synthetic

from pathproof.graph_schema.names import KINDS
from pathproof.graph_schema.queries import list_queries, load_query
from pathproof.graph_schema.schema import KNOWLEDGE_NODES
from pathproof.graph_schema.store import GraphStore
from pathproof.graph_schema.tables import read_knowledge
from pathproof.workspace import Workspace

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "bench.py"
HOLD = "import time; block = bytearray(120 * 2**20); time.sleep(1.2)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD!r}]); sys.exit(3)"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("bench", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench"] = module
    spec.loader.exec_module(module)
    return module


def test_memory_of_a_child_counts_for_the_tree_only(bench: ModuleType) -> None:
    """A child that holds 120 MiB is in the tree's peak, not in the main process's; its exit code comes back."""
    call = bench.measure([sys.executable, "-c", PARENT], bench.clean_environment())
    assert call.code == 3
    assert call.seconds > 1.2
    assert (call.tree_gib - call.main_gib) * 1024 > 115
    assert call.main_gib * 1024 < 100


def test_settings_of_the_caller_do_not_leak_into_a_run(bench: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demonstration must stay one when $PATHPROOF_DATA is set."""
    monkeypatch.setenv("PATHPROOF_DATA", "somewhere")
    assert "PATHPROOF_DATA" not in bench.clean_environment()


def test_a_missed_target_is_said_in_words(bench: ModuleType) -> None:
    """Measured beside target, with met or MISSED; figures without a target carry no word."""
    figures = {"first call, s": 121.0, "second call, s": 3.0, "peak memory, main process, GiB": 1.0}
    lines = bench.lines_of(bench.Result("demonstration", figures))
    assert [line.split()[-1] for line in lines] == ["MISSED", "met", "1.00"]


def test_a_failed_run_is_told_and_not_measured(
    bench: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An exit code that is no verdict ends the measurement with the program's own words."""
    monkeypatch.setattr(bench, "measure", lambda *_: bench.Call(3, 1.0, 0.1, 0.1, "cannot read the data"))
    result = bench.bench_run("real", tmp_path, tmp_path)
    assert "exit code 3" in result.failed
    assert "cannot read the data" in bench.lines_of(result)[-1]


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A synthetic workspace of 3,000 relationships."""
    return write_synthetic(tmp_path_factory.mktemp("synthetic"), 3_000, seed=7)


def test_the_synthetic_graph_passes_the_checks_of_a_load_and_has_the_size_that_was_asked(synthetic: Workspace) -> None:
    """The loader's own check reads it; every kind of the schema has rows; exactly 3,000 relationships."""
    tables = read_knowledge(synthetic)
    assert sum(table.num_rows for table in tables.edges.values()) == 3_000
    assert set(tables.nodes) == {kind.label for kind in KNOWLEDGE_NODES}
    assert all(table.num_rows > 0 for table in tables.nodes.values())


def test_the_synthetic_graph_is_as_uneven_as_a_real_one(synthetic: Workspace) -> None:
    """The busiest gene has many times the median's relationships, and no pair comes twice."""
    table = read_knowledge(synthetic).edges["PARTICIPATES_IN"]
    degrees = Counter(table["start"].to_pylist())
    assert max(degrees.values()) >= 5 * statistics.median(degrees.values())
    assert len(set(zip(table["start"].to_pylist(), table["end"].to_pylist(), strict=True))) == table.num_rows


def test_the_same_seed_gives_the_same_graph_and_another_seed_another(synthetic: Workspace, tmp_path: Path) -> None:
    """So that two runs of the benchmark load the same."""
    again, other = write_synthetic(tmp_path / "a", 3_000, seed=7), write_synthetic(tmp_path / "b", 3_000, seed=8)
    first, same, different = (read_knowledge(one).edges["RESPONDS_TO"] for one in (synthetic, again, other))
    assert first.equals(same)
    assert not first.equals(different)


@given(weights=st.dictionaries(st.text(max_size=3), st.integers(1, 10**6), min_size=1), total=st.integers(0, 10**6))
def test_shares_add_up_and_none_is_off_by_one_or_more(weights: dict[str, int], total: int) -> None:
    """Whole numbers, in proportion."""
    parts = apportion(weights, total)
    assert sum(parts.values()) == total
    assert all(abs(parts[name] - weight * total / sum(weights.values())) < 1 + 1e-6 for name, weight in weights.items())


@pytest.mark.parametrize("n", [0, 1, 50, 100])
def test_pairs_are_different_however_many_of_them_are_drawn(n: int) -> None:
    """Up to all that there are; one more is refused."""
    left, right = draw_pairs(10, 10, n, np.random.default_rng(0))
    assert len(set(zip(left.tolist(), right.tolist(), strict=True))) == n
    with pytest.raises(ValueError, match="do not exist"):
        draw_pairs(10, 10, 101, np.random.default_rng(0))


def test_a_target_is_held_against_the_servers_that_it_speaks_of() -> None:
    """Embedded only, or both; a least or a most; nothing is said without a figure."""
    assert Figure("p", "n", "ms", 40.0, 60.0, target=50.0).met is True
    assert Figure("p", "n", "ms", 40.0, 60.0, target=50.0, held_by=("embedded", "neo4j")).met is False
    assert Figure("p", "n", "1/s", 7_999.0, target=8_000.0, least=True).met is False
    assert Figure("p", "n", "s", None, 1.0, target=5.0).met is None
    assert Figure("p", "n", "s", 1.0).met is None


def test_the_ratio_comes_first_and_a_missed_target_is_said() -> None:
    """In the text and in the page; a figure of one server has no ratio."""
    some = [Figure("p", "slow", "ms", 75.0, 50.0, target=60.0), Figure("p", "alone", "s", 1.25)]
    slow, alone = report.text("p", some).splitlines()[2:4]
    assert slow.split() == ["1.50", "75.0", "50.0", "ms", "<=", "60.0", "MISSED", "slow"]
    assert alone.split() == ["1.25", "s", "alone"]
    assert "| 1.50 | 75.0 | 50.0 | ms | <= 60.0 | MISSED | slow |" in report.markdown(some)


def test_queries_are_told_by_falling_ratio() -> None:
    """The one that is worst beside Neo4j comes first; other parts keep their order."""
    ratios = (1.0, 3.0, 2.0)
    each = [Figure(figures.EACH, f"q{ratio:g}", "ms", ratio, 1.0) for ratio in ratios]
    load = [Figure(figures.LOAD, f"q{ratio:g}", "ms", ratio, 1.0) for ratio in ratios]
    parts = report.by_part([*each, *load])
    assert [one.name for one in parts[figures.EACH]] == ["q3", "q2", "q1"]
    assert [one.name for one in parts[figures.LOAD]] == ["q1", "q3", "q2"]


def test_numbers_are_told_with_three_digits() -> None:
    """Small, large and absent ones."""
    assert [report.number(x) for x in (None, 0.0, 0.01234, 1.5, 12.345, 123.4, 98_765.4)] == [
        "", "0", "0.0123", "1.50", "12.3", "123", "98,765",
    ]  # fmt: skip


def test_every_query_of_the_library_gets_parameters() -> None:
    """Names of the right kind, from the median and the busiest on; a query without names to give is left out."""
    known = {kind: [f"{kind}{i}" for i in range(5)] for kind in results.RANKED}
    for query in list_queries():
        sets = results.parameters(query, known)
        assert sets is not None
        some = {label: list(given) for label, given in sets.items()}
        assert all(1 <= len(given) <= results.TRIES for given in some.values())
        assert all(query.bind(one) for given in some.values() for one in given if one)
    told = results.parameters(load_query("evidence-of-drug"), known)
    assert told is not None
    asked = {label: [one["drug"] for one in given] for label, given in told.items()}
    assert asked == {"typical": [f"drug{i}" for i in (2, 3, 4, 1, 0)], "busiest": [f"drug{i}" for i in range(5)]}
    assert results.parameters(load_query("evidence-of-drug"), {**known, "drug": []}) is None


def test_a_question_about_two_things_is_tried_with_every_pair_of_them() -> None:
    known = {kind: [f"{kind}{i}" for i in range(3)] for kind in results.RANKED}
    told = results.parameters(load_query("evidence-for-claim"), known)
    assert told is not None
    pairs = [(one["drug"], one["gene"]) for one in told["busiest"]]
    assert pairs[:3] == [("drug0", "gene0"), ("drug0", "gene1"), ("drug1", "gene0")]
    assert len(set(pairs)) == len(pairs) == 9


def test_the_first_parameters_with_rows_are_taken() -> None:
    class Rows:
        def rows(self, name: str, given: dict[str, int]) -> list[int]:
            return [1] if name == "some" and given["n"] == 2 else []

    def some() -> Iterator[dict[str, int]]:
        return iter([{"n": n} for n in range(4)])

    assert measures.with_rows(cast(GraphStore, Rows()), "some", some()) == {"n": 2}
    assert measures.with_rows(cast(GraphStore, Rows()), "none", some()) == {"n": 0}


def test_all_kinds_of_names_have_candidates() -> None:
    """A new kind of name in the library's headers needs a ranking here."""
    assert set(results.RANKED) == set(KINDS)


class Names:
    """A store that answers what the makers of results ask, and nothing else."""

    def read(self, cypher: str) -> list[dict[str, str]]:
        name = re.search(r"\((\w):(\w+)", cypher)
        return [{"id": f"{name.group(2) if name else 'edge'}{i}", "name": f"n{i}"} for i in range(60)]


def test_explanations_have_claims_of_every_kind_and_ids_of_their_own() -> None:
    """As many as an explanation holds at most, all with an id of their own; more than there are drugs is possible."""
    some = results.explanations(Names(), 70, "pathproof", seed=0)
    assert len({one.id for one in some}) == 70
    for one in some:
        assert Counter(claim.kind for claim in one.claims) == {k: n for k, (n, _) in results.CLAIMS.items()}
        assert len({one.claim_id(claim) for claim in one.claims}) == len(one.claims)
    verdicts = results.judgements(Names(), some, seed=1)
    assert len(verdicts) == sum(len(one.claims) for one in some)
    assert {bool(one.supporting) for one in verdicts} == {True, False}
    assert not any(one.supporting and one.contradicting for one in verdicts)


def test_differing_answers_and_queries_that_could_not_be_asked_are_noted() -> None:
    """A figure for an answer that the other server does not give would compare two different things."""
    load = measures.Load(1.0, 0.1, {}, 1, 1, 1.0)

    def server(rows: int, left_out: list[str]) -> measures.Server:
        asked = {"drugs": {"whole": measures.Asked({}, rows, [0.01])}}
        return measures.Server("x", load, asked=asked, left_out=left_out)

    notes = figures.query_notes({"embedded": server(3, []), "neo4j": server(4, ["validation-runs"])}, 7)
    assert any("differ in length: drugs (whole)" in note for note in notes)
    assert any("Not asked, neo4j: validation-runs" in note for note in notes)
    assert not any("differ" in note for note in figures.query_notes({"embedded": server(3, [])}, 7))


def test_the_peak_of_a_process_is_seen() -> None:
    """A child that holds 120 MiB for a moment and lets go."""
    code = "block = bytearray(120 * 2**20); print(flush=True); input(); del block; print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        with measures.PeakMemory(child.pid) as memory:
            child.stdout.readline()
            time.sleep(5 * measures.POLL_SECONDS)
            child.stdin.write(b"\n")
            child.stdin.flush()
            child.stdout.readline()
        child.kill()
    assert 120 < memory.peak < 250


def test_growth_is_a_power_of_the_size() -> None:
    """Ten times the size in a hundred times the seconds is 2; memory that stays is 0."""

    def grown(size: int, seconds: float) -> growth.Grown:
        return growth.Grown(measures.Load(seconds, 0.0, {}, 1, size, 500.0), 1.0, 400.0, size / 1000)

    powers = figures.exponents({1_000: grown(1_000, 1.0), 10_000: grown(10_000, 100.0)})
    assert [round(one.embedded, 6) for one in powers] == [2.0, 0.0, 1.0]


def test_a_load_over_a_full_store_is_no_measurement(synthetic: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is loaded then, and the seconds would be a lie."""

    class Full:
        def load_knowledge(self, *_: object) -> bool:
            return False

    with pytest.raises(RuntimeError, match="not empty"):
        measures.first_load(Full(), synthetic, os.getpid())


def test_whole_tables_are_told_apart_and_count_for_the_worst_run_all_the_same() -> None:
    """A question of people has a figure of its own; the target of the worst run holds for both."""
    load = measures.Load(1.0, 0.1, {}, 1, 1, 1.0)
    seconds = {"drugs": 0.02, "targets-of-drug": 0.4, "pathway-members": 3.0}
    asked = {name: {"whole": measures.Asked({}, 1, [value])} for name, value in seconds.items()}
    median, people, every, n = figures.query_figures({"embedded": measures.Server("x", load, asked=asked)})
    assert (median.embedded, people.embedded, every.embedded, n.embedded) == pytest.approx((400, 400, 3_000, 3))
    assert (median.met, people.met, every.met) == (False, True, False)
