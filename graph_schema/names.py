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
    """A kind of thing that a parameter can name: how it is called, what may stand there, and where its names are."""

    called: str
    allowed: str
    cypher: str
    others: str | None = None  # gives `name` and `other`, another name of the same thing that queries do not know


KINDS = {
    "drug": Kind(
        "drug",
        "name, synonym or id of a drug; `pathproof query drugs` lists them",
        "MATCH (d:Drug) UNWIND [d.name, d.id] + coalesce(d.synonyms, []) AS name",
    ),
    "gene": Kind(
        "gene",
        "symbol (HGNC), alias or id of a gene; `pathproof query genes` lists them",
        "MATCH (g:Gene) UNWIND [g.symbol, g.id] AS name",
        "MATCH (g:Gene) UNWIND coalesce(g.aliases, []) AS other WITH g.symbol AS name, other",
    ),
    "pathway": Kind(
        "pathway",
        "name or id of a pathway, as reactome:R-HSA-5673001",
        "MATCH (p:Pathway) UNWIND [p.name, p.id] AS name",
    ),
    "disease": Kind("disease", "name or id of a disease", "MATCH (d:Disease) UNWIND [d.name, d.id] AS name"),
    "cell_line": Kind("cell line", "name or id of a cell line", "MATCH (c:CellLine) UNWIND [c.name, c.id] AS name"),
    "tissue": Kind("tissue", "tissue of origin of a cell line", "MATCH (c:CellLine) UNWIND [c.tissue] AS name"),
    "evidence_item": Kind(
        "evidence item",
        "name or id, as EID1409 or civic.eid:1409",
        "MATCH (i:EvidenceItem) UNWIND [i.name, i.id] AS name",
    ),
    "explainer": Kind(
        "explainer", "whose explanations are stored", "MATCH (e:Explanation) UNWIND [e.explainer] AS name"
    ),
    "explanation": Kind(
        "explanation",
        "id of a stored explanation; `pathproof query explanations` lists them",
        "MATCH (e:Explanation) UNWIND [e.id] AS name",
    ),
    "run": Kind(
        "validation run",
        "id of a run; `pathproof query validation-runs` lists them",
        "MATCH (v:ValidationRun) UNWIND [v.id] AS name",
    ),
}


def as_spelt(store: Connection, query: NamedQuery, values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with every name as the graph spells it; an alias of a gene becomes its symbol, with a notice.

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
        given = value if isinstance(value, list) else [value]
        found = [_find(store, str(one), parameter, query.name) for one in given]
        spelt[parameter.name] = found if isinstance(value, list) else found[0]
    return spelt


def _find(store: Connection, given: str, parameter: Parameter, query: str) -> str:
    kind = KINDS[str(parameter.names)]
    alike = f"{kind.cypher} WITH name WHERE toLower(name) = toLower($given) RETURN DISTINCT name ORDER BY name"
    found = [row["name"] for row in store.read(alike, {"given": given})]
    if found:
        return given if given in found else str(found[0])
    if kind.others is not None:
        meant = f"{kind.others} WHERE toLower(other) = toLower($given) RETURN DISTINCT name, other"
        rows = store.read(meant, {"given": given})
        if len({row["name"] for row in rows}) == 1:
            store.notices.append(f"{rows[0]['other']} is another name of {rows[0]['name']}, which the answer is about.")
            return str(rows[0]["name"])
    known = [row["name"] for row in store.read(f"{kind.cypher} RETURN DISTINCT name") if row["name"] is not None]
    raise UsageError(
        f"The graph holds no {kind.called} of this name.",
        where=f"parameter {parameter.name} of the query {query}",
        got=repr(given),
        allowed=kind.allowed,
        nearest=nearest(given, sorted(known)),
        action=_action(store, kind, bool(known)),
    )


def _action(store: Connection, kind: Kind, known: bool) -> str | None:
    if not known:
        return f"the graph holds no {kind.called} at all yet: `pathproof run` fills it"
    if kind.others is None or store.read(f"{kind.others} RETURN count(DISTINCT name) > 1000 AS many")[0]["many"]:
        return None
    return "the graph knows few aliases: `pathproof fetch --only hgnc` gets HGNC's complete set, which holds them"
