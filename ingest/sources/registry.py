"""All sources, and whose file a header belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pathproof.ingest.sources import (
    ccle,
    cell_lines,
    civic,
    depmap,
    dgidb,
    gdsc,
    gdsc_features,
    gdsc_response,
    hgnc,
    msigdb,
    nci60,
    networks,
    passports,
    prism,
    reactome,
    wikipathways,
)
from pathproof.ingest.sources.addition import Addition
from pathproof.ingest.sources.base import Source

# Optional files that a module of their own reads and adds to the graph (docs/add-a-source.md).
ADDITIONS: tuple[Addition[Any], ...] = (wikipathways.ADDITION, *msigdb.ADDITIONS, *prism.ADDITIONS)
SOURCES: tuple[Source, ...] = (
    gdsc_response.GDSC2,
    gdsc.COMPOUNDS,
    gdsc.TARGETS,
    gdsc_features.FEATURES,
    passports.DRIVERS,
    depmap.EXPRESSION,
    gdsc_response.GDSC1,
    ccle.RESPONSE,
    depmap.EXPRESSION_TPM,
    depmap.COPY_NUMBER,
    depmap.DAMAGING,
    gdsc_features.COPY_NUMBER,
    nci60.EXPRESSION,
    cell_lines.MODEL_LIST,
    cell_lines.MODEL,
    reactome.GENE_SETS,
    reactome.NAMES,
    reactome.HIERARCHY,
    civic.CIVIC,
    dgidb.DGIDB,
    networks.OMNIPATH,
    networks.OMNIPATH_SERVICE,
    networks.COLLECTRI,
    hgnc.GENE_IDENTIFIERS,
    hgnc.SYMBOL_ENTREZ,
    hgnc.COMPLETE_SET,
    *(addition.source for addition in ADDITIONS),
)
_FOREIGN = {
    "CCLE drug response (NP24)": {"CCLE Cell Line Name", "Compound", "ActArea"},
    "PRISM dose response": {"broad_id", "depmap_id", "auc"},
    "CTRP curves": {"experiment_id", "master_cpd_id", "area_under_curve"},
}


def recognise(header: Sequence[str]) -> Source | None:
    """The source whose required columns all stand in `header` (the most specific one)."""
    names = set(header)
    hits = [source for source in SOURCES if len(source.columns) > 1 and set(source.required) <= names]
    if hits:
        return max(hits, key=lambda source: len(source.columns))
    for title, wanted in _FOREIGN.items():
        if wanted <= names:
            return Source(name="", title=title, gives="", files=("",), licence="", terms="", citation="", get_from="")
    return None
