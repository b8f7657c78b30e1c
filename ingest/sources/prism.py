"""PRISM Repurposing: what compounds do (mechanism, targets, clinical phase).

Reference: Corsello et al. 2020, doi:10.1038/s43018-019-0018-6.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pathproof.ingest.identifiers import require_mapped_share, resolve
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.addition import Addition
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.reading import read_table
from pathproof.ingest.sources.together import Together

if TYPE_CHECKING:
    from pathproof.ingest.builder import Builder

_CITATION = "Corsello et al. 2020, doi:10.1038/s43018-019-0018-6"
_MECHANISM = "mechanisms of action, comma-separated"
_TARGETS = "gene symbols, comma-separated"

COMPOUND_LIST = Source(
    name="prism",
    title="PRISM Repurposing compound list",
    gives="the mechanisms of compounds, and targets of therapies that were not screened",
    files=("prism/compounds_moa.csv", "prism/Repurposing_Public_*_Extended_Primary_Compound_List.csv"),
    rows=6_658,
    columns=(
        Column("Drug.Name", "str", "compound, with hyphens for spaces", filled=0.5),
        Column("repurposing_target", "str", _TARGETS, filled=0.3),
        Column("MOA", "str", _MECHANISM, filled=0.5),
        Column("IDs", "str", "BRD:<Broad compound id>", filled=0.5),
    ),
    together=(
        Together("Drug.Name", "repurposing_target", "determines", 0.6, 0.99, 0.08),
        Together("Drug.Name", "MOA", "determines", 0.6, 0.99, 0.06),
        Together("repurposing_target", "MOA", "suggests", 0.66, 0.81, 0.52),
    ),
    licence="CC BY 4.0",
    terms=terms.CC_BY,
    citation=_CITATION,
    get_from="https://ndownloader.figshare.com/files/46630981 (24Q2)",
    optional=True,
)
TREATMENTS = Source(
    name="prism",
    title="PRISM Repurposing treatments of the secondary screen",
    gives="the same of the compounds of the secondary screen, and their clinical phase",
    files=("prism/secondary-screen-replicate-collapsed-treatment-info.csv",),
    columns=(
        Column("name", "str", "compound", filled=0.5),
        Column("target", "str", _TARGETS, filled=0.3),
        Column("moa", "str", _MECHANISM, filled=0.5),
        Column("phase", "str", "clinical phase, as Launched or Phase 2", filled=0.5),
    ),
    licence="CC BY 4.0",
    terms=terms.CC_BY,
    citation=_CITATION,
    get_from="https://ndownloader.figshare.com/files/20237763 (19Q4)",
    optional=True,
)


@dataclass(frozen=True)
class Compound:
    """One row; names as the source writes them, mechanisms in lower case (the two layouts differ in theirs)."""

    name: str
    mechanisms: tuple[str, ...]
    targets: tuple[str, ...]
    phase: str


def read_compounds(path: Path, source: Source, tally: Tally) -> list[Compound]:
    """Rows of either layout that say what a compound does, or how far its trials are; the others are counted.

    Raises
    ------
    DataError
        When the file is not what it should be.
    """
    name, targets, mechanisms = (column.name for column in source.columns[:3])
    table = read_table(path, source, tally)
    phases = table["phase"] if "phase" in table else [""] * len(table)
    rows = [
        Compound(str(one).strip(), _parts(str(moa).lower()), _parts(str(genes)), str(phase).strip())
        for one, moa, genes, phase in zip(table[name], table[mechanisms], table[targets], phases, strict=True)
    ]
    unnamed = [row for row in rows if not row.name]
    silent = [row for row in rows if row.name and not (row.mechanisms or row.targets or row.phase)]
    tally.rows_in, tally.rows_out = len(rows), len(rows) - len(unnamed) - len(silent)
    tally.drop("no name", [", ".join((*row.mechanisms, *row.targets)) for row in unnamed])
    tally.drop("neither mechanism nor target", [row.name for row in silent])
    kept = set(rows) - {*unnamed, *silent}
    return sorted(kept, key=lambda row: (row.name, row.mechanisms, row.targets, row.phase))


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for text in cell.split(",") if (part := text.strip())))


def add_compounds(builder: Builder, source: Source, compounds: list[Compound]) -> None:
    """Mechanisms and phase of every drug of the graph, and TARGETS edges of those that were not screened.

    A screened compound keeps GDSC's targets and gets none here, as with DGIdb: classes of drugs and references are
    built from them. A compound that is no drug of the graph adds nothing, and is counted.

    Raises
    ------
    DataError
        When most targets are no symbol of a human gene, or hardly a compound is a drug of the graph.
    """
    inputs, tally = builder.inputs, builder.inputs.tally(source)
    names = [name for row in compounds for name in row.targets]
    found = resolve(names, inputs.genes, tally, "target: ")
    require_mapped_share(len(found), len(set(names)), inputs.path(source), "gene symbols")
    # The compound list writes hyphens for spaces: IMATINIB-MESYLATE.
    drugs = {
        name: builder.known_drugs(name) or builder.known_drugs(name.replace("-", " "))
        for name in {row.name for row in compounds}
    }
    unknown = [name for name, hits in drugs.items() if not hits]
    tally.note("compound that is no drug of the graph", unknown)
    tally.names("drug", drugs.keys() - set(unknown), dropped=unknown)
    # Of the 6,062 compounds of 24Q2 7 % are in the graph of three screens.
    require_mapped_share(len(drugs) - len(unknown), len(drugs), inputs.path(source), "compounds", least=0.01)
    pairs: set[tuple[str, str]] = set()
    for row in compounds:
        for drug in drugs[row.name]:
            builder.describe(drug, row.mechanisms, row.phase)
            if drug in builder.therapies:
                pairs |= {(drug, builder.gene(found[name])) for name in row.targets if name in found}
    ends = sorted(pairs)
    builder.edges("TARGETS", source, ends, {"actions": [()] * len(ends)})


def _addition(source: Source) -> Addition[list[Compound]]:
    return Addition(
        source,
        lambda path, tally: read_compounds(path, source, tally),
        lambda builder, compounds: add_compounds(builder, source, compounds),
    )


ADDITIONS = (_addition(COMPOUND_LIST), _addition(TREATMENTS))
