"""Names of one drug in different sources: salts, hyphens, case, code names and later generic names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

import pandas as pd

_SALTS = frozenset(
    """
    acetate anhydrous besylate bismesylate camsylate citrate compound dihydrochloride dimaleate disodium ditosylate
    esylate fumarate hcl hemifumarate hydrate hydrobromide hydrochloride lactate maleate malate mesilate mesylate
    monohydrate monohydrochloride phosphate potassium sodium succinate sulfate sulphate tartrate tosilate tosylate
    trihydrochloride
    """.split()  # noqa: SIM905 - a list of words reads better so
)
_CODE = re.compile(r".*\binhibitor,? (?P<code>\S*\d\S*)", re.IGNORECASE)
# Generic names given after the screens were annotated, and spellings that no rule joins.
_SAME = {
    "azacitidine": "5azacytidine",
    "fexagratinib": "azd4547",
    "fluorouracil": "5fluorouracil",
    "mirdametinib": "pd0325901",
    "pidnarulex": "cx5461",
    "tae684": "nvptae684",
    "vtx11e": "vx11e",
    "wnt974": "lgk974",
}


def drug_key(name: str) -> str:
    """Lower-case letters and digits of a name without its salt: `Imatinib Mesylate` -> `imatinib`.

    A word for a salt is left out only when something else remains.
    """
    words = [word for word in re.split(r"[\s/]+", name.lower()) if word]
    kept = [word for word in words if word.strip("(),.") not in _SALTS] or words
    return re.sub(r"[^a-z0-9]", "", "".join(kept))


def candidate_keys(name: str) -> list[str]:
    """The name's key, that of the code in names such as `ALK Inhibitor TAE684`, and their other names."""
    keys = [drug_key(name)]
    match = _CODE.fullmatch(name.strip())
    if match is not None:
        keys.append(drug_key(match["code"]))
    return [*keys, *(_SAME[key] for key in keys if key in _SAME)]


def _is_telling(key: str) -> bool:
    # Lists of synonyms hold fragments such as "2" and "4", torn off chemical names by their commas.
    return len(key) > 2 and not key.isdigit()


class DrugIndex:
    """Finds compounds by name or synonym.

    Parameters
    ----------
    drugs : DataFrame
        Columns drug, name, synonyms, targets.
    """

    def __init__(self, drugs: pd.DataFrame) -> None:
        self._by_name: dict[str, set[str]] = {}
        self._by_synonym: dict[str, set[str]] = {}
        self._targets = {drug: set(targets) for drug, targets in zip(drugs["drug"], drugs["targets"], strict=True)}
        for drug, name, synonyms in zip(drugs["drug"], drugs["name"], drugs["synonyms"], strict=True):
            self._add(self._by_name, [drug_key(name)], drug)
            self._add(self._by_synonym, filter(_is_telling, map(drug_key, synonyms)), drug)

    @staticmethod
    def _add(index: dict[str, set[str]], keys: Iterable[str], drug: str) -> None:
        for key in keys:
            if key:
                index.setdefault(key, set()).add(drug)

    def find(self, name: str) -> tuple[str, ...]:
        """Ids of every compound of this name; sorted, may be empty.

        Compounds that have it as a synonym count too; beside compounds of that very name only when they
        share a target with one of them (a published synonym list gives AZD1480, a JAK inhibitor, as a
        name of selumetinib).
        """
        for key in candidate_keys(name):
            named, other = self._by_name.get(key, set()), self._by_synonym.get(key, set())
            if named:
                targets = set().union(*(self._targets[drug] for drug in named))
                return tuple(sorted(named | {drug for drug in other if self._targets[drug] & targets}))
            if other:
                return tuple(sorted(other))
        return ()


class ScreenedDrugs:
    """Finds the compounds of all screens.

    Parameters
    ----------
    drugs : DataFrame
        Columns drug, name, synonyms, targets.
    foreign : collection of str
        Drugs that only another screen than GDSC2 names. They are found as one molecule with a compound of GDSC's
        list, or by their own name where the list has none: they never change which of the list is found.
    molecules : mapping
        Drug to molecule.
    """

    def __init__(self, drugs: pd.DataFrame, foreign: Collection[str], molecules: Mapping[str, str]) -> None:
        listed = ~drugs["drug"].isin(list(foreign))
        self._listed, self._foreign = DrugIndex(drugs[listed]), DrugIndex(drugs[~listed])
        self._molecules = molecules
        self._others: dict[str, set[str]] = {}
        for drug in foreign:
            self._others.setdefault(molecules[drug], set()).add(drug)

    def find(self, name: str) -> tuple[str, ...]:
        """Ids of every compound of this name (see :meth:`DrugIndex.find`); sorted, may be empty."""
        hits = self._listed.find(name) or self._foreign.find(name)
        return tuple(sorted(set(hits).union(*(self._others.get(self._molecules[hit], set()) for hit in hits))))
