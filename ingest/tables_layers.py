"""Feature layers: wide tables with approved symbols for columns and cell lines for rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pathproof.ingest.identifiers import GeneTable, require_agreement, require_mapped_share
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.sources import depmap, gdsc_features, nci60, passports
from pathproof.ingest.sources.base import Source, Tally


@dataclass(frozen=True)
class Layer:
    """An optional layer: the part of the inputs that it is made of, its source, and whether it holds calls (int8)."""

    name: str
    part: str
    source: Source
    calls: bool = False


LAYERS = (
    Layer("expression_tpm", "expression_tpm", depmap.EXPRESSION_TPM),
    Layer("expression_nci60", "nci60", nci60.EXPRESSION),
    Layer("copy_number", "copy_number", depmap.COPY_NUMBER),
    Layer("copy_number_gdsc", "copy_number_gdsc", gdsc_features.COPY_NUMBER),
    Layer("mutations_damaging", "damaging", depmap.DAMAGING, calls=True),
)
REGIONS = Layer("cna_regions", "features", gdsc_features.FEATURES, calls=True)
DRIVERS = Layer("mutations_drivers", "drivers", passports.DRIVERS, calls=True)


def expression_table(inputs: Inputs) -> pd.DataFrame:
    """Expression z-scores, cell lines x approved symbols, float32: what the models see.

    A line without any number has no expression: it is left out and counted.
    """
    source = depmap.EXPRESSION
    tally = inputs.tally(source)
    table = _genes(_lines(inputs.expression, inputs, source), inputs.genes, tally, inputs.path(source))
    empty = table.isna().all(axis=1)
    tally.drop("cell line without any number of a gene that is known", table.index[empty])
    tally.rows_out -= int(empty.sum())
    return table[~empty] if empty.any() else table


def mutation_table(inputs: Inputs) -> pd.DataFrame:
    """Driver mutation calls, cell lines x approved symbols, float32: what the models see.

    GDSC's, else those of Cell Model Passports; without either it has no row and no column.
    """
    source = gdsc_features.FEATURES
    if inputs.features is not None:
        rows = _lines(inputs.features.mutations, inputs, source)
        return _genes(rows, inputs.genes, inputs.tally(source), inputs.path(source))
    if inputs.drivers is not None:
        return driver_table(inputs.drivers, inputs)
    return pd.DataFrame(index=pd.Index([], dtype=object, name="cell_line"))


def driver_table(raw: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Cell Model Passports' driver mutations, cell lines x approved symbols, float32: 1 where any was called.

    A line without any row has no call at all: whether it was sequenced, the file does not say.
    """
    tally, path = inputs.tally(passports.DRIVERS), inputs.path(passports.DRIVERS)
    line = "sidm:" + raw["model"]
    known = line.isin(inputs.lines.frame["cell_line"])
    models, lost = set(raw.loc[known, "model"]), set(raw.loc[~known, "model"])
    tally.names("cell_line", models, dropped=lost)
    require_mapped_share(len(models), len(models | lost), path, "cell lines")
    kept, shown = known, raw["model"] + " " + raw["gene"]
    tally.drop("row without a known cell line", shown[~known])
    for reason, wrong in (
        ("mutation that is no driver", ~raw["driver"]),
        ("mutation of no named gene", raw["gene"] == ""),
    ):
        tally.drop(reason, shown[kept & wrong])
        kept = kept & ~wrong
    again = shown[kept].duplicated()
    tally.drop("further mutation of one gene in one line", shown[kept][again])
    tally.rows_out = int((~again).sum())
    calls = pd.crosstab(line[kept], raw.loc[kept, "gene"]).clip(upper=1)
    calls = calls.reindex(sorted(set(line[known])), fill_value=0)
    calls.index.name = "cell_line"
    return _genes(calls, inputs.genes, tally, path)


def further_layers(inputs: Inputs) -> dict[str, pd.DataFrame]:
    """The other layers whose files are there, by name; float32, or int8 for calls. No model sees them.

    Raises
    ------
    DataError
        When most rows or columns of a file are unknown.
    """
    found = {}
    for layer in LAYERS:
        raw: pd.DataFrame | None = inputs.take(layer.part)
        if raw is not None:
            rows = _lines(raw, inputs, layer.source)
            table = _genes(rows, inputs.genes, inputs.tally(layer.source), inputs.path(layer.source))
            found[layer.name] = table.astype(np.int8) if layer.calls else table
    if inputs.features is None:
        return found
    # The rows of this file are counted with the mutations that stand in it too.
    regions = _rows_to_lines(inputs.features.regions, *_ids(inputs, REGIONS.source), Tally())
    if regions.shape[1]:
        found[REGIONS.name] = regions.astype(np.int8)
    if inputs.drivers is not None:
        found[DRIVERS.name] = driver_table(inputs.drivers, inputs).astype(np.int8)
    return found


def _ids(inputs: Inputs, source: Source) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The map from the ids of this source's rows to cell lines, and the best id of each line."""
    lines = inputs.lines
    kind, ids = ("cosmic", lines.by_cosmic) if source.columns else ("ach", lines.by_ach)
    return ids, dict(zip(lines.frame["cell_line"], lines.frame[kind], strict=True))


def _lines(raw: pd.DataFrame, inputs: Inputs, source: Source) -> pd.DataFrame:
    rows = _rows_to_lines(raw, *_ids(inputs, source), inputs.tally(source))
    require_mapped_share(len(rows), len(raw), inputs.path(source), "cell lines")
    return rows


def _rows_to_lines(frame: pd.DataFrame, ids: Mapping[str, str], best: Mapping[str, str], tally: Tally) -> pd.DataFrame:
    """Rename rows from a provider's ids to cell lines; of two rows of one line the annotated id stays."""
    own = [str(name) for name in frame.index]
    lines = {name: {ids[part] for part in name.split(";") if part in ids} for name in own}
    several = sorted(name for name in own if len(lines[name]) > 1)
    tally.drop("row of several cell lines", several)
    lost = [name for name in own if not lines[name]]
    tally.drop("row without a known cell line", sorted(lost))
    tally.names("cell_line", set(own) - set(lost) - set(several), ambiguous=several, dropped=lost)
    order = pd.DataFrame([(*lines[name], name) for name in own if len(lines[name]) == 1], columns=["line", "own"])
    order["rank"] = [0 if best.get(line) == name else 1 for line, name in zip(order["line"], order["own"], strict=True)]
    order = order.sort_values(["line", "rank", "own"])
    second = order["line"].duplicated()
    tally.drop("second row of one cell line", order.loc[second, "own"])
    order = order[~second]
    rows = frame.loc[order["own"]]
    rows.index = pd.Index(order["line"], name="cell_line")
    tally.rows_out = len(rows)
    return rows


def _genes(rows: pd.DataFrame, genes: GeneTable, tally: Tally, path: Path) -> pd.DataFrame:
    names = [_split(str(name)) for name in rows.columns]
    require_agreement(genes, [symbol for symbol, _ in names], [entrez for _, entrez in names], tally, path)
    table = _columns_to_genes(rows, names, genes, tally)
    require_mapped_share(table.shape[1], len(names), path, "gene columns")
    return table


def _split(column: str) -> tuple[str, str]:
    """Symbol and Entrez id of a column that is named by either or both."""
    return ("", column) if column.isdigit() else depmap.split_column(column)


def _columns_to_genes(
    frame: pd.DataFrame, names: Sequence[tuple[str, str]], genes: GeneTable, tally: Tally
) -> pd.DataFrame:
    """Rename columns to approved symbols; of two columns of one gene the one with its Entrez id stays."""
    symbols_, entrez_ = [symbol for symbol, _ in names], [entrez for _, entrez in names]
    genes.tell(symbols_, tally, entrez_)
    chosen: dict[str, tuple[int, int]] = {}
    for position, ((symbol, entrez), gene) in enumerate(zip(names, genes.map(symbols_, entrez_), strict=True)):
        shown = symbol or f"Entrez {entrez}"
        if gene is None:
            tally.note(f"column: {genes.why_not(symbol) if symbol else 'unknown Entrez id'}", [shown])
            continue
        rank = 0 if entrez else 1
        before = chosen.get(gene.symbol)
        if before is not None:
            tally.note("column: second one of a gene", [shown if rank >= before[0] else names[before[1]][0]])
        if before is None or rank < before[0]:
            chosen[gene.symbol] = (rank, position)
        if symbol and symbol != gene.symbol:
            tally.note("renamed to the approved symbol", [f"{symbol} -> {gene.symbol}"])
    symbols = sorted(chosen)
    table = frame.iloc[:, [chosen[symbol][1] for symbol in symbols]].astype(np.float32)
    table.columns = pd.Index(symbols)
    return table
