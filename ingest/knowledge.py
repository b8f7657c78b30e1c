"""From the providers' files to the nodes and edges of the knowledge graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from pathproof.ingest.builder import Builder, Knowledge, Origin
from pathproof.ingest.identifiers import Gene, require_mapped_share, resolve
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.knowledge_evidence import add_evidence
from pathproof.ingest.knowledge_lines import add_lines
from pathproof.ingest.knowledge_targets import add_targets
from pathproof.ingest.sources import gdsc, hgnc, networks, reactome
from pathproof.ingest.sources.base import Source
from pathproof.ingest.tables import Tables
from pathproof.ingest.used_files import require_use

_PREFIX = "reactome:"


def build_knowledge(inputs: Inputs, tables: Tables, origins: Mapping[str, Origin]) -> Knowledge:
    """All knowledge edges, then the nodes that they and the tables name.

    Parameters
    ----------
    origins : mapping
        Name of each knowledge source that was read -> release, licence and hash.

    Raises
    ------
    DataError
        When most names of a file are unknown, or no row of one is used.
    """
    builder = Builder(inputs, tables, origins)
    proteins = inputs.omnipath
    given = networks.OMNIPATH_SERVICE if networks.OMNIPATH_SERVICE.title in inputs.files else networks.OMNIPATH
    _network(builder, "AFFECTS", given, proteins)
    _network(builder, "REGULATES", networks.COLLECTRI, inputs.collectri)
    add_evidence(builder)
    members = _members(builder)
    pathways = _hierarchy(builder, _resistance(builder, set(members)))
    add_targets(builder)
    add_lines(builder)
    _pathway_nodes(builder, pathways, members)
    for addition, read in inputs.additions:
        addition.add(builder, read)
    require_use(inputs, tables)
    _drug_nodes(builder)
    features = set(tables.expression.columns) | set(tables.mutations.columns)
    genes = inputs.genes.frame(builder.symbols | features)
    aliases = inputs.genes.aliases()
    others = {"aliases": [aliases.get(symbol, ()) for symbol in genes["symbol"]]}
    builder.nodes("Gene", hgnc.GENE_IDENTIFIERS, {**_columns(genes.rename(columns={"gene": "id"})), **others})
    return builder.knowledge(genes)


def _columns(frame: pd.DataFrame) -> dict[str, list[object]]:
    return {str(name): frame[name].tolist() for name in frame.columns}


def _network(builder: Builder, type_: str, source: Source, raw: pd.DataFrame) -> None:
    """Edges between genes; a pair that is given with both signs has no sign and is left out."""
    inputs, tally = builder.inputs, builder.inputs.tally(source)
    names = sorted(set(raw["source"]) | set(raw["target"]))
    found = {name: gene for name in names if (gene := inputs.genes.find(name)) is not None}
    inputs.genes.tell(names, tally)
    found |= _by_accession(builder, source, raw, found)
    require_mapped_share(len(found), len(names), inputs.path(source), "gene symbols")
    signs: dict[tuple[str, str], set[int]] = {}
    for start, end, sign in zip(raw["source"], raw["target"], raw["sign"], strict=True):
        unknown = next((name for name in (start, end) if name not in found), None)
        if unknown is not None:
            tally.drop(inputs.genes.why_not(unknown), [unknown])
        elif found[start] is found[end]:
            tally.drop("a gene with itself", [start])
        else:
            pair = (builder.gene(found[start]), builder.gene(found[end]))
            if int(sign) in signs.setdefault(pair, set()):
                tally.drop("repeated pair", [f"{start} -> {end}"])
            signs[pair].add(int(sign))
    both = sorted(pair for pair, values in signs.items() if len(values) > 1)
    tally.drop("both signs", [f"{start} -> {end}" for start, end in both for _ in range(2)])
    ends = sorted(pair for pair, values in signs.items() if len(values) == 1)
    tally.rows_out = len(ends)
    builder.edges(type_, source, ends, {"sign": [next(iter(signs[pair])) for pair in ends]})


def _by_accession(builder: Builder, source: Source, raw: pd.DataFrame, known: Mapping[str, Gene]) -> dict[str, Gene]:
    """Genes of the unknown symbols that always stand beside one UniProt accession, where the file gives any."""
    given: dict[str, set[str]] = {}
    for side in ("source", "target"):
        if f"{side}_uniprot" in raw:
            for name, accession in zip(raw[side], raw[f"{side}_uniprot"], strict=True):
                if name not in known:
                    given.setdefault(name, set()).add(accession)
    genes = builder.inputs.genes
    hits = {name: genes.numbered("uniprot", next(iter(ids))) for name, ids in given.items() if len(ids) == 1}
    found = {name: gene for name, gene in hits.items() if gene is not None}
    shown = sorted(f"{name} -> {gene.symbol}" for name, gene in found.items())
    builder.inputs.tally(source).note("unknown symbol: found by its UniProt accession", shown)
    return found


def _members(builder: Builder) -> dict[str, int]:
    """PARTICIPATES_IN edges; returns pathway id -> number of its genes."""
    inputs, tally = builder.inputs, builder.inputs.tally(reactome.GENE_SETS)
    sets = inputs.reactome.sets
    names = [name for genes in sets.values() for name in genes]
    found = resolve(names, inputs.genes, tally, "member: ")
    require_mapped_share(len(found), len(set(names)), inputs.path(reactome.GENE_SETS), "gene symbols")
    named = {f"{_PREFIX}{pathway}": genes for pathway, genes in sets.items()}
    return builder.members("PARTICIPATES_IN", reactome.GENE_SETS, named, found)


def _resistance(builder: Builder, pathways: set[str]) -> set[str]:
    """DESCRIBES_RESISTANCE_TO edges; returns `pathways` and the pathways about resistance."""
    inputs, tally = builder.inputs, builder.inputs.tally(reactome.NAMES)
    ends, genes = [], []
    for item in inputs.reactome.resistance:
        gene = inputs.genes.find(item.gene)
        if gene is None:
            tally.note("resistance pathway of a name that is no gene", [inputs.reactome.names[item.pathway]])
            continue
        pathway = f"{_PREFIX}{item.pathway}"
        pathways = pathways | {pathway}
        for drug in builder.drugs(item.drug, "reactome.therapy", reactome.NAMES):
            ends.append((pathway, drug))
            genes.append(builder.gene(gene))
    builder.edges("DESCRIBES_RESISTANCE_TO", reactome.NAMES, ends, {"gene": genes})
    return pathways


def _hierarchy(builder: Builder, pathways: set[str]) -> set[str]:
    """PART_OF edges among `pathways` and their ancestors; returns them all."""
    parts = tuple((f"{_PREFIX}{part}", f"{_PREFIX}{whole}") for part, whole in builder.inputs.reactome.parts)
    closed = reactome.ancestors(pathways, parts)
    ends = [(part, whole) for part, whole in parts if part in closed and whole in closed]
    builder.edges("PART_OF", reactome.HIERARCHY, ends)
    return closed


def _pathway_nodes(builder: Builder, pathways: Iterable[str], members: Mapping[str, int]) -> None:
    ordered, names = sorted(pathways), builder.inputs.reactome.names
    numbers = [pathway.removeprefix(_PREFIX) for pathway in ordered]
    builder.nodes(
        "Pathway",
        reactome.NAMES,
        {
            "id": ordered,
            "name": [names.get(number, number) for number in numbers],
            "n_genes": [members.get(pathway, 0) for pathway in ordered],
        },
    )


def _drug_nodes(builder: Builder) -> None:
    """Screened compounds, then the therapies that only the literature names, by source."""
    drugs = builder.tables.drugs
    screened = drugs.table.rename(columns={"drug": "id"}).drop(columns="targets")
    for name, values in _described(builder, screened["id"].tolist()).items():
        screened[name] = pd.Series(list(values), index=screened.index, dtype=object)
    molecules = dict(zip(drugs.molecules["drug"], drugs.molecules["molecule"], strict=True))
    screened["molecule"] = screened["id"].map(molecules)
    provider = screened["id"].map({drug: source.name for drug, source in drugs.foreign.items()})
    builder.nodes("Drug", gdsc.COMPOUNDS, _columns(screened[provider.isna()]))
    for source in {source.name: source for source in drugs.foreign.values()}.values():
        builder.nodes("Drug", source, _columns(screened[provider == source.name]))
    by_source: dict[str, tuple[Source, list[tuple[str, str]]]] = {}
    for node, (name, source) in sorted(builder.therapies.items()):
        by_source.setdefault(source.name, (source, []))[1].append((node, name))
    for source, named in by_source.values():
        columns: dict[str, Sequence[object]] = {
            "id": [node for node, _ in named],
            "name": [name for _, name in named],
            "synonyms": [()] * len(named),
            "molecule": [node for node, _ in named],
            **_described(builder, [node for node, _ in named]),
        }
        builder.nodes("Drug", source, columns)


def _described(builder: Builder, drugs: Sequence[str]) -> dict[str, Sequence[object]]:
    """What a further source says of the drugs; nothing without such a source."""
    if not builder.mechanisms:
        return {}
    return {
        "mechanisms": [sorted(builder.mechanisms.get(drug, ())) for drug in drugs],
        "phase": [", ".join(sorted(builder.phases.get(drug, ()))) or None for drug in drugs],
    }
