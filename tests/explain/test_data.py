"""The join of the tables, content keys, and the gene graph as arrays."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from predictor_world import Edges, open_workspace, world, write_tables

from pathproof.errors import DataError, UsageError
from pathproof.explain.data import Feature, gene_graph, load_dataset
from pathproof.explain.responses import attrition_of


def test_joins_lines_with_expression_and_response(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    write_tables(workspace)
    data = load_dataset(workspace)
    assert data.screen == "GDSC2"
    assert data.cell_lines == tuple(f"sidm:SIDM{i:05d}" for i in range(8))
    assert data.drug_names == ("Nutlin-3a", "gdsc.drug:2")
    np.testing.assert_array_equal(data.y[:, 0], np.arange(8.0))
    np.testing.assert_array_equal(data.y[:, 1], [0, -1, -2, -3, -4, -5, np.nan, np.nan])
    assert data.tissue[:2] == ("Lung", "unknown")


def test_constant_and_missing_features_are_left_out_and_counted(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    write_tables(workspace)
    data = load_dataset(workspace)
    # TP53 mutation has 5 carriers but only 2 non-carriers with the layer
    assert data.features == (Feature("TP53", "expression"), Feature("EGFR", "expression"))
    assert list(data.left_out.values()) == [1, 1, 2]
    assert data.x[0, 1] == 0  # the missing value
    assert data.genes == ("TP53", "EGFR")
    np.testing.assert_array_equal(data.has_layer["mutation"], [True] * 7 + [False])


def test_screen_can_be_chosen(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    write_tables(workspace)
    chosen = load_dataset(workspace, screen="ccle")
    assert (chosen.screen, chosen.y.tolist()) == ("CCLE", [[9.0]])
    assert chosen.data_id != load_dataset(workspace).data_id
    with pytest.raises(UsageError, match="did you mean: gdsc2"):
        load_dataset(workspace, screen="gdcs2")
    with pytest.raises(UsageError, match=r"not among the ingested(.|\n)*got: gdsc1(.|\n)*allowed: ccle, gdsc2"):
        load_dataset(workspace, screen="gdsc1")


def test_fit_errors_can_be_limited_and_the_loss_is_counted(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    write_tables(workspace)
    data = load_dataset(workspace, max_rmse=0.4)
    np.testing.assert_array_equal(data.y[:, 0], [0, 1, 2, 3, 4, np.nan])
    assert data.left_out["responses with a fit error above 0.4"] == 3
    first = {"step": "response file", "rows": 15}
    screens = [{"screen": "CCLE", "attrition": []}, {"screen": "GDSC2", "attrition": [first]}]
    *before, step = attrition_of(screens, data)
    assert before == [first]
    assert (step["step"], step["cell_lines"], step["rows"]) == ("with a fit error of at most 0.4", 6, 11)
    assert attrition_of(screens, load_dataset(workspace)) == [first]
    with pytest.raises(UsageError, match="gives no errors of the fits"):
        load_dataset(workspace, screen="ccle", max_rmse=0.4)
    with pytest.raises(DataError, match="No response is left"):
        load_dataset(workspace, max_rmse=-1.0)


def test_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gdsc2\.parquet is missing"):
        load_dataset(open_workspace(tmp_path))


def test_data_id_follows_content() -> None:
    assert world().data_id == world().data_id
    changed = world()
    changed.x[3, 3] += 1e-3
    assert changed.data_id != world().data_id
    moved = dataclasses.replace(world(), tissue=world().tissue[::-1])
    assert moved.data_id != world().data_id


def test_gene_graph_keeps_inner_edges_in_one_order() -> None:
    rows: list[tuple[str, str, int | None]] = [
        ("B", "A", -1),
        ("A", "B", 1),
        ("A", "A", 1),
        ("A", "OUTSIDE", 1),
        ("A", "C", 1),
        ("A", "C", -1),
        ("C", "B", None),
        ("A", "B", 1),
    ]
    graph = gene_graph(Edges(omnipath=rows, collectri=[]), ["A", "B", "C"])
    assert graph.relations["omnipath"].T.tolist() == [[0, 1], [0, 2], [1, 0], [2, 1]]
    assert graph.signs["omnipath"].tolist() == [1, 0, -1, 0]
    assert graph.relations["collectri"].shape == (2, 0)
    turned = gene_graph(Edges(omnipath=rows[::-1], collectri=[]), ["A", "B", "C"])
    assert turned.key == graph.key
    assert gene_graph(Edges(omnipath=rows[1:], collectri=[]), ["A", "B", "C"]).key != graph.key


def test_one_hot_tissue_matches_names() -> None:
    data = world()
    assert data.tissue_one_hot.sum(axis=1).tolist() == [1.0] * len(data.cell_lines)
    assert [data.tissues[i] for i in data.tissue_one_hot.argmax(axis=1)] == list(data.tissue)
