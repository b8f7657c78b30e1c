"""Speed and calibration of the validation: `python benchmarks/bench_validate.py [--drugs 295] [--genes 1631]`.

Synthetic references and claims of the asked size. Prints how long the arithmetic takes (all metrics, selective
precision and every null that needs no refit, six references, 1,000 draws), gseapy's prerank on the same rankings and
sets (when gseapy is installed; else it is named as left out), for random explainers how often the verdict is PASS and
whether the p-values are super-uniform, and for true explainers how often it is PASS.
With --speed-only nothing but the first; with --no-rankings without whole rankings, which claims of a few genes for each
drug are not (`pathproof.validate.rankings` asks for 20 a drug).
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pathproof.validate.claim_table import ClaimTable, finished
from pathproof.validate.evidence import Evidence
from pathproof.validate.gates import run_gates, status_of
from pathproof.validate.judged import Judged, Setting, judge_all
from pathproof.validate.knowledge import Knowledge
from pathproof.validate.null_table import common
from pathproof.validate.nulls import drug_swap
from pathproof.validate.profiles import profile_named
from pathproof.validate.rank_metrics import RANK_METRICS
from pathproof.validate.reference import Reference, fact_frame
from pathproof.validate.rewired import graph_of, rewired_draws
from pathproof.validate.sampled import alike, draws_of, nearest_items, summary, uniform
from pathproof.validate.scoring import pick, popular, score
from pathproof.validate.selective import selective
from pathproof.validate.steps import Asked
from pathproof.validate.universe import Universe

FACTS = (8, 16, 33, 49, 82, 326)  # of each drug in each reference: of 1,631 genes 0.5 % to 20 %
EVIDENCE = "resistance_evidence"  # the reference that is read from single edges, so that its graph can be rewired
LEVELS = (0.01, 0.05, 0.1, 0.25, 0.5)
PER_GROUP = 3


def setting_of(drugs: int, genes: int, facts: tuple[int, ...], seed: int) -> Setting:
    """Random references over drugs in target groups of three, and a knowledge that knows their targets only."""
    rng = np.random.default_rng(seed)
    symbols = [f"G{i:05d}" for i in range(genes)]
    names = [f"gdsc.drug:{i:05d}" for i in range(drugs)]
    empty = pd.DataFrame({"start": [], "end": [], "gene": [], "pathway": []}, dtype=object)
    targets = pd.DataFrame({"drug": names, "gene": [symbols[i // PER_GROUP] for i in range(drugs)]})
    frames: dict[str, pd.DataFrame] = {"drugs": pd.DataFrame({"drug": names, "name": names}), "target-edges": targets}
    frames |= dict.fromkeys(("pathway-members", "signalling-edges", "regulation-edges"), empty)
    references = []
    for number, many in enumerate(facts):
        rows = [
            {
                **{"drug": drug, "item": symbols[gene], "sign_mutation": 0, "sign_expression": 0},
                **{"sources": ("made",), "edges": (), "text": ""},
            }
            for drug in names
            for gene in rng.choice(genes, min(many, genes // 2), replace=False)
        ]
        references.append(
            Reference(EVIDENCE if number == 0 else f"reference {number}", "made", "all", fact_frame(rows))
        )
    pairs = pd.DataFrame(references[0].pairs, columns=["drug", "gene"])
    frames["evidence-edges"] = pairs.assign(sign=0, profile="mutation", combination=False, level="A")
    return Setting(tuple(references), Knowledge(frames), Universe.of(symbols, (), "made"))


def claims_of(setting: Setting, per_drug: int, seed: int) -> ClaimTable:
    """Random genes for every drug, with random confidence."""
    rng = np.random.default_rng(seed)
    genes = np.array(setting.universe.genes)
    rows: list[dict[str, Any]] = []
    for drug in setting.known.screened:
        for gene, value in zip(rng.choice(genes, per_drug, replace=False), rng.random(per_drug), strict=True):
            rows.append(
                {
                    **{"claim_id": f"{drug}/{gene}", "explainer": "random", "screen": "S", "drug": drug},
                    **{"drug_name": drug, "kind": "gene", "key": str(gene), "genes": (str(gene),), "layer": ""},
                    **{"sign": 0, "score": value, "rank": 1, "confidence": value, "confirmed": None},
                    **{"reported": True, "selection_frequency": np.nan, "effect": np.nan, "sources": ()},
                }
            )
    return ClaimTable(finished(rows))


def nulls_of(setting: Setting, judged: Judged, near: Any, seed: int) -> dict[str, float]:
    """p of the three surest claims under every null that is drawn."""
    picked = pick(judged, judged.ordered(3))
    row = score(setting, judged, "top3", 3)
    graph = graph_of(setting.known, judged, setting.universe.genes)
    found = {"drug_swap": row["drug_swap"]["p"]}
    for name, choose in (("random", uniform(judged)), ("matched", alike(judged, picked, near))):
        rng = np.random.default_rng([seed, len(name)])
        found[name] = summary(row["precision"], draws_of(judged, picked, choose, rng, setting.draws)).p
    if graph is not None:
        rng = np.random.default_rng([seed, 7])
        found["rewired"] = summary(row["precision"], rewired_draws(graph, judged, picked, rng, setting.draws)).p
    popular(judged, picked)
    common(judged, picked)
    return found


@dataclass(frozen=True)
class Speed:
    """Seconds: all of it as the clock and as the processor count them, and of the clock's those of whole rankings."""

    wall: float
    cpu: float
    ranked: float


def speed(drugs: int, genes: int, per_drug: int, rankings: bool = True) -> Speed:
    """Measure everything that a reference asks for."""
    setting, rng = setting_of(drugs, genes, FACTS, 0), np.random.default_rng(1)
    table = claims_of(setting, per_drug, 0)
    scores = rng.random((drugs, genes)) if rankings else None
    start, busy = time.perf_counter(), time.process_time()
    near = nearest_items(setting.universe.genes, setting.known, None)
    ranked = 0.0
    for judged in judge_all(setting, table):
        if judged.circular == "included":
            continue
        nulls_of(setting, judged, near, 0)
        selective(setting, judged, Asked())
        began = time.perf_counter()
        if scores is not None:
            rank(setting, judged, scores)
        ranked += time.perf_counter() - began
    return Speed(time.perf_counter() - start, time.process_time() - busy, ranked)


def rank(setting: Setting, judged: Judged, scores: npt.NDArray[np.float64]) -> None:
    """Every metric of whole rankings, with its drug-swap null."""
    orders = setting.orders(len(scores))
    for metric in RANK_METRICS:
        values = metric.matrix(scores, judged.facts.held)
        drug_swap(values, np.ones_like(values), np.arange(len(scores)), orders)


def peer(drugs: int, genes: int, sets: int, ranked: float) -> str:
    """gseapy's prerank on the same sort of ranking and sets, for two drugs."""
    if importlib.util.find_spec("gseapy") is None:
        return "gseapy is not installed: left out"
    import gseapy

    setting, rng = setting_of(drugs, genes, FACTS, 0), np.random.default_rng(1)
    held: dict[str, list[str]] = {}
    for reference in setting.references[2:4]:
        for drug, item in reference.pairs:
            held.setdefault(f"{reference.name} {drug}", []).append(item)
    chosen = dict(list(held.items())[:sets])
    start = time.perf_counter()
    for _ in range(2):
        ranking = pd.Series(rng.random(genes), index=list(setting.universe.genes)).sort_values(ascending=False)
        gseapy.prerank(
            ranking, chosen, permutation_num=1000, min_size=1, max_size=genes, outdir=None, threads=1, seed=0
        )
    theirs = (time.perf_counter() - start) / 2
    ours = ranked / drugs * len(chosen) / (len(FACTS) * drugs)
    return (
        f"gseapy {gseapy.__version__} prerank, 1,000 permutations, {len(chosen)} sets: {theirs:.2f} s a drug; "
        f"three metrics and 1,000 drug-swap draws on as many sets: {ours:.5f} s a drug ({theirs / ours:,.0f} times)"
    )


def true_claims(setting: Setting, known: float, seed: int) -> ClaimTable:
    """Two facts of the first reference for a share of the drugs, surely; one random gene for every drug, unsurely."""
    rng = np.random.default_rng([seed, 2])
    reference = setting.references[0]
    of: dict[str, list[str]] = {}
    for drug, item in reference.pairs:
        of.setdefault(drug, []).append(item)
    rows = claims_of(setting, 1, seed).frame.to_dict("records")
    rows = [{**row, "confidence": 0.6 * row["confidence"], "score": 0.6 * row["score"]} for row in rows]
    taken = {(row["drug"], row["key"]) for row in rows}
    for drug in setting.known.screened:
        if rng.random() >= known:
            continue
        for gene in rng.choice(of[drug], 2, replace=False):
            value = 0.8 + 0.2 * rng.random()
            if (drug, str(gene)) not in taken:
                own = {"claim_id": f"{drug}/{gene}", "drug": drug, "drug_name": drug, "confidence": value}
                rows.append({**rows[0], **own, "key": str(gene), "genes": (str(gene),), "score": value})
    return ClaimTable(finished([{name: row[name] for name in row if name != "order"} for row in rows]))


def decided(setting: Setting, table: ClaimTable) -> tuple[str, Judged]:
    """The verdict on all that the claims decide, the model's own gates taken as passed; and the judged claims."""
    profile = replace(profile_named("default"), reference=EVIDENCE)
    judged = next(iter(judge_all(setting, table)))
    row = selective(setting, judged, profile.asked)
    plain = score(setting, judged, "all", None)
    gates = run_gates(Evidence(profile, {"model_sources": []}, judged.explainer, row, plain))
    return status_of([gate for gate in gates if gate["id"] in DECIDED]), judged


def world_of(base: Setting, seed: int) -> Setting:
    """The same small world with random numbers of its own."""
    return replace(base, seed=seed, draws=199, _orders={}, _counts={})


def calibration(explainers: int) -> str:
    """Random explainers in a small world: share of PASS, and of p-values at or below each level."""
    base = setting_of(42, 200, (4,), 3)
    near = nearest_items(base.universe.genes, base.known, None)
    passed, p = 0, []
    for seed in range(explainers):
        setting = world_of(base, seed)
        status, judged = decided(setting, claims_of(setting, 3, seed))
        p.append(nulls_of(setting, judged, near, seed))
        passed += status == "PASS"
    lines = [f"{explainers} random explainers: PASS in {passed / explainers:.1%} (asked: at most 1 %)"]
    for name in p[0]:
        shares = {level: np.mean([one[name] <= level for one in p]) for level in LEVELS}
        bound = {level: level + 3 * np.sqrt(level * (1 - level) / explainers) for level in LEVELS}
        verdict = "super-uniform" if all(shares[at] <= bound[at] for at in LEVELS) else "NOT super-uniform"
        lines.append(f"  {name}: {verdict}; " + ", ".join(f"p <= {at:g}: {shares[at]:.3f}" for at in LEVELS))
    return "\n".join(lines)


def power(worlds: int) -> str:
    """Worlds with a true explainer that knows a share of the drugs: share of PASS."""
    parts = []
    for known in KNOWN:
        base = setting_of(42, 200, (4,), 3)
        found = [decided(world_of(base, seed), true_claims(base, known, seed))[0] for seed in range(worlds)]
        parts.append(f"{known:.0%} of the drugs known: {found.count('PASS') / worlds:.1%}")
    return f"{worlds} worlds with a true explainer (42 drugs in 14 groups), PASS: " + "; ".join(parts)


KNOWN = (0.8, 0.4, 0.2)
DECIDED = ("not_circular", "precision", "above_drug_swap", "above_popularity", "target_groups", "coverage")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Speed and calibration of the validation.")
    parser.add_argument("--drugs", type=int, default=295)
    parser.add_argument("--genes", type=int, default=1631)
    parser.add_argument("--claims", type=int, default=10, help="claims of each drug (default: 10)")
    parser.add_argument("--explainers", type=int, default=1000, help="random explainers (default: 1000)")
    parser.add_argument("--worlds", type=int, default=200, help="worlds with a true explainer (default: 200)")
    parser.add_argument("--sets", type=int, default=538, help="gene sets for the peer (default: 538)")
    parser.add_argument("--speed-only", action="store_true", help="neither peer nor calibration")
    parser.add_argument("--no-rankings", action="store_true", help="leave out whole rankings")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    took = speed(options.drugs, options.genes, options.claims, not options.no_rankings)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    claimed = f"{options.claims} claims a drug{'' if options.no_rankings else ' and whole rankings'}"
    print(f"{options.drugs} drugs x {options.genes} genes x {len(FACTS)} references x 1,000 draws, {claimed}:")
    print(f"{took.wall:.2f} s ({took.cpu:.2f} s of the processor), {peak:.0f} MiB with all input (load {load:.1f})")
    if options.speed_only:
        return
    if not options.no_rankings:
        print(peer(options.drugs, options.genes, options.sets, took.ranked))
    print(calibration(options.explainers))
    print(power(options.worlds))


if __name__ == "__main__":
    main()
