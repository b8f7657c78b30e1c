"""The claims of the benchmark's explainers: their own order, one gene once, and files that the validator reads."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import bench_peer_claims as bench
import numpy as np
import pandas as pd
import pytest
from explain_world import PLANTED, world

from pathproof.errors import UsageError, WorkspaceError
from pathproof.explain.data import Dataset
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Sign
from pathproof.workspace import Workspace


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return world(n_lines=80)


@pytest.mark.parametrize("name", ["association-lmm", "univariate"])
def test_explainers_of_the_data_name_the_planted_gene_first(name: str, dataset: Dataset, tmp_path: Path) -> None:
    rows = bench.of_data(name, Workspace.open(tmp_path), dataset, [0, 1], 5)
    firsts = rows.groupby("drug").first()["gene"]
    assert firsts.to_dict() == {f"gdsc.drug:{d}": PLANTED[d][0] for d in (0, 1)}
    assert rows.groupby("drug").size().max() <= 5
    assert rows["gene2"].isna().all()
    for _, own in rows.groupby("drug"):
        assert own["confidence"].is_monotonic_decreasing, "validate ranks by it: the explainer's own order"


def test_random_states_no_direction(dataset: Dataset, tmp_path: Path) -> None:
    rows = bench.of_data("random", Workspace.open(tmp_path), dataset, [2], 5)
    assert len(rows) == 5
    assert rows["sign"].isna().all()


def test_an_explainer_of_the_model_is_asked_on_all_lines(dataset: Dataset) -> None:
    from pathproof.explain.multivariate.function import Lines, ModelFunction
    from pathproof.explain.multivariate.model_peers import Said, plain_ridge

    names = tuple(f"{f.layer}:{f.gene}" for f in dataset.features)
    function = ModelFunction("own", lambda x: x[:, :1] * 2.0 - x[:, 7:8], names, ("gdsc.drug:4",))
    lines = Lines(dataset.cell_lines, names, dataset.x.astype(np.float64))
    task = bench.Task(function, lines, len(names), 1)
    rows = bench.of_model("ridge", plain_ridge, task, dataset, 2)
    assert dict(zip(rows["gene"], rows["sign"], strict=True)) == {"G0": "resistance", "G7": "sensitivity"}

    def said(*_given: object) -> Said:
        slopes = np.zeros((1, len(names)))
        slopes[0, :60], slopes[0, 5], slopes[0, 61:63] = 0.5, 0.9, (0.1, 0.01)
        return Said(slopes, np.zeros(1))

    assert bench.of_model("x", said, task, dataset, 1)["gene"].tolist() == ["G5"]
    assert bench.of_model("x", said, task, dataset, 1, by_layer=True)["gene"].tolist() == ["M1"]
    unsigned = bench.of_model("x", lambda *_given: dataclasses.replace(said(), signed=False), task, dataset, 3)
    assert unsigned["gene"].tolist()[0] == "G5"
    assert unsigned["sign"].isna().all()


def test_the_run_of_the_workspace_claims_by_confidence(dataset: Dataset, tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    with pytest.raises(WorkspaceError, match=r"No run is in this workspace"):
        bench.of_run(workspace, dataset, [1], 5)

    def claim(gene: str, layer: str, confidence: float, sign: Sign) -> Claim:
        return Claim(kind=ClaimKind.GENE, genes=(gene,), layers=(layer,), value=0.1, sign=sign, rank=1,
                     confidence=confidence)  # fmt: skip

    claims = (
        claim("G5", "expression", 0.2, Sign.RESISTANCE), claim("M1", "mutation", 0.7, Sign.SENSITIVITY),
        claim("G7", "expression", 0.0, Sign.RESISTANCE), claim("G9", "expression", 0.1, Sign.RESISTANCE),
    )  # fmt: skip
    own = {"version": "1", "screen": "GDSC2", "drug_name": "x", "claims": claims}
    records = [
        Explanation(explainer=name, drug=f"gdsc.drug:{d}", **own)  # type: ignore[arg-type]
        for name, d in (("pathproof", 1), ("pathproof", 2), ("association-lmm", 1))
    ]
    with workspace.writing_step("explain", "key", {}) as part:
        (part / "explanations.jsonl").write_text("".join(one.to_json() + "\n" for one in records))
    rows = bench.of_run(workspace, dataset, [1], 2)
    assert rows["gene"].tolist() == ["M1", "G5"]
    assert rows["confidence"].tolist() == [0.7, 0.2]
    assert rows["layer"].tolist() == ["mutation", "expression"]
    assert rows["sign"].tolist() == ["sensitivity", "resistance"]
    assert set(rows["drug"]) == {"gdsc.drug:1"}


def test_the_drugs_are_those_of_the_file(dataset: Dataset, tmp_path: Path) -> None:
    pd.DataFrame({"drug": ["gdsc.drug:5", "gdsc.drug:1", "other"]}).to_csv(tmp_path / "like.csv")
    assert bench.named_like(dataset, tmp_path / "like.csv") == [1, 5]
    with pytest.raises(UsageError, match=r"No drug of the file"):
        bench.named_like(dataclasses.replace(dataset, drugs=("a", "b")), tmp_path / "like.csv")
