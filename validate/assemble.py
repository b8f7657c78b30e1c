"""The report as plain JSON values: the contract of schema version 1."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pathproof.validate.compounds import narrowing
from pathproof.validate.families import FAMILY, METHOD
from pathproof.validate.gates import status_of
from pathproof.validate.given import taken_as_said
from pathproof.validate.judged import Setting
from pathproof.validate.metrics import METRICS, Metric
from pathproof.validate.nulls import KEEPS
from pathproof.validate.profiles import Profile
from pathproof.validate.rank_metrics import RANK_METRICS, RankMetric
from pathproof.validate.words import LIMITS, headline_sentence, sentences
from pathproof.validate.words_beside import beside, predictor_limits

SCHEMA_VERSION = 1
PASSED_ON = ("predictor", "stability", "faithfulness", "confounders", "support", "sources", "environment")


@dataclass(frozen=True)
class Parts:
    """What the scoring made.

    Parameters
    ----------
    precision, selective, gates, drugs : list of dict
    rows : DataFrame
        Judged claims.
    explainer, screen : str
        The one that is judged.
    headline : mapping
        Its selective row; empty without one.
    unknown_genes : sequence of str
        Symbols of the given universe that the graph does not know.
    board : mapping
        All explainers against the headline reference, and their paired differences.
    lost : sequence of dict
        Attrition of the user's references.
    null_table : sequence of dict
        The judged explainer beside every null.
    rankings : sequence of dict
        Whole rankings against each reference.
    """

    precision: Sequence[dict[str, Any]]
    selective: Sequence[dict[str, Any]]
    gates: Sequence[dict[str, Any]]
    drugs: Sequence[dict[str, Any]]
    rows: pd.DataFrame
    explainer: str
    screen: str
    headline: Mapping[str, Any]
    unknown_genes: Sequence[str] = ()
    board: Mapping[str, Any] = field(default_factory=lambda: {"rows": [], "differences": []})
    lost: Sequence[dict[str, Any]] = ()
    null_table: Sequence[dict[str, Any]] = ()
    rankings: Sequence[dict[str, Any]] = ()


def assemble(parts: Parts, setting: Setting, profile: Profile, context: Mapping[str, Any]) -> dict[str, Any]:
    """The whole report; every number is finite or None, and equal inputs give equal reports but for `run`."""
    status = status_of(parts.gates)
    said = sentences(parts.gates, parts.explainer, profile.reference, parts.headline)
    names = [reference.name for reference in setting.references]
    paired = parts.board["differences"]
    more = beside((parts.explainer, parts.screen), profile, parts.precision, parts.selective, names, paired)
    verdict: dict[str, Any] = {
        "status": status,
        "asked": profile.asked.precision,
        "headline": headline_sentence(parts.explainer, profile, parts.headline, status),
        **{name: [*told, *more[name]] for name, told in said.items()},
    }
    verdict["not_tested"] += [*taken_as_said(context), *narrowing(parts.lost)]
    sections = {name: context.get(name) or _empty(name) for name in PASSED_ON}
    report: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "kind": context.get("kind") or "real",
        "run": {"id": "unnamed", **(context.get("run") or {})},
        "verdict": verdict,
        "headline": {
            "explainer": parts.explainer,
            "screen": parts.screen,
            "reference": profile.reference,
            "claim_kind": profile.claim_kind,
            "selection": "top3",
        },
        "gates": list(parts.gates),
        "precision": list(parts.precision),
        "selective": list(parts.selective),
        "leaderboard": {"reference": profile.reference, "claim_kind": profile.claim_kind, **parts.board},
        "attrition": [
            *(context.get("attrition") or []),
            *parts.lost,
            *claim_attrition(parts.rows, parts.unknown_genes),
        ],
        "drugs": list(parts.drugs),
        "universe": {
            "origin": setting.universe.origin,
            "n_genes": len(setting.universe.genes),
            "n_pathways": len(setting.universe.pathways),
            "n_unknown": len(parts.unknown_genes),
        },
        "references": reference_rows(setting),
        "nulls": [{"name": name, "keeps": keeps, "destroys": lost} for name, (keeps, lost) in KEEPS.items()],
        "families": [{"family": FAMILY, "method": METHOD}],
        "null_table": list(parts.null_table),
        "rankings": list(parts.rankings),
        "metrics": [*map(_metric, METRICS), *map(_metric, RANK_METRICS)],
        "profile": _profile(profile, setting),
        "limits": [*LIMITS, *predictor_limits(context.get("predictor")), *(context.get("limits") or [])],
        **sections,
    }
    planted = planted_section(parts)
    if planted is not None:
        report["planted"] = planted
    checked: dict[str, Any] = _finite(report)
    return checked


def _metric(metric: Metric | RankMetric) -> dict[str, Any]:
    return {"name": metric.name, "formula": metric.formula, "range": [metric.low, metric.high]}


def _profile(profile: Profile, setting: Setting) -> dict[str, Any]:
    """The criteria, and how chance was measured."""
    asked = asdict(profile)
    del asked["asked"]
    return {
        **asked,
        "asked": profile.asked.precision,
        "aimed": profile.asked.aim,
        "halvings": profile.asked.repeats,
        "seed": setting.seed,
        "drug_swap_draws": setting.draws,
        "bootstrap_draws": setting.resample_draws,
    }


def _empty(name: str) -> Any:
    return {"predictor": None, "environment": {}}.get(name, [])


def planted_section(parts: Parts) -> dict[str, Any] | None:
    """Recall and precision of the judged explainer against the planted answer, of its three surest genes a drug."""
    for row in parts.precision:
        who = (row["explainer"], row["screen"], row["reference"], row["claim_kind"], row["selection"], row["circular"])
        if who == (parts.explainer, parts.screen, "planted_truth", "gene", "top3", "excluded"):
            return {"recall": row.get("recall"), "precision": row["precision"], "selection": "top3"}
    return None


def reference_rows(setting: Setting) -> list[dict[str, Any]]:
    """What each reference holds and cannot see, and its size within the universe; empty ones say so."""
    rows = []
    drugs = setting.known.screened
    for reference in setting.references:
        rates = {
            kind: setting.facts(reference, drugs, kind, None).base_rate
            for kind in ("gene", "pathway")
            if kind in reference.kinds
        }
        rows.append(
            {
                "name": reference.name,
                "holds": reference.holds,
                "blind_to": reference.blind_to,
                "claim_kinds": list(reference.kinds),
                "signed": reference.signed,
                "may_carry_a_verdict": reference.gating,
                "sources": list(reference.sources),
                "n_facts": len(set(reference.pairs)),
                "n_drugs": len({drug for drug, _ in reference.pairs}),
                "base_rate": rates,
                "absent": None if len(reference.facts) else "no fact about a drug and an item of the universe",
            }
        )
    return rows


def claim_attrition(rows: pd.DataFrame, unknown_genes: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Claims that count nowhere and genes of the universe that are none, by reason, with examples."""
    found: list[dict[str, Any]] = []
    if unknown_genes:
        why = "the graph does not know the symbol"
        step = "genes of the universe left out"
        found.append({"step": step, "genes": len(unknown_genes), "why": why, "examples": list(unknown_genes[:3])})
    hidden = rows[~rows["reported"]]
    for explainer, part in hidden.groupby("explainer", sort=True):
        found.append(_lost("claims not reported", str(explainer), part, "the model does not show the effect"))
    silent = rows[rows["reported"] & (rows["state"] == "untestable")]
    for who, part in silent.groupby(["explainer", "reason"], sort=True):
        name, reason = who
        found.append(_lost("claims untestable by every reference", str(name), part, str(reason)))
    return found


def _lost(step: str, explainer: str, part: pd.DataFrame, why: str) -> dict[str, Any]:
    examples = [f"{name}: {key}" for name, key in zip(part["drug_name"], part["key"], strict=True)]
    return {
        "step": step,
        "explainer": explainer,
        "claims": len(part),
        "drugs": int(part["drug"].nunique()),
        "why": why,
        "examples": examples[:3],
    }


def _finite(value: Any) -> Any:
    """Plain JSON values: numpy scalars become Python's, NaN and infinity become None."""
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value
