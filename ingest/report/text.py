"""The data report as plain text, at most 80 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from pathproof.graph_schema.screens import SCREENS
from pathproof.ingest.fetch.client import megabytes

WIDTH = 80
LONGEST = 40  # characters of an example
N_SHOWN = 3
N_LOSSES = 12
UNTOLD = "sha256:"  # what stands for the release of a file that tells none: the start of its hash
KINDS = {"gene": "genes", "cell_line": "cell lines", "drug": "drugs", "disease": "diseases"}
NO_LAYER = "not there: no claim can name one of these"
_DEMONSTRATION = "Demonstration: real names, SIMULATED numbers."


def render_text(report: Mapping[str, Any]) -> str:
    """The whole report (:func:`pathproof.ingest.report.view.data_report`) for a terminal."""
    totals = report["totals"]
    lines = [
        *([_DEMONSTRATION, ""] if report["kind"] == "demonstration" else []),
        f"Data report: {totals['files']} files, {megabytes(totals['bytes'])}; {totals['rows_in']:,} rows in, "
        f"{totals['rows_out']:,} out, {totals['dropped']:,} left out",
    ]
    lines += ["", "Look at these files first", ""] if report["warnings"] else []
    for found in report["warnings"]:
        lines += _wrapped("  ", f"{found['title']}: {found['text']} ({found['file']})")
    for funnel in report["funnels"]:
        lines += ["", f"From raw rows to usable pairs: {funnel['screen']}", "", *_funnel(funnel["steps"])]
        beyond = {side: n for side, n in funnel["out_of_range"].items() if n}
        lines += (
            _wrapped("  ", "IC50 and the concentrations tested: " + ranges(funnel["out_of_range"])) if beyond else []
        )
    lines += ["", "Layers of features", ""]
    for layer in report["layers"]:
        name = ("* " if layer["model_sees"] else "  ") + layer["name"]
        if not layer["file"]:
            lines.append(f"  {name:<22}{NO_LAYER}")
            continue
        lines.append(f"  {name:<22}{layer['cell_lines']:>6,} lines{layer['genes']:>8,} genes  {layer['unit']}".rstrip())
    lines.append("  * the models see it")
    lines += _agreement(report["agreement"]["summary"])
    if report["losses"]:
        lines += ["", "What was left out, most rows first", ""]
        for loss in report["losses"][:N_LOSSES]:
            lines += _wrapped(f"{loss['rows']:>9,}  ", f"{loss['title']}: {loss['reason']}{_examples(loss)}")
        further = len(report["losses"]) - N_LOSSES
        lines += [f"{'':>11}and for {further} further reasons, below each file"] if further > 0 else []
    lines += ["", "The files"]
    for source in report["sources"]:
        lines += ["", *_source(source)]
    if report["absent"]:
        lines += ["", "Not in the folder"]
        for source in report["absent"]:
            need = "optional" if source["optional"] else "needed"
            lines += ["", *_wrapped("  ", f"{source['title']} ({need})")]
            lines += [*_wrapped("    ", source["cost"]), *_wrapped("    ", f"from: {source['get_from']}")]
    return "\n".join(lines) + "\n"


def _funnel(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [f"  {'':<34}{'lines':>7}{'drugs':>7}{'genes':>8}{'pairs':>11}"]
    for step in steps:
        counts = f"{step['cell_lines']:>7,}{step['drugs']:>7,}{_count(step['genes']):>8}{step['pairs']:>11,}"
        lines.append(f"  {step['step']:<34.34}{counts}{percent(step['share']):>9}")
        lines += _wrapped("      ", step["why"])
    return lines


def ranges(flags: Mapping[str, int]) -> str:
    """How many IC50 lie within the concentrations that were tested, and how many beyond them."""
    return ", ".join(f"{n:,} {side}" for side, n in flags.items() if n)


def two_screens(row: Mapping[str, Any]) -> str:
    """Both screens of a row of agreement; replicates are within one."""
    one, other = SCREENS[row["screen_a"]], SCREENS[row["screen_b"]]
    return f"{one}, replicates" if one == other else f"{one} and {other}"


def _agreement(summary: Sequence[Mapping[str, Any]]) -> list[str]:
    if not summary:
        return []
    lines = ["", "Agreement of two measurements of one drug (Spearman over shared lines)", ""]
    lines.append(f"  {'':<22}{'measure':<9}{'drug pairs':>11}{'quartiles and median':>28}")
    for row in summary:
        values = [row[name] for name in ("lower_quartile", "median", "upper_quartile")]
        quartiles = " / ".join("-" if value is None else f"{value:.2f}" for value in values)
        lines.append(
            f"  {two_screens(row):<22}{row['measure']:<9}{row['drug_pairs_with_enough_lines']:>11,}{quartiles:>28}"
        )
    lines += _wrapped("  ", f"Drugs with at least {summary[0]['min_lines']} shared lines; each drug: data-report.html")
    return lines


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _source(source: Mapping[str, Any]) -> list[str]:
    facts = [
        source["file"] + f" ({megabytes(source['bytes'])}, {released(source['release'])})",
        f"gives: {source['gives']}" if source["gives"] else "",
        f"licence: {source['licence']}" + (f" ({source['terms']})" if source["terms"] else ""),
        f"rows: {source['rows_in']:,} in, {source['rows_out']:,} out, {source['dropped']:,} left out",
        *(f"left out: {row['rows']:,} {row['reason']}{_examples(row)}" for row in source["lost"]),
        *(f"noted: {row['rows']:,} {row['reason']}{_examples(row)}" for row in source["noted"]),
        *(_mapping(row) for row in source["mapping"]),
    ]
    lines = _wrapped("  ", source["title"])
    for fact in facts:
        lines += _wrapped("    ", fact) if fact else []
    return lines


def released(release: str) -> str:
    """The release in words; of a file that tells none, the start of its hash."""
    if not release.startswith(UNTOLD):
        return f"release {release}"
    return f"release not told by the file; its SHA-256 begins with {release.removeprefix(UNTOLD)}"


def _mapping(row: Mapping[str, Any]) -> str:
    text = f"{KINDS[row['kind']]}: {row['mapped']:,} mapped"
    for what in ("obsolete", "newer", "ambiguous", "dropped"):
        if row.get(what):
            shown = ", ".join(row["examples"].get(what, [])[:N_SHOWN])
            text += f"; {row[what]:,} {what}" + (f" ({shown})" if shown else "")
    return text


def _examples(row: Mapping[str, Any]) -> str:
    shown = ", ".join(_short(text) for text in row["examples"][:N_SHOWN])
    return f" ({shown}{', ...' if row['rows'] > N_SHOWN else ''})" if shown else ""


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _wrapped(indent: str, text: str) -> list[str]:
    later = " " * (len(indent) + 2)
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=later, break_on_hyphens=False)


def percent(value: float | None) -> str:
    """A share with one decimal unless it is all or nothing, so that nearly all is not said to be all."""
    return "" if value is None else f"{100 * value:.{0 if value in (0, 1) else 1}f}\u00a0%"
