"""What comes with anybody's explanations: runs, a model, stored predictions; together they can carry a PASS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from anybody_world import write_workspace
from scoring_world import DRUGS, GENES, evidence, gene, right, row
from test_anybody import frame_of
from test_support import screen

import pathproof
from pathproof.errors import DataError, UsageError
from pathproof.validate.anybody import Validation
from pathproof.workspace import Workspace

LINES = [f"line {i}" for i in range(40)]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return write_workspace(tmp_path_factory.mktemp("given") / "ws")


@pytest.fixture(scope="module")
def inputs() -> pd.DataFrame:
    values = np.random.default_rng(1).normal(size=(len(LINES), len(GENES)))
    return pd.DataFrame(values, index=LINES, columns=[f"{symbol} mutation" for symbol in GENES])


WEIGHTS = pd.DataFrame(
    0.0, index=[f"{symbol} mutation" for symbol in GENES], columns=[f"Drug {i}" for i in range(len(DRUGS))]
)
for number in range(len(DRUGS)):
    for symbol, way in evidence(number):
        WEIGHTS.loc[f"{symbol} mutation", f"Drug {number}"] += way


def faithful(x: pd.DataFrame) -> pd.DataFrame:
    """A model that uses exactly the genes that the evidence knows; its columns are names of drugs."""
    return (x[WEIGHTS.index] @ WEIGHTS).assign(**{"no drug": 1.0})


def elsewhere(x: pd.DataFrame) -> pd.DataFrame:
    """A model that uses other genes."""
    used = x[[f"{gene(150 + i % 20)} mutation" for i in range(len(DRUGS))]]
    return pd.DataFrame(used.to_numpy(), index=x.index, columns=list(DRUGS))


def status(found: Validation, name: str) -> str:
    return str(found.gates.set_index("id")["status"][name])


def predictions(path: Path, inputs: pd.DataFrame, noise: float) -> Path:
    rng = np.random.default_rng(2)
    truth = faithful(inputs)
    rows = [
        (d, line, truth.loc[line, f"Drug {i}"] + noise * rng.normal(), truth.loc[line, f"Drug {i}"])
        for i, d in enumerate(DRUGS)
        for line in LINES
    ]
    pd.DataFrame(rows, columns=["drug", "cell_line", "prediction", "observed"]).to_csv(path, index=False)
    return path


def test_all_evidence_together_passes_and_each_alone_does_not(
    workspace: Workspace, inputs: pd.DataFrame, tmp_path: Path
) -> None:
    path = predictions(tmp_path / "p.csv", inputs, 0.5)
    runs = [frame_of(right(seed=s)) for s in (1, 2)]
    shared: dict[str, Any] = {"universe": GENES, "workspace": workspace}
    whole = pathproof.validate(
        frame_of(right()), data_test=screen(1.0), runs=runs, model=faithful, inputs=inputs, predictions=path, seen=[],
        **shared,
    )  # fmt: skip
    assert whole.verdict == "PASS", whole.gates[["id", "status", "reason"]]
    by = whole.gates.set_index("id")
    assert by["observed"]["predictor"] > 0.8
    assert by["observed"]["stability"] > by["null_mean"]["stability"]
    told = [text for text in whole.says["not_tested"] if text.startswith("Taken as said")]
    assert told == [
        "Taken as said, for no file shows it: the runs are of other cell lines; the lines of the predictions were not "
        "seen in training; the explainer had seen no knowledge."
    ]
    page = whole.report(tmp_path / "out")["report.html"].read_text()
    assert "The screen itself" in page
    assert "keeps the number, signs and drugs of the claims; destroys which genes are named" in page
    for alone in ({"data_test": screen(1.0)}, {"runs": runs}, {"model": faithful, "inputs": inputs}, {"seen": []}):
        assert pathproof.validate(frame_of(right()), **alone, **shared).verdict == "INCONCLUSIVE"


def test_a_model_that_uses_other_genes_is_told(workspace: Workspace, inputs: pd.DataFrame) -> None:
    found = pathproof.validate(frame_of(right()), universe=GENES, workspace=workspace, model=elsewhere, inputs=inputs)
    assert (found.verdict, status(found, "faithfulness")) == ("FAIL", "fail")
    row = next(r for r in found.report_json["faithfulness"] if r["explainer"] == "explanations")
    assert abs(row["beyond_random"]) < 0.1


def test_runs_that_disagree_and_runs_that_say_the_same_of_every_drug(workspace: Workspace) -> None:
    shared: dict[str, Any] = {"universe": GENES, "workspace": workspace}
    rng = np.random.default_rng(7)
    other_genes = [row("x", d, str(g), 0.9) for d in DRUGS for g in rng.choice(GENES[60:], 4, replace=False)]
    other = pathproof.validate(frame_of(right()), runs=[frame_of(other_genes)], **shared)
    assert (other.verdict, status(other, "stability")) == ("FAIL", "fail")
    same = [row("x", d, gene(g), 0.9) for d in DRUGS for g in range(100, 110)]
    again = frame_of(same).assign(score=rng.random(len(same)))  # another run: a copy of the first is refused
    same = [{**one, "score": rng.random()} for one in same]
    one = pathproof.validate(frame_of(same), runs=again, **shared)
    found = one.gates.set_index("id").loc["stability"]
    assert (found["observed"], found["status"]) == (1.0, "fail")
    assert "same drug 1.00, other drugs 1.00 (mean overlap)" in found["reason"]
    told = next(r for r in one.report_json["stability"] if r["drug"] == "all")
    assert told["chance"] == pytest.approx(0.5 / 19.5)  # 10 of 200 genes twice: 0.5 shared of 19.5
    assert told["members"] == 2
    with pytest.raises(UsageError, match="A run holds the claims of one explainer"):
        two = frame_of(right()).assign(explainer=["a", *["b"] * (len(right()) - 1)])
        pathproof.validate(frame_of(right()), runs=two, **shared)


def test_signs_of_the_runs_are_compared(workspace: Workspace) -> None:
    turned = [{**one, "sign": -one["sign"]} for one in right()]
    found = pathproof.validate(frame_of(right()), runs=frame_of(turned), universe=GENES, workspace=workspace)
    row = next(r for r in found.report_json["stability"] if r["drug"] == "all")
    assert (row["jaccard_mean"], row["sign_agreement"]) == (1.0, 0.0)


def test_stored_predictions_say_the_same_as_the_function(
    workspace: Workspace, inputs: pd.DataFrame, tmp_path: Path
) -> None:
    """The questions are asked of the function outside, stored, and read back."""
    from pathproof.validate.claims import names_of, together
    from pathproof.validate.claims_csv import claims_from_frame
    from pathproof.validate.knowledge_tables import KnowledgeTables
    from pathproof.validate.run import validate

    tables = KnowledgeTables(workspace)
    claims = together([claims_from_frame(frame_of(right()), names_of(tables), "explanations")])
    asked = validate(tables, claims, {"kind": "real", "wants_questions": True, "universe": list(GENES)}).questions
    assert {one.purpose for one in asked} == {"claimed", "random", "popular"}
    rng, lines = np.random.default_rng(5), []
    base = faithful(inputs)
    for drug in DRUGS:
        lines += [(drug, line, "", base.loc[line, f"Drug {DRUGS.index(drug)}"]) for line in LINES]
    answers: dict[tuple[str, ...], pd.DataFrame] = {}
    for one in asked:
        if one.genes not in answers:
            moved = inputs.copy()
            columns = [f"{symbol} mutation" for symbol in one.genes]
            moved[columns] = inputs[columns].to_numpy()[rng.permutation(len(LINES))]
            answers[one.genes] = faithful(moved)
        values = answers[one.genes][f"Drug {DRUGS.index(one.drug)}"]
        lines += [(one.drug, line, "|".join(one.genes), values[line]) for line in LINES]
    frame = pd.DataFrame(lines, columns=["drug", "cell_line", "genes", "prediction"]).drop_duplicates()
    frame.to_csv(tmp_path / "stored.csv", index=False)
    shared: dict[str, Any] = {"universe": GENES, "workspace": workspace}
    stored = pathproof.validate(frame_of(right()), perturbed=tmp_path / "stored.csv", **shared)
    ours = pathproof.validate(frame_of(right()), model=faithful, inputs=inputs, **shared)
    one, other = ((found.report_json["faithfulness"][0]) for found in (stored, ours))
    assert one["n_drugs"] == other["n_drugs"] == len(DRUGS)
    assert one["beyond_random"] == pytest.approx(other["beyond_random"], rel=0.2)
    assert status(stored, "faithfulness") == status(ours, "faithfulness") == "pass"


def test_bad_files_of_predictions(workspace: Workspace, tmp_path: Path) -> None:
    def told(name: str, text: str, **more: Any) -> str:
        (tmp_path / "f.csv").write_text(text)
        with pytest.raises(DataError) as caught:
            pathproof.validate(frame_of(right()), workspace=workspace, **{name: tmp_path / "f.csv"}, **more)
        return str(caught.value)

    head = "drug,cell_line,prediction,observed\n"
    assert "lacks cell_line" in told("predictions", "drug,prediction,observed\nDrug 0,1,1\n")
    assert "unknown" in told("predictions", head + "Drog 0,a,1,1\n")
    assert "drug 0 for Drog 0" in told("predictions", head + "Drog 0,a,1,1\n")
    assert "line 2: 'nan'" in told("predictions", head + "Drug 0,a,nan,1\n")
    assert "twice" in told("predictions", head + "Drug 0,a,1,1\nDrug 0,a,2,1\n")
    assert "none" in told("predictions", head)
    assert "is empty" in told("predictions", "")
    head = "drug,cell_line,genes,prediction\n"
    assert "without any change is missing" in told("perturbed", head + f"Drug 0,a,{gene(1)},1\n")
    assert "stands twice" in told("perturbed", head + "Drug 0,a,,1\nDrug 0,a,,1\n")
    assert f"{gene(10)} for {gene(1)}0" in told("perturbed", head + f"Drug 0,a,,1\nDrug 0,a,{gene(1)}0,1\n")


def test_bad_models(workspace: Workspace, inputs: pd.DataFrame) -> None:
    shared: dict[str, Any] = {"universe": GENES, "workspace": workspace, "inputs": inputs}
    for model, words in (
        (lambda x: x.head(3), "one row of predictions"),
        (lambda x: pd.DataFrame({"other": 1.0}, index=x.index), "No column of the predictions is a drug"),
        (lambda x: pd.DataFrame({DRUGS[0]: np.nan}, index=x.index), "not finite"),
    ):
        with pytest.raises(DataError, match=words):
            pathproof.validate(frame_of(right()), model=model, **shared)
    with pytest.raises(UsageError, match="go together"):
        pathproof.validate(frame_of(right()), **shared)


def test_a_predictor_without_skill_fails(workspace: Workspace, inputs: pd.DataFrame, tmp_path: Path) -> None:
    path = predictions(tmp_path / "p.csv", inputs, 1000.0)
    found = pathproof.validate(frame_of(right()), predictions=path, universe=GENES, workspace=workspace)
    assert (found.verdict, status(found, "predictor")) == ("FAIL", "fail")
