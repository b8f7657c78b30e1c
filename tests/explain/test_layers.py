"""Lines that lack a layer, and further layers, as a data set; bad layers are refused or counted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from layers_world import LINES, NOTHING, PART, WHOLE, write_layers
from predictor_world import open_workspace

from pathproof.errors import DataError, UsageError
from pathproof.explain.cross_screen import load_other
from pathproof.explain.data import Feature, load_dataset
from pathproof.explain.layers import further_layers
from pathproof.explain.lmm_data import association_dataset
from pathproof.explain.responses import read_table
from pathproof.workspace import Workspace, write_parquet

LAYERS = ("expression_tpm", "copy_number")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = open_workspace(tmp_path_factory.mktemp("layers"))
    write_layers(made)
    return made


def test_any_lines_hold_the_complete_ones_unchanged(workspace: Workspace) -> None:
    complete = load_dataset(workspace)
    wide = load_dataset(workspace, lines="any", layers=LAYERS)
    assert further_layers(workspace) == LAYERS
    assert wide.cell_lines == tuple(LINES)
    assert complete.cell_lines == tuple(np.asarray(wide.cell_lines)[wide.complete])
    assert (wide.drugs, wide.features[: len(complete.features)]) == (complete.drugs, complete.features)
    assert [f for f in wide.features if f.layer == "copy_number"] == [
        Feature("A", "copy_number"),
        Feature("B", "copy_number"),
    ]
    np.testing.assert_array_equal(wide.x[wide.complete][:, : len(complete.features)], complete.x)
    np.testing.assert_array_equal(wide.y[wide.complete], complete.y)
    assert complete.known is None
    assert complete.measured.all()
    assert wide.data_id != load_dataset(workspace, lines="any").data_id != complete.data_id


def test_masks_say_what_a_line_has(workspace: Workspace) -> None:
    wide = load_dataset(workspace, lines="any", layers=LAYERS)
    expression, copies = wide.layer_columns("expression"), wide.layer_columns("copy_number")
    assert wide.measured[list(WHOLE)][:, expression].all()
    # genes A and B; C does not agree with the first matrix, D to F are not in the second
    assert wide.measured[list(PART)][:, expression].tolist() == [[True, True, False, False, False, False]] * 10
    assert not wide.measured[list(NOTHING)][:, expression].any()
    assert wide.measured[:, copies].sum(axis=0).tolist() == [55, 55]
    assert not wide.x[~wide.measured].any()
    assert wide.has_layer["expression"].tolist() == [i in WHOLE for i in range(60)]
    plain = load_dataset(workspace, lines="any")
    assert plain.known is None
    assert plain.measured[list(PART)][:, expression].any() == np.False_


def test_the_second_matrix_comes_in_the_units_of_the_first(workspace: Workspace) -> None:
    wide = load_dataset(workspace, lines="any", layers=("expression_tpm",))
    truth = np.random.default_rng(0).normal(size=(60, 6)).astype(np.float32)
    np.testing.assert_allclose(wide.x[list(PART), :2], truth[list(PART), :2], atol=1e-4)


def test_an_explanation_cannot_name_copy_number() -> None:
    assert Feature("A", "mutation").recorded == "mutation"
    with pytest.raises(UsageError, match=r"expression and mutations only(.|\n)*A, copy_number"):
        _ = Feature("A", "copy_number").recorded


def test_what_is_lost_is_counted(workspace: Workspace) -> None:
    lost = load_dataset(workspace, lines="any", layers=LAYERS).left_out
    assert lost["screened cell lines without any layer"] == 1
    assert lost["copy-number features without variation or without any value"] == 2
    assert lost["copy-number values missing (set to 0, diploid)"] == 1
    assert lost["copy-number values beyond 3 (limited)"] == 1
    assert lost["genes of the second expression matrix that do not agree with the first"] == 1


def test_association_uses_the_same_lines(workspace: Workspace) -> None:
    wide, tested = load_dataset(workspace, lines="any"), association_dataset(workspace)
    assert (tested.cell_lines, tested.features, tested.drugs) == (wide.cell_lines, wide.features, wide.drugs)
    np.testing.assert_array_equal(tested.x, wide.x)
    np.testing.assert_array_equal(tested.y, wide.y)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"lines": "all"}, "no such choice of cell lines"),
        ({"layers": ("copynumber",)}, "did you mean: copy_number"),
        ({"layers": ("expression_tpm",)}, "for cell lines that the first one lacks"),
    ],
)
def test_what_cannot_be_asked_for(workspace: Workspace, asked: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        load_dataset(workspace, **asked)  # type: ignore[arg-type]


def _spoil(name: str, table: pd.DataFrame) -> pd.DataFrame:
    values = table.drop(columns="cell_line")
    if name == "turned round":
        return values.T.set_axis(table["cell_line"].tolist(), axis=1).reset_index(names="gene")
    if name == "copies, not log ratios":
        return table.assign(**(2 * 2**values).astype(np.float32))
    if name == "twice":
        return pd.concat([table, table.head(1)])
    if name == "texts":
        return table.assign(A="high")
    return table.assign(A=np.float32(300))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("turned round", r"has no column cell_line: it may be turned round"),
        ("copies, not log ratios", r"another scale(.|\n)*got: a median of"),
        ("twice", r"names a cell line twice(.|\n)*SIDM00000"),
        ("texts", r"got: no numbers in 1 columns: A"),
        ("counts", r"got: .* to 300(.|\n)*log2\(copies / 2\)"),
    ],
)
def test_a_layer_that_is_not_what_it_should_be_is_refused(tmp_path: Path, name: str, says: str) -> None:
    spoiled = open_workspace(tmp_path)
    write_layers(spoiled)
    path = spoiled.tables / "layers" / "copy_number_gdsc.parquet"
    write_parquet(path, _spoil(name, pd.read_parquet(path)))
    with pytest.raises(DataError, match=says):
        load_dataset(spoiled, lines="any", layers=LAYERS)


def test_matrices_that_share_too_little_are_refused(tmp_path: Path) -> None:
    short = open_workspace(tmp_path)
    write_layers(short)
    path = short.tables / "layers" / "expression_tpm.parquet"
    write_parquet(path, pd.read_parquet(path).iloc[30:])
    with pytest.raises(DataError, match=r"cannot be brought together(.|\n)*10 cell lines and 3 genes"):
        load_dataset(short, lines="any", layers=LAYERS)
    path.unlink()
    assert further_layers(short) == ("copy_number",)
    with pytest.raises(DataError, match=r"expression_tpm\.parquet is missing"):
        load_dataset(short, lines="any", layers=LAYERS)


def test_another_screen_is_read_under_the_same_limit_and_in_the_same_layers(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    write_layers(workspace)
    pairs = [("GDSC1", "gdsc.drug:0", line, 1.0, 0.05 * i) for i, line in enumerate(LINES[:10])]
    pairs += [("CCLE", "gdsc.drug:1", line, 1.0, np.nan) for line in LINES[:3]]
    table = pd.DataFrame(pairs, columns=["screen", "drug", "cell_line", "ln_ic50", "rmse"])
    for screen, rows in table.groupby("screen"):
        write_parquet(workspace.tables / f"screens/{screen.lower()}.parquet", rows.reset_index(drop=True))
    drugs = pd.DataFrame({"drug": ["gdsc.drug:0", "gdsc.drug:1"], "name": ["a", "b"]})
    write_parquet(workspace.tables / "drugs.parquet", drugs.assign(targets=[["A"], None], target_pathway=["x", None]))
    write_parquet(workspace.tables / "molecules.parquet", drugs.assign(molecule=drugs["drug"])[["drug", "molecule"]])
    limited = load_dataset(workspace, max_rmse=0.32)
    wide = load_dataset(workspace, max_rmse=0.32, lines="any", layers=LAYERS)
    other = load_other(workspace, "gdsc1", limited, wide)
    assert other.dataset.cell_lines == tuple(LINES[:7])  # .35 and more are beyond the limit
    assert other.wide is not None
    assert other.wide.cell_lines == other.dataset.cell_lines
    assert other.wide.features[-2:] == (Feature("A", "copy_number"), Feature("B", "copy_number"))
    np.testing.assert_array_equal(other.wide.x[:, -2:], wide.x[:7, -2:])
    assert load_other(workspace, "gdsc1", load_dataset(workspace)).dataset.cell_lines == tuple(LINES[:10])
    with pytest.raises(UsageError, match="gives no errors of the fits"):
        load_other(workspace, "ccle", limited)


def test_a_wide_table_is_read_in_parts_and_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(5, 7)).astype(np.float32), columns=list("ABCDEFG"))
    table.insert(0, "cell_line", LINES[:5])
    write_parquet(tmp_path / "wide.parquet", table)
    monkeypatch.setattr("pathproof.explain.responses.COLUMNS_AT_ONCE", 3)
    pd.testing.assert_frame_equal(read_table(tmp_path / "wide.parquet"), table)


READ = """
import resource, sys
from pathlib import Path
from pathproof.explain.responses import read_table
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
table = read_table(Path(sys.argv[1]))
print(table.shape[1], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_genome_wide_layer_takes_memory_in_proportion_to_its_numbers(tmp_path: Path) -> None:
    """In one go 12,000 columns take 680 MB, whatever they hold; in parts, 82 MB."""
    values = np.zeros((4, 12_000), dtype=np.float32)
    write_parquet(tmp_path / "wide.parquet", pd.DataFrame(values, columns=[f"G{i}" for i in range(12_000)]))
    told = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path / "wide.parquet")], capture_output=True, text=True, check=True
    )
    columns, kilobytes = (int(one) for one in told.stdout.split())
    assert columns == 12_000
    assert kilobytes < 300_000
