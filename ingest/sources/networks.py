"""Signed, directed gene networks: OmniPath (proteins) and CollecTRI (regulation).

References: Türei et al. 2021, doi:10.15252/msb.20209923; Müller-Dott et al. 2023, doi:10.1093/nar/gkad841.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.reading import read_table

_LOGICAL = ("[01]|(?i:true|false)", "0, 1, True or False")
_OMNIPATH_TERMS = "per resource (academic use)"
_OMNIPATH_CITATION = "Türei et al. 2021, doi:10.15252/msb.20209923"
_HUMAN, _YES = "9606", ("1", "true")

OMNIPATH = Source(
    name="omnipath",
    title="OmniPath signed, directed interactions",
    gives="which protein activates or inhibits which; this file or that of the web service is needed",
    files=("omnipath/omnipath_signed_directed.tsv",),
    rows=19_807,
    columns=(
        Column("source", "str", "symbol", blank=False),
        # More activate than inhibit (three quarters in 2023): the other way round the signs are turned around.
        Column("interaction", "float", "+1 activates, -1 inhibits", values=(-1.0, 1.0), blank=False, typical=(0, 1)),
        Column("target", "str", "symbol", blank=False),
    ),
    licence=_OMNIPATH_TERMS,
    terms=terms.PER_RESOURCE,
    citation=_OMNIPATH_CITATION,
    get_from="https://omnipathdb.org/interactions?genesymbols=yes&signed=yes (as source, interaction, target)",
    separator="\t",
    optional=True,
    agent_type="automated_agent",
)
OMNIPATH_SERVICE = Source(
    name="omnipath",
    title="OmniPath interactions of the web service",
    gives="the same in the layout of the web service and the archive; read where both are there",
    files=("omnipath/omnipath_webservice_interactions.tsv", "omnipath/omnipath_webservice_interactions__*.tsv"),
    columns=(
        Column("source_genesymbol", "str", "symbol, or several joined by _ for a complex", blank=False),
        Column("target_genesymbol", "str", "symbol, or several joined by _ for a complex", blank=False),
        *(
            Column(name, "str", what, blank=False, form=_LOGICAL)
            for name, what in (
                ("is_directed", "whether any resource gives a direction"),
                ("consensus_direction", "whether most resources give this direction"),
                ("consensus_stimulation", "whether most say that it activates"),
                ("consensus_inhibition", "whether most say that it inhibits"),
            )
        ),
    ),
    licence=_OMNIPATH_TERMS,
    terms=terms.PER_RESOURCE,
    citation=_OMNIPATH_CITATION,
    get_from="https://omnipathdb.org/interactions?genesymbols=yes&datasets=omnipath&organisms=9606&signed=yes",
    separator="\t",
    quoted=False,
    optional=True,
    extra=(
        Column("source", "str", "UniProt accession, for a symbol that is not known"),
        Column("target", "str", "UniProt accession, for a symbol that is not known"),
        Column("ncbi_tax_id_source", "str", "species of the source, in files of several species"),
        Column("ncbi_tax_id_target", "str", "species of the target, in files of several species"),
        Column("omnipath", "str", "whether it is in the core data set, in files of several data sets"),
    ),
    agent_type="automated_agent",
)
COLLECTRI = Source(
    name="collectri",
    title="CollecTRI regulons",
    gives="which transcription factor activates or represses which gene",
    files=("omnipath/collectri.csv", "omnipath/CollecTRI_regulons.csv"),
    rows=43_178,
    columns=(
        Column("source", "str", "transcription factor", blank=False),
        Column("target", "str", "regulated gene", blank=False),
        Column("weight", "float", "+1 activates, -1 represses", values=(-1.0, 1.0), blank=False, typical=(0, 1)),
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


def read_service(path: Path, tally: Tally) -> pd.DataFrame:
    """As :func:`read_network`, of the web service's layout.

    Direction and sign are what most resources say (the consensus, as networks for causal reasoning are made of
    OmniPath: Liu et al. 2019, doi:10.1038/s41540-019-0118-z). A row of another species or data set, one whose
    direction is not the consensus, and one with no sign or both is counted and left out. `source_uniprot` and
    `target_uniprot` are further columns where the file has them.

    Raises
    ------
    DataError
        See :func:`pathproof.ingest.sources.reading.read_table`.
    """
    raw = read_table(path, OMNIPATH_SERVICE, tally)
    tally.rows_in = len(raw)
    logical = [column.name for column in OMNIPATH_SERVICE.columns if column.form == _LOGICAL]
    said = {name: raw[name].str.lower().isin(_YES) for name in logical}
    up, down = said["consensus_stimulation"], said["consensus_inhibition"]
    shown = raw["source_genesymbol"] + " -> " + raw["target_genesymbol"]
    kept = pd.Series(True, index=raw.index)
    human, core = kept.copy(), kept.copy()
    for name in ("ncbi_tax_id_source", "ncbi_tax_id_target"):
        human &= raw[name] == _HUMAN if name in raw else True
    if "omnipath" in raw:
        core = raw["omnipath"].str.lower().isin(_YES)
    for reason, wrong in (
        ("of another species", ~human),
        ("of another data set than the core", ~core),
        ("without a direction that most resources give", ~said["is_directed"] | ~said["consensus_direction"]),
        ("both signs", up & down),
        ("without a sign", ~up & ~down),
    ):
        tally.drop(reason, shown[kept & wrong])
        kept &= ~wrong
    found = pd.DataFrame(
        {
            "source": raw.loc[kept, "source_genesymbol"].astype(object),
            "target": raw.loc[kept, "target_genesymbol"].astype(object),
            "sign": up[kept].map({True: 1, False: -1}).astype(int),
        }
    )
    accessions = {f"{name}_uniprot": raw.loc[kept, name] for name in ("source", "target") if name in raw}
    return found.assign(**accessions)
