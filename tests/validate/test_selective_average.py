"""The selective row: every figure is the mean over the halvings, recomputed here one halving at a time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from scoring_world import DRUGS, PER_GROUP, context, evidence, gene, row, store, table

from pathproof.validate.judged import Judged, Setting, judge_all
from pathproof.validate.knowledge import read_knowledge
from pathproof.validate.references import build_references
from pathproof.validate.run import validate
from pathproof.validate.selective import selective
from pathproof.validate.steps import Asked
from pathproof.validate.universe import Universe

ASKED = Asked(precision=0.6, margin=0.1, repeats=20, min_drugs=3, points=12)


def claims() -> list[dict[str, Any]]:
    """Sure claims mostly right, unsure ones mostly wrong, some genes popular: thresholds differ by halving."""
    rng = np.random.default_rng(5)
    rows: dict[str, dict[str, Any]] = {}
    for i, d in enumerate(DRUGS):
        for symbol, sign in evidence(i)[: rng.integers(0, 3)]:
            made = row("mixed", d, symbol, 0.3 + 0.7 * rng.random(), sign)
            rows[made["claim_id"]] = made
        for k in rng.choice(30, rng.integers(1, 4), replace=False):
            made = row("mixed", d, gene(20 + int(k)), 0.85 * rng.random())
            rows.setdefault(made["claim_id"], made)
    return list(rows.values())


@pytest.fixture(scope="module")
def world() -> tuple[Setting, Judged]:
    known = read_knowledge(store())
    setting = Setting(build_references(known), known, Universe.of([gene(i) for i in range(200)], [], "all"), (), 0)
    found = [j for j in judge_all(setting, table(claims())) if j.reference == "resistance_evidence_class"]
    return setting, next(j for j in found if j.circular == "excluded" and j.kind == "gene")


def by_halving(setting: Setting, judged: Judged) -> dict[str, float]:
    """The same figures by the plainest loops: halve, choose a threshold on one half, count on the other."""
    frame = judged.claims
    group = {d: i // PER_GROUP for i, d in enumerate(DRUGS)}
    top = [i for i in range(len(frame)) if 1 <= frame["order"][i] <= 3 and judged.own_testable[i]]
    drug, key, value = frame["drug"], frame["key"], frame["confidence"]
    right = judged.own_supported
    claiming = sorted({drug[i] for i in top})
    levels = np.unique([value[i] for i in top])
    places = np.geomspace(1, len(top), ASKED.points).round().astype(int) - 1
    levels = np.unique(np.sort([value[i] for i in top])[::-1][places]) if len(levels) > ASKED.points else levels

    def precision(d: str, level: float) -> float | None:
        mine = [right[i] for i in top if drug[i] == d and value[i] >= level]
        return float(np.mean(mine)) if mine else None

    def popular(d: str, level: float) -> float:
        over = [i for i in top if value[i] >= level]
        claimed = Counter(key[i] for i in over)
        ranked = sorted(claimed, key=lambda k: (-claimed[k], k))[: sum(drug[i] == d for i in over)]
        hits = []
        for k in ranked:
            signs = Counter(int(frame["sign"][i]) for i in over if key[i] == k)
            sign = max(sorted(signs), key=lambda s: signs[s])
            known = dict(evidence(DRUGS.index(d)))
            hits.append(k in known and sign in (0, known[k]))
        return float(np.mean(hits))

    rng = setting.rng("selective", "mixed", "S", judged.reference, "gene", "excluded")
    names = sorted({int(judged.group[judged.drugs.index(d)]) for d in claiming})
    number = {d: int(judged.group[judged.drugs.index(d)]) for d in claiming}
    drugs, groups, facts, good, shares, populars = [], [], [], [], [], []
    for _ in range(ASKED.repeats):
        half = {names[i] for i in rng.permutation(len(names))[: len(names) // 2]}
        judged_now: list[tuple[str, float]] = []
        for side in (True, False):
            chooses = [d for d in claiming if (number[d] in half) == side]
            for level in levels:
                found = [p for d in chooses if (p := precision(d, level)) is not None]
                if len(found) >= ASKED.min_drugs and np.mean(found) >= ASKED.aim:
                    others = [d for d in claiming if d not in chooses]
                    judged_now += [(d, level) for d in others if precision(d, level) is not None]
                    break
        named = {(group[d], key[i]) for d, level in judged_now for i in top if drug[i] == d and value[i] >= level}
        hit = {
            (group[d], key[i])
            for d, level in judged_now
            for i in top
            if drug[i] == d and value[i] >= level and right[i]
        }
        drugs.append(len(judged_now))
        groups.append(len({group[d] for d, _ in judged_now}))
        facts.append(len(named))
        good.append(len(hit))
        shares += [precision(d, level) for d, level in judged_now]
        populars += [popular(d, level) for d, level in judged_now]
    return {
        "n_drugs": float(np.mean(drugs)),
        "n_target_groups": float(np.mean(groups)),
        "n_distinct_facts": float(np.mean(facts)),
        "n_distinct_right": float(np.mean(good)),
        "precision": float(np.mean([s for s in shares if s is not None])),
        "popularity": float(np.mean(populars)),
        "coverage_at_threshold": float(np.mean(drugs)) / len(DRUGS),
    }


def test_every_figure_is_the_mean_over_the_halvings(world: tuple[Setting, Judged]) -> None:
    setting, judged = world
    found = selective(setting, judged, ASKED)
    expected = by_halving(setting, judged)
    popular = expected.pop("popularity")
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert found["popularity"]["mean"] == pytest.approx(popular)
    # The world is such that the averages are no whole numbers and differ from the one set at the median.
    assert found["n_drugs"] != round(found["n_drugs"])
    assert found["n_drugs"] != found["at_threshold"]["n_drugs"]


def test_the_set_above_the_median_threshold_stands_apart(world: tuple[Setting, Judged]) -> None:
    setting, judged = world
    found = selective(setting, judged, ASKED)
    once = found["at_threshold"]
    frame = judged.claims
    over = frame[frame["order"].between(1, 3) & (frame["confidence"] >= once["threshold"]) & judged.own_testable]
    assert once["threshold"] == found["threshold"]
    assert once["n_drugs"] == over["drug"].nunique()
    assert once["coverage"] == pytest.approx(over["drug"].nunique() / len(DRUGS))
    assert once["n_distinct_facts"] == len(
        {(DRUGS.index(d) // PER_GROUP, k) for d, k in zip(over["drug"], over["key"], strict=True)}
    )
    assert once["precision"] == pytest.approx(
        np.mean([judged.own_supported[part.index].mean() for _, part in over.groupby("drug")])
    )


def test_sentence_tiles_and_gates_give_the_figures_of_the_row() -> None:
    report = validate(store(), table(claims()), context("mixed")).report
    found = next(r for r in report["selective"] if r["reference"] == "resistance_evidence_class")
    told = report["verdict"]["headline"]
    by = {g["id"]: g for g in report["gates"]}
    assert found["precision"] is not None
    assert f"for {found['n_drugs']:.1f} of {len(DRUGS)} testable drugs" in told
    assert f"in {found['n_target_groups']:.1f} target groups" in told
    assert found["coverage_at_threshold"] == pytest.approx(found["n_drugs"] / len(DRUGS))
    assert by["target_groups"]["observed"] == found["n_target_groups"]
    assert by["coverage"]["observed"] == found["coverage_at_threshold"]
    said = " ".join(report["verdict"]["supported"] + report["verdict"]["not_tested"])
    assert f"{found['n_distinct_facts']:.1f} distinct facts" in said
