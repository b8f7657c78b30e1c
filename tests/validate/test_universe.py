"""The universe that a user gives is checked against the graph."""

from __future__ import annotations

import pytest
from scoring_world import GENES, context, right, store, table

from pathproof.errors import DataError
from pathproof.validate.run import validate
from pathproof.validate.universe import Universe, check_universe


def test_any_case_blanks_and_a_byte_order_mark_are_forgiven() -> None:
    assert check_universe(["\ufeffegfr", " MET ", "c11ORF1", "met", "", "NOPE", "Nix"], ["EGFR", "MET", "C11orf1"]) == (
        ["C11orf1", "EGFR", "MET"],
        ["NOPE", "Nix"],
    )


def test_unknown_genes_are_left_out_and_counted() -> None:
    given = [*(gene.lower() for gene in GENES), "ENSG1", "ENSG2"]
    report = validate(store(), table(right()), context("right"), universe=given).report
    assert report["universe"] == {
        "origin": "given with the claims", "n_genes": len(GENES), "n_pathways": 10, "n_unknown": 2,
    }  # fmt: skip
    lost = next(r for r in report["attrition"] if r["step"] == "genes of the universe left out")
    assert (lost["genes"], lost["examples"]) == (2, ["ENSG1", "ENSG2"])
    plain = validate(store(), table(right()), context("right"), universe=list(GENES)).report
    assert plain["precision"] == report["precision"]
    assert plain["universe"]["n_unknown"] == 0


def test_a_universe_of_other_names_is_refused_with_the_nearest() -> None:
    with pytest.raises(DataError, match="fewer than half") as caught:
        validate(store(), table(right()), context("right"), universe=["G0011", *(f"ZZQ{i}" for i in range(20))])
    told = str(caught.value)
    assert "21 unknown of 21" in told
    assert "for G0011" in told
    assert len(told.split("got:")[1].splitlines()[0].split(", ")) == 10


def test_a_universe_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="universe of genes is empty"):
        Universe.of([], [], "nothing")
    assert Universe.of([], ["reactome:1"], "pathways").items("pathway") == ("reactome:1",)
