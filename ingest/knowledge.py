"""From the providers' files to the nodes and edges of the knowledge graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from pathproof.graph_schema.schema import EDGE_BY_TYPE
from pathproof.ingest.drug_names import DrugIndex, candidate_keys
from pathproof.ingest.identifiers import Gene, require_mapped_share, resolve
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.sources import civic, networks, reactome
from pathproof.ingest.sources.base import Source
from pathproof.ingest.tables import Tables
from pathproof.workspace import content_key

_LEVEL = "knowledge_assertion"


@dataclass
class Knowledge:
    """Frames by label and by type; columns as in `graph_schema.schema`."""

    nodes: dict[str, pd.DataFrame] = field(default_factory=dict)
    edges: dict[str, pd.DataFrame] = field(default_factory=dict)
    genes: pd.DataFrame = field(default_factory=pd.DataFrame)


class _Builder:
    """Collects edges, and the genes and therapies that they name."""

    def __init__(self, inputs: Inputs, tables: Tables, versions: Mapping[str, str]) -> None:
        self.inputs = inputs
        self.tables = tables
        self.versions = versions
        self.symbols: set[str] = set()
        self.therapies: dict[str, str] = {}
        self.node_of_key: dict[str, str] = {}
        self.index = DrugIndex(tables.drugs)
        self.edges: dict[str, pd.DataFrame] = {}

    def gene(self, gene: Gene) -> str:
        self.symbols.add(gene.symbol)
        return gene.id

    def drugs(self, name: str, prefix: str) -> tuple[str, ...]:
        """Compounds of this name, else the literature's own node `<prefix>:<name>`."""
        hits = self.index.find(name)
        if hits:
            return hits
        keys = candidate_keys(name)
        node = next((self.node_of_key[key] for key in keys if key in self.node_of_key), f"{prefix}:{name}")
        self.therapies.setdefault(node, name)
        for key in keys:
            self.node_of_key.setdefault(key, node)
        return (node,)

    def add(
        self,
        type_: str,
        source: Source,
        ends: Sequence[tuple[str, str]],
        properties: Mapping[str, Sequence[object]] | None = None,
        ids: Sequence[str] | None = None,
    ) -> None:
        name = f"source:{source.name}"
        ids = ids if ids is not None else [content_key(type_, start, end, source.name) for start, end in ends]
        extra = dict(properties or {})
        self.edges[type_] = pd.DataFrame(
            {
                "start": [start for start, _ in ends],
                "end": [end for _, end in ends],
                "id": list(ids),
                "predicate": EDGE_BY_TYPE[type_].predicate,
                "primary_knowledge_source": name,
                "knowledge_level": _LEVEL,
                "publications": list(extra.pop("publications", [()] * len(ends))),
                "dataset_version": self.versions[source.name],
                **{key: list(values) for key, values in extra.items()},
            }
        )


def build_knowledge(inputs: Inputs, tables: Tables, versions: Mapping[str, str]) -> Knowledge:
    """All knowledge edges, then the nodes that they and the tables name.

    Parameters
    ----------
    versions : mapping
        Knowledge source name -> dataset version.

    Raises
    ------
    DataError
        When most names of a file are unknown.
    """
    builder = _Builder(inputs, tables, versions)
    _targets(builder)
    _network(builder, "AFFECTS", networks.OMNIPATH, inputs.omnipath)
    _network(builder, "REGULATES", networks.COLLECTRI, inputs.collectri)
    _evidence(builder)
    members = _members(builder)
    pathways = _resistance(builder, set(members))
    pathways = _hierarchy(builder, pathways)
    features = set(tables.expression.columns) | set(tables.mutations.columns)
    genes = inputs.genes.frame(builder.symbols | features)
    nodes = {
        "Gene": genes.rename(columns={"gene": "id"}),
        "Drug": _drug_nodes(builder),
        "Pathway": _pathway_nodes(inputs.reactome, pathways, members),
        "CellLine": tables.cell_lines.rename(columns={"cell_line": "id"})[["id", "name", "tissue", "cancer_type"]],
    }
    return Knowledge(nodes, builder.edges, genes)


def _targets(builder: _Builder) -> None:
    from pathproof.ingest.sources.gdsc import TARGETS

    table = builder.tables.drugs
    ends = []
    for drug, symbols in zip(table["drug"], table["targets"], strict=True):
        for gene in builder.inputs.genes.map(symbols):
            if gene is not None:
                ends.append((drug, builder.gene(gene)))
    builder.add("TARGETS", TARGETS, sorted(set(ends)))


def _network(builder: _Builder, type_: str, source: Source, raw: pd.DataFrame) -> None:
    """Edges between genes; a pair that is given with both signs has no sign and is left out."""
    inputs, tally = builder.inputs, builder.inputs.tally(source)
    names = sorted(set(raw["source"]) | set(raw["target"]))
    found = {name: gene for name in names if (gene := inputs.genes.find(name)) is not None}
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
    builder.add(type_, source, ends, {"sign": [next(iter(signs[pair])) for pair in ends]})


def _evidence(builder: _Builder) -> None:
    inputs, tally = builder.inputs, builder.inputs.tally(civic.CIVIC)
    evidence = inputs.evidence
    names = [name for item in evidence for name in item.genes]
    found = resolve(names, inputs.genes, tally, "gene of a profile: ")
    require_mapped_share(len(found), len(set(names)), inputs.path(civic.CIVIC), "gene symbols")
    usable = [item for item in evidence if any(name in found for name in item.genes)]
    lost = [f"EID{item.number} {item.profile}" for item in evidence if not any(name in found for name in item.genes)]
    tally.drop("no gene of the profile is known", lost)
    tally.rows_out = len(usable)
    # The shortest of a therapy's names becomes its node's: Imatinib, not Imatinib Mesylate.
    for therapy in sorted({name for item in usable for name in item.therapies}, key=lambda name: (len(name), name)):
        builder.drugs(therapy, "civic.therapy")
    rows: dict[str, dict[str, tuple[str, str, civic.Evidence]]] = {civic.RESISTANCE: {}, civic.SENSITIVITY: {}}
    for item in usable:
        genes = [found[name] for name in item.genes if name in found]
        drugs = sorted({drug for name in item.therapies for drug in builder.drugs(name, "civic.therapy")})
        for start in sorted({builder.gene(gene) for gene in genes}):
            for drug in drugs:
                rows[item.edge][f"civic.eid:{item.number}:{start}:{drug}"] = (start, drug, item)
    for type_, found_rows in rows.items():
        ends = [(start, drug) for start, drug, _ in found_rows.values()]
        facts = _evidence_properties([item for _, _, item in found_rows.values()])
        builder.add(type_, civic.CIVIC, ends, facts, list(found_rows))


def _evidence_properties(items: Sequence[civic.Evidence]) -> dict[str, Sequence[object]]:
    return {
        "publications": [(item.publication,) if item.publication else () for item in items],
        "evidence_level": [item.level for item in items],
        "molecular_profile": [item.profile for item in items],
        "disease": [item.disease or None for item in items],
        "significance": [item.significance for item in items],
        "combination": [item.combination for item in items],
    }


def _members(builder: _Builder) -> dict[str, tuple[str, ...]]:
    """PARTICIPATES_IN edges; returns pathway id (as Reactome writes it) -> gene ids."""
    inputs, tally = builder.inputs, builder.inputs.tally(reactome.GENE_SETS)
    sets = inputs.reactome.sets
    names = [name for genes in sets.values() for name in genes]
    found = resolve(names, inputs.genes, tally, "member: ")
    require_mapped_share(len(found), len(set(names)), inputs.path(reactome.GENE_SETS), "gene symbols")
    members = {
        pathway: tuple(sorted({builder.gene(found[name]) for name in genes if name in found}))
        for pathway, genes in sorted(sets.items())
    }
    ends = [(gene, f"reactome:{pathway}") for pathway, genes in members.items() for gene in genes]
    builder.add("PARTICIPATES_IN", reactome.GENE_SETS, ends)
    return members


def _resistance(builder: _Builder, pathways: set[str]) -> set[str]:
    """DESCRIBES_RESISTANCE_TO edges; returns `pathways` and the pathways about resistance."""
    inputs, tally = builder.inputs, builder.inputs.tally(reactome.NAMES)
    ends, genes = [], []
    for item in inputs.reactome.resistance:
        gene = inputs.genes.find(item.gene)
        if gene is None:
            tally.note("resistance pathway of a name that is no gene", [inputs.reactome.names[item.pathway]])
            continue
        pathways = pathways | {item.pathway}
        for drug in builder.drugs(item.drug, "reactome.therapy"):
            ends.append((f"reactome:{item.pathway}", drug))
            genes.append(builder.gene(gene))
    builder.add("DESCRIBES_RESISTANCE_TO", reactome.NAMES, ends, {"gene": genes})
    return pathways


def _hierarchy(builder: _Builder, pathways: set[str]) -> set[str]:
    """PART_OF edges among `pathways` and their ancestors; returns them all."""
    parts = builder.inputs.reactome.parts
    closed = reactome.ancestors(pathways, parts)
    ends = [(f"reactome:{part}", f"reactome:{whole}") for part, whole in parts if part in closed and whole in closed]
    builder.add("PART_OF", reactome.HIERARCHY, ends)
    return closed


def _pathway_nodes(
    data: reactome.Reactome, pathways: Iterable[str], members: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    ordered = sorted(pathways)
    return pd.DataFrame(
        {
            "id": [f"reactome:{pathway}" for pathway in ordered],
            "name": [data.names.get(pathway, pathway) for pathway in ordered],
            "n_genes": [len(members.get(pathway, ())) for pathway in ordered],
        }
    )


def _drug_nodes(builder: _Builder) -> pd.DataFrame:
    screened = builder.tables.drugs.rename(columns={"drug": "id"}).drop(columns="targets")
    others = sorted(builder.therapies.items())
    named = pd.DataFrame(
        {
            "id": [node for node, _ in others],
            "name": [name for _, name in others],
            "synonyms": [() for _ in others],
            "target_pathway": pd.Series([None] * len(others), dtype=object),
            "pubchem": pd.Series([None] * len(others), dtype=object),
            "chembl": pd.Series([None] * len(others), dtype=object),
        }
    )
    return pd.concat([screened.astype(object), named.astype(object)], ignore_index=True)
