"""What two files say of the same drugs or cell lines: a file of which a column was moved fits no other one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.drug_names import drug_key
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.networks_together import check_networks
from pathproof.ingest.sources import cell_lines, gdsc, gdsc_features, gdsc_response, networks, prism
from pathproof.ingest.sources.addition import Addition
from pathproof.ingest.sources.base import Source
from pathproof.ingest.sources.gdsc_response import Response
from pathproof.ingest.sources.problems import N_SHOWN, Problems
from pathproof.ingest.sources.together import Together, check_together


@dataclass(frozen=True)
class Pair:
    """Two tables of texts by the same ids, whose files they are of, and what belongs together in them."""

    left: pd.DataFrame
    right: pd.DataFrame
    sources: tuple[Source, Source]
    declared: tuple[Together, ...]


MIN_SHARED = 20
"""Cell lines that a drug has in both screens of GDSC, below which its levels are not compared."""
MIN_DRUGS = 10
"""Such drugs below which the screens are not compared."""
MOST_APART = 3.5
"""Median difference (ln uM) of a drug's IC50 between both screens. Sound: 3.0 at most, of 119 drugs; in nM: 6.2."""
MOST_DRUGS_APART = 0.1
"""Share of the drugs that may be further apart. Sound: 0.00."""


def check_between(inputs: Inputs) -> None:
    """Hold the files against each other.

    Raises
    ------
    DataError
        When columns of two files do not belong together, for every column of the pair at once.
    """
    for pair in _pairs(inputs):
        names = (inputs.path(pair.sources[0]).name, inputs.path(pair.sources[1]).name)
        ids = pair.left.index.intersection(pair.right.index)
        problems = Problems(inputs.path(pair.sources[0]), pair.sources[0].title)
        check_together(pair.left.loc[ids], pair.right.loc[ids], pair.declared, problems, names)
        problems.raise_if_any()
    if inputs.gdsc1 is not None:
        paths = (inputs.path(gdsc_response.GDSC1), inputs.path(gdsc_response.GDSC2))
        check_levels(inputs.gdsc1, inputs.response, paths)
    interactions, regulation = inputs.omnipath, inputs.collectri
    service = networks.OMNIPATH_SERVICE if networks.OMNIPATH_SERVICE.title in inputs.files else networks.OMNIPATH
    check_networks(interactions, regulation, (inputs.path(service), inputs.path(networks.COLLECTRI)))


def _pairs(inputs: Inputs) -> Iterator[Pair]:
    compounds = inputs.compounds.set_index("drug").fillna("")
    names = {"target": "TARGET", "target_pathway": "TARGET_PATHWAY"}
    listed = compounds.rename(columns=names)
    targets = inputs.targets.set_index("drug")
    if inputs.path(gdsc.TARGETS) != inputs.path(gdsc.COMPOUNDS):
        genes = pd.DataFrame({"GENE_TARGET": targets["targets"].map(" ".join)})
        told = Together("GENE_TARGET", "TARGET", "shares", 0.3, 0.66, 0.08)
        yield Pair(genes, listed, (gdsc.TARGETS, gdsc.COMPOUNDS), (told,))
        yield from targets_of_lists(inputs.additions, listed.join(genes)[["name", "GENE_TARGET"]].fillna(""))
    screened = pd.DataFrame({drug: [pathway] for drug, (_, pathway) in inputs.response.names.items()}).T
    screened.columns = pd.Index(["PATHWAY_NAME"])
    same = Together("PATHWAY_NAME", "TARGET_PATHWAY", "equals", 0.7, 1.00, 0.26)
    yield Pair(screened, listed, (gdsc_response.GDSC2, gdsc.COMPOUNDS), (same,))
    if inputs.features is not None and inputs.features.tissues is not None:
        lines = inputs.lines
        tissue = lines.frame.set_index("cell_line")["tissue"]
        known = pd.DataFrame({"tissue": pd.Series(lines.by_cosmic).map(tissue).fillna("")})
        usual = Together("tissue", "TISSUE_FACTOR", "suggests", 0.6, 0.81, 0.33)
        yield Pair(known, inputs.features.tissues.to_frame(), (cell_lines.MODEL_LIST, gdsc_features.FEATURES), (usual,))


def targets_of_lists(additions: Iterable[tuple[Addition[Any], Any]], screened: pd.DataFrame) -> Iterator[Pair]:
    """Targets of screened compounds (columns name and GENE_TARGET) as other compound lists give them, by name."""
    known = screened.set_index(screened["name"].map(drug_key))
    known = known[~known.index.duplicated()]
    for addition, compounds in additions:
        if addition.source not in (prism.COMPOUND_LIST, prism.TREATMENTS):
            continue
        column = addition.source.columns[1].name
        given: dict[str, str] = {}
        for one in compounds:
            key = drug_key(one.name.replace("-", " "))
            given[key] = " ".join((given.get(key, ""), *one.targets)).strip()
        listed = pd.DataFrame({column: pd.Series(given, dtype=str)})
        told = Together(column, "GENE_TARGET", "shares", 0.5, 0.93, 0.08)
        yield Pair(listed, known, (addition.source, gdsc.TARGETS), (told,))


def check_levels(gdsc1: Response, gdsc2: Response, paths: tuple[Path, Path]) -> None:
    """Hold the IC50 of the compounds that both screens have against each other: GDSC1 may name no doses to tell a unit.

    Raises
    ------
    DataError
        When too many drugs are far apart.
    """
    first, second = (one.frame.assign(key=_keys(one.frame)) for one in (gdsc1, gdsc2))
    means = second.groupby(["key", "line"])["ln_ic50"].mean().rename("other").reset_index()
    both = first.merge(means, on=["key", "line"])
    apart = (both["ln_ic50"] - both["other"]).groupby(both["drug"]).agg(["size", "median"])
    apart = apart[apart["size"] >= MIN_SHARED]
    wrong = apart[apart["median"].abs() > MOST_APART]
    if len(apart) < MIN_DRUGS or len(wrong) <= MOST_DRUGS_APART * len(apart):
        return
    shown = (f"{drug} by {by:+.1f}" for drug, by in wrong["median"].head(N_SHOWN).items())
    raise DataError(
        "The IC50 of some drugs is of another unit than in the other screen.",
        where=f"{paths[0]} or {paths[1].name}, column LN_IC50",
        got=f"{len(wrong):,} of {len(apart):,} drugs are apart: {', '.join(shown)}",
        allowed=f"at most {MOST_DRUGS_APART:.0%} of the drugs with a median difference above {MOST_APART} (ln uM)",
        action="give ln uM (not nM) for all drugs, or download the file again",
    )


def _keys(frame: pd.DataFrame) -> pd.Series[str]:
    return frame["drug_name"].map({name: drug_key(name) for name in frame["drug_name"].unique()})
