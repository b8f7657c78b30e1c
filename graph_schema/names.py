"""Whether the names in a question exist: an empty answer about a misspelt drug would read as a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pathproof.errors import UsageError, nearest

if TYPE_CHECKING:
    from pathproof.graph_schema.connection import Connection
    from pathproof.graph_schema.parameters import Parameter
    from pathproof.graph_schema.queries import NamedQuery


@dataclass(frozen=True)
class Kind:
    """A kind of thing that a parameter can name: how it is called, what may stand there, all its names."""

    called: str
    allowed: str
    cypher: str


KINDS = {
    "drug": Kind(
        "drug",
        "name, synonym or id of a drug; `pathproof query drugs` lists them",
        "MATCH (d:Drug) RETURN [d.name, d.id] + coalesce(d.synonyms, []) AS names",
    ),
    "gene": Kind(
        "gene",
        "approved symbol or id of a gene; `pathproof query genes` lists them",
        "MATCH (g:Gene) RETURN [g.symbol, g.id] AS names",
    ),
    "pathway": Kind(
        "pathway",
        "name or id of a pathway, as reactome:R-HSA-5673001",
        "MATCH (p:Pathway) RETURN [p.name, p.id] AS names",
    ),
    "disease": Kind("disease", "name or id of a disease", "MATCH (d:Disease) RETURN [d.name, d.id] AS names"),
    "cell_line": Kind("cell line", "name or id of a cell line", "MATCH (c:CellLine) RETURN [c.name, c.id] AS names"),
    "tissue": Kind(
        "tissue", "tissue of origin of a cell line", "MATCH (c:CellLine) RETURN DISTINCT [c.tissue] AS names"
    ),
    "evidence_item": Kind(
        "evidence item",
        "name or id, as EID1409 or civic.eid:1409",
        "MATCH (i:EvidenceItem) RETURN [i.name, i.id] AS names",
    ),
    "explainer": Kind(
        "explainer", "whose explanations are stored", "MATCH (e:Explanation) RETURN DISTINCT [e.explainer] AS names"
    ),
    "explanation": Kind(
        "explanation",
        "id of a stored explanation; `pathproof query explanations` lists them",
        "MATCH (e:Explanation) RETURN [e.id] AS names",
    ),
    "run": Kind(
        "validation run",
        "id of a run; `pathproof query validation-runs` lists them",
        "MATCH (v:ValidationRun) RETURN [v.id] AS names",
    ),
}


def as_spelt(store: Connection, query: NamedQuery, values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with every name as the graph spells it.

    Parameters
    ----------
    store : Connection
    query : NamedQuery
        Its header says which parameters name what.
    values : mapping
        All parameters, as bound. What is missing (None) or left at its default names nothing.

    Raises
    ------
    UsageError
        The graph holds no such name, whatever the case of its letters; with the nearest.
    """
    spelt = dict(values)
    for parameter in query.parameters:
        value = values[parameter.name]
        if parameter.names is None or value is None or value == parameter.default:
            continue
        known = _names(store, parameter.names)
        many = isinstance(value, list)
        found = [_find(str(one), known, parameter, query.name) for one in (value if many else [value])]
        spelt[parameter.name] = found if many else found[0]
    return spelt


def _names(store: Connection, kind: str) -> list[str]:
    return [name for row in store.read(KINDS[kind].cypher) for name in row["names"] if name is not None]


def _find(given: str, known: list[str], parameter: Parameter, query: str) -> str:
    if given in known:
        return given
    by_lower = {name.lower(): name for name in known}
    if given.lower() in by_lower:
        return by_lower[given.lower()]
    kind = KINDS[str(parameter.names)]
    raise UsageError(
        f"The graph holds no {kind.called} of this name.",
        where=f"parameter {parameter.name} of the query {query}",
        got=repr(given),
        allowed=kind.allowed,
        nearest=nearest(given, sorted(known)),
        action=None if known else f"the graph holds no {kind.called} at all yet: `pathproof run` fills it",
    )
