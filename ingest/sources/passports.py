"""Cell Model Passports: the driver mutations that were called in cell lines.

Reference: van der Meer et al. 2019, doi:10.1093/nar/gky872.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.reading import read_table

_YES, _NO = ("true", "t", "1"), ("false", "f", "0")
DRIVERS = Source(
    name="gdsc.mutations",
    title="Cell Model Passports driver mutations",
    gives="driver mutation calls of cell lines in place of GDSC's genomic features; beside them, a layer of their own",
    files=(
        "cell_model_passports/mutations_summary.csv",
        "cell_model_passports/mutations_summary_*.csv",
        "cell_model_passports/mutations_summary_*.zip",
    ),
    columns=(
        Column("gene_symbol", "str", "mutated gene"),
        Column("model_id", "str", "cell line", blank=False, form=(r"SIDM\d+", "a Sanger model id (SIDM and digits)")),
        Column(
            "cancer_driver",
            "str",
            "whether the mutation is a driver",
            blank=False,
            form=(f"(?i:{'|'.join((*_YES, *_NO))})", "true or false (t or f, 1 or 0)"),
        ),
    ),
    licence="Sanger data usage policy: non-commercial use, no redistribution",
    terms=terms.SANGER,
    citation="van der Meer et al. 2019, doi:10.1093/nar/gky872",
    get_from="https://cellmodelpassports.sanger.ac.uk/downloads (mutations_summary_<date>.zip, the zip or its csv)",
    optional=True,
    knowledge_level="observation",
    agent_type="data_analysis_pipeline",
)


def read_drivers(path: Path, tally: Tally) -> pd.DataFrame:
    """Columns model (SIDM number), gene (as written), driver (bool); one row for each mutation.

    Mutations that are no drivers stay in: they say that the line was sequenced.
    """
    raw = read_table(path, DRIVERS, tally)
    tally.rows_in = len(raw)
    return pd.DataFrame(
        {
            "model": raw["model_id"],
            "gene": raw["gene_symbol"],
            "driver": raw["cancer_driver"].str.lower().isin(_YES),
        }
    )
