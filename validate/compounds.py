"""Claims about compounds that another screen lacks: those on which no choice was made there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from pathproof.errors import DataError
from pathproof.graph_schema.screens import OTHER_SCREENS
from pathproof.validate.claim_table import ClaimTable
from pathproof.validate.knowledge import LITERATURE

ONLY = "compounds that"  # how the step begins that leaves the others out


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
        `attrition` tells what was left out. Where nobody says what was explained (a file), `explained` are the
        screened compounds that the other screen lacks: the base of the coverage.

    Raises
    ------
    DataError
        When the other screen holds every compound that is claimed about.
    """
    rows = list(drugs)
    words = {str(row["id"]): _words(row) for row in rows}
    known = {word for drug in taken for word in words.get(drug, {drug})}
    mine = {*table.frame["drug"], *(drug for _, _, drug in table.explained)}
    kept = {drug for drug in mine if known.isdisjoint(words.get(drug, set()) | {drug})}
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
    if not table.explained:
        others = {str(row["id"]) for row in rows if LITERATURE not in row["id"] and not _apart(row)}
        base = kept | {drug for drug in others if known.isdisjoint(words[drug])}
        who = sorted(set(zip(frame["explainer"], frame["screen"], strict=True)))
        explained = tuple((explainer, place, drug) for explainer, place in who for drug in sorted(base))
    return replace(table, frame=frame, explained=explained, attrition=(*table.attrition, lost))


def narrowing(lost: Iterable[Mapping[str, Any]]) -> list[str]:
    """What a verdict about some compounds only has to say, from the attrition of its claims."""
    return [
        f"Judged are only {row['step']} ({row['drugs']} explained drugs): {row['why']}."
        for row in lost
        if row["step"].startswith(ONLY)
    ]


def _apart(row: Mapping[str, Any]) -> bool:
    return row.get("provided_by") in OTHER_SCREENS


def _words(row: Mapping[str, Any]) -> set[str]:
    names = {str(name).strip().lower() for name in (row["name"], *(row.get("synonyms") or ()))}
    pubchem = row.get("pubchem")
    return {str(row["id"]), *names} | ({f"pubchem {pubchem}"} if pubchem else set())
