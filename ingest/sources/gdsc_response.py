"""GDSC1 and GDSC2: fitted dose response, in both layouts and as CSV or workbook.

Reference: Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.gdsc import CITATION, DRUG_ID, LICENCE, SITE
from pathproof.ingest.sources.problems import Problems
from pathproof.ingest.sources.reading import read_table
from pathproof.ingest.sources.response_checks import (
    Measures,
    check_doses,
    check_potency,
    check_rank,
    check_repeats,
    check_slopes,
    check_spread,
)

# The columns that both layouts share (19 columns in the legacy one, 16 at Cell Model Passports).
_PAIR = (
    Column("DATASET", "str", "screen", blank=False),
    Column(
        "SANGER_MODEL_ID",
        "str",
        "cell line, SIDM<number>",
        blank=False,
        form=(r"SIDM\d+", "a Sanger model id (SIDM followed by digits)"),
    ),
    DRUG_ID,
    Column("DRUG_NAME", "str", "compound", blank=False),
)
_MEASURED = (
    Column("LN_IC50", "float", "natural logarithm of the IC50", blank=False, unit="ln uM", typical=(-4.0, 8.0)),
    Column(
        *("AUC", "float", "area under the curve"), low=0.0, high=1.0, blank=False, unit="fraction", typical=(0.3, 1.0)
    ),
)
_FIT = (
    Column("PATHWAY_NAME", "str", "target pathway class"),
    Column("MIN_CONC", "float", "lowest concentration", low=1e-9, blank=False, unit="uM"),
    Column("MAX_CONC", "float", "highest concentration", low=1e-9, blank=False, unit="uM", typical=(0.1, 200.0)),
    Column("RMSE", "float", "error of the fit", low=0.0, blank=False, unit="viability", typical=(0.0, 0.3)),
)
_LINE_NAME = Column("CELL_LINE_NAME", "str", "cell line", blank=False)
_COSMIC = Column("COSMIC_ID", "str", "cell line, COSMIC numbers, ;-joined: held against the model id")

GDSC2 = Source(
    name="gdsc",
    title="GDSC2 fitted dose response",
    gives="the response of cell lines to drugs: fitted IC50 and AUC",
    files=(
        "gdsc/GDSC2_fitted_dose_response.csv",
        "gdsc/GDSC2_fitted_dose_response_*.csv",
        "gdsc/GDSC2_fitted_dose_response.xlsx",
        "gdsc/GDSC2_fitted_dose_response_*.xlsx",
    ),
    rows=242_036,
    columns=(*_PAIR, *_FIT, *_MEASURED),
    extra=(replace(_LINE_NAME, blank=True), _COSMIC),
    key=("DATASET", "DRUG_ID", "SANGER_MODEL_ID"),
    licence=LICENCE,
    terms=terms.SANGER,
    citation=CITATION,
    get_from=SITE,
    knowledge_level="observation",
    agent_type="data_analysis_pipeline",
)
GDSC1 = replace(
    GDSC2,
    name="gdsc1",
    title="GDSC1 fitted dose response",
    gives="the older of GDSC's two screens: other assays, some other drugs (`--screen gdsc1`)",
    files=tuple(name.replace("GDSC2", "GDSC1") for name in GDSC2.files),
    rows=333_161,
    columns=(*_PAIR, _LINE_NAME, *_MEASURED),
    extra=(*_FIT, _COSMIC),
    # Two lines of this screen share a Sanger id with a line of another name.
    key=(*GDSC2.key, "CELL_LINE_NAME"),
    optional=True,
)
LABELS = {GDSC2.name: "GDSC2", GDSC1.name: "GDSC1"}
_AT_END = 0.01
"""Distance (ln uM) from the lowest or highest dose below which an IC50 is that dose."""
_NUMBERS = {"ln_ic50": "LN_IC50", "auc": "AUC", "rmse": "RMSE", "min_conc": "MIN_CONC", "max_conc": "MAX_CONC"}


@dataclass(frozen=True)
class Response:
    """One screen as its file gives it.

    `targets` maps a drug's id to what the file says of its targets.

    Columns of `frame`: line (the provider's id of the cell line), line_name, cosmic ("" where the file does not say),
    drug, drug_name, pathway, ln_ic50 (ln uM), auc (0 to 1, lower is more sensitive), act_area (higher is more
    sensitive), rmse, min_conc, max_conc (uM), screen; NaN where the file does not say.
    """

    frame: pd.DataFrame
    targets: dict[str, str] = field(default_factory=dict)

    @cached_property
    def names(self) -> dict[str, tuple[str, str]]:
        """A drug's id -> its name and pathway class."""
        first = self.frame.drop_duplicates("drug")
        told = zip(first["drug"], first["drug_name"], first["pathway"], strict=True)
        return {drug: (name, pathway) for drug, name, pathway in told}


def read_response(path: Path, source: Source, tally: Tally) -> Response:
    """Read the response file of either screen, in either layout.

    Raises
    ------
    DataError
        Also for a (dataset, drug, cell line) that stands twice, and for another screen's file.
    """
    label = LABELS[source.name]

    def check(frame: pd.DataFrame, problems: Problems) -> None:
        others = frame["DATASET"] != label
        problems.cells("The response file is of another screen", others.to_numpy(), frame["DATASET"], label)
        _check_numbers(frame, problems)

    raw = read_table(path, source, tally, check)
    tally.rows_in = len(raw)
    texts = {
        new: raw[old] if old in raw.columns else ""
        for new, old in (("line_name", "CELL_LINE_NAME"), ("cosmic", "COSMIC_ID"), ("pathway", "PATHWAY_NAME"))
    }
    frame = pd.DataFrame(
        {
            "line": raw["SANGER_MODEL_ID"],
            **texts,
            "drug": "gdsc.drug:" + raw["DRUG_ID"],
            "drug_name": raw["DRUG_NAME"],
            **{new: raw[old] if old in raw.columns else np.nan for new, old in _NUMBERS.items()},
            "act_area": np.nan,
            "screen": label,
        }
    )
    return Response(frame)


def _check_numbers(frame: pd.DataFrame, problems: Problems) -> None:
    measures = Measures(frame["DRUG_ID"], frame["LN_IC50"], frame["AUC"], "LN_IC50", "AUC")
    check_potency(measures, problems)
    check_rank(measures, problems)
    if not {"MIN_CONC", "MAX_CONC"} <= set(frame.columns):
        check_repeats(frame["LN_IC50"], problems)
        check_spread(measures, problems)
        check_slopes(measures, problems)
        return
    problems.cells(
        "The lowest concentration is not below the highest",
        (frame["MIN_CONC"] >= frame["MAX_CONC"]).to_numpy(),
        frame["MIN_CONC"],
        "less than MAX_CONC",
    )
    low, high = (np.log(frame[name].where(frame[name] > 0)) for name in ("MIN_CONC", "MAX_CONC"))
    check_doses(measures, low, high, problems)
    at_end = ((frame["LN_IC50"] - low).abs() < _AT_END) | ((frame["LN_IC50"] - high).abs() < _AT_END)
    check_repeats(frame["LN_IC50"][~at_end], problems)
