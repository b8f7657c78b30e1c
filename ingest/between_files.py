"""What two files say of the same drugs or cell lines: a file of which a column was moved fits no other one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from pathproof.ingest.inputs import Inputs
from pathproof.ingest.sources import cell_lines, gdsc, gdsc_features, gdsc_response
from pathproof.ingest.sources.base import Source
from pathproof.ingest.sources.problems import Problems
from pathproof.ingest.sources.together import Together, check_together


@dataclass(frozen=True)
class Pair:
    """Two tables of texts by the same ids, whose files they are of, and what belongs together in them."""

    left: pd.DataFrame
    right: pd.DataFrame
    sources: tuple[Source, Source]
    declared: tuple[Together, ...]


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


def _pairs(inputs: Inputs) -> Iterator[Pair]:
    compounds = inputs.compounds.set_index("drug").fillna("")
    names = {"target": "TARGET", "target_pathway": "TARGET_PATHWAY"}
    listed = compounds.rename(columns=names)
    targets = inputs.targets.set_index("drug")
    if inputs.path(gdsc.TARGETS) != inputs.path(gdsc.COMPOUNDS):
        genes = pd.DataFrame({"GENE_TARGET": targets["targets"].map(" ".join)})
        told = Together("GENE_TARGET", "TARGET", "shares", 0.3, 0.66, 0.08)
        yield Pair(genes, listed, (gdsc.TARGETS, gdsc.COMPOUNDS), (told,))
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
