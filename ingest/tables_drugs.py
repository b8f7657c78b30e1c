"""The compounds of all screens, their targets as approved symbols, and which of them are one molecule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathproof.ingest.drug_names import DrugIndex, candidate_keys, drug_key
from pathproof.ingest.identifiers import GeneTable, require_mapped_share
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.sources import ccle, gdsc, gdsc_response
from pathproof.ingest.sources.base import Source
from pathproof.ingest.sources.gdsc_response import Response

_COLUMNS = ["drug", "name", "synonyms", "targets", "target_pathway", "pubchem", "chembl"]


@dataclass(frozen=True)
class Drugs:
    """All compounds.

    `table`: one row per compound. `foreign`: the compounds that only the file of GDSC1 or CCLE names, with that
    source; every other stands in GDSC's list or in the file of GDSC2. `own_targets`: compounds whose target is the one
    that CCLE's file names. `molecules`: drug, molecule (the first of its drugs), site (who screened it, where GDSC's
    list says so).
    """

    table: pd.DataFrame
    foreign: dict[str, Source]
    own_targets: frozenset[str]
    molecules: pd.DataFrame


def read_drugs(inputs: Inputs) -> Drugs:
    """All compounds, and those that only a response file names.

    Raises
    ------
    DataError
        When most compounds of GDSC2 or most targets are unknown.
    """
    compounds, names = inputs.compounds, dict(inputs.response.names)
    known = set(compounds["drug"])
    require_mapped_share(len(known & set(names)), len(names), inputs.path(gdsc.COMPOUNDS), "screened compounds")
    others = sorted(set(names) - known)
    inputs.tally(gdsc.COMPOUNDS).note("compound only in the response file", [f"{d} {names[d][0]}" for d in others])
    inputs.tally(gdsc_response.GDSC2).names("drug", set(names) & known, dropped=others)
    foreign: dict[str, Source] = {}
    own: frozenset[str] = frozenset()
    if inputs.gdsc1 is not None:
        first = sorted(set(inputs.gdsc1.names) - known)
        foreign |= dict.fromkeys((drug for drug in first if drug not in names), gdsc_response.GDSC1)
        inputs.tally(gdsc_response.GDSC1).names("drug", set(inputs.gdsc1.names) & known, dropped=first)
        names = {**inputs.gdsc1.names, **names}
    table = _gdsc(inputs, sorted(set(names) - known), names)
    if inputs.ccle is not None:
        added, own = _ccle(inputs.ccle, inputs, table)
        foreign |= dict.fromkeys(added["drug"], ccle.RESPONSE)
        table = pd.concat([table, added], ignore_index=True)
    return Drugs(table, foreign, own, _molecules(table, compounds))


def _gdsc(inputs: Inputs, others: list[str], names: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """GDSC's compounds by number; `others` are those that its list lacks."""
    added = pd.DataFrame(
        {
            "drug": others,
            "name": [names[drug][0] for drug in others],
            "synonyms": [() for _ in others],
            "target_pathway": [names[drug][1] for drug in others],
        }
    )
    compounds, targets = inputs.compounds, inputs.targets
    table = pd.concat([compounds, added], ignore_index=True)
    symbols = _target_symbols(targets, set(table["drug"]), inputs)
    facts = targets.set_index("drug")
    twins = _twins(others, names, compounds)
    inputs.tally(gdsc.TARGETS).note(
        "targets of the compound of the same name", [f"{d} = {t}" for d, t in twins.items()]
    )
    table["targets"] = [symbols.get(twins.get(drug, drug), ()) for drug in table["drug"]]
    for column in ("pubchem", "chembl"):
        table[column] = table["drug"].map(lambda drug: twins.get(drug, drug)).map(facts[column]).replace("", None)
    table["target_pathway"] = table["target_pathway"].replace("", None)
    order = table["drug"].map(_number).argsort(kind="stable")
    return table.iloc[order][_COLUMNS].reset_index(drop=True)


def _twins(others: list[str], names: Mapping[str, tuple[str, str]], compounds: pd.DataFrame) -> dict[str, str]:
    """For a drug that only a response file lists, the one annotated compound of the same name.

    GDSC gives a new number to a new batch of a compound; targets belong to the molecule. Where several
    compounds have the name, the one with the lowest number stands for them.
    """
    by_key: dict[str, str] = {}
    for drug, name in sorted(zip(compounds["drug"], compounds["name"], strict=True), key=lambda pair: _number(pair[0])):
        by_key.setdefault(drug_key(name), drug)
    return {drug: by_key[key] for drug in others if (key := drug_key(names[drug][0])) in by_key}


def _number(drug: str) -> int:
    return int(drug.removeprefix("gdsc.drug:"))


def _target_symbols(targets: pd.DataFrame, drugs: set[str], inputs: Inputs) -> dict[str, tuple[str, ...]]:
    tally, genes = inputs.tally(gdsc.TARGETS), inputs.genes
    found: dict[str, tuple[str, ...]] = {}
    given = mapped = 0
    genes.tell([name for names in targets["targets"] for name in names], tally)
    for drug, names in zip(targets["drug"], targets["targets"], strict=True):
        hits = genes.map(names)
        given += len(names)
        mapped += sum(gene is not None for gene in hits)
        tally.note(
            "target that is not one gene", [name for name, gene in zip(names, hits, strict=True) if gene is None]
        )
        symbols = tuple(sorted({gene.symbol for gene in hits if gene is not None}))
        if not names:
            tally.drop("compound without a target", [drug])
        elif not symbols:
            tally.drop("compound without a target that is one gene", [drug])
        elif drug in drugs:
            found[drug] = symbols
        else:
            tally.drop("target list of an unknown compound", [drug])
    tally.rows_out = len(found)
    # Free text names families and effects too: about half of it is no gene.
    written = inputs.path(gdsc.TARGETS) == inputs.path(gdsc.COMPOUNDS)
    require_mapped_share(mapped, given, inputs.path(gdsc.TARGETS), "targets", least=0.2 if written else 0.5)
    return found


def _ccle(response: Response, inputs: Inputs, known: pd.DataFrame) -> tuple[pd.DataFrame, frozenset[str]]:
    """CCLE's compounds, and which have a target of their own: GDSC's of one name lend other names, targets and ids."""
    rows = []
    index, facts = DrugIndex(known), known.set_index("drug")
    linked: dict[str, str] = {}
    own: set[str] = set()
    for drug, (name, _) in sorted(response.names.items()):
        twins = facts.loc[list(index.find(name))]
        linked |= {name: ", ".join(twins.index)} if len(twins) else {}
        others = dict.fromkeys(
            other
            for twin, synonyms in zip(twins["name"], twins["synonyms"], strict=True)
            for other in (twin, *synonyms)
        )
        targets = tuple(sorted({gene for genes in twins["targets"] for gene in genes}))
        if not targets and (targets := _exact(inputs.genes, response.targets[drug])):
            own.add(drug)
        rows.append(
            {
                "drug": drug,
                "name": name,
                "synonyms": tuple(other for other in others if other != name),
                "targets": targets,
                **{column: _first(twins[column]) for column in ("target_pathway", "pubchem", "chembl")},
            }
        )
    tally = inputs.tally(ccle.RESPONSE)
    tally.names("drug", linked, dropped=[str(row["name"]) for row in rows if row["name"] not in linked])
    tally.note("compound that GDSC has too", [f"{name} = {drugs}" for name, drugs in linked.items()])
    return pd.DataFrame(rows, columns=_COLUMNS), frozenset(own)


def _exact(genes: GeneTable, target: str) -> tuple[str, ...]:
    """The target when it is an approved symbol: in free text an alias (GS, RAF) would be a guess."""
    gene = genes.find(target)
    return (target,) if gene is not None and gene.symbol == target else ()


def _first(values: Iterable[object]) -> object:
    return next((value for value in values if isinstance(value, str)), None)


def _molecules(table: pd.DataFrame, compounds: pd.DataFrame) -> pd.DataFrame:
    """Drugs that share a name, a synonym (see :class:`DrugIndex`), a PubChem or a ChEMBL id are one molecule."""
    from scipy.sparse import coo_array  # takes long to import, and a second call does not come here
    from scipy.sparse.csgraph import connected_components

    drugs = list(table["drug"])
    place = {drug: position for position, drug in enumerate(drugs)}
    index, named = DrugIndex(table), list(zip(drugs, table["name"], strict=True))
    by_key = {drug_key(name): place[drug] for drug, name in reversed(named)}
    pairs = [(place[drug], place[hit]) for drug, name in named for hit in index.find(name)]
    pairs += [(place[drug], by_key[key]) for drug, name in named for key in candidate_keys(name) if key in by_key]
    for column in ("pubchem", "chembl"):
        for _, positions in table.reset_index().groupby(column)["index"]:
            pairs += [(int(positions.iloc[0]), int(position)) for position in positions]
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    links = coo_array((np.ones(len(pairs), dtype=bool), (ends[0], ends[1])), shape=(len(drugs), len(drugs)))
    _, group = connected_components(links, directed=False)
    first = {int(number): drug for drug, number in zip(reversed(drugs), reversed(group), strict=True)}
    sites = dict(zip(compounds["drug"], compounds["site"], strict=True))
    return pd.DataFrame(
        {
            "drug": drugs,
            "molecule": [first[int(number)] for number in group],
            "site": [sites.get(drug) for drug in drugs],
        }
    )
