"""Agreement of two measurements of one molecule, against an independent Spearman."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from pathproof.ingest.tables_agreement import MIN_LINES, agreement, interval, summary
from pathproof.ingest.tables_drugs import Drugs
from pathproof.ingest.tables_screens import Screen

N = 60


def frame(drug: str, values: np.ndarray, *, area: str = "auc") -> pd.DataFrame:
    made = pd.DataFrame({"cell_line": [f"sidm:{i}" for i in range(len(values))], "drug": drug, "ln_ic50": values})
    made["auc"], made["act_area"] = math.nan, math.nan
    made[area] = values if area == "auc" else -values
    return made


@pytest.fixture
def world() -> tuple[dict[str, Screen], Drugs, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    first = rng.normal(size=N)
    second = np.minimum(0.7 * first + rng.normal(size=N), 0.5)  # capped, so many ties
    short = frame("gdsc.drug:3", first[: MIN_LINES - 1])
    gdsc2 = pd.concat([frame("gdsc.drug:1", first), frame("gdsc.drug:2", second), short])
    ccle = pd.concat([frame("ccle.drug:a", second[::1], area="act_area"), frame("ccle.drug:b", first, area="act_area")])
    screens = {"gdsc2": Screen(gdsc2, (0, 0, 0)), "ccle": Screen(ccle, (0, 0, 0))}
    ids = ["gdsc.drug:1", "gdsc.drug:2", "gdsc.drug:3", "ccle.drug:a", "ccle.drug:b"]
    table = pd.DataFrame({"drug": ids, "name": ["A", "A", "B", "A", "B"]})
    molecules = pd.DataFrame({"drug": ids, "molecule": [ids[0], ids[0], ids[2], ids[0], ids[2]]})
    return screens, Drugs(table, {}, frozenset(), molecules), first, second


def test_correlations_are_those_of_scipy(world: tuple[dict[str, Screen], Drugs, np.ndarray, np.ndarray]) -> None:
    screens, drugs, first, second = world
    rows = agreement(screens, drugs).set_index(["drug_a", "drug_b", "measure"])
    row = rows.loc[("gdsc.drug:1", "ccle.drug:a", "ln_ic50")]
    assert row["spearman"] == pytest.approx(spearmanr(first, second).statistic, abs=1e-12)
    assert row["n_lines"] == N
    assert row["low"] < row["spearman"] < row["high"]
    area = rows.loc[("gdsc.drug:1", "ccle.drug:a", "area")]
    assert area["spearman"] == pytest.approx(row["spearman"], abs=1e-12), "an activity area falls as an AUC rises"
    assert rows.loc[("gdsc.drug:2", "ccle.drug:a", "ln_ic50"), "spearman"] == pytest.approx(1.0)
    assert ("gdsc.drug:1", "gdsc.drug:2", "ln_ic50") in rows.index, "replicates of one screen"
    assert not any(one == two for one, two, _ in rows.index)


def test_too_few_lines_give_no_correlation(world: tuple[dict[str, Screen], Drugs, np.ndarray, np.ndarray]) -> None:
    screens, drugs, _, _ = world
    rows = agreement(screens, drugs)
    few = rows[rows["drug_a"] == "gdsc.drug:3"]
    assert (few["n_lines"] == MIN_LINES - 1).all()
    assert few[["spearman", "low", "high"]].isna().all(axis=None)
    told = {(one["screen_a"], one["screen_b"], one["measure"]): one for one in summary(rows)}
    assert told["gdsc2", "ccle", "ln_ic50"]["drug_pairs"] == 3
    assert told["gdsc2", "ccle", "ln_ic50"]["drug_pairs_with_enough_lines"] == 2
    assert told["gdsc2", "ccle", "ln_ic50"]["min_lines"] == MIN_LINES


def test_no_pair_gives_an_empty_table() -> None:
    one = {"gdsc2": Screen(frame("gdsc.drug:1", np.arange(30.0)), (0, 0, 0))}
    ids = pd.DataFrame({"drug": ["gdsc.drug:1"], "name": ["A"]})
    molecules = pd.DataFrame({"drug": ["gdsc.drug:1"], "molecule": ["gdsc.drug:1"]})
    rows = agreement(one, Drugs(ids, {}, frozenset(), molecules))
    assert rows.empty
    assert summary(rows) == []


def test_interval_holds_the_truth_as_often_as_it_says() -> None:
    """1,000 samples of a bivariate normal, whose Spearman correlation is 6 / pi * asin(rho / 2)."""
    rng = np.random.default_rng(3)
    rho, n = 0.5, 80
    truth = 6 / math.pi * math.asin(rho / 2)
    hits = 0
    for _ in range(1000):
        x = rng.normal(size=n)
        y = rho * x + math.sqrt(1 - rho**2) * rng.normal(size=n)
        low, high = interval(float(spearmanr(x, y).statistic), n)
        hits += low <= truth <= high
    assert 0.93 <= hits / 1000 <= 0.97
    assert interval(1.0, 30) == (1.0, 1.0)
