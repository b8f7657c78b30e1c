"""The planted graph of scoring_world.py as the tables of a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scoring_world import GENES, SOURCES, store

from pathproof.workspace import Workspace, write_json, write_parquet

TYPES = {
    "target-edges": ("TARGETS", "drug", "gene"),
    "pathway-members": ("PARTICIPATES_IN", "gene", "pathway"),
    "signalling-edges": ("AFFECTS", "source", "target"),
    "regulation-edges": ("REGULATES", "source", "target"),
}


def write_workspace(root: Path) -> Workspace:
    """What `ingest` would have left: nodes, edges, expression and a manifest."""
    rows = store().tables
    workspace = Workspace.open(root)
    ids = {symbol: f"hgnc:{i}" for i, symbol in enumerate(GENES)}

    def nodes(label: str, frame: pd.DataFrame) -> None:
        write_parquet(workspace.knowledge / "nodes" / f"{label}.parquet", frame)

    def edges(type_: str, frame: pd.DataFrame, query: str) -> None:
        frame = frame.rename(columns={"edge": "id"}).assign(primary_knowledge_source=f"source:{SOURCES[query]}")
        for end in ("start", "end"):
            frame[end] = [ids.get(name, name) for name in frame[end]]
        write_parquet(workspace.knowledge / "edges" / f"{type_}.parquet", frame)

    nodes("Gene", pd.DataFrame({"id": list(ids.values()), "symbol": list(ids)}))
    nodes("Drug", pd.DataFrame(rows["drugs"]))
    members = pd.DataFrame(rows["pathway-members"])
    nodes("Pathway", members.rename(columns={"pathway": "id"})[["id", "name"]].drop_duplicates())
    for query, (type_, start, end) in TYPES.items():
        edges(type_, pd.DataFrame(rows[query]).rename(columns={start: "start", end: "end"}), query)
    evidence = pd.DataFrame(rows["evidence-edges"]).rename(columns={"gene": "start", "drug": "end"})
    for direction, part in evidence.groupby("direction"):
        edges(f"CONFERS_{str(direction).upper()}_TO", part.drop(columns="direction"), "evidence-edges")
    nodes("EvidenceItem", pd.DataFrame({"id": ["civic.eid:1"], "citation": ["A, 2001"], "url": ["https://a.org/1"]}))
    nothing: dict[str, Any] = {name: pd.Series(dtype=object) for name in ("start", "end", "edge", "gene")}
    edges("DESCRIBES_RESISTANCE_TO", pd.DataFrame(nothing), "resistance-pathways")
    edges("SIGNATURE_OF_RESISTANCE_TO", pd.DataFrame(nothing), "resistance-signatures")
    edges("IN_GENE_SET", pd.DataFrame(nothing), "resistance-signatures")
    nodes("GeneSet", pd.DataFrame({name: pd.Series(dtype=object) for name in ("id", "name")}))
    values = np.random.default_rng(0).normal(size=(20, len(GENES)))
    expression = pd.DataFrame(values, columns=list(GENES))
    expression.insert(0, "cell_line", [f"sidm:{i}" for i in range(20)])
    write_parquet(workspace.tables / "expression.parquet", expression)
    write_json(workspace.root / "manifest.json", {"kind": "real", "key": "k", "attrition": [], "sources": []})
    return workspace
