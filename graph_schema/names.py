"""Whether the names in a question exist: an empty answer about a misspelt drug would read as a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pathproof.errors import UsageError, nearest
from pathproof.graph_schema.queries import NamedQuery

if TYPE_CHECKING:
    from pathproof.graph_schema.store import GraphStore

_ALL = {
    "drug": "MATCH (d:Drug) RETURN [d.id] AS exact, [d.name] + coalesce(d.synonyms, []) AS loose",
    "gene": "MATCH (g:Gene) RETURN [g.symbol, g.id] AS exact, [] AS loose",
}
_ALLOWED = {
    "drug": "name, synonym or id of a drug; `pathproof query drugs` lists them",
    "gene": "approved symbol or id of a gene; `pathproof query genes` lists them",
}


def check_names(store: GraphStore, query: NamedQuery, values: Mapping[str, Any]) -> None:
    """Refuse a drug or a gene that the graph does not hold.

    Parameters
    ----------
    store : GraphStore
    query : NamedQuery
        Its header says which parameters name what.
    values : mapping
        All parameters, as bound. A missing one (None) names nothing.

    Raises
    ------
    UsageError
        With the nearest name. Drugs are compared without case (their ids with it), genes with case,
        as the queries do.
    """
    for parameter in query.parameters:
        if parameter.names is None or values[parameter.name] is None:
            continue
        given = str(values[parameter.name])
        rows = store.read(_ALL[parameter.names])
        exact = {name for row in rows for name in row["exact"] if name is not None}
        loose = {name for row in rows for name in row["loose"] if name is not None}
        if given in exact or given.lower() in {name.lower() for name in loose}:
            continue
        raise UsageError(
            f"The graph holds no {parameter.names} of this name.",
            where=f"parameter {parameter.name} of the query {query.name}",
            got=repr(given),
            allowed=_ALLOWED[parameter.names],
            nearest=nearest(given, sorted(exact | loose)),
            action=None if rows else f"the graph holds no {parameter.names} at all yet: `pathproof run` fills it",
        )
