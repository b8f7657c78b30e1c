"""Collects the nodes and edges of the knowledge graph, each with where it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from pathproof.graph_schema.schema import EDGE_BY_TYPE, EDGE_CORE, KNOWLEDGE_EDGES, KNOWLEDGE_NODES
from pathproof.ingest.drug_names import ScreenedDrugs, candidate_keys
from pathproof.ingest.identifiers import Gene, require_known_sets
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.sources.base import Source
from pathproof.ingest.tables import Tables
from pathproof.workspace import content_key


@dataclass(frozen=True)
class Origin:
    """Release, licence and file hash of a knowledge source (of its first file, when it has several)."""

    release: str
    licence: str
    sha256: str


@dataclass
class Knowledge:
    """Frames by label and by type; columns as in `graph_schema.schema`."""

    nodes: dict[str, pd.DataFrame] = field(default_factory=dict)
    edges: dict[str, pd.DataFrame] = field(default_factory=dict)
    genes: pd.DataFrame = field(default_factory=pd.DataFrame)


class Builder:
    """Collects nodes and edges, and the genes and therapies that they name.

    Parameters
    ----------
    origins : mapping
        Name of a knowledge source -> where its facts come from.
    """

    def __init__(self, inputs: Inputs, tables: Tables, origins: Mapping[str, Origin]) -> None:
        self.inputs = inputs
        self.tables = tables
        self.origins = origins
        self.symbols: set[str] = set()
        self.therapies: dict[str, tuple[str, Source]] = {}
        self.mechanisms: dict[str, set[str]] = {}
        self.phases: dict[str, set[str]] = {}
        molecules = tables.drugs.molecules
        self.index = ScreenedDrugs(
            tables.drugs.table, tables.drugs.foreign, dict(zip(molecules["drug"], molecules["molecule"], strict=True))
        )
        self._node_of_key: dict[str, str] = {}
        self._nodes: dict[str, list[pd.DataFrame]] = {}
        self._edges: dict[str, list[pd.DataFrame]] = {}

    def gene(self, gene: Gene) -> str:
        """The gene's id; it becomes a node."""
        self.symbols.add(gene.symbol)
        return gene.id

    def known_drugs(self, name: str) -> tuple[str, ...]:
        """Compounds of this name, else the literature's node of this name; may be empty."""
        hits = self.index.find(name)
        if hits:
            return hits
        node = next((self._node_of_key[key] for key in candidate_keys(name) if key in self._node_of_key), None)
        return () if node is None else (node,)

    def drugs(self, name: str, prefix: str, source: Source) -> tuple[str, ...]:
        """As :meth:`known_drugs`; a new name becomes the node `<prefix>:<name>`."""
        if hits := self.index.find(name):
            return hits
        hits = self.known_drugs(name) or (f"{prefix}:{name}",)
        self.therapies.setdefault(hits[0], (name, source))
        for key in candidate_keys(name):
            self._node_of_key.setdefault(key, hits[0])
        return hits

    def describe(self, drug: str, mechanisms: Iterable[str], phase: str) -> None:
        """Say what a drug does and how far its trials are ("" when unknown)."""
        self.mechanisms.setdefault(drug, set()).update(mechanisms)
        self.phases.setdefault(drug, set()).update({phase} - {""})

    def nodes(self, label: str, source: Source, columns: Mapping[str, Sequence[object]]) -> None:
        """Add nodes of one label and source; `columns` holds `id` and the label's own properties."""
        origin = self.origins[source.name]
        n = len(columns["id"])
        core = {
            "provided_by": [f"source:{source.name}"] * n,
            "dataset_version": [origin.release] * n,
            "licence": [origin.licence] * n,
        }
        self._nodes.setdefault(label, []).append(_frame({**columns, **core}))

    def edges(
        self,
        type_: str,
        source: Source,
        ends: Sequence[tuple[str, str]],
        properties: Mapping[str, Sequence[object]] | None = None,
        ids: Sequence[str] | None = None,
    ) -> None:
        """Add edges of one type and source; ids are hashes of type, ends and source unless given."""
        origin = self.origins[source.name]
        n = len(ends)
        if ids is None:
            ids = [content_key(type_, start, end, source.name) for start, end in ends]
        columns: dict[str, Sequence[object]] = {
            "start": [start for start, _ in ends],
            "end": [end for _, end in ends],
            "id": ids,
            "predicate": [EDGE_BY_TYPE[type_].predicate] * n,
            "primary_knowledge_source": [f"source:{source.name}"] * n,
            "knowledge_level": [source.knowledge_level] * n,
            "agent_type": [source.agent_type] * n,
            "publications": [()] * n,
            "dataset_version": [origin.release] * n,
            "licence": [origin.licence] * n,
            **(properties or {}),
        }
        self._edges.setdefault(type_, []).append(_frame(columns))

    def members(
        self, type_: str, source: Source, sets: Mapping[str, Iterable[str]], found: Mapping[str, Gene]
    ) -> dict[str, int]:
        """Edges from the known genes of each set (id -> names) to it; returns set id -> number of its genes.

        Raises
        ------
        DataError
            When of too many sets most members are unknown.
        """
        require_known_sets(sets, found, self.inputs.tally(source), self.inputs.path(source))
        known = {name: self.gene(gene) for name, gene in found.items()}
        ends = sorted({(node, known[name]) for node, names in sets.items() for name in names if name in known})
        self.edges(type_, source, [(gene, node) for node, gene in ends])
        sizes = Counter(node for node, _ in ends)
        return {node: sizes[node] for node in sorted(sets)}

    def knowledge(self, genes: pd.DataFrame) -> Knowledge:
        """All nodes and edges, with the columns of the schema in its order."""
        names = sorted(self.origins)
        origins = [self.origins[name] for name in names]
        self._nodes["KnowledgeSource"] = [
            _frame(
                {
                    "id": [f"source:{name}" for name in names],
                    "name": names,
                    "release": [origin.release for origin in origins],
                    "licence": [origin.licence for origin in origins],
                    "sha256": [origin.sha256 for origin in origins],
                }
            )
        ]
        nodes = {
            kind.label: _joined(self._nodes.get(kind.label, []), [item.name for item in kind.properties])
            for kind in KNOWLEDGE_NODES
        }
        edges = {
            kind.type: _joined(
                self._edges.get(kind.type, []),
                ["start", "end", *(item.name for item in (*EDGE_CORE, *kind.properties))],
            )
            for kind in KNOWLEDGE_EDGES
        }
        return Knowledge(nodes, edges, genes)


def _frame(columns: Mapping[str, Sequence[object]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(list(values), dtype=object) for name, values in columns.items()})


def _joined(frames: Sequence[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """The frames below each other; a property that none of them has stays absent, one not in the schema stays."""
    if not frames:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    table = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    further = [name for name in table.columns if name not in columns]
    table = table.assign(**{name: None for name in columns if name not in table})
    return table[[*columns, *further]]
