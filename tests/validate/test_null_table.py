"""Every null keeps what it says it keeps, and the table puts all of them side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring_world import DRUGS, GENES, context, evidence, gene, right, row, shuffled, store, table

from pathproof.validate.claim_table import ClaimTable
from pathproof.validate.judged import Judged, Setting, judge_all
from pathproof.validate.knowledge import read_knowledge
from pathproof.validate.null_table import common
from pathproof.validate.references import build_references
from pathproof.validate.refits import LEAST, PERMUTED, WEIGHTS, Refits
from pathproof.validate.rewired import Edges, Graph, Reading, graph_of, rewired_draws
from pathproof.validate.run import validate
from pathproof.validate.sampled import _repeats, alike, draws_of, nearest_items, summary, uniform
from pathproof.validate.scoring import Picked, pick
from pathproof.validate.universe import Universe

HEADLINE = "resistance_evidence_class"


def judged_by(rows: list[dict[str, Any]], reference: str = HEADLINE) -> tuple[Setting, Judged, Picked]:
    known = read_knowledge(store())
    setting = Setting(build_references(known), known, Universe.of(GENES, (), "test"))
    judged = next(j for j in judge_all(setting, table(rows)) if j.reference == reference)
    return setting, judged, pick(judged, judged.ordered(3))


def precision(judged: Judged, picked: Picked) -> float:
    ends = np.diff(np.append(picked.first, len(picked.rows)))
    return float((np.add.reduceat(judged.own_supported[picked.rows].astype(int), picked.first) / ends).mean())


@pytest.fixture(scope="module")
def nulls() -> dict[str, dict[str, Any]]:
    traits = pd.DataFrame({"mean": np.arange(len(GENES)), "variance": 1.0}, index=list(GENES))
    report = validate(store(), table(right()), {**context("right"), "gene_traits": traits}).report
    return {one["null"]: one for one in report["null_table"]}


def test_all_nulls_stand_side_by_side(nulls: dict[str, dict[str, Any]]) -> None:
    assert list(nulls) == [
        *("random", "matched", "drug_swap", "rewired", "popularity", "common", "permuted_response", "random_weights")
    ]
    for one in nulls.values():
        assert one["keeps"]
        assert one["destroys"]
        assert (one["mean"] is None) <= bool(one["reason"])
        assert (one["p"] is None) == (one["q"] is None)
    for name in ("random", "matched", "drug_swap", "rewired"):
        one = nulls[name]
        assert one["observed"] > one["mean"] + 3 * one["sd"], name
        assert one["p"] == pytest.approx(1 / (one["draws"] + 1))
        assert one["p_error"] == pytest.approx(np.sqrt(one["p"] * (1 - one["p"]) / (one["draws"] + 1)))
        assert one["p"] <= one["q"] <= 1
    assert nulls["random"]["mean"] == pytest.approx(2 / len(GENES), abs=0.005)
    assert "no function" in nulls[PERMUTED]["reason"]


def test_the_size_matched_null_is_the_closed_form() -> None:
    setting, judged, picked = judged_by(right())
    draws = draws_of(judged, picked, uniform(judged), setting.rng("x"), 2000)
    expected = float(np.mean([judged.luck[rows].mean() for rows in np.split(picked.rows, picked.first[1:])]))
    assert draws.mean() == pytest.approx(expected, abs=4 * draws.std() / np.sqrt(2000))


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_a_repeat_is_found_within_its_drug_only(seed: int) -> None:
    rng = np.random.default_rng(seed)
    slot = np.sort(rng.integers(0, 3, 7))
    items = rng.integers(0, 4, (5, 7))
    found = _repeats(items, slot)
    for draw, flags in zip(items, found, strict=True):
        kept = [(s, i) for s, i, flag in zip(slot, draw, flags, strict=True) if not flag]
        assert sorted(kept) == sorted(set(zip(slot.tolist(), draw.tolist(), strict=True)))


def test_matched_genes_are_alike_and_hold_themselves() -> None:
    known = read_knowledge(store())
    traits = pd.DataFrame({"mean": np.arange(150.0), "variance": 1.0}, index=list(GENES[:150]))
    near = nearest_items(GENES, known, traits)
    assert near.shape == (len(GENES), 50)
    assert all(i in some for i, some in enumerate(near))
    assert all(set(near[i]) <= set(range(150, 200)) for i in range(150, 200))  # without expression: like each other
    assert np.abs(near[70] - 70).mean() < 60
    setting, judged, picked = judged_by(right())
    one = np.arange(len(GENES))[:, None]  # each gene is like itself alone: the null is what was observed
    draws = draws_of(judged, picked, alike(judged, picked, one), setting.rng("x"), 5)
    assert draws == pytest.approx(np.full(5, precision(judged, picked)))


def test_genes_that_are_equally_alike_are_drawn_equally_often() -> None:
    """By name the same 50 of many genes without an edge would stand for all, and p would be too small."""
    near = nearest_items(GENES, read_knowledge(store()), None)
    lone = np.arange(120, 200)  # no target, no pathway, no step
    times = np.bincount(near.ravel(), minlength=len(GENES))[lone]
    assert times.min() > 10
    assert times.max() < 130


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=40, deadline=None)
def test_rewiring_keeps_degrees_signs_and_makes_no_loops_or_repeats(seed: int, loops: bool) -> None:
    rng = np.random.default_rng(seed)
    keys = {(int(a), int(b), int(k)) for a, b, k in rng.integers(0, [8, 8, 2], (40, 3)) if loops or a != b}
    start, end, kind = np.array(sorted(keys), dtype=np.int64).T
    edges = Edges(start, end, kind, loops)
    for _ in range(5):
        after = edges.swapped(rng)
        found = list(zip(after.start.tolist(), after.end.tolist(), after.kind.tolist(), strict=True))
        assert len(set(found)) == len(found)
        assert loops or all(a != b for a, b, _ in found)
        for side in ("start", "end"):
            assert Counter(zip(getattr(after, side).tolist(), after.kind.tolist(), strict=True)) == Counter(
                zip(getattr(edges, side).tolist(), kind.tolist(), strict=True)
            )
        edges = after
    assert len(keys) < 10 or (edges.end != end).any()


@pytest.mark.parametrize(
    "reference", [HEADLINE, "resistance_evidence", "resistance_evidence_no_D", "signed_neighbourhood"]
)
def test_the_graph_as_it_is_gives_the_reference_as_it_is(reference: str) -> None:
    rows = right()
    rows += [row("right", d, gene(i // 3 + 60), 0.95) for i, d in enumerate(DRUGS)]  # one signed step from the target
    setting, judged, picked = judged_by(rows, reference)
    graph = graph_of(setting.known, judged, GENES)
    assert isinstance(graph, Graph)
    assert 0 < precision(judged, picked) < 1
    assert Reading(graph, judged, picked).precision(graph.edges) == pytest.approx(precision(judged, picked))
    draws = rewired_draws(graph, judged, picked, np.random.default_rng(0), 20)
    assert draws.mean() < precision(judged, picked) / 2
    assert graph_of(setting.known, replace(judged, reference="regulons"), GENES) is None


def test_common_genes_by_hand() -> None:
    base = store()
    first = base.tables["evidence-edges"][0]
    hub = [{**first, "drug": d, "gene": "G150", "molecular_profile": "G150 Mutation", "edge": d} for d in DRUGS[:30]]
    base.tables["evidence-edges"] += hub
    known = read_knowledge(base)
    setting = Setting(build_references(known), known, Universe.of(GENES, (), "test"))
    rows = [row("one", d, evidence(i)[0][0], 0.9) for i, d in enumerate(DRUGS)]
    judged = next(j for j in judge_all(setting, table(rows)) if j.reference == HEADLINE)
    assert common(judged, pick(judged, judged.ordered(3))) == pytest.approx(30 / len(DRUGS))


def test_p_counts_draws_without_a_figure_against_the_explainer() -> None:
    found = summary(0.5, np.array([0.1, 0.5, np.nan, 0.4]))
    assert found.p == pytest.approx(3 / 5)
    assert found.mean == pytest.approx(1 / 3)


def noise(draw: int) -> ClaimTable:
    """What a toy model finds in permuted responses: unsure claims about any gene."""
    rng = np.random.default_rng(draw)
    return table([row("right", d, str(rng.choice(GENES)), 0.5 * rng.random()) for d in DRUGS])


STRICT = "per_group_precision = 0.5\nmin_distinct_facts = 12\npermuted_response = true\n"


@pytest.mark.parametrize(("found", "status"), [(noise, "PASS"), (lambda draw: table(right(seed=draw)), "FAIL")])
def test_refits_are_scored_like_the_claims_and_gate_where_asked(found: Any, status: str, tmp_path: Path) -> None:
    (tmp_path / "strict.toml").write_text(STRICT)
    given = {**context("right"), "refits": Refits({PERMUTED: found}, LEAST)}
    report = validate(store(), table(right()), given, profile=str(tmp_path / "strict.toml")).report
    nulls = {one["null"]: one for one in report["null_table"]}
    gates = {one["id"]: one for one in report["gates"]}
    assert nulls[PERMUTED]["draws"] == LEAST
    assert nulls[PERMUTED]["p"] is not None
    assert "no function" in nulls[WEIGHTS]["reason"]
    assert gates["distinct_facts"]["status"] == "pass"
    assert gates["per_group_precision"]["status"] == "pass"
    assert gates["permuted_response"]["status"] == ("pass" if status == "PASS" else "fail")
    assert report["verdict"]["status"] == status


def test_strict_without_a_refit_is_not_decided() -> None:
    report = validate(store(), table(right()), context("right"), profile="strict").report
    gates = {one["id"]: one for one in report["gates"]}
    assert gates["permuted_response"]["status"] == "not_run"
    assert report["verdict"]["status"] in ("INCONCLUSIVE", "FAIL")
    assert "permuted responses" in " ".join(report["verdict"]["not_tested"])


def test_a_wrong_explainer_lies_inside_every_null() -> None:
    report = validate(store(), table(shuffled(right())), context("shuffled")).report
    for one in report["null_table"]:
        if one["p"] is not None:
            assert one["p"] > 0.05, one
