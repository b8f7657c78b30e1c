"""The figures of the demonstration are what they say."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import bench_demonstration as bench
import numpy as np
import pytest
from explain_world import world

from pathproof.errors import WorkspaceError
from pathproof.explain.data import Feature
from pathproof.graph_schema.records import Claim, ClaimKind
from pathproof.workspace import Workspace

TRUTH = bench.Truth(
    features={"d1": {("A", "expression"), ("B", "mutation")}},
    modules={"d1": ("M1", "M2", "M3", "M4")},
    pairs={"d2": {frozenset({"P", "Q"})}},
)


def _claim(kind: ClaimKind, *genes: str) -> Claim:
    return Claim(kind=kind, genes=genes, layers=("expression",) * len(genes), value=1.0, rank=1)


def test_the_rand_index_of_a_drug_counts_what_is_missed_and_what_is_named_falsely() -> None:
    planted = ("M1", "M2", "M3", "M4")
    assert bench.rand_within(planted, [planted]) == 1.0
    assert bench.rand_within(planted, []) == 0.0
    part = bench.rand_within(planted, [("M1", "M2", "M3")])
    with_false = bench.rand_within(planted, [("M1", "M2", "M3", "X", "Y")])
    assert with_false <= part < 1
    assert bench.rand_within(planted, [planted, ("X", "Y")]) < 1
    assert bench.rand_within(planted, [("M1", "M2"), ("M3", "M4")]) < 1


def test_rows_count_claims_by_what_they_name() -> None:
    claims = {
        "d1": [
            _claim(ClaimKind.MODULE, "M1", "M2", "M3", "M4"),
            _claim(ClaimKind.MODULE, "X", "Y"),
            _claim(ClaimKind.GENE, "A"),
            _claim(ClaimKind.GENE, "Z"),
        ],
        "d2": [_claim(ClaimKind.INTERACTION, "Q", "P"), _claim(ClaimKind.INTERACTION, "A", "B")],
    }
    modules = {what: value for _, what, value in bench.module_rows("x", claims, TRUTH)}
    assert modules["module claims"] == 2
    assert modules["module claims: without any planted gene"] == 0.5
    assert modules["module claims: planted ones touched, of 1"] == 1
    pairs = {what: value for _, what, value in bench.pair_rows("x", claims, TRUTH)}
    assert pairs == {"pair claims: planted ones, of 1": 1, "pair claims: others": 1}
    genes = {what: value for _, what, value in bench.gene_rows("x", claims, TRUTH, ClaimKind.GENE)}
    assert genes == {"confirmed gene claims": 2, "confirmed gene claims: false": 0.5}


def test_a_planted_pair_stands_where_its_best_product_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """P has two layers: the better product with Q counts. Two of the four other products are as high or higher."""
    features = (
        Feature("P", "expression"),
        Feature("Q", "expression"),
        Feature("P", "mutation"),
        Feature("X", "expression"),
    )
    pairs = np.asarray([[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]])
    scores = np.asarray([0.1, 0.9, 0.5, 0.5, 0.2, 0.3])
    monkeypatch.setattr(bench, "product_scores", lambda *_given: (pairs, scores))
    blank = np.zeros((2, 4), dtype=np.float32)
    data = dataclasses.replace(world(), features=features, x=blank, drugs=("d1", "d2"))
    rows = {what.partition(": ")[2]: value for _, what, value in bench.product_rows(data, TRUTH)}
    assert rows["place of a planted one, median"] == rows["place of a planted one, last"] == 3
    assert rows["AUROC of scores among all products, mean"] == 0.5
    assert rows["AUROC of scores among all products, least"] == 0.5


def test_the_area_is_that_of_planted_features_among_genes_without_a_part() -> None:
    features = (Feature("A", "expression"), Feature("A", "mutation"), Feature("M1", "expression"))
    features += (Feature("Y", "expression"), Feature("Z", "expression"))
    data = dataclasses.replace(world(), features=features, drugs=("d1", "d2"))
    values = np.asarray([[3.0, 0], [1.0, 0], [9.0, 0], [-2.0, 0], [np.nan, 0]])
    rows = dict((what, value) for _, what, value in bench.area_rows("x", "genes", data, values, TRUTH))
    assert rows == {"genes, mean over drugs": 1.0, "genes, median over drugs": 1.0}
    values[3, 0] = -4.0
    assert bench.area_rows("x", "genes", data, values, TRUTH)[0][2] == pytest.approx(2 / 3)


def test_another_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="not that of one demonstration"):
        bench.truth_of(Workspace.open(tmp_path / "ws"))
