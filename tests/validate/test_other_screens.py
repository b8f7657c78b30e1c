"""Compounds of a further screen take part only where they are explained, and give way to others of their name."""

from __future__ import annotations

from typing import Any

import pytest
from scoring_world import DRUGS, drug, gene, store

from pathproof.errors import UsageError
from pathproof.graph_schema.screens import checked_screen, ingested_screen
from pathproof.validate.claims_csv import drug_names
from pathproof.validate.knowledge import read_knowledge

OTHER = "ccle.drug:other"


def rows() -> list[dict[str, Any]]:
    listed = [{"id": drug(i), "name": f"Drug {i}", "provided_by": "source:gdsc"} for i in range(len(DRUGS))]
    return [*listed, {"id": OTHER, "name": "Drug 0", "synonyms": ["Only here"], "provided_by": "source:ccle"}]


def test_a_further_screen_changes_no_class_of_another_one() -> None:
    plain = store()
    targets = [*plain.rows("target-edges"), {"drug": OTHER, "gene": gene(0), "edge": "t-other"}]
    wider = store(**{"drugs": rows(), "target-edges": [{"knowledge_source": "source:x", **row} for row in targets]})
    before, without, with_it = (
        read_knowledge(plain),
        read_knowledge(wider, [drug(0)]),
        read_knowledge(wider, [drug(0), OTHER]),
    )
    assert without.groups == before.groups
    assert without.relatives == before.relatives
    assert without.targets == before.targets
    assert OTHER in with_it.relatives[drug(0)]


def test_a_name_means_the_listed_compound_first() -> None:
    names = drug_names(rows())
    assert names["drug 0"] == ((drug(0), "Drug 0"),)
    assert names[OTHER] == ((OTHER, "Drug 0"),)
    assert names["only here"] == ((OTHER, "Drug 0"),)


def test_names_of_screens() -> None:
    assert checked_screen("GDSC2") == "gdsc2"
    with pytest.raises(UsageError, match="did you mean: ccle"):
        checked_screen("ccel")
    assert ingested_screen("ccle", ["gdsc2", "ccle"]) == "ccle"
    with pytest.raises(UsageError, match=r"got: gdsc1(.|\n)*allowed: ccle, gdsc2"):
        ingested_screen("gdsc1", ["gdsc2", "ccle"])
