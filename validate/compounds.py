"""Which compounds a table of claims is about: the drugs of its screen, perhaps only those that another one lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from pathproof.errors import DataError
from pathproof.validate.claim_table import ClaimTable
from pathproof.validate.knowledge_tables import screened
from pathproof.workspace import Workspace

ONLY = "compounds that"  # how the step begins that leaves the others out
BASE = "drugs that count for the coverage"


def lacking(table: ClaimTable, drugs: Iterable[Mapping[str, Any]], screen: str, taken: Collection[str]) -> ClaimTable:
    """The claims about compounds that a screen lacks.

    Parameters
    ----------
    table : ClaimTable
    drugs : iterable of mapping
        Rows of the query `drugs`: `id`, `name`, `synonyms`, `pubchem`, `provided_by`.
    screen : str
        Name of the other screen.
    taken : collection of str
        Ids of its drugs. A compound has several ids in GDSC: one that shares a name, a synonym or a PubChem id with a
        drug of the screen is the same compound, and left out.

    Returns
    -------
    ClaimTable
        `attrition` tells what was left out. Where nobody says what was explained (a file), :func:`based` says it.

    Raises
    ------
    DataError
        When the other screen holds every compound that is claimed about.
    """
    other = same_as(drugs, taken)
    mine = {*table.frame["drug"], *(drug for _, _, drug in table.explained)}
    kept = mine - other
    frame = table.frame[table.frame["drug"].isin(kept)].reset_index(drop=True)
    if mine and not kept:
        raise DataError(
            "The other screen holds every compound that was explained.",
            where=table.origin,
            got=f"{len(mine)} drugs, all of them in {screen}",
            action="name another screen with --drugs-not-in, or leave it out",
        )
    why = (
        f"the compound is not in {screen}, by id, name, synonym and PubChem id: {len(mine) - len(kept)} drugs left out"
    )
    lost = {"step": f"{ONLY} {screen} lacks", "drugs": len(kept), "rows": len(frame), "why": why}
    explained = tuple(one for one in table.explained if one[2] in kept)
    return replace(table, frame=frame, explained=explained, attrition=(*table.attrition, lost))


def same_as(drugs: Iterable[Mapping[str, Any]], taken: Collection[str]) -> frozenset[str]:
    """Ids of the compounds of a screen: its own and those that share a name, a synonym or a PubChem id with one.

    Parameters
    ----------
    drugs : iterable of mapping
        Rows of the query `drugs`.
    taken : collection of str
        Ids of the screen's drugs.
    """
    words = {str(row["id"]): _words(row) for row in drugs}
    known = {word for drug in taken for word in words.get(drug, {drug})}
    return frozenset(taken) | {drug for drug, names in words.items() if not known.isdisjoint(names)}


def all_screened(workspace: Workspace, manifest: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The drugs of every screen that was ingested, by the screen's name; empty where none was."""
    return {row["name"]: screened(workspace, row["name"]) for row in manifest.get("screens", ())}


def based(
    table: ClaimTable, screens: Mapping[str, Collection[str]], screen: str, without: Collection[str] = ()
) -> ClaimTable:
    """A table that does not say what was explained, with the drugs of its screen as the base of the coverage.

    Parameters
    ----------
    table : ClaimTable
    screens : mapping of name to ids
        The ingested screens and their drugs.
    screen : str
        The judged one, for claims that name no ingested screen; where it was not ingested, all that were.
    without : collection of str
        Drugs that do not count (:func:`same_as`), unless they are claimed about.

    Returns
    -------
    ClaimTable
        `explained` are the drugs of the screen and those that are claimed about; `attrition` says so. Unchanged where
        the table says what was explained, and where no screen was ingested: then every screened drug of the graph
        counts.
    """
    if table.explained or not screens:
        return table
    explained: list[tuple[str, str, str]] = []
    told: list[dict[str, Any]] = []
    for (explainer, place), part in table.frame.groupby(["explainer", "screen"], sort=True):
        names = next(([name] for name in (str(place).lower(), screen.lower()) if name in screens), sorted(screens))
        claimed = set(part["drug"])
        base = claimed.union(*(screens[name] for name in names)) - (set(without) - claimed)
        explained += [(str(explainer), str(place), drug) for drug in sorted(base)]
        why = f"no file says which drugs it tried: the drugs of {' and '.join(names)}, and those that are claimed about"
        told.append(
            {"step": BASE, "explainer": str(explainer), "drugs": len(base), "claimed": len(claimed), "why": why}
        )
    return replace(table, explained=tuple(explained), attrition=(*table.attrition, *told))


def narrowing(lost: Iterable[Mapping[str, Any]]) -> list[str]:
    """What a verdict about some compounds only has to say, from the attrition of its claims."""
    return [
        f"Judged are only {row['step']} ({row['drugs']} explained drugs): {row['why']}."
        for row in lost
        if row["step"].startswith(ONLY)
    ]


def _words(row: Mapping[str, Any]) -> set[str]:
    names = {str(name).strip().lower() for name in (row["name"], *(row.get("synonyms") or ()))}
    pubchem = row.get("pubchem")
    return {str(row["id"]), *names} | ({f"pubchem {pubchem}"} if pubchem else set())
