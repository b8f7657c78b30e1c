"""The benchmark of the peers: its figures are those that it writes, and its overlap is the Jaccard index."""

from __future__ import annotations

import json
from pathlib import Path

import bench_peers as bench
import numpy as np
import pytest


def test_the_quick_table_has_a_row_for_each_explainer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--quick", "--subsamples", "2", "--out", str(tmp_path / "a" / "peers.json")]) == 0
    rows = {row["explainer"]: row for row in json.loads((tmp_path / "a" / "peers.json").read_text())}
    assert {"multivariate", "ILLUME+ (published, factorised)", "plain ridge on the model"} <= set(rows)
    ours, published = rows["multivariate"], rows["ILLUME+ (published, factorised)"]
    assert ours["fidelity"] > rows["plain ridge on the model"]["fidelity"] > published["fidelity"]
    assert ours["same_drug"] > 0.8 > published["same_drug"]
    printed = capsys.readouterr().out
    assert all(name in printed for name in rows)


def test_overlap_is_the_mean_jaccard_index() -> None:
    a, b = np.zeros((1, 100)), np.zeros((1, 100))
    a[0, :20], b[0, 10:30] = 1.0, -1.0
    assert bench.overlap([a, a]) == 1.0
    assert bench.overlap([a, b]) == pytest.approx(1 / 3)


def test_a_workspace_is_needed_unless_it_is_quick() -> None:
    with pytest.raises(SystemExit):
        bench.main([])
