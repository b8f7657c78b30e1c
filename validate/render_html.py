"""report.html: one file, no network, readable without JavaScript, under half a megabyte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from pathproof.errors import DataError
from pathproof.validate import charts, render_format, render_view
from pathproof.validate.render_drugs import LEVELS, Detail, drug_groups

MAX_BYTES = 500_000
TEMPLATES = Path(__file__).parent / "templates"


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
        "headline": render_view.headline_sentence(report),
        "explained": render_view.explained(report),
        "charts": [charts.precision_chart(rows, asked, layout) for layout in (charts.WIDE, charts.NARROW) if rows],
        "tables": render_view.precision_tables(report),
        "circularity": render_view.circularity(report),
        "curves": curves,
        "sections": _record_sections(report),
        "planted_table": render_view.records_table(render_view.planted_rows(report.get("planted") or {}), 60),
        "limits": [*(report.get("limits") or ()), *render_view.LIMITS],
        "words": render_format.STATUS_WORDS,
        "marks": render_format.VERDICT_MARKS,
        "reference_title": render_format.reference_title,
        "with_interval": render_format.with_interval,
        "strip": charts.strip,
        "config": json.dumps((report["run"].get("config") or {}), indent=1, sort_keys=True, ensure_ascii=False),
    }


def _record_sections(report: Mapping[str, Any]) -> dict[str, Any]:
    tables = {name: report.get(name) or [] for name in ("faithfulness", "confounders", "attrition")}
    tables["stability"] = render_view.data_first(report.get("stability") or [])
    return {name: render_view.records_table(rows) for name, rows in tables.items()}


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
    template = _environment(autoescape=True).get_template("report.html.j2")
    context = view(report)
    context["css"] = Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))  # noqa: S704  our own file
    size = 0
    for detail in LEVELS:
        text = template.render(
            **context, groups=drug_groups(context["report"]["drugs"], detail), shortened=_cut(detail)
        )
        size = len(text.encode())
        if size <= max_bytes:
            return text
    raise DataError(
        "The HTML report does not fit its size limit even with the drug pages cut to their names.",
        where="report.html",
        got=f"{size:,} bytes",
        allowed=f"{max_bytes:,} bytes",
        action="validate fewer drugs, explainers or references in one run; report.json holds everything",
    )


def _cut(detail: Detail) -> bool:
    return detail is not LEVELS[0]


def render_summary(report: Mapping[str, Any]) -> str:
    """summary.md: the verdict, the gates and the precision table, for a pull request or a terminal."""
    return _environment(autoescape=False).get_template("summary.md.j2").render(**view(report))
