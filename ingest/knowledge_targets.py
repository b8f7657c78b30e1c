"""What drugs act on: GDSC's targets with DGIdb's actions, and DGIdb's targets of drugs that were not screened."""

from __future__ import annotations

from pathproof.ingest.builder import Builder
from pathproof.ingest.identifiers import Gene, require_agreement, require_mapped_share
from pathproof.ingest.sources.ccle import RESPONSE
from pathproof.ingest.sources.dgidb import DGIDB, Interaction
from pathproof.ingest.sources.gdsc import TARGETS

Pair = tuple[str, str]


def add_targets(builder: Builder) -> None:
    """TARGETS edges. Call it when all therapies are known: it makes no drug of its own.

    A GDSC target keeps GDSC as its source. It gets the interaction types that DGIdb gives for the pair as `actions`,
    with DGIdb as their source, and the publications that DGIdb names, of rows without a type too. A therapy that
    only the literature names gets the targets of DGIdb's rows that say how it acts on the protein. A screened
    compound gets no target from DGIdb: where GDSC names no gene (proteasome, microtubules, DNA), DGIdb names every
    subunit that there is.
    """
    given = _gdsc_pairs(builder)
    actions: dict[Pair, set[str]] = {}
    publications: dict[Pair, set[str]] = {}
    for item, pair in _matched(builder, set(given)):
        actions.setdefault(pair, set()).update(item.types)
        publications.setdefault(pair, set()).update(item.publications)
    own = builder.tables.drugs.own_targets
    for source, pairs in (
        (TARGETS, [pair for pair in given if pair[0] not in own]),
        (RESPONSE, [pair for pair in given if pair[0] in own]),
    ):
        if pairs:
            builder.edges("TARGETS", source, pairs, _facts(pairs, actions, publications))
    added = sorted(actions.keys() - set(given))
    if added:
        builder.edges("TARGETS", DGIDB, added, _facts(added, actions, publications))


def _facts(
    pairs: list[Pair], actions: dict[Pair, set[str]], publications: dict[Pair, set[str]]
) -> dict[str, list[list[str] | str | None]]:
    """What DGIdb says about each pair; nothing where it says nothing."""
    dgidb = f"source:{DGIDB.name}"
    return {
        "actions": [sorted(actions.get(pair, ())) for pair in pairs],
        "actions_source": [dgidb if actions.get(pair) else None for pair in pairs],
        "publications": [sorted(publications.get(pair, ())) for pair in pairs],
    }


def _gdsc_pairs(builder: Builder) -> list[Pair]:
    table = builder.tables.drugs.table
    return sorted(
        {
            (drug, builder.gene(gene))
            for drug, symbols in zip(table["drug"], table["targets"], strict=True)
            for gene in builder.inputs.genes.map(symbols)
            if gene is not None
        }
    )


def _matched(builder: Builder, given: set[Pair]) -> list[tuple[Interaction, Pair]]:
    """Each interaction with the pairs of drug and gene that it is used for; the others are counted."""
    inputs = builder.inputs
    if not inputs.interactions:
        return []
    tally, by_chembl = inputs.tally(DGIDB), _by_chembl(builder)
    symbols, entrez = ([getattr(item, name) for item in inputs.interactions] for name in ("gene", "entrez"))
    inputs.genes.tell(symbols, tally, entrez)
    require_agreement(inputs.genes, symbols, entrez, tally, inputs.path(DGIDB))
    asked: dict[str, bool] = {}
    used: list[tuple[Interaction, Pair]] = []
    for item in inputs.interactions:
        shown = [f"{(item.drugs or ('',))[0]} - {item.gene}"]
        drugs, gene = _drugs(builder, item, by_chembl), _gene(builder, item)
        asked[(item.drugs or (item.chembl,))[0]] = bool(drugs)
        if not drugs:
            tally.drop("drug not in the graph", shown)
        elif gene is None:
            tally.drop("unmapped gene", shown)
        else:
            pairs = [(drug, gene.id) for drug in drugs]
            unscreened = [pair for pair in pairs if pair[0] in builder.therapies]
            if hits := [pair for pair in pairs if pair in given] + (unscreened if item.is_direct else []):
                builder.gene(gene)
                used += [(item, pair) for pair in hits]
                tally.rows_out += 1
            elif unscreened:
                tally.drop("no direct action on the protein", shown)
            else:
                tally.drop("no target that GDSC gives the screened drug", shown)
    known = [name for name, found in asked.items() if found]
    tally.names("drug", known, dropped=[name for name, found in asked.items() if not found])
    _require_known(builder, len(known), len(asked))
    return used


def _require_known(builder: Builder, n_drugs: int, n_asked: int) -> None:
    """Stop when the genes or the drugs of the interactions are hardly known: of an extract of 2022 all and 9 %."""
    path, items = builder.inputs.path(DGIDB), builder.inputs.interactions
    named = {(item.hgnc, item.gene, item.entrez): item for item in items if item.hgnc or item.gene or item.entrez}
    genes = sum(_gene(builder, item) is not None for item in named.values())
    require_mapped_share(genes, len(named), path, "genes", least=0.5)
    require_mapped_share(n_drugs, n_asked, path, "drugs", least=0.01)


def _by_chembl(builder: Builder) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    table = builder.tables.drugs.table
    for drug, chembl in zip(table["drug"], table["chembl"], strict=True):
        if isinstance(chembl, str):
            found.setdefault(chembl, set()).add(drug)
    return found


def _drugs(builder: Builder, item: Interaction, by_chembl: dict[str, set[str]]) -> list[str]:
    """The drugs of its ChEMBL id and of its first name that is known."""
    named = next((hits for name in item.drugs if (hits := builder.known_drugs(name))), ())
    return sorted(by_chembl.get(item.chembl, set()) | set(named))


def _gene(builder: Builder, item: Interaction) -> Gene | None:
    genes = builder.inputs.genes
    return genes.get(item.hgnc) or (genes.find(item.gene, item.entrez) if item.gene or item.entrez else None)
