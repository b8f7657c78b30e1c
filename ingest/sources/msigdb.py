"""MSigDB: hallmark and canonical gene sets, and published expression signatures of drug resistance.

All of them are GeneSet nodes, none is a Pathway: what MSigDB gives is a list of genes under a name (a state, a curated
list, what an experiment found), without the reactions, the hierarchy or the signs of a pathway, and no question
about pathways should ever be answered with a signature. UP and DN sets stay two sets.

References: Liberzon et al. 2015, doi:10.1016/j.cels.2015.12.004; Subramanian et al. 2005, doi:10.1073/pnas.0506580102.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pathproof.ingest.identifiers import require_mapped_share, resolve
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.addition import Addition
from pathproof.ingest.sources.base import Source, Tally
from pathproof.ingest.sources.gmt import GeneSet, read_gmt
from pathproof.ingest.sources.together import Together

if TYPE_CHECKING:
    from pathproof.ingest.builder import Builder

_LICENCE = "CC BY 4.0 (not the sets of KEGG, BioCarta and STKE)"
_CITATION = "Liberzon et al. 2015, doi:10.1016/j.cels.2015.12.004"
# The page of a set ends in its name, or the name itself stands there; a word such as `na` says nothing.
_PAGES = (Together("name", "note", "equals", 0.7, 1.00, 0.00, right_part=r"(?:^|/)([A-Z0-9]+_[^/ ]+)$"),)
_SITE = "https://data.broadinstitute.org/gsea-msigdb/msigdb/release/<release>/"

HALLMARK = Source(
    name="msigdb",
    title="MSigDB hallmark gene sets (GMT)",
    gives="50 summaries of well-defined biological states, with their genes",
    files=("msigdb/h.all.symbols.gmt", "msigdb/h.all.v*.symbols.gmt"),
    rows=50,
    sets=r"HALLMARK_.*",
    licence=_LICENCE,
    terms=terms.CC_BY,
    citation=_CITATION,
    get_from=_SITE + "h.all.v<release>.symbols.gmt",
    together=_PAGES,
    separator="\t",
    optional=True,
)
CANONICAL = Source(
    name="msigdb",
    title="MSigDB canonical pathways (GMT)",
    gives="curated pathways of sources that are not read themselves (PID, NABA ...), with their genes",
    files=("msigdb/c2.cp.symbols.gmt", "msigdb/c2.cp.v*.symbols*.gmt"),
    rows=2_572,
    sets=r"(REACTOME|WP|KEGG|BIOCARTA|PID|NABA|SA|SIG|ST|WNT)_.*",
    licence=_LICENCE,
    terms=terms.CC_BY,
    citation="Subramanian et al. 2005, doi:10.1073/pnas.0506580102",
    get_from=_SITE + "c2.cp.v<release>.symbols.gmt",
    together=_PAGES,
    separator="\t",
    optional=True,
)
SIGNATURES = Source(
    name="msigdb",
    title="MSigDB drug-resistance signatures (GMT)",
    gives="published signatures of drug resistance: genes higher or lower in resistant cells, and of which drug",
    files=("msigdb/c2.cgp.resistance.symbols.gmt", "msigdb/c2.cgp.v*.symbols.gmt"),
    rows=68,
    sets=r"[A-Z0-9]+_\S*(_UP|_DN|RESISTAN\S*)\t.*",
    licence=_LICENCE,
    terms=terms.CC_BY,
    citation="Subramanian et al. 2005, doi:10.1073/pnas.0506580102",
    get_from=_SITE + "c2.cgp.v<release>.symbols.gmt",
    together=_PAGES,
    separator="\t",
    optional=True,
)

_COLLECTIONS = {HALLMARK.title: "hallmark", CANONICAL.title: "canonical", SIGNATURES.title: "resistance"}
# Which of a file's sets are left out, by the first word of their names.
_COPIES = {"REACTOME": "copied from Reactome, which is read itself", "WP": "copied from WikiPathways, read itself"}
_RESTRICTED = {"KEGG": "KEGG's own terms", "BIOCARTA": "BioCarta's own terms", "ST": "STKE's own terms"}
_ABOUT_RESISTANCE = re.compile(r".*_RESISTAN(T|CE)(_.*)?")
# AUTHOR_<DRUG>_RESISTANCE[_...][_UP], AUTHOR_RESISTANCE_TO_<DRUG>[_UP], AUTHOR_<DRUG>_SENSITIVE_VS_RESISTANT_UP: in the
# first two UP is higher in resistant cells, in the last higher in sensitive ones.
_RESISTANT = (
    re.compile(r"[^_]+_RESISTANCE_TO_(?P<drug>.+?)(_(?P<way>UP|DN))?"),
    re.compile(r"[^_]+_(?P<drug>.+?)_RESISTANCE(_.+?)??(_(?P<way>UP|DN))?"),
)
_SENSITIVE = re.compile(r"[^_]+_(?P<drug>.+?)_SENSITIVE_VS_RESISTANT_(?P<way>UP|DN)")
_HIGHER = {"UP": "higher", "DN": "lower"}
_LOWER = {"UP": "lower", "DN": "higher"}


def read_sets(path: Path, source: Source, tally: Tally) -> list[GeneSet]:
    """The sets of one of the three files, by name.

    Left out and counted: sets that another source gives itself, sets whose terms are narrower, sets without a gene,
    and, of the collection of signatures, those that are not about resistance.

    Raises
    ------
    DataError
        See :func:`.gmt.read_gmt`.
    """
    sets, kept = read_gmt(path, source, tally), []
    for item in sets:
        word = item.name.partition("_")[0]
        reason = _COPIES.get(word) or _RESTRICTED.get(word)
        if reason is None and source is SIGNATURES and not _ABOUT_RESISTANCE.fullmatch(item.name):
            reason = "not about resistance"
        if reason is None and not item.members:
            reason = "set without a gene"
        if reason is None:
            kept.append(item)
        else:
            tally.drop(reason, [item.name])
    tally.rows_in, tally.rows_out = len(sets), len(kept)
    return sorted(kept, key=lambda item: item.name)


def signature_of(name: str) -> tuple[str, str | None] | None:
    """The drug in a signature's name (in words), and where its genes are expressed more: in resistant cells or not.

    Returns
    -------
    tuple or None
        (drug, "higher" | "lower" | None for a signature without a direction); None for a name of another form.
    """
    for pattern, way in ((_SENSITIVE, _LOWER), *((pattern, _HIGHER) for pattern in _RESISTANT)):
        match = pattern.fullmatch(name)
        if match is not None:
            return match["drug"].replace("_", " ").lower(), way.get(match["way"] or "")
    return None


def add_sets(builder: Builder, source: Source, sets: Sequence[GeneSet]) -> None:
    """GeneSet nodes, IN_GENE_SET edges, and what the signatures are of.

    Raises
    ------
    DataError
        When most members are no symbol of a human gene.
    """
    inputs, tally = builder.inputs, builder.inputs.tally(source)
    names = [name for item in sets for name in item.members]
    found = resolve(names, inputs.genes, tally, "member: ")
    require_mapped_share(len(found), len(set(names)), inputs.path(source), "gene symbols")
    sizes = builder.members("IN_GENE_SET", source, {f"msigdb:{item.name}": item.members for item in sets}, found)
    columns: dict[str, Sequence[object]] = {
        "id": list(sizes),
        "name": [node.removeprefix("msigdb:") for node in sizes],
        "collection": [_COLLECTIONS[source.title]] * len(sizes),
        "n_genes": list(sizes.values()),
    }
    builder.nodes("GeneSet", source, columns)
    if source is SIGNATURES:
        _signatures(builder, [item.name for item in sets])


def _signatures(builder: Builder, names: Sequence[str]) -> None:
    """SIGNATURE_OF_RESISTANCE_TO edges: only to a drug whose whole name stands in that of the signature."""
    tally = builder.inputs.tally(SIGNATURES)
    ends: list[tuple[str, str]] = []
    expression: list[str | None] = []
    drugs: dict[str, bool] = {}
    for name in names:
        drug, way = signature_of(name) or (name, None)
        hits = builder.known_drugs(drug)
        drugs[drug] = bool(hits)
        if not hits:
            tally.note("signature that names no drug of the graph", [name])
        ends += [(f"msigdb:{name}", hit) for hit in hits]
        expression += [way] * len(hits)
    known = [drug for drug, found in drugs.items() if found]
    tally.names("drug", known, dropped=[drug for drug, found in drugs.items() if not found])
    builder.edges("SIGNATURE_OF_RESISTANCE_TO", SIGNATURES, ends, {"expression": expression})


def _addition(source: Source) -> Addition[list[GeneSet]]:
    return Addition(
        source,
        lambda path, tally: read_sets(path, source, tally),
        lambda builder, sets: add_sets(builder, source, sets),
    )


ADDITIONS = (_addition(HALLMARK), _addition(CANONICAL), _addition(SIGNATURES))
