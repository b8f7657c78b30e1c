"""Feature layers as `ingest` wrote them: checked, aligned on cell lines, and with what a line lacks told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from pathproof.errors import DataError, UsageError, nearest
from pathproof.explain.responses import read_table
from pathproof.workspace import Workspace

if TYPE_CHECKING:
    from pathproof.explain.data import Bools, FeatureLayer, Floats, Singles

MIN_CARRIERS = 5
"""A mutation that fewer of the used cell lines carry says next to nothing and is left out."""
MIN_SHARED, MIN_AGREEMENT = 20, 0.9
"""A gene of a second expression matrix is used when that many lines have both and correlate so at least."""
LARGEST_COPY_RATIO = 3.0
"""Log2 copy ratios are limited to this: a homozygous loss is as far from 0 as the noise of the assay lets it fall."""


@dataclass(frozen=True)
class LayerTable:
    """Where a layer stands and what its numbers may be.

    Parameters
    ----------
    file : str
        Below the workspace's tables, without the ending.
    unit : str
    low, high : float
        Limits of a value.
    middle : tuple of float, optional
        Between which the median of all values lies.
    """

    file: str
    unit: str
    low: float
    high: float
    middle: tuple[float, float] | None = None


TABLES: Final[Mapping[str, LayerTable]] = {
    "expression": LayerTable("expression", "z-scores per gene", -40.0, 40.0),
    "mutation": LayerTable("mutations", "0 or 1", 0.0, 1.0),
    "expression_tpm": LayerTable("layers/expression_tpm", "log2(TPM + 1)", 0.0, 20.0),
    "copy_number": LayerTable("layers/copy_number_gdsc", "log2(copies / 2)", -12.0, 8.0, (-0.5, 0.5)),
}
FURTHER: Final = ("expression_tpm", "copy_number")
"""Layers that a data set has only when asked for."""


@dataclass(frozen=True)
class Part:
    """The features of one layer: genes, and values (n, len(genes)), 0 where not measured."""

    genes: tuple[str, ...]
    values: Singles


def further_layers(workspace: Workspace) -> tuple[str, ...]:
    """Which of :data:`FURTHER` were ingested."""
    return tuple(name for name in FURTHER if (workspace.tables / f"{TABLES[name].file}.parquet").is_file())


def read_layer(workspace: Workspace, name: str) -> pd.DataFrame:
    """A layer's table: rows cell lines (CURIEs), columns approved symbols, NaN where missing.

    Raises
    ------
    DataError
        The table is missing, turned round, names a cell line twice, or holds values of another scale.
    """
    table = TABLES[name]
    path = workspace.tables / f"{table.file}.parquet"
    frame = read_table(path)
    if "cell_line" not in frame.columns:
        raise DataError(
            f"The layer {name} has no column cell_line: it may be turned round.",
            where=path,
            got=", ".join(str(column) for column in frame.columns[:5]),
            allowed="cell_line and one column per gene symbol",
            action="run `pathproof ingest` again",
        )
    frame = frame.set_index("cell_line")
    if frame.index.has_duplicates:
        raise DataError(
            "A table names a cell line twice.",
            where=path,
            got=str(frame.index[frame.index.duplicated()][0]),
            action="run `pathproof ingest` again",
        )
    _check_values(frame, table, path)
    return frame


def _check_values(frame: pd.DataFrame, table: LayerTable, path: Path) -> None:
    """Refuse values that are not numbers, or of another scale."""
    problem = ""
    texts = [str(c) for c, kind in frame.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    if texts:
        problem = f"no numbers in {len(texts)} columns: {', '.join(texts[:3])}"
    elif frame.size:
        values = frame.to_numpy(dtype=np.float32)
        least, most = np.nanmin(values, initial=np.inf), np.nanmax(values, initial=-np.inf)
        middle = float(np.nanmedian(values[:: len(values) // 100 + 1])) if np.isfinite(values).any() else 0.0
        if least < table.low or most > table.high:
            problem = f"{least:g} to {most:g}"
        elif table.middle and not table.middle[0] <= middle <= table.middle[1]:
            problem = f"a median of {middle:g}"
    if problem:
        between = f", median {table.middle[0]:g} to {table.middle[1]:g}" if table.middle else ""
        raise DataError(
            "A layer's values are on another scale.",
            where=path,
            got=problem,
            allowed=f"{table.unit}, {table.low:g} to {table.high:g}{between}",
            action="check the unit of the provider's file and run `pathproof ingest` again",
        )


def aligned(table: pd.DataFrame, genes: Sequence[str], lines: Sequence[str]) -> Singles:
    """Values (len(lines), len(genes)), 0 where missing."""
    rows = table.loc[:, list(genes)].reindex(list(lines)).to_numpy(dtype=np.float32)
    return np.asarray(np.nan_to_num(rows), dtype=np.float32)


def expression_genes(table: pd.DataFrame, lines: Sequence[str], left_out: dict[str, int]) -> tuple[str, ...]:
    """Genes whose expression varies over the lines; what is lost is counted."""
    values = table.loc[list(lines)].to_numpy(dtype=np.float32)
    missing = ~np.isfinite(values)
    keep = np.ptp(np.where(missing, np.float32(0), values), axis=0) > 0
    left_out["expression features without variation"] = int((~keep).sum())
    left_out["expression values missing (set to 0, the mean)"] = int(missing[:, keep].sum())
    return tuple(str(gene) for gene in table.columns[keep])


def mutation_genes(table: pd.DataFrame, lines: Sequence[str], left_out: dict[str, int]) -> tuple[str, ...]:
    """Genes with enough carriers and non-carriers among the lines; what is lost is counted."""
    carriers = (table.reindex(list(lines)).to_numpy(dtype=np.float32) > 0).sum(axis=0)
    measured = sum(line in table.index for line in lines)
    keep = (carriers >= MIN_CARRIERS) & (carriers <= measured - MIN_CARRIERS)
    left_out[f"mutation features with fewer than {MIN_CARRIERS} carriers or non-carriers"] = int((~keep).sum())
    return tuple(str(gene) for gene in table.columns[keep])


def copy_number_part(table: pd.DataFrame, lines: Sequence[str], left_out: dict[str, int]) -> Part:
    """Log2 copy ratios of the genes that vary over the lines; what is lost or limited is counted."""
    rows = table.reindex(list(lines)).to_numpy(dtype=np.float32)
    measured = np.isfinite(rows)
    of_measured = measured[np.asarray([line in table.index for line in lines], dtype=bool)]
    values = np.nan_to_num(rows)
    keep = np.ptp(values, axis=0) > 0
    left_out["copy-number features without variation or without any value"] = int((~keep).sum())
    left_out["copy-number values missing (set to 0, diploid)"] = int((~of_measured[:, keep]).sum())
    values = values[:, keep]
    left_out[f"copy-number values beyond {LARGEST_COPY_RATIO:g} (limited)"] = int(
        (np.abs(values) > LARGEST_COPY_RATIO).sum()
    )
    np.clip(values, -LARGEST_COPY_RATIO, LARGEST_COPY_RATIO, out=values)
    return Part(tuple(str(gene) for gene in table.columns[keep]), values)


def add_second_matrix(
    part: Part, first: pd.DataFrame, second: pd.DataFrame, lines: Sequence[str], left_out: dict[str, int]
) -> tuple[Part, Bools]:
    """Fill lines that only a second expression matrix has, on the scale of the first one.

    For every gene of both, z = a + b log2(TPM + 1) is fitted to the lines that have both: a change of unit
    that sees no response. Genes that do not agree are left out and counted.

    Parameters
    ----------
    part : Part
        Of the first matrix, over `lines`.
    first, second : DataFrame
        Lines x genes.
    lines : sequence of str

    Returns
    -------
    Part, bool (n, genes)
        With the values filled in; which values the lines have, of either matrix.

    Raises
    ------
    DataError
        Too few lines or no gene of both agree.
    """
    genes = [gene for gene in part.genes if gene in second.columns]
    both = [line for line in first.index if line in second.index]
    a, b, r = _unit_change(first.loc[both, genes], second.loc[both, genes])
    agree = r >= MIN_AGREEMENT
    if len(both) < MIN_SHARED or not agree.any():
        raise DataError(
            "The two expression matrices cannot be brought together.",
            got=f"{len(both)} cell lines and {len(genes)} genes in both, {int(agree.sum())} of which agree",
            allowed=f"at least {MIN_SHARED} lines, and genes that correlate by {MIN_AGREEMENT:g} or more",
            action="load the data set without expression_tpm",
        )
    left_out["genes of the second expression matrix that do not agree with the first"] = int((~agree).sum())
    used = [gene for gene, kept in zip(genes, agree, strict=True) if kept]
    known = np.tile(np.asarray([line in first.index for line in lines], dtype=bool)[:, None], len(part.genes))
    rows = np.flatnonzero(~known[:, 0] & np.asarray([line in second.index for line in lines], dtype=bool))
    place = {gene: i for i, gene in enumerate(part.genes)}
    cells = np.ix_(rows, np.asarray([place[gene] for gene in used], dtype=np.int64))
    given = second[used].reindex([lines[int(i)] for i in rows]).to_numpy(dtype=np.float64)
    values = part.values.copy()
    values[cells] = np.nan_to_num(a[agree] + b[agree] * given)
    known[cells] = True
    return Part(part.genes, values), known


def _unit_change(first: pd.DataFrame, second: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Intercept, slope and correlation of each column of the first on that of the second."""
    z, t = (frame.to_numpy(dtype=np.float64) for frame in (first, second))
    known = np.isfinite(z) & np.isfinite(t)
    n = np.maximum(known.sum(axis=0), 1)
    means = [np.where(known, v, 0.0).sum(axis=0) / n for v in (z, t)]
    dz, dt = (np.where(known, v - m, 0.0) for v, m in zip((z, t), means, strict=True))
    spread = np.maximum((dt**2).sum(axis=0), 1e-12)
    b = (dz * dt).sum(axis=0) / spread
    r = (dz * dt).sum(axis=0) / np.sqrt(spread * np.maximum((dz**2).sum(axis=0), 1e-12))
    return means[0] - b * means[1], b, r


def check_choice(lines: str, layers: Sequence[str]) -> None:
    """Refuse what cannot be asked for (UsageError)."""
    if lines not in ("complete", "any"):
        raise UsageError("There is no such choice of cell lines.", got=lines, allowed="complete, any")
    for name in layers:
        if name not in FURTHER:
            raise UsageError(
                "There is no further layer of this name.",
                got=name,
                allowed=", ".join(FURTHER),
                nearest=nearest(name, FURTHER),
            )
    if "expression_tpm" in layers and lines == "complete":
        raise UsageError(
            "A second expression matrix is for cell lines that the first one lacks.",
            got="layers expression_tpm, lines complete",
            allowed="lines any",
        )


def join_layers(
    tables: Mapping[str, pd.DataFrame], complete: Sequence[str], lines: Sequence[str], left_out: dict[str, int]
) -> tuple[dict[FeatureLayer, Part], Bools | None]:
    """The layers' features over `lines`, chosen on the `complete` ones; which values a line has, if that differs."""
    first, mutations = tables["expression"], tables["mutation"]
    genes = expression_genes(first, complete, left_out)
    expression = Part(genes, aligned(first, genes, lines))
    genes = mutation_genes(mutations, complete, left_out)
    parts: dict[FeatureLayer, Part] = {
        "expression": expression,
        "mutation": Part(genes, aligned(mutations, genes, lines)),
    }
    if "copy_number" in tables:
        parts["copy_number"] = copy_number_part(tables["copy_number"], lines, left_out)
    if "expression_tpm" not in tables:
        return parts, None
    parts["expression"], own = add_second_matrix(expression, first, tables["expression_tpm"], lines, left_out)
    others = [
        np.tile(np.asarray([[line in tables[layer].index] for line in lines], dtype=bool), len(part.genes))
        for layer, part in parts.items()
        if layer != "expression"
    ]
    return parts, np.concatenate([own, *others], axis=1)


def label_column(column: pd.Series[Any], unknown: str) -> tuple[str, ...]:
    """Labels as text, `unknown` where none is stated."""
    return tuple(unknown if pd.isna(value) or not str(value).strip() else str(value) for value in column)
