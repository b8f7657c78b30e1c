"""A fact that the model was told supports no claim: neither on a page, nor in the table, nor in the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from anybody_world import write_workspace
from scoring_world import DRUGS, GENES, context, evidence, right, row, store, table

import pathproof
from pathproof.errors import UsageError
from pathproof.validate.circularity import seen_sources
from pathproof.validate.render import claims_csv
from pathproof.validate.render_html import render_html
from pathproof.validate.run import ValidationResult, validate
from pathproof.validate.schema_report import check_report


def leak() -> ValidationResult:
    """The explainer had seen the evidence; one claim is a target too, which it had not seen."""
    rows = [row("leak", d, s, 1.0, g, sources=("civic",)) for i, d in enumerate(DRUGS) for s, g in evidence(i)]
    rows.append(row("leak", DRUGS[0], GENES[0], 0.5, sources=("civic",)))
    return validate(store(), table(rows), context("leak"))


def test_circular_facts_do_not_support_a_claim_anywhere() -> None:
    result = leak()
    told = [j for j in result.judgements if "resistance_evidence" in j.supported_by + j.contradicted_by + j.novel_in]
    assert told == []
    target = next(j for j in result.judgements if j.claim_id.endswith(f"{DRUGS[0]}/{GENES[0]}"))
    assert target.supported_by == ("targets",)
    assert target.evidence == ("t0",)
    rows = result.claim_rows.set_index("claim_id")
    known = rows.loc[f"leak/{DRUGS[0]}/{evidence(0)[0][0]}"]
    assert "resistance_evidence" in known["circular_support"]
    assert known["supported_by"] == ()
    assert rows.loc[f"leak/{DRUGS[0]}/{GENES[0]}", "circular_support"] == ()
    assert "circular_support" in claims_csv(result.claim_rows).splitlines()[0]
    claims = {c["key"]: c for c in result.report["drugs"][0]["claims"]}
    first = claims[evidence(0)[0][0]]
    assert first["supported_by"] == []
    assert first["evidence"] == []
    assert "resistance_evidence_class" in first["circular_support"]


def test_the_page_says_that_only_a_seen_source_holds_it() -> None:
    html = render_html(check_report(leak().report))
    assert "† Resistance evidence, drug or class" in html
    assert "held there only by a source that the model had seen, which is no support" in html


def test_a_drug_that_only_a_seen_source_knows_is_untestable_for_that_reason() -> None:
    given: dict[str, Any] = {
        **context("leak"),
        "model_sources": ["civic", "gdsc.targets", "reactome", "omnipath", "collectri"],
    }
    result = validate(
        store(), table([row("leak", d, s, 1.0) for i, d in enumerate(DRUGS) for s, _ in evidence(i)]), given
    )
    assert set(result.claim_rows["state"]) == {"untestable"}
    assert set(result.claim_rows["reason"]) == {"held only by a source that the model or the explainer had seen"}


def test_nothing_changes_where_nothing_was_seen() -> None:
    result = validate(store(), table(right()), context("right"))
    assert all(found == () for found in result.claim_rows["circular_support"])
    assert any("resistance_evidence" in j.supported_by for j in result.judgements)
    both = {c: [r for r in result.report["precision"] if r["circular"] == c and r["reference"] == "targets"]
            for c in ("excluded", "included")}  # fmt: skip
    assert [{**r, "circular": ""} for r in both["excluded"]] == [{**r, "circular": ""} for r in both["included"]]


def test_two_sided_facts_are_counted_apart() -> None:
    base = store()
    turned = [
        {**e, "direction": "sensitivity" if e["direction"] == "resistance" else "resistance", "edge": f"x{e['edge']}"}
        for e in base.tables["evidence-edges"][:4]
    ]
    base.tables["evidence-edges"] = base.tables["evidence-edges"] + turned
    rows = [row("key", d, s, 1.0, g) for i, d in enumerate(DRUGS) for s, g in evidence(i)]
    report = validate(base, table(rows), context("key")).report
    found = next(
        r
        for r in report["precision"]
        if (r["reference"], r["selection"], r["circular"]) == ("resistance_evidence", "all reported", "excluded")
    )
    n = len(rows)
    assert found["n_supported"] == n
    assert found["n_two_sided"] == 4
    assert found["sign_agreement"] == {"share": 1.0, "agree": n - 4, "of": n - 4, "two_sided": 4}


def test_what_the_explainer_had_seen_is_named_as_the_workspace_does(tmp_path: Path) -> None:
    known = ["reactome", "civic", "civic"]
    assert seen_sources(["civic", "reactome", "civic"], known) == ["civic", "reactome"]
    assert seen_sources([], known) == seen_sources(["none"], known) == []
    with pytest.raises(UsageError, match="are a list(.|\n)*none alone, or civic, reactome"):
        seen_sources("civic", known)
    for wrong in (["CIViC"], ["none", "civic"]):
        with pytest.raises(UsageError, match="does not hold"):
            seen_sources(wrong, known)
    mine = pd.DataFrame([{"drug": "Drug 0", "gene": GENES[0], "score": 1.0}])
    workspace = write_workspace(tmp_path / "ws")
    for given in ("civic", ["CIViC"]):
        with pytest.raises(UsageError):
            pathproof.validate(mine, workspace=workspace, seen=given)
