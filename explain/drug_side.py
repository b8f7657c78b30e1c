"""What is known of the drugs of a data set beside their responses: molecule, targets and class.

The explained model never sees it: only models for unseen drugs do, and scores by class.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from pathproof.explain.data import UNKNOWN, Dataset, Floats
from pathproof.explain.responses import read_table
from pathproof.workspace import Workspace, content_key


@dataclass(frozen=True)
class DrugSide:
    """Facts on the D drugs of a data set, in its order.

    Parameters
    ----------
    drugs : tuple of str
        CURIEs.
    molecules : tuple of str
        The first CURIE of the drug's molecule: ids of one molecule share it.
    targets : tuple of tuple of str
        Approved symbols; empty where no target is one gene.
    classes : tuple of str
        Pathway of the target as GDSC names it; "unknown" where not stated.
    """

    drugs: tuple[str, ...]
    molecules: tuple[str, ...]
    targets: tuple[tuple[str, ...], ...]
    classes: tuple[str, ...]

    @cached_property
    def key(self) -> str:
        """Content key."""
        return content_key(self.drugs, self.molecules, self.targets, self.classes)

    @cached_property
    def target_matrix(self) -> Floats:
        """Drugs x targets, 0 or 1; targets sorted, only those that two molecules or more have in common."""
        molecules_of: dict[str, set[str]] = {}
        for molecule, targets in zip(self.molecules, self.targets, strict=True):
            for gene in targets:
                molecules_of.setdefault(gene, set()).add(molecule)
        shared = sorted(gene for gene, molecules in molecules_of.items() if len(molecules) > 1)
        return np.asarray([[float(g in own) for g in shared] for own in self.targets]).reshape(len(self.drugs), -1)

    @cached_property
    def class_matrix(self) -> Floats:
        """Drugs x classes, 0 or 1; classes sorted, a drug of unknown class has none."""
        names = sorted(set(self.classes) - {UNKNOWN})
        return np.asarray([[float(c == name) for name in names] for c in self.classes]).reshape(len(self.drugs), -1)


def load_drug_side(workspace: Workspace, dataset: Dataset) -> DrugSide:
    """Read the drugs of a data set from the tables that `ingest` wrote (DataError where one is missing)."""
    table = read_table(workspace.tables / "drugs.parquet").drop_duplicates("drug").set_index("drug")
    groups = read_table(workspace.tables / "molecules.parquet").drop_duplicates("drug").set_index("drug")["molecule"]
    facts = table.reindex(list(dataset.drugs))
    return DrugSide(
        drugs=dataset.drugs,
        molecules=tuple(str(groups.get(drug, drug)) for drug in dataset.drugs),
        targets=tuple(
            () if targets is None or np.ndim(targets) == 0 else tuple(targets) for targets in facts["targets"]
        ),
        classes=tuple(UNKNOWN if pd.isna(c) or not str(c).strip() else str(c) for c in facts["target_pathway"]),
    )
