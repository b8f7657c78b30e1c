"""DepMap: the expression matrix.

Reference: Ghandi et al. 2019, doi:10.1038/s41586-019-1186-3.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.reading import check_fields, numbers, open_binary, read_header, read_text

EXPRESSION = Source(
    name="depmap.expression",
    title="DepMap expression matrix",
    gives="the expression of genes in cell lines, the main feature layer",
    files=(
        "depmap/OmicsExpressionZScore.csv",
        "depmap/OmicsExpressionZScore_*.csv",
        "depmap/OmicsExpressionProteinCodingGenesTPMLogp1.csv",
        "depmap/OmicsExpressionTPMLogp1HumanProteinCodingGenes.csv",
    ),
    licence="CC BY 4.0",
    terms=terms.CC_BY,
    citation="Ghandi et al. 2019, doi:10.1038/s41586-019-1186-3",
    get_from="https://ndownloader.figshare.com/files/51065489 (DepMap 24Q4, log2(TPM + 1))",
)
_GENE_COLUMN = re.compile(r"(?P<symbol>\S.*?) \((?P<entrez>\d+)\)")
_LEADING = ("SequencingID", "ModelID", "IsDefaultEntryForModel", "ModelConditionID", "IsDefaultEntryForMC")


def split_column(name: str) -> tuple[str, str]:
    """`SYMBOL (ENTREZ)` as symbol and Entrez id; an unknown id, written 0, is ""."""
    match = _GENE_COLUMN.fullmatch(name)
    if match is None:
        return name, ""
    return match["symbol"], "" if match["entrez"] == "0" else match["entrez"]


def read_expression(path: Path, tally: Tally) -> pd.DataFrame:
    """Expression as z-scores: rows ACH ids, columns as written (`SYMBOL (ENTREZ)`), float32.

    A matrix without any negative number is taken for log2(TPM + 1) and standardised per gene over its
    lines (the n - 1 form; a gene without variance becomes 0). An empty cell is NaN.

    Raises
    ------
    DataError
        Also when rows are not ACH ids, a line stands twice, or a column is not `SYMBOL (ENTREZ)`.
    """
    header = read_header(path, EXPRESSION)
    index, genes = _layout(header, path)
    frame = _numbers(path, header, index, genes)
    lines = pd.Series(frame.index.astype(str))
    wrong = ~np.asarray(lines.str.fullmatch(r"ACH-\d+"), dtype=bool)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise DataError(
            "A row of the expression matrix is not a DepMap model.",
            where=f"{path}, line {first + 2}",
            got=repr(lines.iloc[first]),
            allowed="an id such as ACH-000001",
        )
    if lines.duplicated().any():
        raise DataError("Duplicate keys: a cell line stands twice.", where=path, got=lines[lines.duplicated()].iloc[0])
    tally.rows_in = len(frame)
    if float(np.nanmin(frame.to_numpy(), initial=0.0)) >= 0.0:
        tally.note("column standardised from log2(TPM + 1)", map(str, frame.columns))
        deviation = frame.std(ddof=1).replace(0.0, 1.0)
        frame = ((frame - frame.mean()) / deviation).astype(np.float32)
    return frame


def _layout(header: list[str], path: Path) -> tuple[str, list[str]]:
    index = "ModelID" if "ModelID" in header else header[0]
    others = [name for name in header if name not in _LEADING and name != index and name != ""]
    genes = [name for name in others if _GENE_COLUMN.fullmatch(name)]
    if not genes or len(genes) < len(others):
        from pathproof.ingest.sources.registry import recognise

        owner = recognise(header)
        wrong = [name for name in others if name not in set(genes)]
        raise DataError(
            f"This is not the {EXPRESSION.title}"
            + (f": the columns are those of the {owner.title}." if owner else ": a column is not a gene."),
            where=f"{path}, line 1",
            got=", ".join(wrong[:5]) or "no gene column",
            allowed="columns such as TSPAN6 (7105)",
            action=f"get it from {EXPRESSION.get_from}",
        )
    if len(set(genes)) < len(genes):
        twice = sorted({name for name in genes if genes.count(name) > 1})
        raise DataError("Duplicate keys: a gene stands twice.", where=f"{path}, line 1", got=", ".join(twice[:5]))
    return index, genes


def _numbers(path: Path, header: list[str], index: str, genes: list[str]) -> pd.DataFrame:
    default = "IsDefaultEntryForModel"
    others = [name for name in (index, default) if name in header]
    with open_binary(path) as handle:
        check_fields(io.TextIOWrapper(handle, encoding="utf-8-sig"), len(header), path, EXPRESSION)
    try:
        with open_binary(path) as handle:
            frame = pd.read_csv(
                handle,
                header=0,
                names=header,
                usecols=[*others, *genes],
                dtype={**dict.fromkeys(genes, np.float32), **dict.fromkeys(others, str)},
                keep_default_na=False,
                na_values=[""],
            )
    except ValueError as error:
        _locate(path, genes, error)
    if default in frame.columns:
        frame = frame[frame[default] == "Yes"].drop(columns=default)
    if frame.empty:
        raise DataError("The file has a header and no rows.", where=path)
    frame = frame.set_index(index)
    if np.isinf(frame.to_numpy()).any():
        _locate(path, genes, ValueError("infinite number"))
    return frame[genes]


def _locate(path: Path, genes: list[str], error: ValueError) -> None:
    """Find the cell that is no number and say where it is."""
    frame = pd.read_csv(io.StringIO(read_text(path)), dtype=str, keep_default_na=False)
    for name in genes:
        numbers(frame[name], Column(name, "float", "z-score or log2(TPM + 1)"), path)
    raise DataError(f"The matrix cannot be read: {error}", where=path) from error
