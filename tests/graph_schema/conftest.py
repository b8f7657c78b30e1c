"""A small knowledge of real names, as a workspace that `ingest` could have written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, ModelRecord, Sign
from pathproof.graph_schema.schema import EDGE_BY_TYPE
from pathproof.workspace import Workspace, content_key, write_json, write_parquet

Tables = dict[str, dict[str, list[dict[str, Any]]]]
GENES = {
    "BRAF": 1097,
    "MAP2K1": 6840,
    "MAPK1": 6871,
    "EGFR": 3236,
    "KRAS": 6407,
    "NF1": 7765,
    "TP53": 11998,
    "MDM2": 6973,
}
DRUGS = {"Dabrafenib": 1373, "PLX-4720": 1371, "Nutlin-3a (-)": 1047, "Erlotinib": 1168}
PATHWAYS = {"RAF/MAP kinase cascade": 5673001, "Signaling by BRAF": 9656223, "Resistance of EGFR mutants": 5637815}


def gene(symbol: str) -> str:
    return f"hgnc:{GENES[symbol]}"


def drug(name: str) -> str:
    return f"gdsc.drug:{DRUGS[name]}"


def pathway(name: str) -> str:
    return f"reactome:R-HSA-{PATHWAYS[name]}"


def edge(kind: str, start: str, end: str, source: str, **properties: Any) -> dict[str, Any]:
    return {
        "start": start,
        "end": end,
        "id": content_key(kind, start, end, source, sorted(map(str, properties.items()))),
        "predicate": EDGE_BY_TYPE[kind].predicate,
        "primary_knowledge_source": f"source:{source}",
        "knowledge_level": "knowledge_assertion",
        "publications": properties.pop("publications", []),
        "dataset_version": "test",
        **properties,
    }


def small_tables() -> Tables:
    """Eight genes, four drugs, three pathways and one edge of every kind at least."""
    raf, braf, egfr = PATHWAYS
    members = {raf: ("BRAF", "MAP2K1", "MAPK1", "KRAS", "NF1"), braf: ("BRAF",), egfr: ("EGFR", "KRAS")}
    evidence = {"evidence_level": "B", "disease": "Melanoma", "combination": False, "publications": ["pubmed:22460905"]}
    nodes = {
        "Gene": [{"id": gene(name), "symbol": name, "entrez": "673" if name == "BRAF" else None} for name in GENES],
        "Drug": [
            {
                "id": drug(name),
                "name": name,
                "synonyms": ["GSK2118436"] if name == "Dabrafenib" else [],
                "pubchem": None,
            }
            for name in DRUGS
        ],
        "Pathway": [{"id": pathway(name), "name": name, "n_genes": len(members[name])} for name in PATHWAYS],
        "CellLine": [{"id": "sidm:SIDM00001", "name": "A375", "tissue": "Skin"}],
        "KnowledgeSource": [
            {"id": f"source:{name}", "name": name, "release": "test", "licence": "none", "sha256": "0" * 64}
            for name in ("civic", "collectri", "gdsc.targets", "omnipath", "reactome")
        ],
    }
    edges = {
        "PARTICIPATES_IN": [
            edge("PARTICIPATES_IN", gene(one), pathway(name), "reactome")
            for name, some in members.items()
            for one in some
        ],
        "PART_OF": [edge("PART_OF", pathway(braf), pathway(raf), "reactome")],
        "TARGETS": [
            edge("TARGETS", drug(a), gene(b), "gdsc.targets")
            for a, b in (("Dabrafenib", "BRAF"), ("PLX-4720", "BRAF"), ("Nutlin-3a (-)", "MDM2"), ("Erlotinib", "EGFR"))
        ],
        "AFFECTS": [
            edge("AFFECTS", gene(a), gene(b), "omnipath", sign=sign)
            for a, b, sign in (("BRAF", "MAP2K1", 1), ("MAP2K1", "MAPK1", 1), ("NF1", "KRAS", -1), ("MDM2", "TP53", -1))
        ],
        "REGULATES": [edge("REGULATES", gene("TP53"), gene("MDM2"), "collectri", sign=1)],
        "CONFERS_RESISTANCE_TO": [
            edge(
                "CONFERS_RESISTANCE_TO",
                gene("MAP2K1"),
                drug("Dabrafenib"),
                "civic",
                molecular_profile="MAP2K1 Q56P",
                significance="Resistance",
                **evidence,
            )
        ],
        "CONFERS_SENSITIVITY_TO": [
            edge(
                "CONFERS_SENSITIVITY_TO",
                gene("BRAF"),
                drug("Dabrafenib"),
                "civic",
                molecular_profile="BRAF V600E",
                significance="Sensitivity/Response",
                **{**evidence, "disease": None},
            )
        ],
        "DESCRIBES_RESISTANCE_TO": [
            edge("DESCRIBES_RESISTANCE_TO", pathway(egfr), drug("Erlotinib"), "reactome", gene=gene("EGFR"))
        ],
    }
    return {"nodes": nodes, "edges": edges}


def write_workspace(root: Path, tables: Tables, key: str = "small") -> Workspace:
    """Write tables as `ingest` would; replaces what stands there."""
    workspace = Workspace.open(root)
    for what, kinds in tables.items():
        for path in (workspace.knowledge / what).glob("*.parquet"):
            path.unlink()
        for name, rows in kinds.items():
            write_parquet(workspace.knowledge / what / f"{name}.parquet", pd.DataFrame(rows))
    counts = {what: {name: len(rows) for name, rows in kinds.items()} for what, kinds in tables.items()}
    write_json(workspace.root / "manifest.json", {"kind": "demonstration", "key": key, "counts": counts})
    return workspace


@pytest.fixture
def tables() -> Tables:
    return small_tables()


@pytest.fixture
def make_workspace(tmp_path: Path) -> Callable[..., Workspace]:
    def make(tables: Tables, key: str = "small") -> Workspace:
        return write_workspace(tmp_path / "workspace", tables, key)

    return make


@pytest.fixture
def workspace(tables: Tables, make_workspace: Callable[..., Workspace]) -> Workspace:
    return make_workspace(tables)


@pytest.fixture
def model() -> ModelRecord:
    return ModelRecord(id="model:m1", name="ridge", universe=tuple(GENES), sources=("gdsc", "omnipath"))


@pytest.fixture
def explanations() -> list[Explanation]:
    """Three explanations with claims of every kind."""

    def one(name: str, *claims: Claim, explainer: str = "pathproof") -> Explanation:
        return Explanation(
            explainer=explainer,
            version="1",
            model_id="m1" if explainer == "pathproof" else None,
            drug=drug(name),
            drug_name=name,
            screen="gdsc2",
            claims=claims,
            parameters={"top": 3, "ε": 0.1},
            fidelity=0.25,
            stability=0.5,
            sources=("gdsc",),
        )

    braf = Claim(
        kind=ClaimKind.GENE,
        genes=("BRAF",),
        layers=("mutation",),
        weights=(-0.75,),
        value=-0.75,
        sign=Sign.SENSITIVITY,
        rank=1,
        confidence=0.9,
        confirmed=True,
        edges=("e1",),
    )
    return [
        one(
            "Dabrafenib",
            braf,
            Claim(kind=ClaimKind.GENE, genes=("EGFR",), value=0.5, sign=Sign.RESISTANCE, rank=2, confidence=0.85),
            Claim(kind=ClaimKind.INTERACTION, genes=("NF1", "KRAS"), weights=(0.1, 2.0), value=1.0, rank=1),
            Claim(kind=ClaimKind.MODULE, genes=("MAP2K1", "BRAF", "MAPK1"), value=-1.0, sign=Sign.SENSITIVITY, rank=1),
            Claim(
                kind=ClaimKind.PATHWAY,
                genes=("BRAF", "MAPK1"),
                pathway=pathway("RAF/MAP kinase cascade"),
                value=3.0,
                rank=1,
                sources=("reactome",),
            ),
        ),
        one("PLX-4720", Claim(kind=ClaimKind.MODULE, genes=("BRAF", "MAP2K1", "NF1"), value=-2.0, rank=1)),
        one("Dabrafenib", braf, explainer="association-lmm"),
    ]
