"""`pathproof explain --explainer multivariate` on the demonstration: files, subgraphs, and scores beside a peer."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from cli_world import Answer, Finished, Shell

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
    assert "R2 against the model" in answer.out
    assert "(chance 0.0" in answer.out
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
        (("--explainer", "lime"), "no such explainer"),
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
