"""From the providers' files to tidy tables: every join by identifier, every loss counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pathproof.ingest.drug_names import drug_key
from pathproof.ingest.identifiers import GeneTable, require_mapped_share
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.sources import cell_lines, depmap, gdsc
from pathproof.ingest.sources.base import Tally


@dataclass(frozen=True)
class Tables:
    """The tidy tables (see docs/decisions/0001-first-slice.md) and the attrition funnel."""

    screen: pd.DataFrame
    expression: pd.DataFrame
    mutations: pd.DataFrame
    cell_lines: pd.DataFrame
    drugs: pd.DataFrame
    attrition: list[dict[str, Any]]


def build_tables(inputs: Inputs) -> Tables:
    """Map every identifier and join the tables.

    Raises
    ------
    DataError
        When most ids of a file are unknown, so that the file is probably another one.
    """
    lines = inputs.lines
    expression = _expression(inputs)
    mutations = _mutations(inputs)
    screen = inputs.response.frame
    known = set(lines.frame["cell_line"])
    annotated = screen["cell_line"].isin(known)
    present = set(screen["cell_line"])
    require_mapped_share(len(present & known), len(present), inputs.path(gdsc.RESPONSE), "screened cell lines")
    tally = inputs.tally(gdsc.RESPONSE)
    tally.drop("cell line without annotation", screen.loc[~annotated, "cell_line"])
    kept = screen[annotated].reset_index(drop=True)
    tally.rows_out = len(kept)
    used = set(kept["cell_line"]) | set(expression.index) | set(mutations.index)
    table = lines.frame[lines.frame["cell_line"].isin(used)].reset_index(drop=True)
    inputs.tally(cell_lines.MODEL_LIST).drop("cell line in no screen and no feature table", sorted(known - used))
    inputs.tally(cell_lines.MODEL_LIST).rows_out = len(table)
    return Tables(kept, expression, mutations, table, _drugs(inputs), _attrition(screen, kept, expression, mutations))


def _rows_to_lines(frame: pd.DataFrame, ids: Mapping[str, str], best: Mapping[str, str], tally: Tally) -> pd.DataFrame:
    """Rename rows from a provider's ids to cell lines; of two rows of one line the annotated id stays."""
    mapped = pd.Series([ids.get(str(name)) for name in frame.index], index=frame.index, dtype=object)
    tally.drop("row without a known cell line", sorted(map(str, frame.index[mapped.isna()])))
    order = pd.DataFrame({"line": mapped, "own": [str(name) for name in frame.index]}, index=frame.index).dropna()
    order["rank"] = [0 if best.get(line) == own else 1 for line, own in zip(order["line"], order["own"], strict=True)]
    order = order.sort_values(["line", "rank", "own"])
    second = order["line"].duplicated()
    tally.drop("second row of one cell line", order.loc[second, "own"])
    order = order[~second]
    rows = frame.loc[order.index]
    rows.index = pd.Index(order["line"], name="cell_line")
    tally.rows_out = len(rows)
    return rows


def _columns_to_genes(
    frame: pd.DataFrame, names: list[tuple[str, str]], genes: GeneTable, tally: Tally
) -> pd.DataFrame:
    """Rename columns to approved symbols; of two columns of one gene the one with its Entrez id stays."""
    found = genes.map([symbol for symbol, _ in names], [entrez for _, entrez in names])
    chosen: dict[str, tuple[int, int]] = {}
    for position, ((symbol, entrez), gene) in enumerate(zip(names, found, strict=True)):
        if gene is None:
            tally.note(f"column: {genes.why_not(symbol)}", [symbol])
            continue
        rank = 0 if entrez else 1
        before = chosen.get(gene.symbol)
        if before is not None:
            tally.note("column: second one of a gene", [symbol if rank >= before[0] else names[before[1]][0]])
        if before is None or rank < before[0]:
            chosen[gene.symbol] = (rank, position)
        if symbol != gene.symbol:
            tally.note("renamed to the approved symbol", [f"{symbol} -> {gene.symbol}"])
    symbols = sorted(chosen)
    table = frame.iloc[:, [chosen[symbol][1] for symbol in symbols]].astype(np.float32)
    table.columns = pd.Index(symbols)
    return table


def _expression(inputs: Inputs) -> pd.DataFrame:
    raw, tally, path = inputs.expression, inputs.tally(depmap.EXPRESSION), inputs.path(depmap.EXPRESSION)
    best = dict(zip(inputs.lines.frame["cell_line"], inputs.lines.frame["ach"], strict=True))
    rows = _rows_to_lines(raw, inputs.lines.by_ach, best, tally)
    require_mapped_share(len(rows), len(raw), path, "cell lines")
    names = [depmap.split_column(str(name)) for name in raw.columns]
    return _checked_genes(rows, names, inputs.genes, tally, path)


def _mutations(inputs: Inputs) -> pd.DataFrame:
    raw, tally, path = inputs.features, inputs.tally(gdsc.FEATURES), inputs.path(gdsc.FEATURES)
    best = dict(zip(inputs.lines.frame["cell_line"], inputs.lines.frame["cosmic"], strict=True))
    rows = _rows_to_lines(raw, inputs.lines.by_cosmic, best, tally)
    require_mapped_share(len(rows), len(raw), path, "cell lines")
    return _checked_genes(rows, [(str(name), "") for name in raw.columns], inputs.genes, tally, path)


def _checked_genes(
    rows: pd.DataFrame, names: list[tuple[str, str]], genes: GeneTable, tally: Tally, path: Path
) -> pd.DataFrame:
    table = _columns_to_genes(rows, names, genes, tally)
    require_mapped_share(table.shape[1], len(names), path, "gene columns")
    return table


def _drugs(inputs: Inputs) -> pd.DataFrame:
    """All compounds, and those that only the response file names; targets as approved symbols."""
    compounds, targets, names = inputs.compounds, inputs.targets, inputs.response.names
    known = set(compounds["drug"])
    require_mapped_share(len(known & set(names)), len(names), inputs.path(gdsc.COMPOUNDS), "screened compounds")
    others = sorted(set(names) - known)
    inputs.tally(gdsc.COMPOUNDS).note("compound only in the response file", [f"{d} {names[d][0]}" for d in others])
    added = pd.DataFrame(
        {
            "drug": others,
            "name": [names[drug][0] for drug in others],
            "synonyms": [() for _ in others],
            "target_pathway": [names[drug][1] for drug in others],
        }
    )
    table = pd.concat([compounds, added], ignore_index=True)
    symbols = _target_symbols(targets, known | set(names), inputs)
    facts = targets.set_index("drug")
    twins = _twins(others, names, compounds)
    inputs.tally(gdsc.TARGETS).note(
        "targets of the compound of the same name", [f"{d} = {t}" for d, t in twins.items()]
    )
    table["targets"] = [symbols.get(twins.get(drug, drug), ()) for drug in table["drug"]]
    for column in ("pubchem", "chembl"):
        table[column] = table["drug"].map(lambda drug: twins.get(drug, drug)).map(facts[column]).replace("", None)
    table["target_pathway"] = table["target_pathway"].replace("", None)
    order = table["drug"].map(_number).argsort(kind="stable")
    columns = ["drug", "name", "synonyms", "targets", "target_pathway", "pubchem", "chembl"]
    return table.iloc[order][columns].reset_index(drop=True)


def _twins(others: list[str], names: Mapping[str, tuple[str, str]], compounds: pd.DataFrame) -> dict[str, str]:
    """For a drug that only the response file lists, the one annotated compound of the same name.

    GDSC gives a new number to a new batch of a compound; targets belong to the molecule. Where several
    compounds have the name, the one with the lowest number stands for them.
    """
    by_key: dict[str, str] = {}
    for drug, name in sorted(zip(compounds["drug"], compounds["name"], strict=True), key=lambda pair: _number(pair[0])):
        by_key.setdefault(drug_key(name), drug)
    return {drug: by_key[key] for drug in others if (key := drug_key(names[drug][0])) in by_key}


def _number(drug: str) -> int:
    return int(drug.removeprefix("gdsc.drug:"))


def _target_symbols(targets: pd.DataFrame, drugs: set[str], inputs: Inputs) -> dict[str, tuple[str, ...]]:
    tally, genes = inputs.tally(gdsc.TARGETS), inputs.genes
    found: dict[str, tuple[str, ...]] = {}
    given = mapped = 0
    for drug, names in zip(targets["drug"], targets["targets"], strict=True):
        hits = genes.map(names)
        given += len(names)
        mapped += sum(gene is not None for gene in hits)
        tally.note(
            "target that is not one gene", [name for name, gene in zip(names, hits, strict=True) if gene is None]
        )
        symbols = tuple(sorted({gene.symbol for gene in hits if gene is not None}))
        if not names:
            tally.drop("compound without a target", [drug])
        elif not symbols:
            tally.drop("compound without a target that is one gene", [drug])
        elif drug in drugs:
            found[drug] = symbols
        else:
            tally.drop("target list of an unknown compound", [drug])
    tally.rows_out = len(found)
    require_mapped_share(mapped, given, inputs.path(gdsc.TARGETS), "targets")
    return found


def _attrition(
    raw: pd.DataFrame, screen: pd.DataFrame, expression: pd.DataFrame, mutations: pd.DataFrame
) -> list[dict[str, Any]]:
    with_expression = screen[screen["cell_line"].isin(expression.index)]
    with_mutations = screen[screen["cell_line"].isin(mutations.index)]
    both = with_expression[with_expression["cell_line"].isin(mutations.index)]
    either = screen[screen["cell_line"].isin(expression.index.union(mutations.index))]
    all_genes = len(set(expression.columns) | set(mutations.columns))
    return [
        _step("response file", raw, None, "every measured pair of the screen"),
        _step("annotated cell lines", screen, None, "the line stands in the model list"),
        _step("with any feature layer", either, all_genes, "the line has expression or mutation calls"),
        _step("with mutation calls", with_mutations, mutations.shape[1], "the line's COSMIC number has a row of calls"),
        _step("with expression", with_expression, expression.shape[1], "the line's ACH id has a row: the usable pairs"),
        _step("with expression and mutation calls", both, all_genes, "part of the usable pairs"),
    ]


def _step(name: str, frame: pd.DataFrame, genes: int | None, why: str) -> dict[str, Any]:
    return {
        "step": name,
        "cell_lines": int(frame["cell_line"].nunique()),
        "drugs": int(frame["drug"].nunique()),
        "genes": genes,
        "rows": len(frame),
        "why": why,
    }
