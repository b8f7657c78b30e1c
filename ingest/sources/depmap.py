"""DepMap: expression, copy number and damaging mutations, one row per model, columns `SYMBOL (ENTREZ)`.

Reference: Ghandi et al. 2019, doi:10.1038/s41586-019-1186-3.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.matrix import Layout, read_matrix
from pathproof.ingest.sources.matrix_checks import MatrixCheck, check_calls, check_gains, check_tpm, check_z_scores
from pathproof.ingest.sources.reading import read_header

_LICENCE = "CC BY 4.0"
_CITATION = "Ghandi et al. 2019, doi:10.1038/s41586-019-1186-3"
_TPM = (
    "depmap/OmicsExpressionProteinCodingGenesTPMLogp1.csv",
    "depmap/OmicsExpressionTPMLogp1HumanProteinCodingGenes.csv",
    "depmap/OmicsExpressionTPMLogp1_*.csv",
)

EXPRESSION = Source(
    name="depmap.expression",
    title="DepMap expression matrix",
    gives="the expression of genes in cell lines, the main feature layer: z-scores, else log2(TPM + 1) standardised",
    files=("depmap/OmicsExpressionZScore.csv", "depmap/OmicsExpressionZScore_*.csv", *_TPM),
    rows=521,
    cells=Column("SYMBOL (ENTREZ)", "float", "expression", low=-40.0, high=40.0, unit="z-score, or log2(TPM + 1)"),
    licence=_LICENCE,
    terms=terms.CC_BY,
    citation=_CITATION,
    get_from="https://ndownloader.figshare.com/files/51065489 (DepMap 24Q4, log2(TPM + 1))",
)
EXPRESSION_TPM = Source(
    name="depmap.expression_tpm",
    title="DepMap expression as log2(TPM + 1)",
    gives="expression as measured, a layer of its own beside the z-scores",
    files=_TPM,
    rows=928,
    cells=Column("SYMBOL (ENTREZ)", "float", "expression", low=0.0, high=20.0, unit="log2(TPM + 1)"),
    licence=_LICENCE,
    terms=terms.CC_BY,
    citation=_CITATION,
    get_from="https://ndownloader.figshare.com/files/51065489 (DepMap 24Q4)",
    optional=True,
)
COPY_NUMBER = Source(
    name="depmap.copy_number",
    title="DepMap copy number by gene",
    gives="copy number of genes in cell lines",
    files=("depmap/OmicsCNGene.csv", "depmap/OmicsCNGene_*.csv"),
    rows=580,
    cells=Column(
        "SYMBOL (ENTREZ)",
        "float",
        "copy number; 1 is diploid",
        low=0.0,
        high=15.0,
        typical=(0.85, 1.15),
        unit="log2(relative copies + 1)",
    ),
    licence=_LICENCE,
    terms=terms.CC_BY,
    citation=_CITATION,
    get_from="https://ndownloader.figshare.com/files/51065324 (DepMap 24Q4)",
    optional=True,
)
DAMAGING = Source(
    name="depmap.mutations",
    title="DepMap damaging mutations",
    gives="damaging mutations of genes in cell lines",
    files=("depmap/OmicsSomaticMutationsMatrixDamaging.csv", "depmap/OmicsSomaticMutationsMatrixDamaging_*.csv"),
    rows=580,
    # Releases differ: 0 and 1, or the number of alleles that are hit.
    cells=Column(
        *("SYMBOL (ENTREZ)", "float", "1 or more: damaged"), values=(0.0, 1.0, 2.0), blank=False, unit="0, 1 or 2"
    ),
    licence=_LICENCE,
    terms=terms.CC_BY,
    citation=_CITATION,
    get_from="https://depmap.org/portal/data_page/ (OmicsSomaticMutationsMatrixDamaging.csv)",
    optional=True,
)
_CHECKS: dict[str, MatrixCheck] = {
    EXPRESSION.title: check_z_scores,
    EXPRESSION_TPM.title: check_tpm,
    COPY_NUMBER.title: check_gains,
    DAMAGING.title: check_calls,
}
_GENE_COLUMN = re.compile(r"(?P<symbol>\S.*?) \((?P<entrez>\d+)\)")
_DEFAULT = "IsDefaultEntryForModel"
_LEADING = ("SequencingID", "ModelID", _DEFAULT, "ModelConditionID", "IsDefaultEntryForMC")
# Extracts join the ids of models that were merged into one.
_MODEL = (r"ACH-\d+(;ACH-\d+)*", "a DepMap model (an id such as ACH-000001)")


def split_column(name: str) -> tuple[str, str]:
    """`SYMBOL (ENTREZ)` as symbol and Entrez id; an unknown id, written 0, is ""."""
    match = _GENE_COLUMN.fullmatch(name)
    if match is None:
        return name, ""
    return match["symbol"], "" if match["entrez"] == "0" else match["entrez"]


def read_models(path: Path, source: Source, tally: Tally) -> pd.DataFrame:
    """A matrix of DepMap's layout: rows ACH ids, columns as written (`SYMBOL (ENTREZ)`), float32, empty cells NaN.

    Of newer releases, which give several profiles of one model, the default profile is taken.

    Raises
    ------
    DataError
        Also when rows are not ACH ids, a line stands twice, or a column is not `SYMBOL (ENTREZ)`.
    """
    header = read_header(path, source)
    index, genes = _layout(header, path, source)
    only = (_DEFAULT, "Yes") if _DEFAULT in header else None
    return read_matrix(path, source, Layout(header, index, genes, _MODEL, only), tally, _CHECKS.get(source.title))


def standardised(frame: pd.DataFrame, tally: Tally) -> pd.DataFrame:
    """Expression as z-scores: a matrix without any negative number is log2(TPM + 1), and is standardised.

    Per gene over its lines, with the n - 1 form; a gene without variance becomes 0.
    """
    values = frame.to_numpy()
    if float(np.nanmin(values, initial=0.0)) < 0.0:
        return frame
    tally.note("column standardised from log2(TPM + 1)", map(str, frame.columns))
    deviation = frame.std(ddof=1).replace(0.0, 1.0)
    return ((frame - frame.mean()) / deviation).astype(np.float32)


def _layout(header: list[str], path: Path, source: Source) -> tuple[str, list[str]]:
    index = "ModelID" if "ModelID" in header else header[0]
    others = [name for name in header if name not in _LEADING and name != index and name != ""]
    genes = [name for name in others if _GENE_COLUMN.fullmatch(name)]
    if not genes or len(genes) < len(others):
        from pathproof.ingest.sources.registry import recognise

        owner = recognise(header)
        known = set(genes)
        wrong = [name for name in others if name not in known]
        raise DataError(
            f"This is not the {source.title}"
            + (f": the columns are those of the {owner.title}." if owner else ": a column is not a gene."),
            where=f"{path}, line 1",
            got=", ".join(wrong[:5]) or "no gene column",
            allowed="columns such as TSPAN6 (7105)",
            action=f"get it from {source.get_from}",
        )
    refuse_twice(genes, path)
    return index, genes


def refuse_twice(genes: list[str], path: Path) -> None:
    """Refuse a header in which a gene stands twice."""
    twice = sorted(name for name, n in Counter(genes).items() if n > 1)
    if twice:
        raise DataError("Duplicate keys: a gene stands twice.", where=f"{path}, line 1", got=", ".join(twice[:5]))
