"""GDSC: drug response, screened compounds, drug targets and genomic features.

References: Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017; Yang et al. 2013, doi:10.1093/nar/gks1111.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.reading import read_header, read_table, require_pattern

_LICENCE = "GDSC data usage policy: non-commercial use, no redistribution"
_CITATION = "Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017"
_SITE = "Cell Model Passports, https://cellmodelpassports.sanger.ac.uk/downloads"

RESPONSE = Source(
    name="gdsc",
    title="GDSC2 fitted dose response",
    gives="the response of cell lines to drugs: fitted IC50 and AUC",
    files=("gdsc/GDSC2_fitted_dose_response.csv", "gdsc/GDSC2_fitted_dose_response_*.csv"),
    # The columns that both layouts share (19 columns in the legacy one, 16 at Cell Model Passports).
    columns=(
        Column("DATASET", "str", "screen", blank=False),
        Column("SANGER_MODEL_ID", "str", "cell line, SIDM<number>", blank=False),
        Column("DRUG_ID", "str", "compound number", blank=False),
        Column("DRUG_NAME", "str", "compound", blank=False),
        Column("PATHWAY_NAME", "str", "target pathway class"),
        Column("MIN_CONC", "float", "lowest concentration", low=0.0, blank=False, unit="uM"),
        Column("MAX_CONC", "float", "highest concentration", low=0.0, blank=False, unit="uM"),
        Column("LN_IC50", "float", "natural logarithm of the IC50", blank=False, unit="ln uM"),
        Column("AUC", "float", "area under the curve", low=0.0, high=1.0, blank=False, unit="fraction"),
        Column("RMSE", "float", "error of the fit", low=0.0, blank=False, unit="viability"),
    ),
    licence=_LICENCE,
    terms=terms.SANGER,
    citation=_CITATION,
    get_from=_SITE + " (save the workbook's sheet as CSV)",
    knowledge_level="observation",
    agent_type="data_analysis_pipeline",
)
COMPOUNDS = Source(
    name="gdsc",
    title="GDSC screened compounds",
    gives="the compounds' names, synonyms and target classes",
    files=("gdsc/screened_compounds.csv", "gdsc/screened_compounds_rel_*.csv"),
    columns=(
        Column("DRUG_ID", "str", "compound number", blank=False),
        Column("DRUG_NAME", "str", "compound", blank=False),
        Column("SYNONYMS", "str", "other names, comma-separated"),
        Column("TARGET_PATHWAY", "str", "target pathway class"),
    ),
    licence=_LICENCE,
    terms=terms.SANGER,
    citation=_CITATION,
    get_from=_SITE,
)
TARGETS = Source(
    name="gdsc.targets",
    title="GDSC drug targets as gene symbols",
    gives="the genes that compounds act on, and their PubChem and ChEMBL ids",
    files=("gdsc/drug_gene_targets.csv",),
    columns=(
        Column("DRUG_ID", "str", "compound number", blank=False),
        Column("GENE_TARGET", "str", "gene symbols and free text, separated by comma or semicolon"),
        Column("PUBCHEM", "str", "PubChem compound id"),
        Column("CHEMBL", "str", "ChEMBL id"),
    ),
    licence=_LICENCE,
    terms=terms.SANGER,
    citation=_CITATION,
    get_from="a table with the columns DRUG_ID, GENE_TARGET, PUBCHEM, CHEMBL made from the screened compounds",
)
FEATURES = Source(
    name="gdsc.mutations",
    title="GDSC genomic features",
    gives="driver mutation calls of cell lines",
    files=("gdsc/genomic_features_v17.csv", "gdsc/genomic_features_*.csv"),
    columns=(Column("COSMIC_ID", "str", "cell line, COSMIC number", blank=False),),
    licence=_LICENCE,
    terms=terms.SANGER,
    citation=_CITATION,
    get_from="the GDSC tools data package (genomic features v17)",
    release="v17",
    knowledge_level="observation",
    agent_type="data_analysis_pipeline",
)

SCREEN = "GDSC2"
MUTATION = "_mut"
# A fusion is one feature: it stands for the partner that the drugs act on or that all fusions of the
# family share. Two columns for one gene are joined (altered when either is).
FUSION_GENE = {"BCR-ABL": "ABL1", "EWSR1-FLI1": "EWSR1", "EWSR1-X": "EWSR1"}


@dataclass(frozen=True)
class Response:
    """The drug screen, one row per (source, drug, cell line); `names` maps drug id to name and pathway class."""

    frame: pd.DataFrame
    names: dict[str, tuple[str, str]]


def drug_id(number: str) -> str:
    """CURIE of a compound."""
    return f"gdsc.drug:{number}"


def read_response(path: Path, tally: Tally) -> Response:
    """Read the response file of either layout.

    Returns
    -------
    Response
        Columns cell_line, drug, ln_ic50 (ln uM), auc, rmse, min_conc, max_conc (uM), source.

    Raises
    ------
    DataError
        Also for a (dataset, drug, cell line) that stands twice.
    """
    raw = read_table(path, RESPONSE)
    require_pattern(raw["SANGER_MODEL_ID"], r"SIDM\d+", "a Sanger model id (SIDM followed by digits)", path)
    require_pattern(raw["DRUG_ID"], r"\d+", "a GDSC compound number", path)
    others = sorted(set(raw["DATASET"]) - {SCREEN})
    if others:
        raise DataError(
            "The response file is of another screen.",
            where=f"{path}, column DATASET",
            got=", ".join(others),
            allowed=SCREEN,
        )
    _refuse_twice(raw, ["DATASET", "DRUG_ID", "SANGER_MODEL_ID"], path)
    tally.rows_in = tally.rows_out = len(raw)
    first = raw.drop_duplicates("DRUG_ID")
    names = {
        drug_id(number): (name.strip(), pathway.strip())
        for number, name, pathway in zip(first["DRUG_ID"], first["DRUG_NAME"], first["PATHWAY_NAME"], strict=True)
    }
    frame = pd.DataFrame(
        {
            "cell_line": "sidm:" + raw["SANGER_MODEL_ID"],
            "drug": "gdsc.drug:" + raw["DRUG_ID"],
            **{new: raw[old] for new, old in _MEASURES.items()},
            "source": raw["DATASET"],
        }
    )
    return Response(frame.sort_values(["source", "drug", "cell_line"], ignore_index=True), names)


_MEASURES = {"ln_ic50": "LN_IC50", "auc": "AUC", "rmse": "RMSE", "min_conc": "MIN_CONC", "max_conc": "MAX_CONC"}


def _refuse_twice(frame: pd.DataFrame, keys: list[str], path: Path) -> None:
    twice = frame.duplicated(keys, keep="first").to_numpy()
    if not twice.any():
        return
    shown = frame.loc[twice, keys].drop_duplicates().head(5)
    first = int(np.flatnonzero(twice)[0])
    raise DataError(
        f"Duplicate keys: {int(twice.sum()):,} rows repeat a ({', '.join(keys)}) that stood before.",
        where=f"{path}, line {first + 2}",
        got="; ".join(" / ".join(row) for row in shown.itertuples(index=False)),
        allowed="one row for each key",
        action="keep one row per key, or download the file again",
    )


def read_compounds(path: Path, tally: Tally) -> pd.DataFrame:
    """Columns drug, name, synonyms (tuple), target_pathway; one row per compound number."""
    raw = read_table(path, COMPOUNDS)
    require_pattern(raw["DRUG_ID"], r"\d+", "a GDSC compound number", path)
    _refuse_twice(raw, ["DRUG_ID"], path)
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
        }
    )


def read_targets(path: Path, tally: Tally) -> pd.DataFrame:
    """Columns drug, targets (tuple of names as written), pubchem, chembl ("" when unknown)."""
    raw = read_table(path, TARGETS)
    require_pattern(raw["DRUG_ID"], r"\d+", "a GDSC compound number", path)
    _refuse_twice(raw, ["DRUG_ID"], path)
    tally.rows_in = len(raw)
    return pd.DataFrame(
        {
            "drug": "gdsc.drug:" + raw["DRUG_ID"],
            "targets": [
                tuple(dict.fromkeys(part for text in re.split("[,;]", cell) if (part := text.strip())))
                for cell in raw["GENE_TARGET"]
            ],
            "pubchem": [_first(cell, r"\d+") for cell in raw["PUBCHEM"]],
            "chembl": [_first(cell, r"CHEMBL\d+") for cell in raw["CHEMBL"]],
        }
    )


def _first(cell: str, pattern: str) -> str:
    # "several", "none", SureChEMBL numbers and lists stand in these columns too.
    return next((part for text in cell.split(",") if re.fullmatch(pattern, part := text.strip())), "")


def read_features(path: Path, tally: Tally) -> pd.DataFrame:
    """Mutation calls, 0 or 1: rows COSMIC ids, columns gene names as written (fusions as their gene).

    Copy-number and other columns are counted and left out.
    """
    header = read_header(path, FEATURES)
    calls = [name for name in header if name.endswith(MUTATION)]
    if not calls:
        raise DataError(
            f"The {FEATURES.title} have no column that ends in {MUTATION}.",
            where=f"{path}, line 1",
            got=", ".join(header[:12]),
        )
    source = Source(
        **{
            **FEATURES.__dict__,
            "columns": (
                *FEATURES.columns,
                *(Column(name, "float", "0 or 1", low=0.0, high=1.0, blank=False) for name in calls),
            ),
        }
    )
    raw = read_table(path, source)
    require_pattern(raw["COSMIC_ID"], r"\d+", "a COSMIC cell line number", path)
    _refuse_twice(raw, ["COSMIC_ID"], path)
    tally.rows_in = len(raw)
    tally.note(
        "column that is no mutation call", [name for name in header if name not in calls and name != "COSMIC_ID"]
    )
    tally.note("fusion column, read as its gene", [name for name in calls if name[: -len(MUTATION)] in FUSION_GENE])
    values = raw.set_index("COSMIC_ID")
    values.columns = pd.Index([FUSION_GENE.get(name, name) for name in (c[: -len(MUTATION)] for c in values.columns)])
    return values.T.groupby(level=0, sort=True).max().T
