"""Gates about the model and its explanation, beyond agreement with knowledge."""

from __future__ import annotations

from pathproof.validate.evidence import ANSWERED, NO_CONTEXT, Evidence, Row, gate

NAIVE = "naive-mean-effects"
POPULAR = "popular"


def predictor_gate(evidence: Evidence) -> Row:
    """The explained model foresees unseen cell lines better than naive mean effects."""
    what = ("predictor", "The predictor beats naive mean effects on cell lines it never saw")
    criterion = "mean per-drug Pearson above that of naive mean effects, 95 % interval of the difference above 0"
    section = evidence.context.get("predictor") or {}
    models = {row.get("name"): row for row in section.get("models") or []}
    explained, naive = models.get(section.get("explained")), models.get(NAIVE)
    if explained is None or naive is None:
        return gate(*what, criterion, "not_run", reason=NO_CONTEXT)
    one, base = explained.get("per_drug_pearson"), naive.get("per_drug_pearson")
    if one is None or base is None:
        return gate(*what, criterion, "error", reason="a model has no per-drug Pearson")
    difference = next((d for d in section.get("differences") or [] if d.get("minus") == NAIVE), None)
    ci = None if difference is None else difference.get("ci95")
    facts: Row = {"observed": one, "null_mean": base, "difference_ci95": ci}
    if one <= base:
        return gate(*what, criterion, "fail", **facts)
    if ci is None:
        return gate(*what, criterion, "not_run", reason="too few drugs for an interval of the difference", **facts)
    return gate(*what, criterion, "pass" if ci[0] > 0 else "fail", **facts)


def drugs_gate(evidence: Evidence) -> Row:
    """The drugs in the headline are ones that the predictor foresees."""
    limit = evidence.profile.drugs_beating_naive
    what = ("predictor_per_drug", "The drugs in the headline are predicted better than by naive mean effects")
    criterion = f"at least {limit:.0%} of them; the explanation of any other drug is inconclusive"
    beats = (evidence.context.get("predictor") or {}).get("beats_naive") or {}
    judged = [bool(beats[drug]) for drug in evidence.drugs if beats.get(drug) is not None]
    if not judged:
        return gate(
            *what, criterion, "not_run", reason=NO_CONTEXT if not beats else "no drug of the headline was judged"
        )
    if len(judged) < limit * len(evidence.drugs):
        reason = f"the predictor was judged on {len(judged)} of the {len(evidence.drugs)} drugs of the headline only"
        return gate(*what, criterion, "not_run", reason=reason, n=len(judged))
    share = sum(judged) / len(judged)
    return gate(*what, criterion, "pass" if share >= limit else "warn", observed=share, n=len(judged))


def stability_gate(evidence: Evidence) -> Row:
    """Several runs agree beyond chance, and more on the same drug than two drugs agree with each other.

    The first alone would pass an explainer that says the same of every drug; the second catches it.
    """
    what = ("stability", "The explanation is stable over repeated runs")
    criterion = (
        f"at least {evidence.profile.min_runs} runs on other cell lines; 95 % interval of agreement above chance; "
        "the same drug in two runs more alike than two drugs in one run"
    )
    rows = evidence.own_rows("stability")
    row = next((r for r in rows if r.get("kind") == "lines"), rows[0] if rows else None)
    if row is None:
        return gate(*what, criterion, "not_run", reason=NO_CONTEXT)
    if int(row.get("members") or 0) < evidence.profile.min_runs:
        return gate(*what, criterion, "not_run", reason="a single run says nothing about stability")
    mean, ci, chance = row.get("jaccard_mean"), row.get("ci95"), row.get("chance")
    if mean is None or ci is None or chance is None:
        return gate(
            *what, criterion, "error", observed=mean, reason="the table lacks an interval or the level of chance"
        )
    facts: Row = {"observed": mean, "ci95": ci, "null_mean": chance}
    if ci[0] <= chance:
        return gate(*what, criterion, "fail", **facts)
    same = _identity(evidence)
    if same is None:
        note = "whether it says the same of every drug could not be looked at: no row compares drugs"
        return gate(*what, criterion, "warn", reason=note, **facts)
    measure = same.get("measure") or "median correlation"
    told = f"same drug {same['value']:.2f}, other drugs {same['compared_with']:.2f} ({measure})"
    good = same["ci95"][0] > same["compared_with"]
    return gate(*what, criterion, "pass" if good else "fail", reason=told, **facts)


def _identity(evidence: Evidence) -> Row | None:
    """The row that compares a drug with itself in other runs, and with other drugs; cell lines before seeds."""
    rows = [*evidence.own_rows("stability"), *evidence.own_rows("confounders")]
    rows = [r for r in rows if r.get("compared_with") is not None and r.get("ci95") is not None]
    named = {str(r.get("confounder") or r.get("kind")): r for r in reversed(rows)}
    return named.get("identity over lines") or named.get("identity over seeds")


def faithfulness_gate(evidence: Evidence) -> Row:
    """Deleting the claimed features changes the model more than deleting random or popular ones."""
    what = ("faithfulness", "The model itself uses what is claimed")
    criterion = (
        "effect of deleting the claimed features beyond that of random ones of the same size: "
        "95 % interval above 0 and above what the most claimed genes reach"
    )
    row = evidence.faithfulness
    if row is None:
        return gate(*what, criterion, "not_run", reason=NO_CONTEXT)
    ci = row.get("beyond_random_ci95")
    if ci is None:
        return gate(*what, criterion, "error", observed=row["beyond_random"], reason="the table lacks an interval")
    if not evidence.model_asked:
        told = f"all that was asked was answered for {row['n_drugs']} of {row['n_asked']} drugs; {ANSWERED:.0%} needed"
        return gate(*what, criterion, "not_run", observed=row["beyond_random"], ci95=ci, reason=told)
    popular = [
        float(r["beyond_random"])
        for r in evidence.context.get("faithfulness") or []
        if r.get("explainer") == POPULAR and r.get("drug", "all") == "all" and r.get("beyond_random") is not None
    ]
    null = max([0.0, *popular])
    reason = None if popular else "the most claimed genes were not deleted for comparison"
    status = "pass" if ci[0] > null else "fail"
    return gate(*what, criterion, status, observed=row["beyond_random"], ci95=ci, null_mean=null, reason=reason)


def confounder_gate(evidence: Evidence) -> Row:
    """What tissue and general fragility explain is on the table: read, never judged."""
    what = ("confounders", "How far tissue and general fragility explain the explanation")
    criterion = "a table of confounders is given; a warning at best, for it is read and never judged"
    rows = evidence.own_rows("confounders")
    if not rows:
        return gate(*what, criterion, "not_run", reason=NO_CONTEXT)
    told = [
        f"{r['confounder']} {r['view']} {r['value']:.2f}"
        for r in rows
        if r.get("confounder") in ("tissue", "fragility") and r.get("view") and r.get("value") is not None
    ]
    again = next((r for r in rows if r.get("before") is not None), None)
    if again is not None:
        reason = (
            f"{again['value']:.2f} of the claims are borne out in the screen with tissue and fragility removed, "
            f"{again['before']:.2f} without: to be read, not judged"
        )
        return gate(*what, criterion, "warn", reason=reason)
    figures = ", ".join(told) or "the figures"
    reason = f"{figures} stand in the report, but nothing was scored again without them"
    return gate(*what, criterion, "warn", reason=reason)


def copy_gate(evidence: Evidence) -> Row:
    """Nothing points at a copy of the reference; without the model a copy in part cannot be told."""
    p = evidence.profile
    what = ("not_copied", "No sign of an outright copy of the reference")
    criterion = (
        f"not all of: precision {p.copied_precision:g} without any selection, coverage {p.copied_coverage:g}; "
        "and the model was asked about the claims"
    )
    row = evidence.plain
    if row.get("precision") is None:
        return gate(*what, criterion, "not_run", reason="no claim could be tested")
    facts: Row = {"observed": row["precision"], "ci95": row["ci95"]}
    if row["precision"] >= p.copied_precision and row["coverage"] >= p.copied_coverage:
        note = (
            f"precision {row['precision']:.2f} at coverage {row['coverage']:.2f} without any selection: "
            "an explanation that was copied from the reference looks like this"
        )
        return gate(*what, criterion, "not_run", reason=note, **facts)
    if not evidence.model_asked:
        note = "part of the reference may have been copied: without the model this cannot be told"
        return gate(*what, criterion, "not_run", reason=note, **facts)
    return gate(*what, criterion, "pass", **facts)
