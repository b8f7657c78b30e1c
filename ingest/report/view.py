"""The data report as one dictionary: a view on the manifest and the tables that computes nothing anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pathproof.ingest.sources.base import Source
from pathproof.ingest.sources.registry import SOURCES

SCHEMA_VERSION = 1
USABLE = "with expression"  # the step at which a pair can be learned from
Rows = Sequence[Mapping[str, Any]]


def data_report(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest says, in the order in which a reader asks.

    Parameters
    ----------
    manifest : mapping
        As `ingest` writes it (manifest.json).

    Returns
    -------
    dict
        schema_version; kind; key; funnels (one for each screen: steps with cell_lines, drugs, genes, pairs,
        lost and share of the first step, usable, why); totals (files, rows_in, rows_out, dropped, bytes);
        losses (title, reason, rows, examples; most rows first); sources; agreement; absent (title, cost,
        optional, files, get_from).
    """
    sources = [_source(entry, manifest["kind"]) for entry in manifest["sources"]]
    losses = [{"title": source["title"], **loss} for source in sources for loss in source["lost"]]
    present = {source["title"] for source in sources}
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": manifest["kind"],
        "key": manifest["key"],
        "funnels": _funnels(manifest["attrition"]),
        "totals": {
            "files": len(sources),
            **{name: sum(source[name] for source in sources) for name in ("rows_in", "rows_out", "dropped", "bytes")},
        },
        "losses": sorted(losses, key=lambda loss: -loss["rows"]),
        "sources": sources,
        "agreement": None,
        "absent": [_absent(source) for source in SOURCES if source.title not in present],
    }


def _funnels(attrition: Rows) -> list[dict[str, Any]]:
    """One funnel for each screen; the first step of a screen is what the others are shares of."""
    funnels: dict[str, list[dict[str, Any]]] = {}
    for step in attrition:
        steps = funnels.setdefault(step.get("screen", ""), [])
        first = steps[0]["pairs"] if steps else step["rows"]
        steps.append(
            {
                **{name: step[name] for name in ("step", "cell_lines", "drugs", "genes", "why")},
                "pairs": step["rows"],
                "lost": first - step["rows"],
                "usable": step["step"] == USABLE,
                "share": round(step["rows"] / first, 4) if first else None,
            }
        )
    return [{"screen": screen, "steps": steps} for screen, steps in funnels.items()]


def _source(entry: Mapping[str, Any], kind: str) -> dict[str, Any]:
    declared = next((source for source in SOURCES if source.title == entry["title"]), None)
    examples = entry["examples"]
    told = ("name", "title", "file", "release", "licence", "citation", "sha256", "bytes", "rows_in", "rows_out")
    return {
        **{name: entry[name] for name in told},
        "gives": declared.gives if declared else "",
        "terms": declared.terms if declared and kind == "real" else "",
        "dropped": sum(entry["dropped"].values()),
        "lost": _reasons(entry["dropped"], examples),
        "noted": _reasons(entry["noted"], examples),
        "mapping": list(entry.get("mapping") or []),
    }


def _reasons(counts: Mapping[str, int], examples: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    rows = [{"reason": reason, "rows": n, "examples": examples.get(reason, [])} for reason, n in counts.items()]
    return sorted(rows, key=lambda row: (-row["rows"], row["reason"]))


def _absent(source: Source) -> dict[str, Any]:
    return {
        "title": source.title,
        "cost": f"not there: {source.gives}",
        "optional": source.optional,
        "files": list(source.files),
        "get_from": source.get_from,
    }
