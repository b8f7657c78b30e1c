"""The citations of the evidence: from the graph through the report to links on the page."""

from __future__ import annotations

from typing import Any

import pytest
from scoring_world import DRUGS, GENES, gene, row, store, table

from pathproof.errors import DataError
from pathproof.graph_schema.mechanism import Way
from pathproof.validate.render_drugs import without_edges
from pathproof.validate.render_html import render_html
from pathproof.validate.run import validate
from pathproof.validate.schema_report import check_report

CLAIMED = gene(0)
PAGE = "https://civicdb.org/links/evidence_items/7"


def item(number: int, url: str | None, **more: Any) -> dict[str, Any]:
    return {
        "drug": DRUGS[0],
        "gene": CLAIMED,
        "direction": "resistance",
        "evidence_level": "B",
        "molecular_profile": f"{CLAIMED} Mutation {number}",
        "combination": False,
        "citation": f"Nobody <{number}> et al., 2001",
        "url": url,
        "edge": f"e{number}",
        **more,
    }


def reported(items: list[dict[str, Any]], sign: int = 1, **more: Any) -> dict[str, Any]:
    """The report where these are the only evidence items, of one claim about their gene."""
    world = store()
    world.tables["evidence-edges"] = items
    claims = [row("x", DRUGS[0], CLAIMED, 0.9, sign, **more)]
    return check_report(validate(world, table(claims), {"universe": list(GENES)}, seed=0).report)


def shown(report: dict[str, Any]) -> dict[str, Any]:
    claim: dict[str, Any] = report["drugs"][0]["claims"][0]
    return claim


def test_an_item_keeps_its_level_source_and_page_and_the_page_links_it() -> None:
    report = reported([item(1, PAGE)])
    claim = shown(report)
    text = next(one for one in claim["evidence"] if "Mutation 1" in one)
    assert without_edges(text) == f"{CLAIMED} Mutation 1: resistance, level B (civic)"
    assert claim["citations"] == [{"evidence": text, "citation": "Nobody <1> et al., 2001", "url": PAGE}]
    link = f'<a href="{PAGE}" rel="noopener">Nobody &lt;1&gt; et al., 2001</a>'
    assert render_html(report).count(link) == 1


@pytest.mark.parametrize(
    "url", [None, "", "http://civicdb.org/1", "javascript:alert(1)", 'https://a.org/"onclick=x', "https://a.org/ b"]
)
def test_what_is_no_plain_https_address_is_no_link(url: str | None) -> None:
    report = reported([item(1, url), item(2, PAGE)])
    assert [one["url"] for one in shown(report)["citations"]] == [PAGE]
    html = render_html(report)
    assert html.count('rel="noopener"') == 1
    assert "javascript:" not in html


def test_another_address_in_a_report_breaks_the_contract() -> None:
    report = reported([item(1, PAGE)])
    shown(report)["citations"][0]["url"] = "javascript:alert(1)"
    with pytest.raises(DataError, match="contract"):
        check_report(report)


def with_paths(ways: dict[str, Way]) -> tuple[dict[str, Any], list[list[str]]]:
    """A report of one novel and one supported claim of a run whose paths are asked for, and what was asked."""
    asked: list[list[str]] = []
    world = store()
    world.tables["evidence-edges"] = [item(1, PAGE)]
    claims = [row("x", DRUGS[0], CLAIMED, 0.9, 1), row("x", DRUGS[0], GENES[150], 0.8, 1)]
    context = {"universe": list(GENES), "mechanisms": lambda ids: asked.append(list(ids)) or ways}
    return check_report(validate(world, table(claims), context, seed=0).report), asked


def test_a_novel_claim_shows_its_path_for_reading() -> None:
    novel = f"x/{DRUGS[0]}/{GENES[150]}"
    report, asked = with_paths({novel: Way(f"{GENES[150]} -> <X> -| {CLAIMED}, opposite", 0.84)})
    assert asked == [[novel]]
    first, second = report["drugs"][0]["claims"]
    assert (first["mechanism"], first["mechanism_null"]) == (None, None)
    assert second["mechanism"].endswith("opposite")
    assert second["mechanism_null"] == 0.84
    html = render_html(report)
    assert html.count(f"<p>Path: {GENES[150]} → &lt;X&gt; ⊣ {CLAIMED}, opposite (84 % of like genes).</p>") == 1
    assert "like genes: the share of the genes" in html
    assert "for reading, not evidence" in html


def test_a_path_of_a_graph_or_report_from_before_its_null_stands_alone() -> None:
    report, _ = with_paths({f"x/{DRUGS[0]}/{GENES[150]}": Way(f"{GENES[150]} -> {CLAIMED}, same", None)})
    line = f"<p>Path: {GENES[150]} → {CLAIMED}, same.</p>"
    assert render_html(report).count(line) == 1
    for claim in report["drugs"][0]["claims"]:
        del claim["mechanism_null"]
    assert render_html(check_report(report)).count(line) == 1


def test_claims_without_a_path_or_a_store_show_none() -> None:
    assert "<p>Path: " not in render_html(with_paths({})[0])
    claims = reported([item(1, PAGE)])["drugs"][0]["claims"]
    assert [claim["mechanism"] for claim in claims] == [None] * len(claims)
