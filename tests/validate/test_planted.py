"""The planted answer as a reference: genes with an effect of their own count, those of pairs and modules do not."""

from __future__ import annotations

from typing import Any

import pytest

from pathproof.errors import DataError
from pathproof.validate.planted import planted_truth


def answer(**parts: Any) -> dict[str, Any]:
    genes = [{"gene": "A", "layer": "expression", "sign": "resistance", "effect": 0.5}]
    return {"mechanisms": [{"drug": "gdsc.drug:1", "genes": genes, "pathway": None, **parts}]}


def test_genes_that_act_only_together_are_set_aside() -> None:
    """A claim about one of them is neither right nor wrong; a gene with its own effect stays a fact."""
    found = planted_truth(answer(pairs=[{"genes": ["A", "B"]}], modules=[{"genes": ["C", "D"]}]))
    assert found.pairs == (("gdsc.drug:1", "A"),)
    assert found.set_aside == {("gdsc.drug:1", gene) for gene in "BCD"}


def test_an_answer_without_pairs_and_modules_sets_nothing_aside() -> None:
    """Both keys are optional."""
    assert planted_truth(answer()).set_aside == frozenset()


@pytest.mark.parametrize("part", [{"pairs": [{"gene": "A"}]}, {"modules": [3]}])
def test_a_part_of_another_form_is_told(part: dict[str, Any]) -> None:
    """With the form that is allowed."""
    with pytest.raises(DataError, match="planted answer cannot be read"):
        planted_truth(answer(**part))
