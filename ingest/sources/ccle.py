"""CCLE: the drug screen of 2015 (24 compounds), in its official layout.

Reference: Barretina et al. 2012, doi:10.1038/nature11003.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from pathproof.ingest.drug_names import drug_key
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.gdsc_response import Response
from pathproof.ingest.sources.problems import N_SHOWN, Problems
from pathproof.ingest.sources.reading import read_table
from pathproof.ingest.sources.response_checks import Measures, check_potency, check_rank
from pathproof.ingest.sources.together import Together

MOST_APART = 30.0
"""Highest dose of one row as a multiple of that of another. Sound: 3.2; some compounds in nM: 1,000."""
_DOSE = r"(\d+\.?\d*|\.\d+)"
_DOSES = rf"{_DOSE}(\s*,\s*{_DOSE})*"
RESPONSE = Source(
    name="ccle",
    title="CCLE drug response (NP24)",
    gives="a third drug screen, of another institute and another assay (`--screen ccle`)",
    files=("ccle/CCLE_NP24.2009_Drug_data_2015.02.24.csv", "ccle/CCLE_NP24*.csv"),
    rows=11_670,
    columns=(
        Column("CCLE Cell Line Name", "str", "cell line, NAME_TISSUE", blank=False),
        Column("Compound", "str", "compound", blank=False),
        Column("Target", "str", "what it acts on, in free text"),
        Column(
            "Doses (uM)",
            "str",
            "the concentrations that were tested",
            blank=False,
            unit="uM",
            form=(_DOSES, "numbers separated by commas"),
        ),
        Column(
            *("IC50 (uM)", "float", "half-maximal concentration; the highest dose where it was not reached"),
            low=1e-9,
            blank=False,
            unit="uM",
            typical=(0.001, 100.0),
        ),
        Column(
            "ActArea", "float", "activity area; higher is more sensitive", low=0.0, high=8.0, blank=False, unit="doses"
        ),
    ),
    extra=(Column("Primary Cell Line Name", "str", "cell line: held against the CCLE name"),),
    key=("CCLE Cell Line Name", "Compound"),
    together=(Together("Compound", "Target", "determines", 0.7, 1.00, 0.08),),
    licence="CC BY 4.0",
    terms=terms.CC_BY,
    citation="Barretina et al. 2012, doi:10.1038/nature11003",
    get_from="https://data.broadinstitute.org/ccle_legacy_data/pharmacological_profiling/",
    optional=True,
    knowledge_level="observation",
    agent_type="data_analysis_pipeline",
)


def compound_id(name: str) -> str:
    """CURIE of a compound: CCLE numbers none, so its name without salt, spaces and signs stands for it."""
    return f"ccle.drug:{drug_key(name)}"


def read_response(path: Path, tally: Tally) -> Response:
    """Read the response file.

    IC50 becomes its natural logarithm; the file caps it at the highest dose, which the range of doses tells.
    The activity area stays what it is: no AUC is made of it.
    """
    raw = read_table(path, RESPONSE, tally, _check_numbers)
    tally.rows_in = len(raw)
    low, high = _ranges(raw)
    frame = pd.DataFrame(
        {
            "line": raw["CCLE Cell Line Name"],
            "line_name": raw.get("Primary Cell Line Name", ""),
            "cosmic": "",
            "drug": raw["Compound"].map({name: compound_id(name) for name in raw["Compound"].unique()}),
            "drug_name": raw["Compound"],
            "pathway": "",
            "ln_ic50": np.log(raw["IC50 (uM)"].to_numpy(dtype=np.float64)),
            "auc": np.nan,
            "rmse": np.nan,
            "min_conc": low,
            "max_conc": high,
            "act_area": raw["ActArea"],
            "screen": "CCLE",
        }
    )
    first = raw.drop_duplicates("Compound").sort_values("Compound")
    targets = {compound_id(name): target for name, target in zip(first["Compound"], first["Target"], strict=True)}
    return Response(frame, targets)


def _check_numbers(frame: pd.DataFrame, problems: Problems) -> None:
    """The file gives the outermost dose for an IC50 beyond it, so none lies further out (1 % is rounding)."""
    low, high = _ranges(frame)
    ic50 = frame["IC50 (uM)"]
    problems.cells(
        "An IC50 beyond the doses that were tested",
        ((ic50 < 0.99 * low) | (ic50 > 1.01 * high)).to_numpy(),
        ic50,
        "an IC50 (uM) from the lowest to the highest of the row's doses (uM)",
        "look whether one of the two is in another unit or a logarithm, or download the file again",
    )
    _check_unit(high, frame["Compound"], problems)
    measures = Measures(frame["Compound"], np.log(ic50.where(ic50 > 0)), -frame["ActArea"], "IC50 (uM)", "ActArea")
    check_potency(measures, problems)
    check_rank(measures, problems)


def _check_unit(high: pd.Series[float], compounds: pd.Series[str], problems: Problems) -> None:
    """All compounds were tested up to about one dose; those in another unit were not."""
    lowest, highest = float(high.min()), float(high.max())
    if highest > MOST_APART * lowest:
        apart = high > MOST_APART * lowest
        names = ", ".join(sorted(set(compounds[apart]))[:N_SHOWN])
        problems.add(
            "The doses of some compounds are in another unit than those of others.",
            "column Doses (uM)",
            got=f"highest doses from {lowest:g} to {highest:g}, as of {names}",
            allowed=f"highest doses within a factor of {MOST_APART:g}; in the published file 2.53 and 8 uM",
            action="give uM (not nM) for all compounds, their IC50 too, or download the file again",
        )


def _ranges(raw: pd.DataFrame) -> tuple[pd.Series[float], pd.Series[float]]:
    """Lowest and highest dose of each row (uM); NaN where the cell is no list of numbers."""
    doses = raw["Doses (uM)"]
    ranges = {cell: _range(cell) for cell in doses.unique()}
    low, high = (doses.map({cell: ends[side] for cell, ends in ranges.items()}) for side in (0, 1))
    return low, high


def _range(doses: str) -> tuple[float, float]:
    if not re.fullmatch(_DOSES, doses):
        return np.nan, np.nan
    numbers = [float(dose) for dose in doses.split(",")]
    return min(numbers), max(numbers)
