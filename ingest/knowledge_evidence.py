"""CIViC's usable evidence: items with their genes, drugs, diseases and publications, and the short way between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pathproof.ingest.builder import Builder
from pathproof.ingest.identifiers import Gene, require_mapped_share, resolve
from pathproof.ingest.sources.civic import CIVIC, EDGE_OF, Evidence

_PREFIX = "civic.therapy"
_LEAST_SCREENED = 0.05
_DIRECTIONS = {"CONFERS_RESISTANCE_TO": "resistance", "CONFERS_SENSITIVITY_TO": "sensitivity"}


def add_evidence(builder: Builder) -> None:
    """EvidenceItem, Disease and Publication nodes, what ties them, and the CONFERS_* edges.

    Only items that are usable (see :func:`.sources.civic.read_evidence`) and that name a known gene. An item that
    does not support its statement has no CONFERS_* edge, so that nothing that is judged by them sees it: CIViC means by
    it that the association was not found, which is neither support nor evidence of the opposite response.
    """
    found = _known_genes(builder)
    usable = _usable(builder, found)
    # The shortest of a therapy's names becomes its node's: Imatinib, not Imatinib Mesylate.
    for therapy in sorted({name for item in usable for name in item.therapies}, key=lambda name: (len(name), name)):
        builder.drugs(therapy, _PREFIX, CIVIC)
    genes = {item.number: _genes(builder, item, found) for item in usable}
    drugs = {item.number: _drugs(builder, item) for item in usable}
    _items(builder, usable)
    _tell(builder, usable)
    _ties(builder, "ABOUT_GENE", usable, lambda item: genes[item.number])
    _ties(builder, "ABOUT_DRUG", usable, lambda item: drugs[item.number])
    _ties(builder, "ABOUT_DISEASE", usable, lambda item: [disease_id(item)] if item.disease else [])
    _ties(builder, "CITES", usable, lambda item: [item.publication] if item.publication else [])
    for type_ in sorted(set(EDGE_OF.values())):
        _confers(builder, type_, [item for item in usable if item.edge == type_ and item.supports], genes, drugs)


def _tell(builder: Builder, usable: Sequence[Evidence]) -> None:
    """Count what was kept, but under a name of its own or without an edge."""
    tally = builder.inputs.tally(CIVIC)
    tally.note(
        "does not support its statement: an item to read, neither support nor contradiction",
        [f"EID{item.number} {item.profile}" for item in usable if not item.supports],
    )
    therapies = {name for item in usable for name in item.therapies}
    tally.names("drug", therapies)
    others = sorted(name for name in therapies if not builder.index.find(name))
    tally.note("therapy that was not screened: a drug of its own", others)
    # A third of them was screened in GDSC or CCLE.
    found, path = len(therapies) - len(others), builder.inputs.path(CIVIC)
    require_mapped_share(found, len(therapies), path, "therapies", _LEAST_SCREENED)
    diseases = {item.disease: item.doid for item in usable if item.disease}
    tally.names("disease", diseases)
    tally.note(
        "disease without a Disease Ontology number: kept under its name", sorted(d for d in diseases if not diseases[d])
    )


def item_id(item: Evidence) -> str:
    """CURIE of the evidence item."""
    return f"civic.eid:{item.number}"


def disease_id(item: Evidence) -> str:
    """The disease's Disease Ontology id, else its name under CIViC's prefix."""
    return f"doid:{item.doid}" if item.doid else f"civic.disease:{item.disease}"


def _known_genes(builder: Builder) -> dict[str, Gene]:
    inputs = builder.inputs
    names = [name for item in inputs.evidence for name in item.genes]
    found = resolve(names, inputs.genes, inputs.tally(CIVIC), "gene of a profile: ")
    require_mapped_share(len(found), len(set(names)), inputs.path(CIVIC), "gene symbols")
    return found


def _usable(builder: Builder, found: dict[str, Gene]) -> list[Evidence]:
    evidence, tally = builder.inputs.evidence, builder.inputs.tally(CIVIC)
    usable = [item for item in evidence if any(name in found for name in item.genes)]
    lost = [f"EID{item.number} {item.profile}" for item in evidence if not any(name in found for name in item.genes)]
    tally.drop("no gene of the profile is known", lost)
    tally.rows_out = len(usable)
    return usable


def _genes(builder: Builder, item: Evidence, found: dict[str, Gene]) -> list[str]:
    return sorted({builder.gene(found[name]) for name in item.genes if name in found})


def _drugs(builder: Builder, item: Evidence) -> list[str]:
    return sorted({drug for name in item.therapies for drug in builder.drugs(name, _PREFIX, CIVIC)})


def _items(builder: Builder, usable: Sequence[Evidence]) -> None:
    builder.nodes(
        "EvidenceItem",
        CIVIC,
        {
            "id": [item_id(item) for item in usable],
            "name": [f"EID{item.number}" for item in usable],
            "direction": [_DIRECTIONS[item.edge] for item in usable],
            "supports": [item.supports for item in usable],
            **_shared(usable),
            "rating": [item.rating for item in usable],
            "statement": [item.statement or None for item in usable],
            "citation": [item.citation or None for item in usable],
            "url": [item.url or None for item in usable],
        },
    )
    diseases = {disease_id(item): item.disease for item in usable if item.disease}
    publications = {item.publication: item.citation or item.publication for item in usable if item.publication}
    for label, named in (("Disease", diseases), ("Publication", publications)):
        ordered = sorted(named)
        builder.nodes(label, CIVIC, {"id": ordered, "name": [named[one] for one in ordered]})


def _ties(
    builder: Builder, type_: str, usable: Iterable[Evidence], ends_of: Callable[[Evidence], Iterable[str]]
) -> None:
    rows = [(item, end) for item in usable for end in ends_of(item)]
    builder.edges(
        type_, CIVIC, [(item_id(item), end) for item, end in rows], {"publications": [_cited(item) for item, _ in rows]}
    )


def _confers(
    builder: Builder,
    type_: str,
    usable: Iterable[Evidence],
    genes: dict[str, list[str]],
    drugs: dict[str, list[str]],
) -> None:
    rows = [(item, gene, drug) for item in usable for gene in genes[item.number] for drug in drugs[item.number]]
    items = [item for item, _, _ in rows]
    builder.edges(
        type_,
        CIVIC,
        [(gene, drug) for _, gene, drug in rows],
        {
            "publications": [_cited(item) for item in items],
            "evidence_item": [item_id(item) for item in items],
            **_shared(items),
        },
        [f"{item_id(item)}:{gene}:{drug}" for item, gene, drug in rows],
    )


def _shared(items: Sequence[Evidence]) -> dict[str, Sequence[object]]:
    """What an item and its direct edges both say."""
    return {
        "evidence_level": [item.level for item in items],
        "molecular_profile": [item.profile for item in items],
        "disease": [item.disease or None for item in items],
        "significance": [item.significance for item in items],
        "combination": [item.combination for item in items],
    }


def _cited(item: Evidence) -> tuple[str, ...]:
    return (item.publication,) if item.publication else ()
