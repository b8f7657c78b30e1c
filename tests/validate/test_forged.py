"""Evidence that looks like evidence: copies of the claims, copies of the measurements, answers for some drugs only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scoring_world import DRUGS, GENES, context, evidence, gene, right, store, table

from pathproof.errors import DataError
from pathproof.validate.claim_table import ClaimTable
from pathproof.validate.claims import names_of
from pathproof.validate.deletion import OWN, POPULAR, RANDOM, Genes, Question, deletion_rows
from pathproof.validate.evidence import Evidence, Row
from pathproof.validate.gates_model import copy_gate, drugs_gate, faithfulness_gate, predictor_gate
from pathproof.validate.judged import Setting
from pathproof.validate.knowledge import read_knowledge
from pathproof.validate.profiles import profile_named
from pathproof.validate.runs import refuse_copies
from pathproof.validate.stored import cell_line_names, perturbed_from_file, predictions_from_file
from pathproof.validate.universe import Universe, checked_genes
from pathproof.workspace import Workspace, write_parquet


def seen(given: dict[str, Any]) -> Evidence:
    return Evidence(profile_named("default"), given, "right", {}, {}, drugs=DRUGS)


def predicted(**changed: Any) -> Row:
    return {"predictor": {**context("right")["predictor"], **changed}}


def test_a_copy_of_the_claims_is_no_further_run() -> None:
    mine = table(right())
    other, renamed = table(right(seed=1)), table(right("again"))
    refuse_copies(mine.frame, [other], "gene")
    for runs in ([renamed], [other, ClaimTable(other.frame, origin="twice")]):
        with pytest.raises(DataError, match="a copy says nothing about stability"):
            refuse_copies(mine.frame, runs, "gene")
    rng = np.random.default_rng(3)
    nudged = [{**one, "score": one["score"] * (1 + 1e-4 * rng.standard_normal())} for one in right()]
    bent = [{**one, "score": one["score"] ** 3} for one in nudged]
    flat = [{**one, "score": 1.0} for one in right()]
    for forged in (nudged, bent, flat, nudged[1:]):
        with pytest.raises(DataError, match="a copy says nothing about stability"):
            refuse_copies(mine.frame, [other, table(forged)], "gene")
    noisy = [{**one, "score": one["score"] + 0.05 * rng.standard_normal()} for one in right()]
    refuse_copies(mine.frame, [table(noisy)], "gene")
    turned = [{**one, "sign": -1} for one in right()]
    refuse_copies(mine.frame, [table(turned)], "gene")


def test_measurements_are_no_predictions(tmp_path: Path) -> None:
    def read(*pairs: tuple[float, float]) -> int:
        lines = [f"Drug 0,line {i},{prediction},{observed}" for i, (prediction, observed) in enumerate(pairs)]
        (tmp_path / "p.csv").write_text("\n".join(["drug,cell_line,prediction,observed", *lines]) + "\n")
        return len(predictions_from_file(tmp_path / "p.csv", names_of(store())))

    with pytest.raises(DataError, match="these are measurements") as caught:
        read((0.5, 0.5), (1.25, 1.25), (2.0, 1.0))
    assert "2 of 3 lines" in str(caught.value)
    assert read((0.5, 0.5), (1.3, 1.25), (2.0, 1.0)) == 3
    rng = np.random.default_rng(4)
    truth = rng.normal(size=20)
    for forged in (truth + 0.001, 2 - 3 * -truth, truth + 0.01 * rng.normal(size=20)):
        with pytest.raises(DataError, match="measurements, shifted or nudged") as caught:
            read(*zip(forged, truth, strict=True))
        assert "above 0.999 for 1 of 1 drugs" in str(caught.value)
    assert read(*zip(truth + 0.2 * rng.normal(size=20), truth, strict=True)) == 20


def test_answers_on_cell_lines_that_there_are_not_carry_nothing(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "ws")
    assert cell_line_names(workspace) is None
    lines = [f"sidm:SIDM{i:05d}" for i in range(12)]
    told = {"cell_line": lines, "name": [f"MEC-{i}" for i in range(12)], "ach": [None, *["ACH-1"] * 11]}
    write_parquet(workspace.tables / "cell_lines.parquet", pd.DataFrame(told))
    known, names = cell_line_names(workspace), names_of(store())

    def read(cells: list[str]) -> int:
        rows = [f"Drug 0,{cell},{genes},{value}" for cell in cells for genes, value in (("", 0.0), (gene(1), 1.0))]
        (tmp_path / "p.csv").write_text("\n".join(["drug,cell_line,genes,prediction", *rows]) + "\n")
        return len(perturbed_from_file(tmp_path / "p.csv", names, known))

    assert read(lines) == read([f"mec{i}" for i in range(12)]) == read([line[5:] for line in lines]) == 1
    with pytest.raises(DataError, match="2 cell lines are unknown(.|\n)*got: X, Y(.|\n)*of the workspace"):
        read([*lines, "X", "Y"])
    with pytest.raises(DataError, match="too few cell lines(.|\n)*gdsc.drug:1: 9(.|\n)*at least 10"):
        read(lines[:9])


def test_a_predictor_of_one_drug_decides_nothing() -> None:
    bare = [{"model": "gnn", "minus": "naive-mean-effects", "mean": 0.2, "ci95": None}]
    for differences in (bare, []):
        found = predictor_gate(seen(predicted(differences=differences)))
        assert (found["status"], found["reason"]) == ("not_run", "too few drugs for an interval of the difference")
    assert predictor_gate(seen(predicted()))["status"] == "pass"
    few = drugs_gate(seen(predicted(beats_naive=dict.fromkeys(DRUGS[:3], True))))
    assert few["status"] == "not_run"
    assert few["reason"] == "the predictor was judged on 3 of the 42 drugs of the headline only"
    assert drugs_gate(seen(predicted(beats_naive=dict.fromkeys(DRUGS[:36], True))))["status"] == "pass"


def asked() -> list[Question]:
    """Every drug's own two genes, two random pairs and the most claimed pair."""
    sets: list[tuple[str, Genes]] = [(RANDOM, (gene(100), gene(101))), (RANDOM, (gene(102), gene(103)))]
    sets.append((POPULAR, (gene(110), gene(111))))
    own = [Question(d, OWN, tuple(sorted(symbol for symbol, _ in evidence(i)))) for i, d in enumerate(DRUGS)]
    return [*own, *(Question(d, purpose, genes) for d in DRUGS for purpose, genes in sets)]


def test_answers_for_chosen_drugs_and_sets_carry_nothing() -> None:
    setting = Setting((), read_knowledge(store(), set(DRUGS)), Universe.of(GENES, [], "made"))
    wanted = asked()
    effects = {(one.drug, one.genes): 1.0 if one.purpose == OWN else 0.1 for one in wanted}

    def judged(answers: dict[tuple[str, Genes], float]) -> Row:
        rows = deletion_rows(setting, "right", wanted, answers)
        return faithfulness_gate(seen({"faithfulness": rows}))

    whole = judged(effects)
    assert (whole["status"], whole["observed"]) == ("pass", pytest.approx(0.9))
    some = judged({key: value for key, value in effects.items() if key[0] in DRUGS[:6]})
    assert some["status"] == "not_run"
    assert some["reason"] == "all that was asked was answered for 6 of 42 drugs; 80% needed"
    few = [{"explainer": "right", "drug": "all", "beyond_random": 0.9, "n_drugs": 6, "n_asked": 42}]
    plain = {"precision": 0.3, "coverage": 0.9, "ci95": [0.2, 0.4]}
    copied = copy_gate(replace(seen({"faithfulness": few}), plain=plain))
    assert (copied["status"], "without the model this cannot be told" in copied["reason"]) == ("not_run", True)
    easy = (gene(102), gene(103))
    assert judged({key: value for key, value in effects.items() if key[1] != easy})["status"] == "not_run"


def test_a_universe_without_the_wrong_claims_is_refused() -> None:
    """Wrong claims outside the universe would be untestable, and the rest look perfect."""
    claims = table(right())
    true = sorted({symbol for i in range(len(DRUGS)) for symbol, _ in evidence(i)})
    with pytest.raises(DataError, match="it is not all that could have been named") as caught:
        checked_genes([*true, gene(1)], lambda: GENES, claims.genes)
    lacking = sorted(set(claims.genes) - set(true))
    assert f"{len(lacking)} of {len(claims.genes)} claimed genes: {lacking[0]}, {lacking[1]}" in str(caught.value)
    assert checked_genes(GENES, lambda: GENES, claims.genes) == (list(GENES), [])
