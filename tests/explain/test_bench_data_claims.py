"""The counts of the benchmark are those of the tests, and a permuted screen keeps what it should."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import bench_data_claims as bench
import numpy as np
import pytest
from explain_world import world

from pathproof.errors import UsageError
from pathproof.explain.lmm import permuted


def test_one_extreme_line_counts_on_the_responses_alone_only() -> None:
    data = world()
    x, y = data.x.copy(), data.y.copy()
    x[9, 50] += 10.0
    y[9, 7] += 12.0
    before, after = (bench.shown("as they are", one, pairs=True) for one in (data, dataclasses.replace(data, x=x, y=y)))
    assert 0 < after["genes"] <= before["genes"] == before["genes, responses alone"]
    assert after["genes, responses alone"] > float(before["genes, responses alone"])
    assert before["pairs"] == after["pairs"] == 0
    assert float(after["largest deviate of a pair"]) > 1


def test_a_permuted_screen_shows_no_gene_and_keeps_tissue_and_layers() -> None:
    data = world()
    mixed = permuted(data, np.random.default_rng(0))
    assert bench.shown("permuted", mixed, pairs=False)["genes"] == 0
    assert not np.array_equal(mixed.y, data.y)
    for tissue in data.tissues:
        own = np.asarray(data.tissue) == tissue
        assert np.allclose(np.sort(mixed.y[own], axis=0), np.sort(data.y[own], axis=0), equal_nan=True)


def test_a_made_world_is_held_against_its_own_truth(tmp_path: Path) -> None:
    found = bench.of_world(42, tmp_path)
    assert found["claimed with exactly their genes"] == found["modules planted"] == 6
    assert found["modules claimed"] == 8
    assert found["adjusted Rand within a drug, mean"] == 1.0


def test_nothing_asked_is_refused() -> None:
    with pytest.raises(UsageError, match="Nothing is asked"):
        bench.main([])
