"""All nulls side by side: what wrong explanations of each sort would reach against the headline reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from pathproof.validate.families import adjusted
from pathproof.validate.judged import Judged, Setting
from pathproof.validate.nulls import KEEPS
from pathproof.validate.overlap import ASIDE, HELD
from pathproof.validate.refits import NAMES, refit_row
from pathproof.validate.rewired import graph_of, rewired_draws
from pathproof.validate.sampled import alike, draws_of, nearest_items, summary, uniform
from pathproof.validate.scoring import SELECTIONS, Picked, pick

SELECTION = "top3"
SINGLE = ("gene", "pathway")
FEW = 2**15
Ints = npt.NDArray[np.int32]


def null_table(
    setting: Setting, judged: Judged, row: Mapping[str, Any], more: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """One row for each null.

    Parameters
    ----------
    setting : Setting
    judged : Judged
        The judged explainer against the headline reference, circular facts excluded.
    row : mapping
        Its row of the precision table for the three surest claims of a drug.
    more : mapping
        `gene_traits` (DataFrame, None), `refits` (:class:`pathproof.validate.refits.Refits`, None) and
        `threshold` (of the confidence).

    Returns
    -------
    list of dict
        `null`, `keeps`, `destroys`, `observed`, `mean`, `sd`, `p` = (b + 1) / (n + 1), `p_error` (Monte Carlo),
        `q` (over the nulls of this table), `draws`, and `reason` where there is no figure.
    """
    most = dict(SELECTIONS)[SELECTION] or 0
    picked = pick(judged, judged.ordered(most))
    made: dict[str, dict[str, Any]] = {
        "random": _sampled(setting, judged, picked, row, "random", more),
        "matched": _sampled(setting, judged, picked, row, "matched", more),
        "drug_swap": _taken(row.get("drug_swap"), ("mean", "sd", "p", "p_error", "draws")),
        "rewired": _rewired(setting, judged, picked, row),
        "popularity": {**_taken(row.get("popularity"), ("mean",)), "reason": "one figure, not a draw"},
        "common": {"mean": common(judged, picked), "reason": "one figure, not a draw"},
    }
    for name in NAMES:
        threshold = more.get("threshold")
        made[name] = refit_row(setting, judged, more.get("refits"), name, most, threshold)
    empty = dict.fromkeys(("mean", "sd", "p", "p_error", "q", "draws", "reason"))
    rows = [
        {
            **{"null": name, "keeps": KEEPS[name][0], "destroys": KEEPS[name][1], "selection": SELECTION},
            **{"observed": row.get("precision"), **empty, **facts},
        }
        for name, facts in made.items()
    ]
    tested = [one for one in rows if one["p"] is not None]
    for one, q in zip(tested, adjusted([one["p"] for one in tested]), strict=True):
        one["q"] = q
    return rows


def _taken(entry: Mapping[str, Any] | None, keys: tuple[str, ...]) -> dict[str, Any]:
    if entry is None:
        return {"reason": "no claim of this kind can be tested"}
    return {key: entry.get(key) for key in keys}


def _sampled(
    setting: Setting,
    judged: Judged,
    picked: Picked,
    row: Mapping[str, Any],
    name: str,
    more: Mapping[str, Any],
) -> dict[str, Any]:
    if not len(picked.rows):
        return {"reason": "no claim of this kind can be tested"}
    if judged.kind not in SINGLE or (name == "matched" and judged.kind != "gene"):
        return {"reason": "drawn for claims about a single gene" + (" or pathway" if name == "random" else "")}
    note = None
    if name == "random":
        choose = uniform(judged)
    else:
        traits = more.get("gene_traits")
        choose = alike(judged, picked, nearest_items(setting.universe.genes, setting.known, traits))
        note = None if traits is not None else "matched on degree alone: no expression was given"
    rng = setting.rng(name, judged.explainer, judged.screen, judged.reference)
    found = summary(float(row["precision"]), draws_of(judged, picked, choose, rng, setting.draws))
    return {**vars(found), "reason": note}


def _rewired(setting: Setting, judged: Judged, picked: Picked, row: Mapping[str, Any]) -> dict[str, Any]:
    if not len(picked.rows):
        return {"reason": "no claim of this kind can be tested"}
    if judged.kind != "gene" or judged.left_out:
        return {"reason": "rewired for claims about genes, where no fact is left out as circular"}
    graph = graph_of(setting.known, judged, setting.universe.genes)
    if graph is None:
        return {"reason": "rewired for resistance evidence and single signalling steps only"}
    rng = setting.rng("rewired", judged.explainer, judged.screen, judged.reference)
    return dict(vars(summary(float(row["precision"]), rewired_draws(graph, judged, picked, rng, setting.draws))))


def common(judged: Judged, picked: Picked) -> float | None:
    """Mean precision when every drug gets the items that most other target groups' references hold.

    What somebody reaches who knows the popular cancer genes and nothing about the drug: as many items as
    the drug has claims, most often held first, its own target group not counted; unsigned.
    """
    if not len(picked.rows) or judged.kind not in SINGLE:
        return None
    count = np.diff(np.append(picked.first, len(picked.rows)))
    order = np.argsort(judged.group, kind="stable")
    groups, first = np.unique(judged.group[order], return_index=True)
    in_group = np.ascontiguousarray(np.logical_or.reduceat(judged.facts.held[:, order], first, axis=1).T)
    total = np.count_nonzero(in_group, axis=0)
    ranked_of: dict[int, Ints] = {}
    shares = []
    for drug, k in zip(picked.drugs.tolist(), count.tolist(), strict=True):
        place = int(np.searchsorted(groups, judged.group[drug]))
        if place not in ranked_of:
            others = (total - in_group[place]).astype(np.int16 if len(groups) < FEW else np.int64)
            ranked_of[place] = np.argsort(-others, kind="stable").astype(np.int32)  # of small numbers in linear time
        closed = len(judged.facts.codes) - int(judged.facts.n_open[drug])
        codes = judged.facts.codes[ranked_of[place][: k + closed], drug]
        codes = codes[(codes & ASIDE) == 0][:k]
        if len(codes):
            shares.append(float(((codes & HELD) > 0).mean()))
    return float(np.mean(shares)) if shares else None
