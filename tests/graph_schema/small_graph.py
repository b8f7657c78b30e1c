"""A small knowledge of real names, as tables and as a workspace that `ingest` could have written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

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

SIGNATURE = "msigdb:A_ERLOTINIB_RESISTANCE_UP"


def gene(symbol: str) -> str:
    return f"hgnc:{GENES[symbol]}"


def drug(name: str) -> str:
    return f"gdsc.drug:{DRUGS[name]}"


def pathway(name: str) -> str:
    return f"reactome:R-HSA-{PATHWAYS[name]}"


SOURCES = (
    *("cell_lines", "civic", "collectri", "dgidb", "gdsc"),
    *("gdsc.mutations", "gdsc.targets", "hgnc", "msigdb", "omnipath", "reactome"),
)
LICENCE = "test licence"


def node(label: str, source: str, **properties: Any) -> dict[str, Any]:
    """A node's row with the properties of the core."""
    return {
        "id": properties.pop("id"),
        "provided_by": f"source:{source}",
        "dataset_version": "test",
        "licence": LICENCE,
        **properties,
    }


def edge(kind: str, start: str, end: str, source: str, **properties: Any) -> dict[str, Any]:
    """An edge's row with the properties of the core."""
    return {
        "start": start,
        "end": end,
        "id": content_key(kind, start, end, source, sorted(map(str, properties.items()))),
        "predicate": EDGE_BY_TYPE[kind].predicate,
        "primary_knowledge_source": f"source:{source}",
        "knowledge_level": properties.pop("knowledge_level", "knowledge_assertion"),
        "agent_type": properties.pop("agent_type", "manual_agent"),
        "publications": properties.pop("publications", []),
        "dataset_version": "test",
        "licence": LICENCE,
        **properties,
    }


def _nodes(members: dict[str, tuple[str, ...]]) -> dict[str, list[dict[str, Any]]]:
    evidence = {"evidence_level": "B", "combination": False, "rating": 4, "citation": "Emery et al., 2009"}
    return {
        "Gene": [
            node("Gene", "hgnc", id=gene(name), symbol=name, entrez="673" if name == "BRAF" else None) for name in GENES
        ],
        "Drug": [
            node(
                "Drug",
                "gdsc",
                id=drug(name),
                name=name,
                synonyms=["GSK2118436"] if name == "Dabrafenib" else [],
                pubchem=None,
            )
            for name in DRUGS
        ],
        "Pathway": [
            node("Pathway", "reactome", id=pathway(name), name=name, n_genes=len(members[name])) for name in PATHWAYS
        ],
        "GeneSet": [
            node(
                "GeneSet", "msigdb", id=SIGNATURE, name="A_ERLOTINIB_RESISTANCE_UP", collection="resistance", n_genes=2
            )
        ],
        "CellLine": [node("CellLine", "cell_lines", id="sidm:SIDM00001", name="A375", tissue="Skin")],
        "Disease": [node("Disease", "civic", id="doid:1909", name="Melanoma")],
        "EvidenceItem": [
            node(
                "EvidenceItem",
                "civic",
                id=f"civic.eid:{number}",
                name=f"EID{number}",
                direction=direction,
                supports=True,
                significance=significance,
                molecular_profile=profile,
                disease=disease,
                **evidence,
            )
            for number, direction, significance, profile, disease in (
                (1, "resistance", "Resistance", "MAP2K1 Q56P", "Melanoma"),
                (2, "sensitivity", "Sensitivity/Response", "BRAF V600E", None),
            )
        ],
        "Publication": [node("Publication", "civic", id="pubmed:22460905", name="Emery et al., 2009")],
        "KnowledgeSource": [
            {"id": f"source:{name}", "name": name, "release": "test", "licence": LICENCE, "sha256": "0" * 64}
            for name in SOURCES
        ],
    }


def _evidence_edges() -> dict[str, list[dict[str, Any]]]:
    resistance, sensitivity = "civic.eid:1", "civic.eid:2"
    dabrafenib = drug("Dabrafenib")
    evidence = {"evidence_level": "B", "disease": "Melanoma", "combination": False, "publications": ["pubmed:22460905"]}
    return {
        "CONFERS_RESISTANCE_TO": [
            edge(
                "CONFERS_RESISTANCE_TO",
                gene("MAP2K1"),
                dabrafenib,
                "civic",
                evidence_item=resistance,
                molecular_profile="MAP2K1 Q56P",
                significance="Resistance",
                **evidence,
            )
        ],
        "CONFERS_SENSITIVITY_TO": [
            edge(
                "CONFERS_SENSITIVITY_TO",
                gene("BRAF"),
                dabrafenib,
                "civic",
                evidence_item=sensitivity,
                molecular_profile="BRAF V600E",
                significance="Sensitivity/Response",
                **{**evidence, "disease": None},
            )
        ],
        "ABOUT_GENE": [
            edge("ABOUT_GENE", item, gene(name), "civic")
            for item, name in ((resistance, "MAP2K1"), (sensitivity, "BRAF"))
        ],
        "ABOUT_DRUG": [edge("ABOUT_DRUG", item, dabrafenib, "civic") for item in (resistance, sensitivity)],
        "ABOUT_DISEASE": [edge("ABOUT_DISEASE", resistance, "doid:1909", "civic")],
        "CITES": [edge("CITES", item, "pubmed:22460905", "civic") for item in (resistance, sensitivity)],
    }


def small_tables() -> Tables:
    """Eight genes, four drugs, three pathways, two evidence items and one edge of every kind at least."""
    raf, braf, egfr = PATHWAYS
    members = {raf: ("BRAF", "MAP2K1", "MAPK1", "KRAS", "NF1"), braf: ("BRAF",), egfr: ("EGFR", "KRAS")}
    computed = {"knowledge_level": "observation", "agent_type": "data_analysis_pipeline"}
    edges = {
        "PARTICIPATES_IN": [
            edge("PARTICIPATES_IN", gene(one), pathway(name), "reactome")
            for name, some in members.items()
            for one in some
        ],
        "IN_GENE_SET": [edge("IN_GENE_SET", gene(one), SIGNATURE, "msigdb") for one in ("KRAS", "NF1")],
        "SIGNATURE_OF_RESISTANCE_TO": [
            edge("SIGNATURE_OF_RESISTANCE_TO", SIGNATURE, drug("Erlotinib"), "msigdb", expression="higher")
        ],
        "PART_OF": [edge("PART_OF", pathway(braf), pathway(raf), "reactome")],
        "TARGETS": [
            edge("TARGETS", drug(a), gene(b), "gdsc.targets", actions=["inhibitor"] if a == "Dabrafenib" else [])
            for a, b in (("Dabrafenib", "BRAF"), ("PLX-4720", "BRAF"), ("Nutlin-3a (-)", "MDM2"), ("Erlotinib", "EGFR"))
        ],
        "AFFECTS": [
            edge("AFFECTS", gene(a), gene(b), "omnipath", sign=sign)
            for a, b, sign in (("BRAF", "MAP2K1", 1), ("MAP2K1", "MAPK1", 1), ("NF1", "KRAS", -1), ("MDM2", "TP53", -1))
        ],
        "REGULATES": [edge("REGULATES", gene("TP53"), gene("MDM2"), "collectri", sign=1)],
        **_evidence_edges(),
        "DESCRIBES_RESISTANCE_TO": [
            edge("DESCRIBES_RESISTANCE_TO", pathway(egfr), drug("Erlotinib"), "reactome", gene=gene("EGFR"))
        ],
        "HAS_MUTATION_IN": [edge("HAS_MUTATION_IN", "sidm:SIDM00001", gene("BRAF"), "gdsc.mutations", **computed)],
        "RESPONDS_TO": [
            edge(
                "RESPONDS_TO",
                "sidm:SIDM00001",
                drug(name),
                "gdsc",
                screen="GDSC2",
                out_of_range="within",
                ln_ic50=ln_ic50,
                auc=0.5,
                max_conc=10.0,
                rmse=0.05,
                **computed,
            )
            for name, ln_ic50 in (("Dabrafenib", -2.5), ("Erlotinib", 3.5))
        ],
    }
    return {"nodes": _nodes(members), "edges": edges}


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
