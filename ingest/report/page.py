"""The data report as one HTML page: no network, readable without JavaScript, light and dark, printable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

import pathproof
from pathproof.ingest.fetch.client import megabytes
from pathproof.ingest.report.text import KINDS, NO_LAYER, percent, ranges, released, two_screens

TEMPLATES = Path(__file__).parent / "templates"
STYLE = Path(pathproof.__file__).with_name("page.css")  # what all pages share
N_LETTERS = 48  # of an example


def render_page(report: Mapping[str, Any]) -> str:
    """The whole report (:func:`pathproof.ingest.report.view.data_report`) as HTML; every text is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=_count, percent=percent, size=megabytes, shown=_shown, ranges=ranges, rho=_rho, two_screens=two_screens
    )
    environment.filters.update(interval=_interval, released=released)
    styles = (STYLE, TEMPLATES / "data.css")
    css = Markup("".join(path.read_text(encoding="utf-8") for path in styles))  # noqa: S704  our own files
    told = {**report, "agreement": _agreement(report["agreement"])}
    words = {"kinds": KINDS, "no_layer": NO_LAYER, "measures": {"ln_ic50": "ln IC50", "area": "area"}}
    return environment.get_template("data.html.j2").render(**told, **words, css=css)


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _shown(examples: Sequence[str], most: int = 4) -> str:
    return ", ".join(text if len(text) <= N_LETTERS else f"{text[: N_LETTERS - 1]}…" for text in examples[:most])


def _agreement(agreement: Mapping[str, Any]) -> dict[str, Any]:
    drugs = []
    for row in agreement["drugs"]:
        measures = {name: row.get(name) for name in ("ln_ic50", "area")}
        drugs.append(
            {
                **measures,
                "pair": two_screens(row),
                "name": row["name"],
                "ids": f"{row['drug_a']}, {row['drug_b']}",
                "lines": max(found["n_lines"] for found in measures.values() if found),
            }
        )
    return {**agreement, "drugs": drugs}


def _rho(value: float | None) -> str:
    return "–" if value is None else f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def _interval(found: Mapping[str, Any] | None) -> str:
    if not found or found["spearman"] is None:
        return "–"
    return f"{_rho(found['spearman'])} [{_rho(found['low'])}, {_rho(found['high'])}]"
