"""GDSC1 and GDSC2: fitted dose response, in both layouts and as CSV or workbook.

Reference: Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.gdsc import CITATION, DRUG_ID, LICENCE, SITE, drug_id
from pathproof.ingest.sources.problems import Problems
from pathproof.ingest.sources.reading import read_table

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
    Column("MIN_CONC", "float", "lowest concentration", low=0.0, blank=False, unit="uM"),
    Column("MAX_CONC", "float", "highest concentration", low=0.0, blank=False, unit="uM"),
    Column("RMSE", "float", "error of the fit", low=0.0, blank=False, unit="viability", typical=(0.0, 0.3)),
)
_LINE_NAME = Column("CELL_LINE_NAME", "str", "cell line", blank=False)

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
    columns=(*_PAIR, *_FIT, *_MEASURED),
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
    columns=(*_PAIR, _LINE_NAME, *_MEASURED),
    extra=_FIT,
    # Two lines of this screen share a Sanger id with a line of another name.
    key=(*GDSC2.key, "CELL_LINE_NAME"),
    optional=True,
)
LABELS = {GDSC2.name: "GDSC2", GDSC1.name: "GDSC1"}
_NUMBERS = {"ln_ic50": "LN_IC50", "auc": "AUC", "rmse": "RMSE", "min_conc": "MIN_CONC", "max_conc": "MAX_CONC"}


@dataclass(frozen=True)
class Response:
    """One screen as its file gives it.

    `names` maps a drug's id to its name and pathway class, `targets` to what the file says of its targets.

    Columns of `frame`: line (the provider's id of the cell line), line_name, drug, ln_ic50 (ln uM), auc (0 to 1,
    lower is more sensitive), act_area (higher is more sensitive), rmse, min_conc, max_conc (uM), screen; NaN where
    the file does not say.
    """

    frame: pd.DataFrame
    names: dict[str, tuple[str, str]]
    targets: dict[str, str] = field(default_factory=dict)


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
        if {"MIN_CONC", "MAX_CONC"} <= set(frame.columns):
            problems.cells(
                "The lowest concentration is above the highest",
                (frame["MIN_CONC"] > frame["MAX_CONC"]).to_numpy(),
                frame["MIN_CONC"],
                "at most MAX_CONC",
            )

    raw = read_table(path, source, tally, check)
    tally.rows_in = len(raw)
    first = raw.drop_duplicates("DRUG_ID")
    pathways = first["PATHWAY_NAME"] if "PATHWAY_NAME" in first.columns else [""] * len(first)
    names = {
        drug_id(number): (name, pathway)
        for number, name, pathway in zip(first["DRUG_ID"], first["DRUG_NAME"], pathways, strict=True)
    }
    frame = pd.DataFrame(
        {
            "line": raw["SANGER_MODEL_ID"],
            "line_name": raw["CELL_LINE_NAME"] if "CELL_LINE_NAME" in raw.columns else "",
            "drug": "gdsc.drug:" + raw["DRUG_ID"],
            **{new: raw[old] if old in raw.columns else np.nan for new, old in _NUMBERS.items()},
            "act_area": np.nan,
            "screen": label,
        }
    )
    return Response(frame, names)
