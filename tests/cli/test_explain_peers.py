"""`pathproof explain --explainer NAME` for the explainers beside ours: records, files, subgraphs, and refusals."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import bench_peers
import pandas as pd
import pytest
from cli_world import Answer, Finished, Shell

from pathproof.cli.explainers import Asked, checked_explainer
from pathproof.errors import DependencyError
from pathproof.explain.data import load_dataset
from pathproof.explain.multivariate.peer_kinds import KINDS, Request
from pathproof.explain.multivariate.peer_run import STEP, Explained, explain_model
from pathproof.explain.multivariate.run import Where
from pathproof.graph_schema.records import ClaimKind, Explanation, ModelRecord
from pathproof.graph_schema.store import open_store
from pathproof.workspace import Workspace

OF_MODEL = [name for name, kind in KINDS.items() if kind.sees == "model"]


def _records(out: Path) -> list[Explanation]:
    return [Explanation.from_json(text) for text in (out / "explanations.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def planted(finished: Finished) -> pd.DataFrame:
    (truth,) = (finished.workspace / "steps" / "demo").glob("*/truth/genes.csv")
    return pd.read_csv(truth)


@pytest.fixture(scope="module")
def screened(finished: Finished, shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> tuple[Answer, Path, Path]:
    """association-lmm on all drugs, in a workspace where nothing was trained."""
    workspace = tmp_path_factory.mktemp("untrained") / "ws"
    left_out = shutil.ignore_patterns(
        *(path.name for path in (finished.workspace / "steps").iterdir() if path.name != "demo")
    )
    shutil.copytree(finished.workspace, workspace, ignore=left_out)
    out = workspace.parent / "lmm"
    return shell("explain", "--explainer", "association-lmm", "--workspace", workspace, "--out", out), out, workspace


def test_association_lmm_needs_no_model_and_finds_what_was_planted(
    screened: tuple[Answer, Path, Path], planted: pd.DataFrame
) -> None:
    answer, out, workspace = screened
    assert answer.code == 0, answer.err
    assert not (workspace / "steps" / "train").exists()
    records = _records(out)
    assert {record.explainer for record in records} == {"association-lmm"}
    assert len(records) > 50
    assert json.loads((out / "summary.json").read_text())["drugs"] == [one.drug for one in records]
    truth = planted.groupby("drug")["gene"].agg(set).to_dict()
    genes = [(one.drug, own) for one in records for own in one.claims if own.kind is ClaimKind.GENE]
    held = [(drug, own) for drug, own in genes if own.confidence and own.confidence >= 0.5]
    assert len(held) >= 30
    assert sum(own.genes[0] in truth.get(drug, ()) for drug, own in held) / len(held) > 0.8
    assert f"{len(held)} of them shown by the data at Bonferroni's level over all drugs" in answer.out
    assert {own.confirmed for one in records for own in one.claims} == {None}, "no model was asked"
    assert len(list((out / "figures").glob("*-genes.svg"))) == len(records)


def test_the_store_answers_with_it_and_its_claims_are_scored(screened: tuple[Answer, Path, Path], shell: Shell) -> None:
    _, out, workspace = screened
    first = _records(out)[0]
    words = ("query", "explanation-of-drug", f"drug={first.drug}", "explainer=association-lmm", "--format", "csv")
    answer = shell(*words, "--workspace", workspace)
    assert answer.code == 0, answer.err
    ids = {f"claim:{row.rsplit('claim:', 1)[1]}" for row in answer.out.splitlines() if "claim:" in row}
    assert set(first.claim_ids) <= ids
    scored = shell(
        "validate", "--explanations", out / "association-lmm.csv", "--workspace", workspace, "--no-data-test"
    )
    assert scored.code in (0, 1, 4), scored.err


def test_named_drugs_have_their_pairs(finished: Finished, shell: Shell, tmp_path: Path) -> None:
    (truth,) = (finished.workspace / "steps" / "demo").glob("*/truth/pairs.csv")
    pairs = pd.read_csv(truth)
    words = [word for drug in pairs["drug"].unique() for word in ("--drug", drug)]
    answer = shell(
        "explain", "--explainer", "association-lmm", *words, "--top", "3", "--workspace", finished.workspace,
        "--out", tmp_path,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    wanted = {(row.drug, "|".join(sorted((row.gene_a, row.gene_b)))) for row in pairs.itertuples()}
    found = {
        (one.drug, own.key) for one in _records(tmp_path) for own in one.claims if own.kind is ClaimKind.INTERACTION
    }
    assert len(found & wanted) >= 5
    assert all(sum(own.kind is ClaimKind.GENE for own in one.claims) <= 3 for one in _records(tmp_path))


def test_an_explainer_without_a_direction_is_said_drawn_and_stored_so(
    finished: Finished, shell: Shell, planted: pd.DataFrame, tmp_path: Path
) -> None:
    drug = str(planted["drug"].iloc[0])
    words = ("explain", "--explainer", "gnn-explainer", "--drug", drug, "--by-layer", "--top", "5")
    answer = shell(*words, "--workspace", finished.workspace, "--out", tmp_path)
    assert answer.code == 0, answer.err
    (record,) = _records(tmp_path)
    assert record.model_id is not None
    assert record.parameters["epochs"] == 100
    assert "layer" in record.parameters["order"]
    assert [own.rank for own in record.claims] == [1, 2, 3, 4, 5]
    assert {own.sign for own in record.claims} == {None}
    rows = pd.read_csv(tmp_path / "gnn-explainer.csv")
    assert rows["sign"].isna().all()
    assert rows["score"].is_monotonic_decreasing
    assert "no direction is stated" in next((tmp_path / "figures").glob("*-genes.svg")).read_text()


def test_each_explainer_of_the_model_leaves_records_that_the_store_answers(
    finished: Finished, planted: pd.DataFrame, tmp_path: Path
) -> None:
    for package in ("lightgbm", "shap", "lime", "shapiq"):
        pytest.importorskip(package)
    shutil.copytree(finished.workspace, tmp_path / "ws")
    workspace = Workspace.open(tmp_path / "ws")
    dataset = load_dataset(workspace)
    done = [path.parent for path in workspace.step("train-piece", "").glob("*/done.json")]
    (folder,) = (path for path in done if bench_peers._explained(path / "done.json", dataset))
    explained = Explained("model:demo", folder, ("gdsc",))
    drug = dataset.drugs.index(str(planted["drug"].iloc[0]))
    records = {}
    for name in OF_MODEL:
        what = (Request(KINDS[name], (drug,), top=7), dataset, workspace, explained, lambda _text, _share: None)
        (records[name],), told = explain_model(*what, Where())
        assert list(told["seconds"]) == [dataset.drugs[drug]]
        assert sum(own.kind is ClaimKind.GENE for own in records[name].claims) == 7
    kept = {path: path.stat().st_mtime_ns for path in workspace.step(STEP, "").glob("*/done.json")}
    assert len(kept) == len(OF_MODEL)
    (again,), _ = explain_model(Request(KINDS["lime"], (drug,), top=7), *what[1:], Where())
    assert again == records["lime"]
    assert {path: path.stat().st_mtime_ns for path in workspace.step(STEP, "").glob("*/done.json")} == kept
    assert records["lime"].parameters["packages"]["lime"]
    assert records["plain-ridge"].fidelity is not None
    assert records["kernel-shap"].model_calls is not None
    assert {name for name, one in records.items() if any(len(own.genes) == 2 for own in one.claims)} == {
        "shapiq", "shap-interactions",
    }  # fmt: skip
    with open_store(None, workspace) as store:
        model = ModelRecord(id="model:demo", name="demo", universe=dataset.genes)
        store.write_explanations(model, list(records.values()))
        for name, record in records.items():
            rows = store.rows("explanation-of-drug", {"drug": record.drug, "explainer": name})
            assert {row["claim_id"] for row in rows} >= set(record.claim_ids)


def test_a_missing_package_is_said_and_leaves_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Callable[[str], ModuleSpec | None] = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "lime" else whole(name))
    with pytest.raises(DependencyError, match=r"lime needs the package lime(.|\n)*pathproof\[lime\]") as error:
        checked_explainer("LIME", Asked())
    assert error.value.exit_code == 3
    assert checked_explainer("plain-ridge", Asked(by_layer=True)) == "plain-ridge"
