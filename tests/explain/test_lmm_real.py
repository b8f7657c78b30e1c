"""Tests of sense on the real screen: drugs whose mechanism is in every textbook. Not for tuning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pathproof.explain.data import Dataset
from pathproof.explain.lmm import association_lmm, permuted_null
from pathproof.explain.lmm_data import association_dataset
from pathproof.explain.lmm_table import Association, AssociationTable
from pathproof.graph_schema.records import Sign
from pathproof.workspace import Workspace

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
THRESHOLD = 5.0


@pytest.fixture(scope="module")
def data(real_made: tuple[Workspace, dict[str, Any]]) -> Dataset:
    """The real screen through the real readers."""
    return association_dataset(real_made[0])


@pytest.fixture(scope="module")
def table(data: Dataset) -> AssociationTable:
    """All drugs, tested once."""
    return association_lmm(data)


def claims_of(name: str, data: Dataset, table: AssociationTable) -> list[Association]:
    """Claims about all compounds of that name, strongest first."""
    ids = {drug for drug, found in zip(data.drugs, data.drug_names, strict=True) if found.startswith(name)}
    assert ids, name
    return sorted((c for c in table.claims(THRESHOLD) if c.drug in ids), key=lambda c: -abs(c.z))


@pytest.mark.parametrize(
    ("drug", "gene", "sign"),
    [
        ("Nutlin-3a", "TP53", Sign.RESISTANCE),
        ("Dabrafenib", "BRAF", Sign.SENSITIVITY),
        ("PLX-4720", "BRAF", Sign.SENSITIVITY),
        ("Alpelisib", "PIK3CA", Sign.SENSITIVITY),
        ("Afatinib", "ERBB2", Sign.SENSITIVITY),
        ("Navitoclax", "MCL1", Sign.RESISTANCE),
        ("Venetoclax", "BCL2", Sign.SENSITIVITY),
        ("Ipatasertib", "PTEN", Sign.SENSITIVITY),
    ],
)
def test_the_textbook_marker_comes_first(
    drug: str, gene: str, sign: Sign, data: Dataset, table: AssociationTable
) -> None:
    """The strongest claim of the drug names its marker with the right direction."""
    first = claims_of(drug, data, table)[0]
    assert (first.gene, first.sign) == (gene, sign)


def test_nutlin_moves_the_p53_targets_into_the_clump_of_tp53(data: Dataset, table: AssociationTable) -> None:
    """MDM2 and CDKN1A speak of the same thing as TP53 mutation: members, not further claims."""
    claim = claims_of("Nutlin-3a", data, table)[0]
    assert {"MDM2", "CDKN1A"} <= set(claim.members)


def test_evidence_is_calibrated_and_rare_by_chance(data: Dataset, table: AssociationTable) -> None:
    """Permuted within lineage: z has nearly unit spread, and at the threshold there is far less than in the data."""
    null = permuted_null(data, seed=0, n=1)
    assert 0.9 < float(np.nanstd(null.tables[0].z)) < 1.05
    found, chance = len(table.claims(THRESHOLD)), int(null.claims(THRESHOLD)[0])
    assert found >= 30
    assert chance <= 0.3 * found
