"""What changed between two reports: the verdict, gates, precision, claims, and what went into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from pathproof.validate.render_view import explained

Row = dict[str, Any]
Report = Mapping[str, Any]
Pair = list[Any]

PRECISION = ("reference", "claim_kind", "selection", "circular")
FIGURES = ("precision", "ci95", "coverage", "n_distinct_facts", "n_distinct_right")
CLAIM = ("explainer", "screen", "drug", "kind", "key")
ROUNDING = 1e-9


def difference(before: Report, after: Report, claims: tuple[pd.DataFrame, pd.DataFrame] | None = None) -> Row:
    """Compare two checked reports.

    Parameters
    ----------
    before, after : mapping
        Two reports (docs/report.md).
    claims : pair of DataFrame, optional
        Their tables claims.csv.

    Returns
    -------
    dict
        `equal`; `verdict` and `explainer` ([before, after], None where equal); `gates` (those whose status or figure
        changed, or that only one has); `precision` (rows of the two explained explainers whose figures changed, with
        `apart`: whether the intervals do not overlap); `claims` (`gained`, `lost`, `changed` with their states, of
        the explained explainers); `made_with` (versions, seed, profile, universe) and `sources` (files by name).
    """
    who = [explained(before), explained(after)]
    found: Row = {
        "verdict": _changed(before["verdict"]["status"], after["verdict"]["status"]),
        "explainer": _changed(*who),
        "gates": _gates(before, after),
        "precision": _precision((before, after), who),
        "claims": None if claims is None else _claims(claims, who),
        "made_with": _made_with(before, after),
        "sources": _sources(before, after),
    }
    moved = found["claims"] or {}
    found["equal"] = not any(value for name, value in found.items() if name != "claims") and not any(moved.values())
    return found


def _changed(one: Any, other: Any) -> Pair | None:
    if isinstance(one, float) and isinstance(other, float) and abs(one - other) <= ROUNDING:
        return None
    return None if one == other else [one, other]


def _by(rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    return {tuple(row.get(key) for key in keys): row for row in rows}


def _gates(before: Report, after: Report) -> list[Row]:
    sides = [_by(report.get("gates") or [], ("id",)) for report in (before, after)]
    rows = []
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        one, other = (side.get(key, {}) for side in sides)
        status = _changed(one.get("status"), other.get("status"))
        observed = _changed(one.get("observed"), other.get("observed"))
        if status or observed:
            pair = [one.get("status"), other.get("status")]
            rows.append({"id": key[0], "status": pair, "observed": [one.get("observed"), other.get("observed")]})
    return rows


def _precision(reports: tuple[Report, Report], who: Sequence[str | None]) -> list[Row]:
    sides = [
        _by((row for row in report.get("precision") or [] if row["explainer"] == name), (*PRECISION, "screen"))
        for report, name in zip(reports, who, strict=True)
    ]
    rows = []
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        one, other = (side.get(key, {}) for side in sides)
        if any(_changed(one.get(name), other.get(name)) for name in FIGURES):
            figures = {name: [one.get(name), other.get(name)] for name in FIGURES}
            rows.append({**dict(zip((*PRECISION, "screen"), key, strict=True)), **figures, "apart": _apart(one, other)})
    return rows


def _apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool | None:
    """Whether two intervals do not overlap; None without both."""
    if not one.get("ci95") or not other.get("ci95"):
        return None
    return bool(one["ci95"][1] < other["ci95"][0] or other["ci95"][1] < one["ci95"][0])


def _claims(claims: tuple[pd.DataFrame, pd.DataFrame], who: Sequence[str | None]) -> Row:
    sides = []
    for frame, name in zip(claims, who, strict=True):
        columns = [*CLAIM[1:], "drug_name", "sign", "state"]
        own = frame.loc[(frame["explainer"] == name) & frame["reported"].astype(bool), columns].astype(object)
        own = own.where(own.notna(), "")
        records = [dict(zip(columns, row, strict=True)) for row in own.itertuples(index=False)]
        sides.append(_by(records, CLAIM[1:]))
    one, other = sides

    def told(row: Mapping[str, Any]) -> Row:
        return {name: row[name] for name in ("drug", "drug_name", "kind", "key", "sign", "state")}

    changed = []
    for key in one:
        if key in other and (one[key]["state"], one[key]["sign"]) != (other[key]["state"], other[key]["sign"]):
            pairs = {name: [one[key][name], other[key][name]] for name in ("state", "sign")}
            changed.append({**told(other[key]), **pairs})
    return {
        "gained": [told(row) for key, row in other.items() if key not in one],
        "lost": [told(row) for key, row in one.items() if key not in other],
        "changed": changed,
    }


def _made_with(before: Report, after: Report) -> Row:
    sides = []
    for report in (before, after):
        run, facts = report["run"], dict(report.get("environment") or {})
        facts |= {name: run.get(name) for name in ("version", "git_commit", "seed")}
        facts |= {f"profile {name}": value for name, value in (report.get("profile") or {}).items()}
        facts |= {f"universe {name}": value for name, value in (report.get("universe") or {}).items()}
        sides.append({**facts, "kind": report["kind"]})
    names = dict.fromkeys([*sides[0], *sides[1]])
    return {name: pair for name in names if (pair := _changed(*(side.get(name) for side in sides)))}


def _sources(before: Report, after: Report) -> list[Row]:
    sides = [_by(report.get("sources") or [], ("name", "file")) for report in (before, after)]
    rows = []
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        pair = [side.get(key, {}) for side in sides]
        if pair[0].get("sha256") != pair[1].get("sha256"):
            facts = {name: [one.get(name) for one in pair] for name in ("release", "sha256", "rows_out")}
            rows.append({"name": key[0], "file": key[1], **facts})
    return rows
