"""`pathproof explain --explainer multivariate` on the demonstration: files, subgraphs, and scores beside a peer."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import bench_peers
import numpy as np
import pandas as pd
import pytest
from cli_world import Answer, Finished, Shell, child_environment
from sklearn.metrics import roc_auc_score

from pathproof.explain.data import Dataset
from pathproof.graph_schema.records import ClaimKind, Explanation


@pytest.fixture(scope="module")
def drug(finished: Finished) -> str:
    """The name of the drug with the surest planted gene of the demonstration."""
    planted = json.loads((finished.out / "report.json").read_text())["planted"]
    assert planted["recall"] > 0
    claims = pd.read_csv(finished.out / "claims.csv")
    own = claims[(claims["explainer"] == "pathproof") & (claims["kind"] == "gene")]
    return str(own.sort_values("confidence", ascending=False)["drug_name"].iloc[0])


@pytest.fixture(scope="module")
def line(finished: Finished) -> str:
    return str(pd.read_parquet(finished.workspace / "tables" / "expression.parquet")["cell_line"].iloc[0])


@pytest.fixture(scope="module")
def explained(finished: Finished, shell: Shell, drug: str, line: str) -> tuple[Answer, Path]:
    out = finished.out.parent / "multivariate"
    words = ("explain", "--explainer", "multivariate", "--drug", drug, "--members", "5", "--flip", line)
    return shell(*words, "--workspace", finished.workspace, "--out", out), out


def test_the_records_the_claims_and_a_counterfactual_lie_in_the_folder(
    explained: tuple[Answer, Path], drug: str, line: str
) -> None:
    answer, out = explained
    assert answer.code == 0, answer.err
    (said,) = [text for text in answer.out.splitlines() if "R2 against the model" in text]
    assert said.startswith("Overlap of the 20 strongest genes"), "how stable it is over other lines comes first"
    assert said.index("over models fitted on other lines") < said.index("over seeds (chance 0.0")
    records = [Explanation.from_json(text) for text in (out / "explanations.jsonl").read_text().splitlines()]
    assert {record.explainer for record in records} == {"multivariate", "association-lmm", "univariate"}
    own = [record for record in records if record.explainer == "multivariate"]
    assert {record.drug_name for record in own} == {drug}
    assert all(record.fidelity is not None and record.fidelity > 0.5 for record in own)
    assert any(claim.confirmed for record in own for claim in record.claims)
    rules = (out / "rules.txt").read_text().splitlines()
    assert len(rules) == sum(claim.kind is ClaimKind.RULE for record in own for claim in record.claims)
    assert rules[0] in answer.out
    assert all(text.startswith(f"{drug}: where ") and "lines held out coverage" in text for text in rules)
    drawn = {path.name for path in (out / "figures").iterdir()}
    assert {f"{record.drug.replace(':', '_')}-genes.svg" for record in own} <= drawn
    flipped = json.loads((out / "counterfactuals.json").read_text())
    assert {one["line"] for one in flipped} == {line}
    for one in flipped:
        if one["moves"]:
            assert (one["before"] < one["threshold"]) == (one["after"] >= one["threshold"])


def test_the_store_answers_with_the_explanation(
    explained: tuple[Answer, Path], finished: Finished, shell: Shell, drug: str
) -> None:
    assert explained[0].code == 0
    words = ("query", "explanation-of-drug", f"drug={drug}", "explainer=multivariate", "--format", "csv")
    answer = shell(*words, "--workspace", finished.workspace)
    assert answer.code == 0, answer.err
    assert len(answer.out.strip().splitlines()) > 1


def test_one_line_is_said_in_words_and_needs_no_fit(
    explained: tuple[Answer, Path], finished: Finished, shell: Shell, drug: str, line: str
) -> None:
    assert f"{drug} in " in explained[0].out, "what flips the line"
    out = explained[1].parent / "one-line"
    before = _kept(finished.workspace / "steps")
    words = ("explain", "--explainer", "multivariate", "--drug", drug, "--members", "5", "--lines", line)
    answer = shell(*words, "--workspace", finished.workspace, "--out", out)
    assert answer.code == 0, answer.err
    assert f"{drug} in " in answer.out
    assert "by its own values" in answer.out
    records = [Explanation.from_json(text) for text in (out / "explanations.jsonl").read_text().splitlines()]
    assert {(record.scope, record.scope_ids) for record in records} == {("cell_line", (line,))}
    assert _kept(finished.workspace / "steps") == before


def test_a_run_that_was_killed_goes_on_with_its_members_to_the_same_result(
    explained: tuple[Answer, Path], finished: Finished, shell: Shell, drug: str, tmp_path: Path
) -> None:
    steps = finished.workspace / "steps"
    pieces = len(_kept(steps))
    for name in ("multivariate", "multivariate-member"):
        shutil.move(steps / name, tmp_path / name)  # a folder beside the workspace: as if never explained
    words = ("explain", "--explainer", "multivariate", "--drug", drug, "--members", "5", "--workers", "1")
    words = (*words, "--workspace", str(finished.workspace), "--out", str(tmp_path / "out"))
    child = subprocess.Popen(
        [sys.executable, "-m", "pathproof", *words], env=child_environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 300
        while not _kept(steps, "lines") and time.monotonic() < deadline:  # then the members under seeds are whole
            assert child.poll() is None
            time.sleep(0.01)
    finally:
        child.kill()
        child.wait()
    before = _kept(steps, "seed")
    assert before
    assert len(_kept(steps)) < pieces
    assert not (steps / "multivariate").exists()
    answer = shell(*words)
    assert answer.code == 0, answer.err
    after = _kept(steps)
    assert len(after) == pieces
    assert {path: after[path] for path in before} == before, "what was there is not fitted again"
    unbroken = explained[1] / "explanations.jsonl"
    assert (tmp_path / "out" / "explanations.jsonl").read_text() == unbroken.read_text()


def _kept(steps: Path, kind: str = "") -> dict[Path, int]:
    """Pieces of the ensemble (of this kind) that are finished, with the time of each."""
    found = sorted((steps / "multivariate-member").glob("[!.]*/done.json"))
    return {path: path.stat().st_mtime_ns for path in found if json.loads(path.read_text())["kind"].startswith(kind)}


def test_peers_that_see_inside_the_network_find_what_was_planted(finished: Finished) -> None:
    (truth,) = (finished.workspace / "steps" / "demo").glob("*/truth/genes.csv")
    planted = pd.read_csv(truth)
    drugs = sorted(planted["drug"].unique())[:3]
    genes: list[str] = []

    def pick(dataset: Dataset) -> list[int]:
        genes.extend(feature.gene for feature in dataset.features)
        return [dataset.drugs.index(drug) for drug in drugs]

    task, inside = bench_peers.of_workspace(finished.workspace, pick)
    own = [set(planted.loc[planted["drug"] == drug, "gene"]) for drug in drugs]
    wanted = [[gene in named for gene in genes] for named in own]
    found = {}
    for name, peer in inside.items():
        said = peer(task.function, task.lines, np.arange(len(task.lines.ids)), 0)
        slopes = np.abs(said.slopes[:3, : len(genes)])
        found[name] = np.mean([roc_auc_score(w, s) for w, s in zip(wanted, slopes, strict=True)])
    assert found["Integrated Gradients"] > 0.7
    assert found["gnn-explainer"] > 0.6
    assert set(found) == {"Integrated Gradients", "gnn-explainer"}


def test_the_claims_are_scored_beside_the_mixed_model(
    explained: tuple[Answer, Path], finished: Finished, shell: Shell
) -> None:
    _, out = explained
    scored = out / "scored"
    answer = shell(
        "validate", "--explanations", out / "multivariate.csv", "--compare", out / "association-lmm.csv",
        "--workspace", finished.workspace, "--out", scored,
    )  # fmt: skip
    assert answer.code in (0, 1, 4), answer.err
    board = json.loads((scored / "report.json").read_text())["leaderboard"]["rows"]
    assert {row["explainer"] for row in board} == {"multivariate", "association-lmm"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--explainer", "limee"), "did you mean: lime"),
        (("--explainer", "gnnexplainer"), "did you mean: gnn-explainer"),
        (("--explainer", "lime", "--members", "7"), "lime does not know --members"),
        (("--explainer", "lime", "--pairs"), "add --explainer association-lmm"),
        (("--explainer", "association-lmm", "--flip", "A375"), "add --explainer multivariate"),
        (("--explainer", "association-lmm", "--by-layer"), "add --explainer plain-ridge"),
        (("--explainer", "multivariate", "--top", "5"), "multivariate does not know --top"),
        (("--explainer", "univariate", "--top", "0"), "top is too small"),
        (("--explainer", "univariate", "--drug", "Trametinibb"), "did you mean: Trametinib"),
        (("--drug", "Trametinib"), "add --explainer multivariate"),
        (("--explainer", "multivariate", "--members", "2"), "members is too small"),
        (("--explainer", "multivariate", "--drug", "Trametinibb"), "did you mean: Trametinib"),
        (("--explainer", "multivariate", "--tissue", "Moon"), "not trained on this tissue"),
        (("--explainer", "multivariate", "--lines", "HeLa-99"), "not trained on this line"),
    ],
)
def test_what_cannot_be_meant_is_said_before_any_work(
    words: tuple[str, ...], said: str, finished: Finished, shell: Shell
) -> None:
    answer = shell("explain", *words, "--workspace", finished.workspace)
    assert answer.code == 2
    assert said in answer.err
