"""DGIdb: what drugs do to proteins, gathered from many sources.

Reference: Cannon et al. 2024, doi:10.1093/nar/gkad1040.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.reading import read_text, table_of
from pathproof.ingest.sources.shares import require_share
from pathproof.ingest.sources.together import Together

_TYPES = ("interaction_types", "interaction_type")
_PMIDS = "PMIDs"
_TYPED = '^(?!NULL$|n/a$|""$|other/unknown$)(.+)$'
_SOURCES = ("interaction_source_db_name", "interaction_claim_source")

DGIDB = Source(
    name="dgidb",
    title="DGIdb interactions",
    gives="what drugs do to their targets, and targets of drugs that were not screened",
    files=("dgidb/interactions.tsv", "dgidb/interactions_*.tsv"),
    rows=20_284,
    # The columns that the layouts of versions 4 and 5 share.
    columns=(
        Column("gene_claim_name", "str", "gene as the source of the row writes it", filled=0.9),
        Column("gene_name", "str", "symbol", filled=0.7),
        Column("drug_claim_name", "str", "drug as the source of the row writes it", filled=0.9),
        Column("drug_name", "str", "drug"),
        Column("drug_concept_id", "str", "chembl:<id>, rxcui:<id> ..."),
    ),
    licence="per source of the row",
    terms=terms.PER_RESOURCE,
    citation="Cannon et al. 2024, doi:10.1093/nar/gkad1040",
    get_from="https://dgidb.org/downloads (interactions.tsv)",
    separator="\t",
    quoted=False,
    optional=True,
    extra=(
        Column("interaction_types", "str", "what the drug does, comma-separated (or interaction_type)"),
        Column("interaction_type", "str", "the same in some files of version 5"),
        Column("interaction_source_db_name", "str", "who says so (version 4: interaction_claim_source)", filled=0.9),
        Column("interaction_claim_source", "str", "the same in version 4", filled=0.9),
        Column("gene_concept_id", "str", "hgnc:<n> or ncbigene:<n> (version 5)"),
        Column(*("entrez_id", "str", "NCBI Gene id (version 4)"), filled=0.7, form=(r"\d+", "an NCBI Gene id")),
        Column("drug_claim_primary_name", "str", "drug (version 4)", filled=0.9),
        Column(_PMIDS, "str", "PubMed ids, comma-separated (version 4)", filled=0.02),
    ),
    comment="#",
    together=(
        Together("gene_name", "entrez_id", "determines", 0.7, 1.00, 0.00),
        Together("drug_name", "drug_concept_id", "determines", 0.7, 1.00, 0.00),
        Together("drug_name", "interaction_types", "suggests", 0.88, 0.97, 0.78, right_part=_TYPED),
        Together("drug_name", "interaction_type", "suggests", 0.88, 0.97, 0.78, right_part=_TYPED),
    ),
    agent_type="automated_agent",
)

# Types that say that the drug itself acts on the protein.
DIRECT = frozenset(
    {
        *("inhibitor", "antagonist", "partial antagonist", "inverse agonist", "blocker", "channel blocker"),
        *("gating inhibitor", "competitive", "inhibitory allosteric modulator", "allosteric modulator"),
        *("agonist", "partial agonist", "activator", "positive modulator", "potentiator", "antibody"),
    }
)
# Left out of these on purpose.
_OTHERS = frozenset(
    {
        *("modulator", "negative modulator", "inducer", "stimulator", "suppressor"),  # need not bind it
        *("antisense oligonucleotide", "antisense", "cleavage"),  # acts on the RNA, or cuts
        *("vaccine", "immunotherapy"),  # the immune system acts
        *("substrate", "product of", "ligand", "cofactor", "binder", "adduct", "chaperone", "multitarget"),  # no action
    }
)
_UNTYPED = frozenset({"", "n/a", "null", "none", "other/unknown", "not specified"})
# DGIdb holds CIViC's therapies too, as if they acted on the gene of the biomarker: targets from there would be
# the very evidence that they are held against.
_CIRCULAR = frozenset({"civic"})


@dataclass(frozen=True)
class Interaction:
    """A row with a type or with publications; names as the source writes them, "" when it gives none."""

    gene: str
    hgnc: str
    entrez: str
    drugs: tuple[str, ...]
    chembl: str
    types: tuple[str, ...]
    publications: tuple[str, ...]

    @property
    def is_direct(self) -> bool:
        """Whether one of its types says that the drug acts on the protein."""
        return not DIRECT.isdisjoint(self.types)


def read_interactions(path: Path, tally: Tally) -> list[Interaction]:
    """Rows of either layout with a type or a publication, except CIViC's; everything else is counted by reason.

    The layout of version 5 starts with comment lines and writes NULL, or a pair of quotes, for what is missing; in
    the release of 2026-09 a row of which the drug or the gene was not matched ends before the scores. A last line
    that ends before its last field, without a line break, is a file that was cut off: it is left out and counted.

    Raises
    ------
    DataError
        Also when no column gives the types, or none the sources, of the interactions, when hardly a row has a type
        (of an extract of 2022 one in four), or most types are none that DGIdb is known to give.
    """
    text, cut = _whole_lines(read_text(path))
    raw = table_of(_with_scores(text), path, DGIDB, tally).replace(["NULL", '""'], "")
    types, source = (_one_of(raw, names, path) for names in (_TYPES, _SOURCES))
    tally.rows_in = len(raw) + len(cut)
    tally.drop("last row, cut off", cut)
    circular = raw[source].str.lower().isin(_CIRCULAR)
    tally.drop("from CIViC: circular with the evidence", _shown(raw[circular]))
    split = raw[types].map(_split_types)
    cited = raw[_PMIDS].str.contains(r"\d") if _PMIDS in raw else pd.Series(False, index=raw.index)
    says_nothing = ~circular & (split.map(len) == 0) & ~cited
    tally.drop("no interaction type and no publication", _shown(raw[says_nothing]))
    kept = ~circular & ~says_nothing
    known = sum(not (DIRECT | _OTHERS).isdisjoint(found) for found in split[split.map(len) > 0])
    require_share(int((split.map(len) > 0).sum()), len(raw), path, "rows have an interaction type", 0.05)
    require_share(known, int((split.map(len) > 0).sum()), path, "interaction types are DGIdb's", 0.9)
    rows = ({str(key): str(value) for key, value in row.items()} for row in raw[kept].to_dict("records"))
    return [_interaction(row, found) for row, found in zip(rows, split[kept], strict=True)]


def _whole_lines(text: str) -> tuple[str, list[str]]:
    """The text without a last line that has fewer fields than the header and no line break."""
    body, _, last = text.rpartition("\n")
    header = _header(text)
    if last and last.count(DGIDB.separator) < header.count(DGIDB.separator):
        return body + "\n", [last[:60]]
    return text, []


def _header(text: str) -> str:
    return next((line for line in text.split("\n", 20) if not line.startswith(DGIDB.comment)), "")


def _with_scores(text: str) -> str:
    """The text with empty scores, which are the last columns, in the rows that end before them."""
    names = _header(text).split(DGIDB.separator)
    scores = len(names) - len([*itertools.dropwhile(lambda name: name.endswith("_score"), reversed(names))])
    short, tail = len(names) - scores, DGIDB.separator * scores
    if scores < 2:  # one field that is missing may be any
        return text
    lines = text.split("\n")
    return "\n".join(line + tail if line.count(DGIDB.separator) + 1 == short else line for line in lines)


def _one_of(raw: pd.DataFrame, names: tuple[str, ...], path: Path) -> str:
    found = [name for name in names if name in raw]
    if not found:
        raise DataError(
            f"This is not the file of {DGIDB.title}: a column is missing.",
            where=f"{path}, header",
            got=", ".join(map(str, raw.columns)),
            allowed=" or ".join(names),
            action=f"get it from {DGIDB.get_from}",
        )
    return found[0]


def _split_types(cell: str) -> tuple[str, ...]:
    words = {word.strip().lower() for word in re.split(r"[,|;]", cell)}
    return tuple(sorted(words - _UNTYPED))


def _shown(rows: pd.DataFrame) -> list[str]:
    return (rows["drug_claim_name"] + " - " + rows["gene_name"]).tolist()


def _interaction(text: dict[str, str], types: tuple[str, ...]) -> Interaction:
    concept = text.get("gene_concept_id", "").lower()
    chembl = text["drug_concept_id"].lower()
    names = (text["drug_name"], text.get("drug_claim_primary_name", ""), text["drug_claim_name"])
    return Interaction(
        gene=text["gene_name"],
        hgnc=concept if concept.startswith("hgnc:") else "",
        entrez=concept.removeprefix("ncbigene:") if concept.startswith("ncbigene:") else text.get("entrez_id", ""),
        drugs=tuple(dict.fromkeys(name for name in names if name)),
        chembl=chembl.removeprefix("chembl:").upper() if chembl.startswith("chembl:") else "",
        types=types,
        publications=tuple(f"pubmed:{number}" for number in re.findall(r"\d+", text.get(_PMIDS, ""))),
    )
