"""The simulated world in the providers' own layouts, so that the real readers take it.

Ids say that they are simulated: drugs and COSMIC numbers from 900,001, SIDM9, ACH-9; Entrez ids are 0
("unknown" in the matrix header) and HGNC numbers are blank, because the authors did not look them up. Disease
Ontology numbers are real.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from pathproof.ingest.demo.facts import Evidence, Facts
from pathproof.ingest.demo.layouts_screen import compounds, response, targets
from pathproof.ingest.demo.simulate import World

SIMULATED = "Simulated for the PathProof demonstration"
EVIDENCE_COLUMNS = (
    "molecular_profile", "molecular_profile_id", "disease", "doid", "phenotypes",
    "therapies", "therapy_interaction_type", "evidence_type", "evidence_direction", "evidence_level",
    "significance", "evidence_statement", "citation_id", "source_type", "asco_abstract_id",
    "citation", "nct_ids", "rating", "evidence_status", "evidence_id",
    "variant_origin", "last_review_date", "evidence_civic_url", "molecular_profile_civic_url", "is_flagged",
)  # fmt: skip

INTERACTION_COLUMNS = (
    "gene_claim_name", "gene_concept_id", "gene_name", "drug_claim_name", "drug_concept_id", "drug_name",
    "drug_is_approved", "drug_is_immunotherapy", "drug_is_antineoplastic", "interaction_source_db_name",
    "interaction_source_db_version", "interaction_types", "interaction_score", "drug_specificity_score",
    "gene_specificity_score", "evidence_score",
)  # fmt: skip


SECOND_SCREEN = "gdsc/GDSC1_fitted_dose_response.csv.gz"


def write_layouts(folder: Path, facts: Facts, world: World, second: World | None = None) -> None:
    """Write every provider's file below `folder`; the same world gives the same bytes.

    `second` holds the responses of a second screen of the same lines; without one, that of an earlier world is removed.
    """
    lines = line_ids(world)
    tables: dict[str, Callable[[], str]] = {
        "gdsc/GDSC2_fitted_dose_response.csv.gz": lambda: _csv(response(facts, world, lines, "GDSC2")),
        "gdsc/screened_compounds.csv": lambda: _csv(compounds(facts)),
        "gdsc/drug_gene_targets.csv": lambda: _csv(targets(facts)),
        "gdsc/genomic_features_v17.csv.gz": lambda: _csv(_genomic_features(facts, world, lines)),
        "cell_model_passports/model_list.csv.gz": lambda: _csv(_model_list(facts, world, lines)),
        "depmap/Model.csv.gz": lambda: _csv(_model(facts, world, lines)),
        "depmap/OmicsExpressionZScore_1631.csv.gz": lambda: _expression(facts, world, lines),
        "reactome/ReactomePathways.gmt": lambda: _gmt(facts),
        "reactome/ReactomePathways.txt": lambda: _pathway_names(facts),
        "reactome/ReactomePathwaysRelation.txt": lambda: _pathway_parents(facts),
        "omnipath/omnipath_signed_directed.tsv": lambda: _signed(facts),
        "omnipath/collectri.csv": lambda: _regulon(facts),
        "civic/ClinicalEvidenceSummaries.tsv.gz": lambda: _evidence(facts),
        "dgidb/interactions.tsv": lambda: _interactions(facts),
        "hgnc/gene_identifiers_20191101.csv.gz": lambda: _csv(_genes(facts)),
    }
    if second is None:
        (folder / SECOND_SCREEN).unlink(missing_ok=True)
    else:
        tables[SECOND_SCREEN] = lambda: _csv(response(facts, second, lines, "GDSC1"))
    for name, text in tables.items():
        _write(folder / name, text())


def line_ids(world: World) -> pd.DataFrame:
    """Columns name, sidm, ach, cosmic, tissue (index into `Facts.tissues`), one row per simulated line."""
    numbers = range(1, world.n + 1)
    return pd.DataFrame(
        {
            "name": [f"DEMO-{i:03d}" for i in numbers],
            "sidm": [f"SIDM9{i:04d}" for i in numbers],
            "ach": [f"ACH-9{i:05d}" for i in numbers],
            "cosmic": [900_000 + i for i in numbers],
            "tissue": world.cells.tissue,
        }
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.encode()
    path.write_bytes(gzip.compress(content, 6, mtime=0) if path.suffix == ".gz" else content)


def _csv(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, lineterminator="\n")


def _lines(rows: list[str]) -> str:
    return "\n".join(rows) + "\n"


def _genomic_features(facts: Facts, world: World, lines: pd.DataFrame) -> pd.DataFrame:
    keep = world.has_mutation
    tissues = [facts.tissues[t].factor for t in lines["tissue"][keep]]
    head = pd.DataFrame({"COSMIC_ID": lines["cosmic"][keep].to_numpy(), "TISSUE_FACTOR": tissues, "MSI_FACTOR": 0})
    calls = pd.DataFrame(world.cells.mutation[keep].astype(int), columns=[f"{gene}_mut" for gene in facts.drivers])
    return pd.concat([head, calls], axis=1)


def _model_list(facts: Facts, world: World, lines: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model_id": lines["sidm"],
            "model_name": lines["name"],
            "tissue": [facts.tissues[t].name for t in lines["tissue"]],
            "cancer_type": [facts.tissues[t].cancer_type for t in lines["tissue"]],
            "COSMIC_ID": lines["cosmic"],
            "BROAD_ID": lines["ach"],
            "CCLE_ID": lines["name"].str.replace("-", "") + "_SIMULATED",
            "RRID": "",
            "msi_status": "MSS",
            "gender": np.where(world.male, "Male", "Female"),
        }
    )


def _model(facts: Facts, world: World, lines: pd.DataFrame) -> pd.DataFrame:
    tissues = [facts.tissues[t] for t in lines["tissue"]]
    blood = "Haematopoietic and Lymphoid"
    return pd.DataFrame(
        {
            "ModelID": lines["ach"],
            "CellLineName": lines["name"],
            "StrippedCellLineName": lines["name"].str.replace("-", ""),
            "SourceType": "Simulated",
            "SangerModelID": lines["sidm"],
            "RRID": "",
            "GrowthPattern": ["Suspension" if t.name == blood else "Adherent" for t in tissues],
            "Sex": np.where(world.male, "Male", "Female"),
            "CCLEName": lines["name"].str.replace("-", "") + "_SIMULATED",
            "COSMICID": lines["cosmic"].astype(float),
            "PublicComments": SIMULATED,
            "OncotreeCode": [t.tcga for t in tissues],
            "OncotreePrimaryDisease": [t.cancer_type for t in tissues],
            "OncotreeLineage": [t.name for t in tissues],
        }
    )


def _expression(facts: Facts, world: World, lines: pd.DataFrame) -> str:
    keep = world.has_expression
    frame = pd.DataFrame(world.cells.expression[keep], columns=[f"{gene} (0)" for gene in facts.genes])
    frame.insert(0, "", lines["ach"][keep].to_numpy())
    return frame.to_csv(index=False, lineterminator="\n", float_format="%.3f")


def _gmt(facts: Facts) -> str:
    return _lines(["\t".join((p.name, p.id, *sorted(p.genes))) for p in sorted(facts.pathways, key=lambda p: p.name)])


def _pathway_names(facts: Facts) -> str:
    names = {**facts.parents, **{p.id: p.name for p in facts.pathways + facts.named_pathways}}
    return _lines([f"{number}\t{name}\tHomo sapiens" for number, name in sorted(names.items())])


def _pathway_parents(facts: Facts) -> str:
    return _lines([f"{p.parent}\t{p.id}" for p in sorted(facts.pathways + facts.named_pathways, key=lambda p: p.id)])


def _signed(facts: Facts) -> str:
    return _lines(["source\tinteraction\ttarget", *(f"{a}\t{sign}\t{b}" for a, b, sign in facts.signed)])


def _regulon(facts: Facts) -> str:
    return _lines(['"source","target","weight"', *(f'"{a}","{b}",{sign}' for a, b, sign in facts.regulon)])


def _evidence(facts: Facts) -> str:
    doid = facts.doid
    rows = [_evidence_row(number, row, doid.get(row.disease, "")) for number, row in enumerate(facts.evidence, start=1)]
    return _lines(["\t".join(cells) for cells in (EVIDENCE_COLUMNS, *rows)])


def _evidence_row(number: int, row: Evidence, doid: str) -> list[str]:
    drugs = ", ".join(row.therapies)
    told = f"{row.gene} {row.variant}: {row.significance} to {drugs}." if drugs else f"{row.gene} {row.variant}."
    cells = {
        "molecular_profile": f"{row.gene} {row.variant}",
        "molecular_profile_id": str(900_000 + number),
        "disease": row.disease,
        "doid": doid,
        "therapies": ",".join(row.therapies),  # a comma without a space separates, as in the official file
        "therapy_interaction_type": "Substitutes" if len(row.therapies) > 1 else "",
        "evidence_type": row.kind,
        "evidence_direction": row.direction,
        "evidence_level": row.level,
        "significance": row.significance,
        "evidence_statement": f"{SIMULATED}; not an item of CIViC. {told}",
        "citation_id": str(900_000 + number),
        "source_type": "Simulated",
        "citation": SIMULATED,
        "evidence_status": row.status,
        "evidence_id": str(900_000 + number),
        "variant_origin": "Somatic",
        "is_flagged": "false",
    }
    return [cells.get(name, "") for name in EVIDENCE_COLUMNS]


def _interactions(facts: Facts) -> str:
    """What each drug does to its targets, in the layout of DGIdb 5."""
    rows = []
    for drug in facts.drugs:
        for gene in drug.targets:
            cells = {
                "gene_claim_name": gene,
                "gene_name": gene,
                "drug_claim_name": drug.name,
                "drug_name": drug.name,
                "interaction_source_db_name": "Simulated",
                "interaction_source_db_version": "SIMULATED",
                "interaction_types": ", ".join(drug.actions),
            }
            rows.append("\t".join(cells.get(name, "NULL") for name in INTERACTION_COLUMNS))
    return _lines([f"# {SIMULATED}; not a file of DGIdb.", "\t".join(INTERACTION_COLUMNS), *rows])


def _genes(facts: Facts) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "gene_id": [f"SIDG9{i:04d}" for i in range(1, len(facts.genes) + 1)],
            "cosmic_gene_symbol": "",
            "ensembl_gene_id": "",
            "entrez_id": "",
            "hgnc_id": "",
            "hgnc_symbol": list(facts.genes),
            "refseq_id": "",
            "uniprot_id": "",
        }
    )
