"""A synthetic knowledge graph of any size, in the schema's own kinds, as a workspace that `ingest` could have written.

Which kinds and properties there are comes from the schema; how many of each, how uneven the degrees are and
how long the texts are follows the real graph. The same size and seed give the same tables.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pathproof.graph_schema.check import arrow_schema
from pathproof.graph_schema.schema import EDGE_CORE, KNOWLEDGE_EDGES, KNOWLEDGE_NODES, EdgeKind, NodeKind, Property
from pathproof.workspace import Workspace, content_key, write_json

# Rows of each kind in the real graph (November 2026), rounded: the proportions. A kind that is not here gets OTHER.
NODE_ROWS = {
    "Gene": 15_600,
    "Drug": 970,
    "Pathway": 2_300,
    "CellLine": 1_330,
    "GeneSet": 340,
    "Disease": 200,
    "EvidenceItem": 2_750,
    "Publication": 1_320,
}
EDGE_ROWS = {
    "PARTICIPATES_IN": 142_000,
    "PART_OF": 1_500,
    "TARGETS": 1_600,
    "AFFECTS": 18_500,
    "REGULATES": 41_000,
    "CONFERS_RESISTANCE_TO": 1_600,
    "CONFERS_SENSITIVITY_TO": 3_500,
    "DESCRIBES_RESISTANCE_TO": 50,
    "ABOUT_GENE": 3_000,
    "ABOUT_DRUG": 5_400,
    "ABOUT_DISEASE": 2_750,
    "CITES": 2_750,
    "HAS_MUTATION_IN": 4_800,
    "IN_GENE_SET": 24_500,
    "SIGNATURE_OF_RESISTANCE_TO": 60,
    "RESPONDS_TO": 428_000,
}
OTHER = 1_000
TEXT_LENGTHS = {"statement": 400, "licence": 35, "sha256": 64, "url": 45, "name": 30, "molecular_profile": 19}
TEXT_LENGTH = 16
SKEW = 0.6  # weight of the k-th busiest node is k**-SKEW: the busiest gene has about 1 % of its kind's relationships
DENSE = 0.3  # share of all possible pairs above which they are drawn evenly
FACTS = {"release": "sha256:0123456789ab", "licence": "CC BY 4.0, as long as a licence usually is"}
_ODD = np.uint64(0x9E3779B97F4A7C15)


def apportion(weights: dict[str, int], total: int) -> dict[str, int]:
    """Whole numbers in these proportions that add up to `total` (largest remainders)."""
    share = total / sum(weights.values())
    parts = {name: int(weight * share) for name, weight in weights.items()}
    order = sorted(weights, key=lambda name: parts[name] - weights[name] * share)
    for name in order[: total - sum(parts.values())]:
        parts[name] += 1
    return parts


def write_synthetic(root: Path, relationships: int, seed: int = 0) -> Workspace:
    """Write a workspace with `knowledge/` and a manifest, and give it.

    Parameters
    ----------
    root : Path
        A new or empty folder.
    relationships : int
        Exactly as many are written; the nodes grow with its square root, as in a graph of the same density.
    seed : int
    """
    workspace = Workspace.open(root)
    rng = np.random.default_rng(seed)
    edge_rows = apportion({kind.type: EDGE_ROWS.get(kind.type, OTHER) for kind in KNOWLEDGE_EDGES}, relationships)
    scale = relationships / sum(EDGE_ROWS.get(kind.type, OTHER) for kind in KNOWLEDGE_EDGES)
    ids: dict[str, np.ndarray] = {}
    for node in KNOWLEDGE_NODES:
        ids[node.label] = _node_ids(node, scale)
    for node in KNOWLEDGE_NODES:
        _write(workspace.knowledge / "nodes" / f"{node.label}.parquet", _nodes(node, ids, rng))
    for edge in KNOWLEDGE_EDGES:
        _write(
            workspace.knowledge / "edges" / f"{edge.type}.parquet",
            _edges(edge, edge_rows[edge.type], ids, rng),
        )
    counts = {"nodes": {label: len(some) for label, some in ids.items()}, "edges": edge_rows}
    key = content_key("synthetic", relationships, seed)
    write_json(workspace.root / "manifest.json", {"kind": "demonstration", "key": key, "counts": counts})
    return workspace


def source_names() -> list[str]:
    """All knowledge sources that the schema names."""
    kinds: tuple[NodeKind | EdgeKind, ...] = KNOWLEDGE_NODES + KNOWLEDGE_EDGES
    return sorted({name for kind in kinds for name in kind.sources})


def _node_ids(kind: NodeKind, scale: float) -> np.ndarray:
    if kind.label == "KnowledgeSource":
        return np.array([f"source:{name}" for name in source_names()], dtype=object)
    n = max(10, math.ceil(NODE_ROWS.get(kind.label, OTHER) * math.sqrt(scale)))  # the density stays
    return np.array([f"synthetic.{kind.label.lower()}:{i}" for i in range(n)], dtype=object)


def _nodes(kind: NodeKind, ids: dict[str, np.ndarray], rng: np.random.Generator) -> pa.Table:
    own = ids[kind.label]
    known: dict[str, Any] = {"id": own, "dataset_version": FACTS["release"], **FACTS}
    if kind.sources:
        known["provided_by"] = f"source:{kind.sources[0]}"
    if kind.lookup is not None:
        prefix = {"Gene": "SYN"}.get(kind.label, f"{kind.label} ")
        known[kind.lookup] = np.array([f"{prefix}{i}" for i in range(len(own))], dtype=object)
    return _table(kind, len(own), known, ids, rng)


def _edges(kind: EdgeKind, n: int, ids: dict[str, np.ndarray], rng: np.random.Generator) -> pa.Table:
    starts, ends = ids[kind.start[0]], ids[kind.end[0]]
    left, right = draw_pairs(len(starts), len(ends), n, rng)
    numbers = np.arange(1, n + 1, dtype=np.uint64) * _ODD  # odd factor: no two alike
    known: dict[str, Any] = {
        "start": starts[left],
        "end": ends[right],
        "id": np.array([f"{number:016x}" for number in numbers.tolist()], dtype=object),
        "predicate": kind.predicate,
        "primary_knowledge_source": f"source:{kind.sources[0]}",
        "knowledge_level": "knowledge_assertion",
        "agent_type": "manual_agent",
        "dataset_version": FACTS["release"],
        "licence": FACTS["licence"],
    }
    return _table(kind, n, known, ids, rng)


def draw_pairs(n_left: int, n_right: int, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """`n` different pairs; where they are few among the possible ones, with uneven degrees on both sides."""
    possible = n_left * n_right
    if n > possible:
        raise ValueError(f"{n} different pairs of {n_left} and {n_right} do not exist")
    if n > DENSE * possible:
        codes = rng.choice(possible, n, replace=False)
    else:
        left, right = rng.permutation(n_left), rng.permutation(n_right)
        codes = np.empty(0, dtype=np.int64)
        while len(codes) < n:
            more = left[_uneven(n_left, n, rng)] * n_right + right[_uneven(n_right, n, rng)]
            codes = np.unique(np.concatenate([codes, more]))
        codes = rng.permutation(codes)[:n]
    return codes // n_right, codes % n_right


def _uneven(n: int, size: int, rng: np.random.Generator) -> np.ndarray:
    weights = np.arange(1, n + 1, dtype=float) ** -SKEW
    return np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(size)).clip(max=n - 1)


def _table(
    kind: NodeKind | EdgeKind, n: int, known: dict[str, Any], ids: dict[str, np.ndarray], rng: np.random.Generator
) -> pa.Table:
    properties = {one.name: one for one in (EDGE_CORE if isinstance(kind, EdgeKind) else ()) + kind.properties}
    columns = []
    for column in arrow_schema(kind):
        value = known.get(column.name)
        if isinstance(value, str):
            value = np.full(n, value, dtype=object)
        elif value is None:
            value = _values(properties[column.name], n, ids, rng)
            value = [[item] for item in value.tolist()] if pa.types.is_list(column.type) else value
        columns.append(pa.array(value, column.type))
    return pa.table(columns, schema=arrow_schema(kind))


def _values(one: Property, n: int, ids: dict[str, np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """One value for each row (of a list: its only item)."""
    type_ = one.type.removeprefix("list[").removesuffix("]")
    if one.allowed:
        return rng.choice(np.array(one.allowed, dtype=object), n)
    if one.refers_to is not None:
        return rng.choice(ids[one.refers_to], n)
    if type_ == "bool":
        return rng.random(n) < 0.3
    low = 0.0 if one.low is None else one.low
    high = low + 100.0 if one.high is None else one.high
    if type_ == "int":
        return rng.integers(int(low), int(high) + 1, n)
    if type_ == "float":
        return rng.uniform(low, high, n)
    return _texts(TEXT_LENGTHS.get(one.name, TEXT_LENGTH), n, rng)


def _texts(length: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """Random words; up to 2,000 different ones, as the names of diseases and alterations repeat too."""
    letters = rng.integers(97, 123, (2_000, length), dtype=np.uint8)
    pool = np.array([bytes(row).decode("ascii") for row in letters], dtype=object)
    return rng.choice(pool, n)


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
