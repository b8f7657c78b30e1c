"""What the schema allows: one set of rules, for the tables of `ingest`, the rows of results and the rows of files.

Each rule stands here with the sentence that tells its violation. :mod:`.check` applies those about values column
by column, :mod:`.row_check` value by value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pathproof.graph_schema.provenance import RESULT_LICENCE
from pathproof.graph_schema.schema import EDGE_CORE, EdgeKind, NodeKind, Property

MISSING = "required and missing"  # None, and an empty text
RESULT_SOURCES = ("explainer:", "pathproof:")
Sources = Mapping[str, tuple[str, str]]


def properties_of(kind: NodeKind | EdgeKind) -> tuple[Property, ...]:
    """All properties of a kind; the predicate of a relationship can only be the kind's."""
    if isinstance(kind, NodeKind):
        return kind.properties
    core = (replace(one, allowed=(kind.predicate,)) if one.name == "predicate" else one for one in EDGE_CORE)
    return (*core, *kind.properties)


def mistyped(one: Property) -> str:
    """The value, or an item of the list, is of another type or no finite number."""
    return f"not of type {one.type}"


def forbidden(one: Property) -> str:
    """The value, or an item of the list, is none of `one.allowed`."""
    return ("not one of " if len(one.allowed) > 1 else "not ") + ", ".join(map(str, one.allowed))


def too_low(one: Property) -> str:
    """The number is below `one.low`."""
    return f"less than {one.low:g}"


def too_high(one: Property) -> str:
    """The number is above `one.high`."""
    return f"more than {one.high:g}"


def dangling(one: Property) -> str:
    """There is no node with this id and the label `one.refers_to`."""
    return f"no {one.refers_to} that is there"


def lost_end(kind: EdgeKind, side: str) -> str:
    """An end ("start" or "end") is no node with a label of the kind."""
    return f"{side} is no {' or '.join(kind.start if side == 'start' else kind.end)} that is there"


def named_by(kind: NodeKind | EdgeKind) -> str | None:
    """The property that says who says so; None for kinds that are about that themselves."""
    by = "primary_knowledge_source" if isinstance(kind, EdgeKind) else "provided_by"
    return by if any(one.name == by for one in properties_of(kind)) else None


def source_faults(
    kind: NodeKind | EdgeKind, said: tuple[str, str, str], sources: Sources | None
) -> Iterator[tuple[str, str, str]]:
    """Who says so, in which release and under which licence: for knowledge, as the source's own node says.

    Parameters
    ----------
    said : tuple of str
        The values of :func:`named_by`, `dataset_version` and `licence`, none of them missing.
    sources : mapping or None
        Release and licence of each KnowledgeSource by its id; None where the sources are not at hand.

    Yields
    ------
    tuple of str
        The property, what is wrong with it, and the value.
    """
    by = str(named_by(kind))
    source, version, licence = said
    if not kind.sources:  # a result
        if not source.startswith(RESULT_SOURCES):
            yield by, "no " + " or ".join(f"{one}<name>" for one in RESULT_SOURCES), source
        if licence != RESULT_LICENCE:
            yield "licence", f"not that of results ({RESULT_LICENCE!r})", licence
        return
    if sources is not None and source not in sources:
        yield by, "no KnowledgeSource that is there", source
        return
    if source.removeprefix("source:") not in kind.sources:
        yield by, "no source of this kind in the schema", source
    if sources is not None:
        for what, here, there in zip(("dataset_version", "licence"), (version, licence), sources[source], strict=True):
            if here != there:
                yield what, f"not that of {source}", f"{here}, not {there}"
