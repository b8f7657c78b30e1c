"""Evidence that comes with anybody's explanations: a screen, further runs, a model, stored predictions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pathproof.validate import deletion, runs, stored, support
from pathproof.validate.claim_table import ClaimTable
from pathproof.validate.judged import Setting

KEYS = ("data_test", "runs", "model", "perturbed", "predictions")


def with_given(
    context: Mapping[str, Any],
    setting: Setting,
    claims: ClaimTable,
    judged: tuple[str, str, str],
    threshold: float | None,
) -> dict[str, Any]:
    """The context with the sections that follow from what was given; without anything it stays as it is.

    Parameters
    ----------
    context : mapping
        `data_test` (a function that gives a :class:`pathproof.validate.support.Tested`; None: nobody can test),
        `runs` (claim tables of further runs), `model` (:class:`pathproof.validate.deletion.Model`), `perturbed`
        (effects from :func:`pathproof.validate.stored.perturbed_from_file`) and `predictions` (a table from
        :func:`pathproof.validate.stored.predictions_from_file`).
    setting, claims
    judged : (explainer, screen, kind)
    threshold : float or None
        Of the confidence; of the judged claims those above it are tested in the screen.
    """
    full = dict(context)
    frame = claims.frame
    own = frame[(frame["explainer"] == judged[0]) & (frame["screen"] == judged[1])]
    if "data_test" in full:
        tested = full["data_test"]() if full["data_test"] is not None else None
        full["tested"] = tested
        rows = [] if tested is None else support.support_rows(setting, claims, tested, judged, threshold)
        full["support"] = rows
        _add(full, "confounders", support.confounder_rows(rows))
    if full.get("runs"):
        found = runs.compared(setting, own, full["runs"], judged[2])
        _add(full, "stability", found.stability)
        _add(full, "confounders", found.identity)
    _ask(full, setting, own[own["kind"] == judged[2]], judged[0])
    if full.get("predictions") is not None:
        full["predictor"] = stored.predictor_section(full["predictions"], setting)
    return full


def taken_as_said(context: Mapping[str, Any]) -> list[str]:
    """The sentence of the verdict about what somebody said of explanations from a file and nobody here could see."""
    if "data_test" not in context:
        return []
    seen = context.get("model_sources")
    told = (
        (context.get("runs"), "the runs are of other cell lines"),
        (context.get("predictions") is not None, "the lines of the predictions were not seen in training"),
        (context.get("perturbed") is not None, "the stored answers are those of the explained model"),
        (seen is not None, f"the explainer had seen no knowledge{' but ' + ', '.join(seen) if seen else ''}"),
    )
    words = [text for there, text in told if there]
    return [f"Taken as said, for no file shows it: {'; '.join(words)}."] if words else []


def _add(full: dict[str, Any], section: str, rows: list[dict[str, Any]]) -> None:
    full[section] = [*(full.get(section) or []), *rows]


def _ask(full: dict[str, Any], setting: Setting, own: pd.DataFrame, explainer: str) -> None:
    """Faithfulness from a function or from stored predictions; the questions are kept for who has to answer them."""
    model, effects = full.get("model"), full.get("perturbed")
    if model is None and effects is None and not full.get("wants_questions"):
        return
    nameable = None if model is None else list(model.columns_of())
    wanted = deletion.questions(setting, own, nameable)
    full["questions"] = wanted
    if model is not None:
        effects = deletion.asked(setting, model, wanted)
    if effects is not None:
        _add(full, "faithfulness", deletion.deletion_rows(setting, explainer, wanted, effects))
