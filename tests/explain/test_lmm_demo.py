"""The association test on the demonstration, where the right answer is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pathproof.explain.data import Dataset
from pathproof.explain.lmm import association_lmm, permuted_null
from pathproof.explain.lmm_data import association_dataset
from pathproof.ingest.demo.world import write_demo
from pathproof.ingest.pipeline import ingest
from pathproof.workspace import Workspace

THRESHOLD = 4.5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's files and what was planted in them."""
    made = tmp_path_factory.mktemp("demo")
    write_demo(made / "files")
    return made


@pytest.fixture(scope="module")
def data(folder: Path) -> Dataset:
    """Read by the real readers."""
    workspace = Workspace.open(folder / "workspace")
    ingest(folder / "files", workspace, kind="demonstration")
    return association_dataset(workspace)


def test_claims_are_what_was_planted(folder: Path, data: Dataset) -> None:
    """Strong claims name planted genes with their signs, for most drugs, and none for drugs without a mechanism."""
    planted = json.loads((folder / "files" / "planted.json").read_text(encoding="utf-8"))
    truth = {(m["drug"], g["gene"], g["sign"]) for m in planted["mechanisms"] for g in m["genes"]}
    for mechanism in planted["mechanisms"]:
        for module in mechanism["modules"]:
            for gene, weight in zip(module["genes"], module["weights"], strict=True):
                sign = "resistance" if module["effect"] * weight > 0 else "sensitivity"
                truth.add((mechanism["drug"], gene, sign))
    claims = association_lmm(data).claims(THRESHOLD)
    right = [(claim.drug, claim.gene, claim.sign.value) in truth for claim in claims]
    assert np.mean(right) > 0.95
    assert len({claim.drug for claim in claims}) > 0.7 * len(planted["mechanisms"])
    empty = {decoy["drug"] for decoy in planted["decoys"]["no_mechanism"]}
    assert empty
    assert empty.isdisjoint({claim.drug for claim in claims})


def test_a_permuted_screen_makes_next_to_no_claims(data: Dataset) -> None:
    """Two permutations within lineage: at most two claims each, where the data have dozens; z keeps unit spread."""
    null = permuted_null(data, seed=1, n=2)
    assert null.claims(THRESHOLD).max() <= 2
    assert 0.9 < float(np.nanstd(null.tables[0].z)) < 1.05
