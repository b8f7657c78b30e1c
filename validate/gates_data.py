"""The gate about the screen itself: are the claims borne out there?"""

from __future__ import annotations

from pathproof.validate.evidence import Evidence, Row, gate

NOT_GIVEN = "not given: the claims were not tested in a screen"


def support_gate(evidence: Evidence) -> Row:
    """Most of the selected claims show in the screen, beyond lineage and fragility, and more than for other drugs."""
    least = evidence.profile.data_support
    what = ("data_support", "The screen itself bears out the claims")
    criterion = (
        f"at least {least:.0%} of them with p at most 0.05 in their direction, beyond lineage and general sensitivity; "
        "lower 95 % bound above the same claims tested for other drugs"
    )
    rows = [r for r in evidence.own_rows("support") if r["claim_kind"] == evidence.profile.claim_kind]
    if not rows:
        return gate(*what, criterion, "not_run", reason=NOT_GIVEN)
    row = rows[0]
    swap = row["drug_swap"] or {}
    facts: Row = {"observed": row["share"], "ci95": row["ci95"], "null_mean": swap.get("mean")}
    facts |= {"null_sd": swap.get("sd"), "p": swap.get("p")}
    if row["share"] is None:
        return gate(*what, criterion, "not_run", reason=row["reason"], **facts)
    if row["ci95"] is None or row["n_target_groups"] < evidence.profile.min_groups:
        reason = f"too few: claims of {row['n_target_groups']} target groups were tested"
        return gate(*what, criterion, "not_run", reason=f"{reason}, {evidence.profile.min_groups} are needed", **facts)
    if swap.get("mean") is None:
        return gate(*what, criterion, "not_run", reason="the screen tests these claims for no other drug", **facts)
    told = f"tested in {row['tested_in']}: {row['n_claims'] - row['n_untested']} of {row['n_claims']} claims"
    good = row["share"] >= least and row["ci95"][0] > swap["mean"]
    return gate(*what, criterion, "pass" if good else "fail", reason=told, **facts)
