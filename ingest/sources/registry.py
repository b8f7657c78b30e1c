"""All sources, and whose file a header belongs to."""

from __future__ import annotations

import re
from collections import Counter
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
_FOREIGN_SETS = {
    "MSigDB gene sets of ontologies (C5)": r"(GO|GOBP|GOCC|GOMF|HP)_.*",
    "MSigDB gene sets of regulators (C3)": r"(MIR\d|LET7).*|\S+_(TARGET_GENES|Q\d)\t.*",
    "MSigDB immunologic signatures (C7)": r"GSE\d+_.*",
    "MSigDB positional gene sets (C1)": r"(chr|CHR)\w+\t.*",
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


def recognise_sets(sets: Sequence[tuple[str, str]]) -> str | None:
    """Title of the collection that most of the sets (name, field behind it) are of; None when most are of none."""
    forms = {title: re.compile(form) for title, form in _FOREIGN_SETS.items()}
    forms |= {source.title: re.compile(source.sets) for source in SOURCES if source.sets}
    lines = ["\t".join(item) for item in sets]
    counts = Counter(next((title for title, form in forms.items() if form.fullmatch(line)), None) for line in lines)
    title, n = counts.most_common(1)[0] if counts else (None, 0)
    return title if 2 * n > len(sets) else None
