"""WikiPathways: community-curated pathways, their members as NCBI Gene ids.

They are Pathway nodes, as Reactome's are; pathway claims are made and judged with Reactome's alone (the query
`pathway-members` gives these unless it is asked for others).

Reference: Agrawal et al. 2024, doi:10.1093/nar/gkad960.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pathproof.ingest.identifiers import require_mapped_share
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.addition import Addition
from pathproof.ingest.sources.base import Source, Tally
from pathproof.ingest.sources.gmt import GeneSet, read_gmt
from pathproof.ingest.sources.problems import Problems
from pathproof.ingest.sources.together import Together

if TYPE_CHECKING:
    from pathproof.ingest.builder import Builder

WIKIPATHWAYS = Source(
    name="wikipathways",
    title="WikiPathways gene sets (GMT)",
    gives="further pathways with their genes; pathway claims do not use them, so that they can be held against them",
    files=("wikipathways/wikipathways-Homo_sapiens.gmt", "wikipathways/wikipathways-*-gmt-Homo_sapiens.gmt"),
    rows=796,
    sets=r"[^\t]*%WikiPathways_[^\t]*\t.*",
    licence="CC0 1.0",
    terms=terms.CC0,
    citation="Agrawal et al. 2024, doi:10.1093/nar/gkad960",
    get_from="https://data.wikipathways.org (the folder gmt of a release)",
    separator="\t",
    optional=True,
    together=(Together("name", "note", "equals", 0.7, 1.00, 0.00, r"%(WP\d+)%", r"/(WP\d+)\D*"),),
)
_HUMAN = "Homo sapiens"
_NAME = re.compile(r"(?P<title>.*)%WikiPathways_(?P<release>[^%]+)%(?P<number>WP\d+)%(?P<species>[^%]+)")


@dataclass(frozen=True)
class Pathway:
    """One human pathway: CURIE, title, and NCBI Gene ids."""

    id: str
    name: str
    entrez: tuple[str, ...]


def read_pathways(path: Path, tally: Tally) -> list[Pathway]:
    """Human pathways by number; those of other species, or without a gene, are counted and left out.

    A set's name is `title%WikiPathways_<date>%WP<number>%species`; the title may hold a `%` too. The date is
    the release.

    Raises
    ------
    DataError
        With every name that is not of this form, and every pathway that stands twice.
    """
    found: dict[str, Pathway] = {}
    sets = read_gmt(path, WIKIPATHWAYS, tally, check=_check_names)
    releases = set()
    for item, name in ((item, name) for item in sets if (name := _NAME.fullmatch(item.name))):
        if name["species"] != _HUMAN:
            tally.drop("pathway of another species", [name["species"]])
        elif not item.members:
            tally.drop("pathway without a gene", [name["title"]])
        else:
            releases.add(name["release"])
            found[name["number"]] = Pathway(f"wikipathways:{name['number']}", name["title"].strip(), item.members)
    tally.rows_in, tally.rows_out = len(sets), len(found)
    tally.release = ", ".join(sorted(releases)) or None
    return [found[number] for number in sorted(found)]


def _check_names(sets: list[GeneSet], problems: Problems) -> None:
    named = [(item, _NAME.fullmatch(item.name)) for item in sets]
    wrong = [(item.line, item.name) for item, name in named if name is None]
    problems.lines("Not the name of a WikiPathways set.", wrong, "title%WikiPathways_<date>%WP<number>%species")
    first: dict[str, int] = {}
    numbers = [(item.line, name["number"]) for item, name in named if name is not None]
    twice = [(line, number) for line, number in numbers if first.setdefault(number, line) != line]
    problems.lines("Duplicate keys: a pathway stands twice.", twice, "one line for each pathway")


def add_pathways(builder: Builder, pathways: list[Pathway]) -> None:
    """Pathway nodes and PARTICIPATES_IN edges.

    Raises
    ------
    DataError
        When most members are no NCBI Gene id of a human gene.
    """
    genes, tally = builder.inputs.genes, builder.inputs.tally(WIKIPATHWAYS)
    numbers = sorted({number for pathway in pathways for number in pathway.entrez})
    found = {number: gene for number in numbers if (gene := genes.numbered("entrez", number)) is not None}
    unknown = [number for number in numbers if number not in found]
    tally.note("member: unknown NCBI Gene id", unknown)
    tally.names("gene", found, dropped=unknown)
    require_mapped_share(len(found), len(numbers), builder.inputs.path(WIKIPATHWAYS), "NCBI Gene ids")
    sets = {pathway.id: pathway.entrez for pathway in pathways}
    sizes = builder.members("PARTICIPATES_IN", WIKIPATHWAYS, sets, found)
    columns: dict[str, Sequence[object]] = {
        "id": [pathway.id for pathway in pathways],
        "name": [pathway.name for pathway in pathways],
        "n_genes": [sizes[pathway.id] for pathway in pathways],
    }
    builder.nodes("Pathway", WIKIPATHWAYS, columns)


ADDITION = Addition(WIKIPATHWAYS, read_pathways, add_pathways)
