"""Whole rankings of an explainer against each reference: rows of the report."""

from __future__ import annotations

from typing import Any

import numpy as np

from pathproof.validate.families import adjusted
from pathproof.validate.judged import Judged, Setting
from pathproof.validate.rank_metrics import RANK_METRICS, Auroc, Floats, RankMetric, enrichment_p
from pathproof.validate.sampled import summary

LEAST = 20  # claims a drug, on average, that make a ranking
LEVEL = 0.05
ENRICHED = "the drugs of one explainer, screen and reference"


def ranking(setting: Setting, judged: Judged) -> list[dict[str, Any]]:
    """One row for each metric; none where the drugs have fewer than 20 claims on average: that is no ranking.

    Claims about single items only, reported or not, by the size of their score, without their sign.
    """
    scores, columns = score_matrix(judged)
    held = judged.facts.held
    open_drugs = np.flatnonzero(held.any(axis=0) & ~held.all(axis=0))
    mine = np.isin(columns, open_drugs)
    if judged.kind not in ("gene", "pathway") or not mine.any() or len(judged.claims) < LEAST * len(columns):
        return []
    scores, held, places = scores[mine], held[:, open_drugs], np.searchsorted(open_drugs, columns[mine])
    orders = setting.orders(len(open_drugs))
    rows = [_row(metric, judged, scores, held, (places, orders)) for metric in RANK_METRICS]
    own = np.arange(len(places))
    p = enrichment_p(scores, Auroc().matrix(scores, held), held)[own, places]
    enriched = int(np.count_nonzero(np.array(adjusted(p.tolist())) <= LEVEL))
    for row in rows:
        row |= {"n_enriched": enriched, "enriched_family": ENRICHED} if row["metric"] == Auroc.name else {}
    return rows


def score_matrix(judged: Judged) -> tuple[Floats, Any]:
    """Sizes of the scores, claiming drugs x items (-1: not claimed), and the drugs' columns."""
    names, columns = judged.block.names, np.unique(judged.column)
    scores = np.full((len(columns), names.shape[1]), -1.0)
    single = np.flatnonzero(np.diff(names.indptr) == 1)
    rows = np.searchsorted(columns, judged.column[single])
    np.maximum.at(
        scores, (rows, names.indices[names.indptr[single]]), np.abs(judged.claims["score"].to_numpy()[single])
    )
    return scores, columns


def _row(metric: RankMetric, judged: Judged, scores: Floats, held: Any, swap: tuple[Any, Any]) -> dict[str, Any]:
    places, orders = swap
    values = metric.matrix(scores, held)
    own = np.arange(len(places))
    observed = float(values[own, places].mean())
    draws = values[own[None, :], orders[:, places]].mean(axis=1)
    sense = 1.0 if metric.larger_is_better else -1.0
    found = summary(sense * observed, sense * draws)
    return {
        **{"explainer": judged.explainer, "screen": judged.screen, "reference": judged.reference},
        **{"claim_kind": judged.kind, "circular": judged.circular, "metric": metric.name, "value": observed},
        "expected": float(metric.expected(len(held), held.sum(axis=0)[places]).mean()),
        "prevalence": float(held.mean(axis=0)[places].mean()),
        "drug_swap": {
            **{"mean": float(draws.mean()), "sd": found.sd, "p": found.p, "p_error": found.p_error},
            "draws": found.draws,
        },
        "n_drugs": len(places),
    }
