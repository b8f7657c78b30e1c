"""Signed, directed gene networks: OmniPath (proteins) and CollecTRI (regulation).

References: Türei et al. 2021, doi:10.15252/msb.20209923; Müller-Dott et al. 2023, doi:10.1093/nar/gkad841.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.reading import read_table

OMNIPATH = Source(
    name="omnipath",
    title="OmniPath signed, directed interactions",
    gives="which protein activates or inhibits which",
    files=("omnipath/omnipath_signed_directed.tsv",),
    columns=(
        Column("source", "str", "symbol", blank=False),
        Column("interaction", "float", "+1 activates, -1 inhibits", values=(-1.0, 1.0), blank=False),
        Column("target", "str", "symbol", blank=False),
    ),
    licence="per resource (academic use)",
    terms=terms.PER_RESOURCE,
    citation="Türei et al. 2021, doi:10.15252/msb.20209923",
    get_from="https://omnipathdb.org/interactions?genesymbols=yes&signed=yes (as source, interaction, target)",
    separator="\t",
    agent_type="automated_agent",
)
COLLECTRI = Source(
    name="collectri",
    title="CollecTRI regulons",
    gives="which transcription factor activates or represses which gene",
    files=("omnipath/collectri.csv", "omnipath/CollecTRI_regulons.csv"),
    columns=(
        Column("source", "str", "transcription factor", blank=False),
        Column("target", "str", "regulated gene", blank=False),
        Column("weight", "float", "+1 activates, -1 represses", values=(-1.0, 1.0), blank=False),
    ),
    licence="CC BY 4.0 (components vary)",
    terms=terms.CC_BY,
    citation="Müller-Dott et al. 2023, doi:10.1093/nar/gkad841",
    get_from="https://zenodo.org/records/8192729/files/CollecTRI_regulons.csv",
    agent_type="automated_agent",
)


def read_network(path: Path, source: Source, tally: Tally) -> pd.DataFrame:
    """Columns source, target (symbols as written), sign (+1 or -1).

    Raises
    ------
    DataError
        See :func:`pathproof.ingest.sources.reading.read_table`.
    """
    sign = next(column.name for column in source.columns if column.type == "float")
    raw = read_table(path, source, tally)
    tally.rows_in = len(raw)
    return pd.DataFrame(
        {"source": raw["source"].astype(object), "target": raw["target"].astype(object), "sign": raw[sign].astype(int)}
    )
