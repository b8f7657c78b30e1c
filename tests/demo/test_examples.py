"""The example script makes files that the reader of explanations takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from pathproof.ingest.demo.world import demo_facts, write_demo
from pathproof.ingest.pipeline import ingest
from pathproof.validate.claims import claims_from_csv
from pathproof.workspace import Workspace

SCRIPT = Path(__file__).parents[2] / "examples" / "make_explanations.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    write_demo(folder / "data")
    ingest(folder / "data", Workspace.open(folder / "workspace"), kind="demonstration")
    done = run(str(folder / "workspace"), str(folder / "out"), "--per-drug", "4", "--seed", "3")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", ["random.csv", "answer_key.csv"])
def test_the_reader_takes_the_file(made: Path, name: str) -> None:
    drugs = pd.read_parquet(made / "workspace/tables/drugs.parquet").rename(columns={"drug": "id"})
    drugs = drugs[["id", "name"]].to_dict("records")
    genes = (made / "out/universe.txt").read_text().split()
    table = claims_from_csv(made / "out" / name, [{str(k): v for k, v in row.items()} for row in drugs], genes, {})
    assert len(table.frame) == len(pd.read_csv(made / "out" / name))


def test_random_names_every_drug_equally_often(made: Path) -> None:
    counts = pd.read_csv(made / "out/random.csv").groupby("drug")["gene"].nunique()
    assert set(counts) == {4}
    assert len(counts) == len(demo_facts().drugs)


def test_answer_key_is_the_evidence_without_disputes(made: Path) -> None:
    facts = demo_facts()
    want: dict[tuple[str, str], set[str]] = {}
    names = {drug.name: drug.curie for drug in facts.drugs}
    for row in facts.evidence:
        alone = " AND " not in row.variant
        if alone and (row.kind, row.status, row.direction) == ("Predictive", "accepted", "Supports"):
            for therapy in row.therapies:
                want.setdefault((names[therapy], row.gene), set()).add(row.significance.lower().split("/")[0])
    key = pd.read_csv(made / "out/answer_key.csv")
    got = dict(zip(zip(key["drug"], key["gene"], strict=True), key["sign"], strict=True))
    assert got == {pair: next(iter(signs)) for pair, signs in want.items() if len(signs) == 1}


def test_no_workspace_is_a_clear_error(tmp_path: Path) -> None:
    done = run(str(tmp_path / "nowhere"))
    assert done.returncode == 3
    assert "There is no workspace here." in done.stderr
    assert "Traceback" not in done.stderr
