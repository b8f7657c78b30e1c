"""The drug screens as tables of one form: every cell line by its Sanger id, and whether each IC50 was within reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pathproof.graph_schema.screens import SCREENS
from pathproof.ingest.identifiers import require_mapped_share
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.sources import ccle, gdsc_response
from pathproof.ingest.sources.base import Source, Tally
from pathproof.ingest.sources.gdsc_response import Response

SOURCE_OF: Mapping[str, Source] = {"gdsc2": gdsc_response.GDSC2, "gdsc1": gdsc_response.GDSC1, "ccle": ccle.RESPONSE}
_PART_OF = {"gdsc2": "response", "gdsc1": "gdsc1", "ccle": "ccle"}
_COLUMNS = [
    *("cell_line", "drug", "ln_ic50", "auc", "act_area", "rmse", "min_conc", "max_conc", "out_of_range", "screen"),
]


@dataclass(frozen=True)
class Screen:
    """One screen: its table, and how many lines, drugs and rows the file had before any join.

    `table` has one row per (drug, cell line): ln_ic50 (ln uM), auc (0 to 1, lower is more sensitive), act_area
    (number of doses, higher is more sensitive), rmse (viability), min_conc, max_conc (uM), out_of_range
    (`graph_schema.screens.RANGE_FLAGS`), screen; NaN where the file does not say.
    """

    table: pd.DataFrame
    given: tuple[int, int, int]
    attrition: list[dict[str, Any]] = field(default_factory=list)


def response_of(inputs: Inputs, screen: str) -> Response | None:
    """What was read of a screen; None when its file is absent."""
    found: Response | None = getattr(inputs, _PART_OF[screen])
    return found


def read_screens(inputs: Inputs) -> dict[str, Screen]:
    """Every screen whose file is there.

    Raises
    ------
    DataError
        When most cell lines of a file are unknown.
    """
    lines = inputs.lines
    by_sidm = lines.by_sidm
    annotated = set(by_sidm.values())
    by_ccle = {name: line for name, line in lines.by_ccle.items() if line in annotated}
    ids = {"gdsc2": by_sidm, "gdsc1": by_sidm, "ccle": by_ccle}
    found = {}
    for name in SCREENS:
        response = response_of(inputs, name)
        if response is not None:
            found[name] = _screen(response, ids[name], inputs, SOURCE_OF[name])
    return found


def _screen(response: Response, ids: Mapping[str, str], inputs: Inputs, source: Source) -> Screen:
    frame, tally = response.frame, inputs.tally(source)
    lines = frame["line"].map(ids)
    named = set(frame["line"])
    known = {line for line in named if line in ids}
    require_mapped_share(len(known), len(named), inputs.path(source), "screened cell lines")
    tally.names("cell_line", known, dropped=named - known)
    tally.drop("cell line without annotation", frame.loc[lines.isna(), "line"])
    table = frame.assign(cell_line=lines)[lines.notna()]
    table = _one_record(table, inputs.lines.frame.set_index("cell_line")["name"], tally)
    table["out_of_range"] = range_flags(table["ln_ic50"], table["min_conc"], table["max_conc"])
    table = table.sort_values(["drug", "cell_line"], ignore_index=True)[_COLUMNS]
    tally.rows_out = len(table)
    return Screen(table, (len(named), int(frame["drug"].nunique()), tally.rows_in))


def _one_record(table: pd.DataFrame, names: pd.Series[str], tally: Tally) -> pd.DataFrame:
    """Of several records of one drug and line, that under the line's own name, else the first by name."""
    several = table.duplicated(["drug", "cell_line"], keep=False)
    if not several.any():
        return table
    records = table[several]
    other = (records["line_name"] != records["cell_line"].map(names)).rename("other")
    order = records.assign(other=other).sort_values(["drug", "cell_line", "other", "line_name"])
    second = order[order.duplicated(["drug", "cell_line"])]
    tally.drop("second record of a drug and a cell line", second["line_name"] + " (" + second["line"] + ")")
    return table.drop(index=second.index)


def range_flags(
    ln_ic50: pd.Series[float], min_conc: pd.Series[float], max_conc: pd.Series[float]
) -> NDArray[np.object_]:
    """Where each IC50 lies: `within` the tested concentrations, at or `above` the highest, at or `below` the lowest.

    Beyond the range an IC50 is extrapolated by the fit, or capped; `unknown` where the file has no range.
    """
    value = ln_ic50.to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore"):  # a concentration of 0 has nothing below it
        low, high = (np.log(side.to_numpy(dtype=np.float64)) for side in (min_conc, max_conc))
    flags = np.full(len(value), "within", dtype=object)
    flags[value >= high] = "above"
    flags[value <= low] = "below"
    flags[np.isnan(low) | np.isnan(high)] = "unknown"
    return flags


def attrition(screen: Screen, expression: pd.DataFrame, mutations: pd.DataFrame) -> list[dict[str, Any]]:
    """Cell lines, drugs, genes and rows that are left at each step, and why."""
    table = screen.table
    with_expression = table[table["cell_line"].isin(expression.index)]
    with_mutations = table[table["cell_line"].isin(mutations.index)]
    both = with_expression[with_expression["cell_line"].isin(mutations.index)]
    either = table[table["cell_line"].isin(expression.index.union(mutations.index))]
    all_genes = len(set(expression.columns) | set(mutations.columns))
    cell_lines, drugs, rows = screen.given
    return [
        {
            **{"step": "response file", "cell_lines": cell_lines, "drugs": drugs, "genes": None, "rows": rows},
            "why": "every measured pair of the screen",
        },
        _step("annotated cell lines", table, None, "the line stands in the model list"),
        _step("with any feature layer", either, all_genes, "the line has expression or mutation calls"),
        _step("with mutation calls", with_mutations, mutations.shape[1], "the line has a row of mutation calls"),
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
