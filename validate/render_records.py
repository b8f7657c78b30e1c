"""Records of any shape as tables: sections whose keys belong to whoever measured them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pathproof.validate.render_format import anything, label, p_value

Row = dict[str, Any]
COLUMN_ORDER = (
    "step", "name", "explainer", "minus", "confounder", "view", "statistic", "metric", "kind", "type", "method", "what",
    "drug", "claim_kind", "scope", "reference", "holds", "blind_to", "screen", "rows", "cell_lines", "drugs", "genes",
    "claims", "asked", "threshold", "coverage_at_threshold", "precision", "k", "top_k", "members", "value", "mean",
    "jaccard_mean", "effect", "observed", "ci95", "sd", "chance", "null", "null_mean", "null_sd", "random",
    "beyond_random", "beyond_random_ci95", "p", "n", "status",
)  # fmt: skip
LAST = ("unit", "why", "reason", "examples")


def records_table(rows: Sequence[Mapping[str, Any]], limit: int = 40) -> Row:
    """Any list of records as a table: headings, cells as text, and how many rows were left out.

    Rows about single drugs come after the summary over all drugs, and are left out when there are many.
    """
    summary = [row for row in rows if row.get("drug") in (None, "all")]
    shown = summary if summary and len(rows) > limit else list(rows)
    flat = [_flat(row) for row in shown[:limit]]
    keys = {key for row in flat for key in row}
    ends = [key for key in LAST if key in keys]
    ordered = [key for key in COLUMN_ORDER if key in keys] + sorted(keys - set(COLUMN_ORDER) - set(LAST)) + ends
    used = [key for key in ordered if any(row.get(key) not in (None, "", [], {}) for row in flat)]
    numeric = [all(_is_number(row.get(key)) or row.get(key) is None for row in flat) for key in used]
    heads = [{"text": label(key), "number": is_number} for key, is_number in zip(used, numeric, strict=True)]
    cells = [
        [{"text": _text(key, row.get(key)), "number": is_number} for key, is_number in zip(used, numeric, strict=True)]
        for row in flat
    ]
    return {"heads": heads, "rows": cells, "more": len(rows) - len(cells)}


def _flat(row: Mapping[str, Any]) -> Row:
    result: Row = {}
    for key, value in row.items():
        if isinstance(value, Mapping) and value and len(value) <= 4:
            result.update({f"{key}.{inner}": item for inner, item in value.items()})
        else:
            result[key] = value
    return result


def _text(key: str, value: Any) -> str:
    is_p = key.split(".")[-1] in ("p", "q") and isinstance(value, int | float)
    return p_value(value) if is_p else anything(value)


def _is_number(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) == 2 and all(isinstance(item, int | float) for item in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def data_first(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Stability rows with other cell lines before rows with other seeds: the harder question first."""
    return sorted(rows, key=lambda row: not _is_data(row))


def _is_data(row: Mapping[str, Any]) -> bool:
    words = " ".join(str(row.get(key, "")) for key in ("name", "kind", "what"))
    return "data" in words or "lines" in words


def line_stability(rows: Iterable[Mapping[str, Any]], explainer: str | None) -> dict[str, float]:
    """For each drug the agreement of its explanations over other cell lines."""
    return {
        str(row["drug"]): float(row["jaccard_mean"])
        for row in rows
        if _is_data(row)
        and row.get("drug") not in (None, "all")
        and row.get("jaccard_mean") is not None
        and row.get("explainer", explainer) == explainer
    }


def planted_rows(planted: Mapping[str, Any]) -> list[Row]:
    """The planted truth drug by drug, whichever of the allowed shapes it has."""
    per_drug = planted.get("per_drug") or []
    if isinstance(per_drug, Mapping):
        return [{"drug": k, **(v if isinstance(v, Mapping) else {"recall": v})} for k, v in sorted(per_drug.items())]
    return [dict(row) for row in per_drug]


def chosen_columns(rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> list[Row]:
    """The same rows with these keys only."""
    return [{key: row[key] for key in keys if key in row} for row in rows]


def left_out_rows(sources: Iterable[Mapping[str, Any]]) -> list[Row]:
    """What each file's reader left out, by reason, with examples."""
    rows = []
    for source in sources:
        dropped, examples = source.get("dropped"), source.get("examples")
        for reason, n in sorted(dropped.items()) if isinstance(dropped, Mapping) else ():
            some = examples.get(reason) if isinstance(examples, Mapping) else None
            rows.append({"name": source["name"], "rows": n, "why": reason, "examples": some})
    return rows
