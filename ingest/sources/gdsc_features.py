"""GDSC: genomic features (driver mutations and copy-number regions) and copy number by gene.

Reference: Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.depmap import refuse_twice
from pathproof.ingest.sources.gdsc import CITATION, LICENCE
from pathproof.ingest.sources.matrix import Layout, read_matrix
from pathproof.ingest.sources.matrix_checks import MatrixCheck, check_calls, check_gains
from pathproof.ingest.sources.reading import check_header, open_binary, read_header

_COSMIC = Column("COSMIC_ID", "str", "cell line, COSMIC number", blank=False)
_COSMIC_FORM = (r"\d+", "a COSMIC cell line number")
FEATURES = Source(
    name="gdsc.mutations",
    title="GDSC genomic features",
    gives="driver mutation calls of cell lines; gained and lost regions as a layer of their own",
    files=("gdsc/genomic_features_v17.csv", "gdsc/genomic_features_*.csv"),
    rows=988,
    columns=(_COSMIC,),
    cells=Column("GENE_mut, gain_REGION, loss_REGION", "float", "1: altered", values=(0.0, 1.0), blank=False),
    licence=LICENCE,
    terms=terms.SANGER,
    citation=CITATION,
    get_from="the GDSC tools data package (genomic features v17)",
    release="v17",
    optional=True,
    without="the models see the driver mutations of Cell Model Passports, or no mutation where that file is absent too",
    knowledge_level="observation",
    agent_type="data_analysis_pipeline",
)
COPY_NUMBER = Source(
    name="gdsc.copy_number",
    title="GDSC copy number by gene",
    gives="copy number of genes in cell lines, genome-wide",
    files=("gdsc/cell_cna_log2.csv", "gdsc/cell_cna_log2_*.csv"),
    rows=957,
    columns=(_COSMIC,),
    cells=Column(
        "ENTREZ",
        "float",
        "copy number; 0 is diploid",
        low=-12.0,
        high=8.0,
        typical=(-0.5, 0.5),
        unit="log2(copies / 2)",
    ),
    licence=LICENCE,
    terms=terms.SANGER,
    citation=CITATION,
    get_from="a matrix with rows COSMIC_ID and columns Entrez ids, made from GDSC's copy-number data",
    optional=True,
    knowledge_level="observation",
    agent_type="data_analysis_pipeline",
)
_TISSUE = "TISSUE_FACTOR"
MUTATION, REGIONS = "_mut", ("gain_", "loss_")
# A fusion is one feature: it stands for the partner that the drugs act on or that all fusions of the
# family share. Two columns for one gene are joined (altered when either is).
FUSION_GENE = {"BCR-ABL": "ABL1", "EWSR1-FLI1": "EWSR1", "EWSR1-X": "EWSR1"}


@dataclass(frozen=True)
class Features:
    """Calls of 0 or 1, float32: rows COSMIC ids; columns genes as written (fusions as their gene), and regions.

    `tissues` is what the column TISSUE_FACTOR says; None where it is absent.
    """

    mutations: pd.DataFrame
    regions: pd.DataFrame
    tissues: pd.Series[str] | None = None


def read_features(path: Path, tally: Tally) -> Features:
    """Mutation calls and gained or lost regions; other columns are counted and left out."""
    header = read_header(path, FEATURES)
    check_header(header, path, FEATURES)
    calls = [name for name in header if name.endswith(MUTATION)]
    regions = [name for name in header if name.startswith(REGIONS)]
    if not calls:
        raise DataError(
            f"The {FEATURES.title} have no column that ends in {MUTATION}.",
            where=f"{path}, line 1",
            got=", ".join(header[:12]),
        )
    refuse_twice([*calls, *regions], path)
    raw = _read(path, FEATURES, header, [*calls, *regions], tally, check_calls)
    used = {*calls, *regions, "COSMIC_ID"}
    tally.note("column that is no call", [name for name in header if name not in used])
    tally.note("region of copy number, kept in its own layer", regions)
    tally.note("fusion column, read as its gene", [name for name in calls if name[: -len(MUTATION)] in FUSION_GENE])
    values = raw[calls]
    values.columns = pd.Index([FUSION_GENE.get(name, name) for name in (c[: -len(MUTATION)] for c in calls)])
    tissues = _tissues(path, raw.index) if _TISSUE in header else None
    return Features(values.T.groupby(level=0, sort=True).max().T, raw[regions], tissues)


def _tissues(path: Path, ids: pd.Index[str]) -> pd.Series[str]:
    """The tissue of each row: held against the model list, no call."""
    with open_binary(path) as handle:
        frame = pd.read_csv(handle, usecols=["COSMIC_ID", _TISSUE], dtype=str, keep_default_na=False)
    return frame.set_index("COSMIC_ID")[_TISSUE].str.strip().reindex(ids)


def read_copy_number(path: Path, tally: Tally) -> pd.DataFrame:
    """Log2 copy ratios, float32: rows COSMIC ids, columns Entrez ids."""
    header = read_header(path, COPY_NUMBER)
    check_header(header, path, COPY_NUMBER)
    genes = [name for name in header if name != "COSMIC_ID"]
    wrong = [name for name in genes if not (name.isascii() and name.isdigit())]
    if wrong or not genes:
        raise DataError(
            f"This is not the {COPY_NUMBER.title}: a column is not an Entrez id.",
            where=f"{path}, line 1",
            got=", ".join(wrong[:5]) or "no gene column",
            allowed="numbers such as 673",
        )
    refuse_twice(genes, path)
    return _read(path, COPY_NUMBER, header, genes, tally, check_gains)


def _read(
    path: Path, source: Source, header: list[str], columns: list[str], tally: Tally, check: MatrixCheck
) -> pd.DataFrame:
    return read_matrix(path, source, Layout(header, "COSMIC_ID", columns, _COSMIC_FORM), tally, check)
