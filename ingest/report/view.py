"""The data report as one dictionary: a view on the manifest and the tables that computes nothing anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from pathproof.errors import WorkspaceError
from pathproof.ingest.sources.base import Source
from pathproof.ingest.sources.registry import SOURCES
from pathproof.workspace import Workspace, read_json

SCHEMA_VERSION = 1
USABLE = "with expression"  # the step at which a pair can be learned from


def report_of(workspace: Workspace) -> dict[str, Any]:
    """The report on what `ingest` wrote into this workspace.

    Raises
    ------
    WorkspaceError
        When it wrote nothing yet, or a table cannot be read.
    """
    manifest, path = read_json(workspace.root / "manifest.json"), workspace.tables / "agreement.parquet"
    try:
        return data_report(manifest, pd.read_parquet(path))
    except (OSError, pa.ArrowInvalid) as error:
        action = "delete manifest.json and run `pathproof ingest` again"
        raise WorkspaceError(f"Cannot read {path.name}: {error}", where=path, action=action) from error


def data_report(manifest: Mapping[str, Any], agreement: pd.DataFrame) -> dict[str, Any]:
    """What the manifest and the table of agreement say, in the order in which a reader asks.

    Parameters
    ----------
    manifest : mapping
        As `ingest` writes it (manifest.json).
    agreement : DataFrame
        tables/agreement.parquet: Spearman correlations between screens, per pair of drugs of one molecule.

    Returns
    -------
    dict
        schema_version; kind; key; funnels (one for each screen: steps with cell_lines, drugs, genes, pairs,
        lost and share of the first step, usable, why); layers; agreement (for each two screens and measure a
        summary, and for each two drugs the correlations); totals (files, rows_in, rows_out, dropped, bytes);
        warnings (title, file, text); losses (title, reason, rows, examples; most rows first); sources; absent (title,
        cost, optional, files, get_from).
    """
    sources = [_source(entry, manifest["kind"]) for entry in manifest["sources"]]
    losses = [{"title": source["title"], **loss} for source in sources for loss in source["lost"]]
    present = {source["title"] for source in sources}
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": manifest["kind"],
        "key": manifest["key"],
        "funnels": [_funnel(screen) for screen in manifest["screens"]],
        "layers": list(manifest["layers"]),
        "agreement": {"summary": list(manifest["agreement"]), "drugs": _agreement(agreement)},
        "totals": {
            "files": len(sources),
            **{name: sum(source[name] for source in sources) for name in ("rows_in", "rows_out", "dropped", "bytes")},
        },
        "warnings": [
            {"title": source["title"], "file": source["file"], "text": text}
            for source in sources
            for text in source["warnings"]
        ],
        "losses": sorted(losses, key=lambda loss: -loss["rows"]),
        "sources": sources,
        "absent": [_absent(source) for source in SOURCES if source.title not in present],
    }


def _funnel(screen: Mapping[str, Any]) -> dict[str, Any]:
    """The steps of one screen; the first is what the others are shares of."""
    first = screen["attrition"][0]["rows"]
    steps = [
        {
            **{name: step[name] for name in ("step", "cell_lines", "drugs", "genes", "why")},
            "pairs": step["rows"],
            "lost": first - step["rows"],
            "usable": step["step"] == USABLE,
            "share": round(step["rows"] / first, 4) if first else None,
        }
        for step in screen["attrition"]
    ]
    return {"screen": screen["screen"], "file": screen["file"], "out_of_range": screen["out_of_range"], "steps": steps}


def _agreement(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One row for each two drugs of one molecule: by measure the correlation, its interval and the shared lines."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in table.astype(object).where(table.notna(), None).to_dict("records"):
        key = tuple(row[name] for name in ("screen_a", "screen_b", "name", "drug_a", "drug_b"))
        found = rows.setdefault(key, dict(zip(("screen_a", "screen_b", "name", "drug_a", "drug_b"), key, strict=True)))
        found[row["measure"]] = {name: _rounded(row[name]) for name in ("n_lines", "spearman", "low", "high")}
    return [rows[key] for key in sorted(rows)]


def _rounded(value: float | int | None) -> float | int | None:
    return round(value, 3) if isinstance(value, float) else value


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
        "warnings": list(entry.get("warnings") or []),
    }


def _reasons(counts: Mapping[str, int], examples: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    rows = [{"reason": reason, "rows": n, "examples": examples.get(reason, [])} for reason, n in counts.items()]
    return sorted(rows, key=lambda row: (-row["rows"], row["reason"]))


def _absent(source: Source) -> dict[str, Any]:
    return {
        "title": source.title,
        "cost": f"not there: {source.gives}" + (f"; {source.without}" if source.without else ""),
        "optional": source.optional,
        "files": list(source.files),
        "get_from": source.get_from,
    }
