"""report.html: one file, no network, readable without JavaScript, under half a megabyte."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

import pathproof
from pathproof.errors import DataError
from pathproof.validate import charts, render_format, render_records, render_view
from pathproof.validate.render_drugs import LEVELS, drug_groups

MAX_BYTES = 500_000
AIM_BYTES = 440_000  # more drugs, explainers or references than today must fit without losing their drug pages
DRUGS_HERE = "<!--drugs-->"  # cannot come from a report: every text is escaped
TEMPLATES = Path(__file__).parent / "templates"
STYLE = Path(pathproof.__file__).with_name("page.css")  # what all pages share


def _environment(*, autoescape: bool) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=autoescape,  # noqa: S701  off for Markdown only, which has its own filter
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        num=render_format.number,
        share=render_format.share,
        percent=render_format.percent,
        p=render_format.p_value,
        ci=render_format.interval,
        anything=render_format.anything,
        label=render_format.label,
        points=render_format.points,
        cell=_markdown_cell,
    )
    return environment


def _markdown_cell(value: Any) -> str:
    """Text that cannot break out of a Markdown table or become markup."""
    text = " ".join(str(value).split())
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, "\\" + sign if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return text


def view(report: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the templates need besides the drug pages."""
    report = render_view.complete(report)
    asked = render_view.asked_precision(report)
    head = render_view.headline_row(report)
    rows = render_view.chart_rows(report)
    curves = [
        {
            "row": row,
            "title": f"{render_format.reference_title(row['reference'])}, {row['claim_kind']} claims",
            "svg": charts.selective_chart(row, asked),
            "sentence": render_view.selective_sentence(row),
        }
        for row in render_view.selective_rows(report)
    ]
    return {
        "report": report,
        "demo": render_view.DEMONSTRATION if report["kind"] == "demonstration" else None,
        "asked": asked,
        "asked_text": None if asked is not None else render_format.anything(report["verdict"].get("asked")),
        "head": head,
        "figures": render_view.headline_figures(report),
        "selected": (render_view.headline_selective(report) or {}).get("precision") is not None,
        "headline": render_view.headline_sentence(report),
        "explained": render_view.explained(report),
        "charts": [charts.precision_chart(rows, asked, layout) for layout in (charts.WIDE, charts.NARROW) if rows],
        "tables": render_view.precision_tables(report),
        "circularity": render_view.circularity(report),
        "curves": curves,
        "sections": _record_sections(report),
        "limits": report.get("limits") or render_view.LIMITS,
        "words": render_format.STATUS_WORDS,
        "marks": render_format.VERDICT_MARKS,
        "reference_title": render_format.reference_title,
        "with_interval": render_format.with_interval,
        "strip": charts.strip,
        "universe": report.get("universe") if isinstance(report.get("universe"), Mapping) else None,
        "config": json.dumps((report["run"].get("config") or {}), indent=1, sort_keys=True, ensure_ascii=False),
    }


SELECTIVE_COLUMNS = (
    "explainer", "threshold", "coverage_at_threshold", "precision", "ci95", "drug_swap", "popularity",
    "per_group_precision", "n_drugs", "n_target_groups", "n_distinct_facts", "n_distinct_right",
    "candidate_precision", "reason",
)  # fmt: skip


LEADERBOARD_COLUMNS = (
    "explainer", "precision", "ci95", "drug_swap", "popularity", "base_rate", "per_group_precision", "coverage",
    "n_drugs", "n_target_groups", "n_distinct_facts", "reason",
)  # fmt: skip
SUPPORT_COLUMNS = (
    "explainer", "claim_kind", "tested_in", "selection", "share", "ci95", "drug_swap", "plain", "n_claims",
    "n_untested", "n_drugs", "n_target_groups", "reason",
)  # fmt: skip
CONTEST_COLUMNS = ("explainer", "minus", "mean", "ci95", "n_drugs", "n_target_groups", "reason")
MEAN_COUNTS = ("n_drugs", "n_target_groups", "n_distinct_facts", "n_distinct_right")


def _record_sections(report: Mapping[str, Any]) -> dict[str, Any]:
    names = ("faithfulness", "confounders", "attrition", "references", "nulls", "metrics")
    rows = {name: report.get(name) or [] for name in names}
    rows["support"] = render_records.chosen_columns(report.get("support") or [], SUPPORT_COLUMNS)
    rows["stability"] = render_records.data_first(report.get("stability") or [])
    rows["left_out"] = render_records.left_out_rows(report.get("sources") or [])
    rows["planted"] = render_records.planted_rows(report.get("planted") or {})
    rows["differences"] = (report.get("predictor") or {}).get("differences") or []
    board = report.get("leaderboard") or {}
    rows["leaderboard"] = [
        {**row, "drug_swap": {"mean": _swap_mean(row), "p": _swap_p(row)}}
        for row in render_records.chosen_columns(board.get("rows") or [], LEADERBOARD_COLUMNS)
    ]
    rows["contests"] = render_records.chosen_columns(board.get("differences") or [], CONTEST_COLUMNS)
    rows["selective"] = [
        {
            **{
                key: round(value, 1) if key in MEAN_COUNTS and value is not None else value
                for key, value in row.items()
            },
            "drug_swap": {"mean": _swap_mean(row), "p": _swap_p(row)},
        }
        for row in render_records.chosen_columns(render_view.selective_table(report), SELECTIVE_COLUMNS)
    ]
    for row in rows["support"]:
        row["drug_swap"] = {"mean": _swap_mean(row), "p": _swap_p(row)}
    return {name: render_records.records_table(found) for name, found in rows.items()}


def _swap_mean(row: Mapping[str, Any]) -> Any:
    swap = row.get("drug_swap")
    return swap.get("mean") if isinstance(swap, Mapping) else swap


def _swap_p(row: Mapping[str, Any]) -> Any:
    swap = row.get("drug_swap")
    return swap.get("p") if isinstance(swap, Mapping) else None


def render_html(report: Mapping[str, Any], *, max_bytes: int = MAX_BYTES) -> str:
    """The whole page; the drug pages get shorter until it fits in `max_bytes`.

    Parameters
    ----------
    report : mapping
        A checked report (:func:`pathproof.validate.schema_report.check_report`).

    Raises
    ------
    DataError
        When even the shortest form is too large.
    """
    environment = _environment(autoescape=True)
    context = view(report)
    styles = (STYLE, TEMPLATES / "report.css")
    context["css"] = Markup("".join(path.read_text(encoding="utf-8") for path in styles))  # noqa: S704  our own files
    stability = render_records.line_stability(report.get("stability") or [], context["explained"])
    page, drugs = (environment.get_template(name) for name in ("report.html.j2", "drugs.html.j2"))
    before, after = page.render(**context).split(DRUGS_HERE)

    def at(level: int) -> str:
        groups = drug_groups(context["report"]["drugs"], LEVELS[level], stability)
        return before + drugs.render(groups=groups, shortened=level > 0) + after

    return _largest_that_fits(at, max_bytes)


def _largest_that_fits(at: Callable[[int], str], max_bytes: int) -> str:
    """The first level whose page leaves some room, by bisection: every level is shorter than the one before.

    When even the last leaves no room, it may fill the limit.
    """
    low, high = 0, len(LEVELS) - 1
    best, size = None, 0
    aim = min(AIM_BYTES, max_bytes)
    while low <= high:
        middle = (low + high) // 2
        text = at(middle)
        size = len(text.encode())
        if size <= aim or (middle == len(LEVELS) - 1 and size <= max_bytes):
            best, high = text, middle - 1
        else:
            low = middle + 1
    if best is not None:
        return best
    raise DataError(
        "The HTML report does not fit its size limit even with the drug pages cut to their names.",
        where="report.html",
        got=f"{size:,} bytes",
        allowed=f"{max_bytes:,} bytes",
        action="validate fewer drugs, explainers or references in one run; report.json holds everything",
    )


def render_summary(report: Mapping[str, Any]) -> str:
    """summary.md: the verdict, the gates and the precision table, for a pull request or a terminal."""
    return _environment(autoescape=False).get_template("summary.md.j2").render(**view(report))
