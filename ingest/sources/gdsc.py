"""GDSC: screened compounds and drug targets.

References: Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017; Yang et al. 2013, doi:10.1093/nar/gks1111.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.reading import read_table
from pathproof.ingest.sources.together import Together

LICENCE = "GDSC data usage policy: non-commercial use, no redistribution"
CITATION = "Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017"
SITE = "Cell Model Passports, https://cellmodelpassports.sanger.ac.uk/downloads"

DRUG_ID = Column("DRUG_ID", "str", "compound number", blank=False, form=(r"\d+", "a GDSC compound number"))

COMPOUNDS = Source(
    name="gdsc",
    title="GDSC screened compounds",
    gives="the compounds' names, synonyms and target classes",
    files=("gdsc/screened_compounds.csv", "gdsc/screened_compounds_rel_*.csv"),
    rows=558,
    columns=(
        DRUG_ID,
        Column("DRUG_NAME", "str", "compound", blank=False),
        Column("SYNONYMS", "str", "other names, comma-separated"),
        Column("TARGET_PATHWAY", "str", "target pathway class"),
    ),
    extra=(
        Column("SCREENING_SITE", "str", "who screened it"),
        Column("TARGET", "str", "what it acts on, in free text: read where the table of gene symbols is absent"),
    ),
    key=("DRUG_ID",),
    together=(
        Together("TARGET", "TARGET_PATHWAY", "determines", 0.6, 0.97, 0.10),
        Together("DRUG_NAME", "TARGET_PATHWAY", "determines", 0.6, 0.93, 0.12),
        # Few synonyms stand in two rows, and a compound's are not always written alike.
        Together("SYNONYMS", "DRUG_NAME", "determines", 0.5, 0.90, 0.00),
        Together("DRUG_NAME", "SYNONYMS", "determines", 0.2, 0.41, 0.03),
    ),
    licence=LICENCE,
    terms=terms.SANGER,
    citation=CITATION,
    get_from=SITE,
)
TARGETS = Source(
    name="gdsc.targets",
    title="GDSC drug targets as gene symbols",
    gives="the genes that compounds act on, and their PubChem and ChEMBL ids",
    files=("gdsc/drug_gene_targets.csv",),
    rows=558,
    columns=(
        DRUG_ID,
        Column("GENE_TARGET", "str", "gene symbols and free text, separated by comma or semicolon"),
        Column("PUBCHEM", "str", "PubChem compound id"),
        Column("CHEMBL", "str", "ChEMBL id"),
    ),
    extra=(Column("DRUG_NAME", "str", "compound: held against the number"),),
    key=("DRUG_ID",),
    together=(
        Together("PUBCHEM", "CHEMBL", "determines", 0.5, 0.88, 0.00),
        Together("DRUG_NAME", "PUBCHEM", "determines", 0.5, 0.94, 0.00),
    ),
    licence=LICENCE,
    terms=terms.SANGER,
    citation=CITATION,
    get_from="a table with the columns DRUG_ID, GENE_TARGET, PUBCHEM, CHEMBL made from the screened compounds",
    optional=True,
    without="targets are those in the free text of the screened compounds that name exactly one gene",
)


_COMMA = r",(?![^()]*\))"
_IDS = {"PUBCHEM": r"\d+", "CHEMBL": r"CHEMBL\d+"}


def drug_id(number: str) -> str:
    """CURIE of a compound."""
    return f"gdsc.drug:{number}"


def read_compounds(path: Path, tally: Tally) -> pd.DataFrame:
    """One row per compound number.

    Columns drug, name, synonyms (tuple), target_pathway, site and target (free text; None when the file lacks them).
    """
    raw = read_table(path, COMPOUNDS, tally)
    tally.rows_in = tally.rows_out = len(raw)
    synonyms = [
        tuple(dict.fromkeys(part for part in (text.strip() for text in cell.split(",")) if part not in ("", "-")))
        for cell in raw["SYNONYMS"]
    ]
    return pd.DataFrame(
        {
            "drug": "gdsc.drug:" + raw["DRUG_ID"],
            "name": raw["DRUG_NAME"].str.strip(),
            "synonyms": synonyms,
            "target_pathway": raw["TARGET_PATHWAY"].str.strip(),
            "site": raw["SCREENING_SITE"].replace("", None) if "SCREENING_SITE" in raw.columns else None,
            "target": raw["TARGET"] if "TARGET" in raw.columns else None,
        }
    )


def read_targets(path: Path, tally: Tally) -> pd.DataFrame:
    """Columns drug, drug_name ("" when the file does not say), targets (tuple of names as written), pubchem, chembl
    ("" when unknown)."""
    raw = read_table(path, TARGETS, tally)
    tally.rows_in = len(raw)
    pubchem, chembl = ([_first(cell, form) for cell in raw[name]] for name, form in _IDS.items())
    for name, found in zip(_IDS, (pubchem, chembl), strict=True):
        lost = [cell for cell, one in zip(raw[name], found, strict=True) if cell and not one]
        tally.note(f"{name} id that is none", lost)
    return pd.DataFrame(
        {
            "drug": "gdsc.drug:" + raw["DRUG_ID"],
            "drug_name": raw.get("DRUG_NAME", ""),
            "targets": [
                tuple(dict.fromkeys(part for text in re.split("[,;]", cell) if (part := text.strip())))
                for cell in raw["GENE_TARGET"]
            ],
            "pubchem": pubchem,
            "chembl": chembl,
        }
    )


def written_targets(compounds: pd.DataFrame, path: Path, tally: Tally) -> pd.DataFrame:
    """As :func:`read_targets`, from the free text of the screened compounds, which has no PubChem and ChEMBL ids.

    Names are separated by commas outside brackets; what names one gene is said by the gene table, nothing is guessed.

    Raises
    ------
    DataError
        When the compounds come without that text.
    """
    if compounds["target"].isna().any():
        raise DataError(
            f"Nothing says what the compounds act on: neither {TARGETS.files[0]} nor a column TARGET is there.",
            where=path,
            action=f"get the compounds from {COMPOUNDS.get_from}",
        )
    tally.rows_in = len(compounds)
    tally.note("targets read from the column TARGET of the screened compounds", compounds["drug"])
    names = [[part.strip() for part in re.split(_COMMA, cell)] for cell in compounds["target"]]
    return pd.DataFrame(
        {
            "drug": compounds["drug"],
            "targets": [tuple(dict.fromkeys(name for name in parts if name not in ("", "-"))) for parts in names],
            "pubchem": "",
            "chembl": "",
        }
    )


def _first(cell: str, pattern: str) -> str:
    # "several", "none", SureChEMBL numbers and lists stand in these columns too.
    return next((part for text in cell.split(",") if re.fullmatch(pattern, part := text.strip())), "")
