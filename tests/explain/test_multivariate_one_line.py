"""One drug in one line: claims are what the line's own values do to the model's prediction, counted again here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from explain_world import PLANTED
from paired_world import DRUGS, PairedModel, explained, paired_world

from pathproof.cli.explain_files import write_files
from pathproof.cli.explain_text import flips_said, lines_said, named_flips
from pathproof.explain.data import Dataset
from pathproof.explain.multivariate.counterfactual import Counterfactual, Move
from pathproof.explain.multivariate.one_line import DONORS, deviations
from pathproof.explain.multivariate.run import MultivariateResult
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Sign

ROW, NO_MUTATIONS = 80, 2


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return paired_world()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("one-line") / "w"


@pytest.fixture(scope="module")
def result(dataset: Dataset, home: Path) -> MultivariateResult:
    return explained(dataset, home, lines=[ROW])


@pytest.fixture(scope="module")
def model(dataset: Dataset) -> PairedModel:
    own = PairedModel()
    own.fit(dataset, np.arange(len(dataset.cell_lines)), 99)
    return own


def _of(result: MultivariateResult, drug: int) -> Explanation:
    (found,) = [one for one in result.explanations if one.drug == f"gdsc.drug:{drug}"]
    return found


def _claim(record: Explanation, key: str) -> Claim:
    (found,) = [own for own in record.claims if own.key == key and own.kind is not ClaimKind.RULE]
    return found


def _asked(model: PairedModel, dataset: Dataset, genes: tuple[str, ...], drug: int) -> float:
    """Product effect, or effect of one gene, minus what all drugs share; each row is built and asked alone."""
    columns = [next(i for i, f in enumerate(dataset.features) if f.gene == gene) for gene in genes]
    whole = [i for i in range(len(dataset.cell_lines)) if dataset.has_layer["mutation"][i] and i != ROW]
    donors = np.sort(np.random.default_rng([0, 8]).permutation(whole)[:DONORS])
    unit = dataset.y.std(axis=0)

    def answer(replaced: list[int], donor: int) -> float:
        x = dataset.x[[ROW]].copy()
        x[0, replaced] = dataset.x[donor, replaced]
        said = model.predict(x, dataset.tissue_one_hot[[ROW]])[0]
        return float(said[drug] - unit[drug] * (said / unit).mean())

    if len(columns) == 1:
        return float(np.mean([answer([], d) - answer(columns, d) for d in donors]))
    i, j = columns
    return float(np.mean([answer([], d) - answer([i], d) - answer([j], d) + answer([i, j], d) for d in donors]))


@pytest.mark.parametrize("drug", [0, 1])
def test_the_planted_gene_is_named_with_what_it_does_in_the_line(
    dataset: Dataset, result: MultivariateResult, model: PairedModel, drug: int
) -> None:
    gene, slope = PLANTED[drug]
    record = _of(result, drug)
    assert (record.scope, record.scope_ids) == ("cell_line", (dataset.cell_lines[ROW],))
    claim = _claim(record, gene)
    column = dataset.genes.index(gene)
    moved = float(dataset.x[ROW, column] - dataset.x[:, column].mean())
    assert claim.effect == pytest.approx(_asked(model, dataset, (gene,), drug), abs=1e-4)
    assert claim.value == pytest.approx(claim.effect, rel=0.3)
    assert claim.sign is (Sign.RESISTANCE if slope * moved > 0 else Sign.SENSITIVITY)
    assert record.parameters["factors"][f"gene:{gene}"]["data_z"] * claim.sign.number > 1.96


def test_the_planted_product_is_asked_in_the_line(
    dataset: Dataset, result: MultivariateResult, model: PairedModel
) -> None:
    claim = _claim(_of(result, 1), "G20|G30")
    assert claim.kind is ClaimKind.INTERACTION
    assert claim.effect == pytest.approx(_asked(model, dataset, ("G20", "G30"), 1), abs=1e-4)
    assert np.sign(claim.value) == np.sign(claim.effect)
    assert claim.confirmed


def test_claims_come_in_both_directions_and_what_is_not_confirmed_says_why(result: MultivariateResult) -> None:
    claims = [claim for record in result.explanations for claim in record.claims]
    assert {claim.kind for claim in claims} <= {ClaimKind.GENE, ClaimKind.INTERACTION}
    assert {claim.sign for claim in claims} == {Sign.RESISTANCE, Sign.SENSITIVITY}
    assert any(claim.confirmed for claim in claims)
    assert all(claim.reason for claim in claims if not claim.confirmed)
    assert result.peers == []


def test_a_layer_that_the_line_lacks_is_not_spoken_of(dataset: Dataset, home: Path) -> None:
    assert (deviations(dataset, NO_MUTATIONS)[-6:] == 0).all()
    measured = dataset.x[dataset.has_layer["mutation"], -1]
    wanted = (dataset.x[ROW, -1] - measured.mean()) / dataset.x[:, -1].std()
    assert deviations(dataset, ROW)[-1] == pytest.approx(wanted, rel=1e-5)
    records = explained(dataset, home, (3,), [NO_MUTATIONS]).explanations
    claims = [claim for record in records for claim in record.claims]
    assert claims
    assert not any("mutation" in claim.layers for claim in claims)


def test_it_is_said_in_words_and_not_scored_as_a_claim_about_the_drug(
    dataset: Dataset, result: MultivariateResult, tmp_path: Path
) -> None:
    files = write_files(result, tmp_path)
    assert "multivariate.csv" not in files
    assert "explanations.jsonl" in files
    said = lines_said(result.explanations, {dataset.cell_lines[ROW]: "LINE-80"})
    assert len(said) == len(DRUGS)
    assert said[0].startswith("drug 0 in LINE-80, ")
    assert f"{PLANTED[0][0]} " in said[0]


def test_a_flip_is_said_in_words_and_so_is_that_there_is_none() -> None:
    move = Move("expression:G1", 1.5, -1.8)
    found = Counterfactual("sidm:1", "gdsc.drug:1", 2.0, 3.0, 1.5, (move,), 9)
    none = Counterfactual("sidm:1", "gdsc.drug:2", 2.0, 3.0, 3.0, (), 9)
    said = flips_said([found, none], {"gdsc.drug:1": "One"}, {"sidm:1": "A375"})
    assert said[0] == "One in A375: predicted 3.00 ln IC50, median 2.00; 1.50 with expression:G1 1.50 to -1.80"
    assert "nothing found" in said[1]
    assert [one["crosses"] for one in named_flips([found, none], {}, {})] == [True, False]
