"""Rows whose ids and names mean different things: a column moved by a row, another line or drug under a number.

What such a row measured cannot be told from the file, so it is left out and counted; many of them mean that a column
is not where it was, and stop. In the sound files none of GDSC2's and 0.2 % of GDSC1's rows contradict themselves (two
lines stand under the id of another).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathproof.ingest.drug_names import candidate_keys
from pathproof.ingest.sources.base import Tally
from pathproof.ingest.sources.cell_lines import CellLines
from pathproof.ingest.sources.problems import Problems

MOST = 0.01
"""Share of a file's rows that may contradict themselves; a column that was moved is wrong in most of them."""
Belongs = Callable[[str, str], bool | None]


@dataclass(frozen=True)
class Claim:
    """What a file says of an id beside it.

    `id` and `said` are columns of the table. `belongs` tells whether a said name or number is that of the id (True),
    of another one (False), or of nothing that is known (None). `reason` is why such a row is left out, `unknown` what
    is noted of a name or number that nothing is known of; `column` is its name in the file.
    """

    id: str
    said: str
    belongs: Belongs
    reason: str
    unknown: str
    column: str


def keep_sound(
    frame: pd.DataFrame, claims: Iterable[Claim], tally: Tally, problems: Problems, known_by: str
) -> pd.DataFrame:
    """The rows without those that contradict themselves, which are counted in `tally`.

    Where an id has several names in the file, only what is said to be its own stays: the others are of something else,
    known or not. `known_by` says what the names are held against.

    Raises
    ------
    DataError
        When more than the share :data:`MOST` of the rows contradict themselves, for every claim at once.
    """
    kept = pd.Series(True, index=frame.index)
    for claim in claims:
        wrong, unknown = _judge(frame, claim)
        share = float(wrong.mean())
        told = frame.loc[wrong, claim.said] + " (" + frame.loc[wrong, claim.id] + ")"
        if share > MOST:
            problems.add(
                f"Ids and names of the rows contradict each other: {claim.reason}.",
                f"column {claim.column}",
                got=f"{int(wrong.sum()):,} of {len(frame):,} rows, as {'; '.join(told.drop_duplicates().head(5))}",
                allowed=f"at most {MOST:.0%} of the rows other than in {known_by}",
                action="look whether a column was moved or sorted alone, or download the file again",
            )
        tally.drop(claim.reason, told[kept[wrong[wrong].index]])
        tally.note(claim.unknown, unknown)
        kept &= ~wrong
    problems.raise_if_any()
    return frame if kept.all() else frame[kept].reset_index(drop=True)


def _judge(frame: pd.DataFrame, claim: Claim) -> tuple[pd.Series[bool], list[str]]:
    """Which rows contradict themselves, and the names that nothing is known of."""
    pairs = frame[[claim.id, claim.said]].drop_duplicates()
    pairs = pairs[pairs[claim.said] != ""]
    own = [claim.belongs(id_, said) for id_, said in pairs.itertuples(index=False)]
    several = pairs[claim.id].duplicated(keep=False)
    nothing = np.array([one is None for one in own], dtype=bool)
    wrong = np.array([one is False for one in own], dtype=bool) | (nothing & several.to_numpy())
    unknown = pairs[nothing & ~wrong]
    rows = np.zeros(len(frame), dtype=bool)
    if wrong.any():
        rows = pd.MultiIndex.from_frame(frame[[claim.id, claim.said]]).isin(pd.MultiIndex.from_frame(pairs[wrong]))
    return pd.Series(rows, index=frame.index, dtype=bool), list(unknown[claim.said] + " (" + unknown[claim.id] + ")")


def line_claims(lines: CellLines, ids: Mapping[str, str], column: str = "CELL_LINE_NAME") -> tuple[Claim, ...]:
    """What a screen says of its cell lines; `ids` maps the ids of the file to lines, others say nothing.

    `column` is where the file names them.
    """
    names = dict(zip(lines.frame["cell_line"], lines.frame["name"], strict=True))
    by_name: dict[str, set[str]] = {}
    by_key: dict[str, set[str]] = {}
    for line, name in names.items():
        by_name.setdefault(name, set()).add(line)
        by_key.setdefault(_key(name), set()).add(line)

    def named(id_: str, said: str) -> bool | None:
        """The very name decides: TT and T-T are two lines, LS1034 and LS-1034 are one."""
        line = ids.get(id_)
        if line not in names:
            return True
        for found in (by_name.get(said), by_key.get(_key(said))):
            if found:
                return line in found
        return None

    def numbered(id_: str, said: str) -> bool | None:
        line = ids.get(id_)
        if line not in names:
            return True
        found = {lines.by_cosmic.get(part.strip().removesuffix(".0")) for part in said.split(";")} - {None}
        return line in found if found else None

    reason = "another line under this id"
    return (
        Claim("line", "line_name", named, reason, "line name that the model list does not give", column),
        Claim("line", "cosmic", numbered, reason, "COSMIC number that no list gives", "COSMIC_ID"),
    )


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def drug_claim(compounds: pd.DataFrame, others: Mapping[str, tuple[str, str]] | None = None) -> Claim:
    """What a file says of its compounds, held against GDSC's list (columns drug, name, synonyms).

    `others` names (name, pathway class) what the list lacks; a drug that neither has may have any name.
    """
    given = {drug: (name,) for drug, (name, _) in (others or {}).items()}
    listed = zip(compounds["drug"], compounds["name"], compounds["synonyms"], strict=True)
    given |= {drug: (name, *synonyms) for drug, name, synonyms in listed}
    keys = {drug: {key for name in names for key in _drug_keys(name)} for drug, names in given.items()}
    taken = set().union(*keys.values())

    def named(drug: str, said: str) -> bool | None:
        if drug not in keys:
            return True
        told = set(_drug_keys(said))
        return True if told & keys[drug] else False if told & taken else None

    return Claim(
        *("drug", "drug_name", named, "another compound under this number"),
        *("compound name that the list does not give this number", "DRUG_NAME"),
    )


def _drug_keys(name: str) -> list[str]:
    return [key for key in candidate_keys(name.replace("_", " ")) if key]
