"""The multivariate explainer on a trained predictor: proposed, asked of the model and of the data, kept, resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explain_world import PLANTED, shuffled
from paired_world import CONFIG, DRUGS, PairedModel, explained, paired_world

from pathproof.errors import DataError, UsageError
from pathproof.explain.compute import bonferroni_deviate
from pathproof.explain.data import Dataset
from pathproof.explain.multivariate import compute as multivariate_compute
from pathproof.explain.multivariate import kept
from pathproof.explain.multivariate.counterfactual import flips
from pathproof.explain.multivariate.members import draw_split
from pathproof.explain.multivariate.rules import regions
from pathproof.explain.multivariate.run import MultivariateConfig, MultivariateResult, Where
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return paired_world()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("multivariate") / "w"


@pytest.fixture(scope="module")
def result(dataset: Dataset, home: Path) -> MultivariateResult:
    return explained(dataset, home)


def _of(result: MultivariateResult, drug: int) -> Explanation:
    (found,) = [one for one in result.explanations if one.drug == f"gdsc.drug:{drug}"]
    return found


@pytest.mark.parametrize("drug", DRUGS)
def test_the_planted_gene_comes_first_confirmed_by_model_and_data(result: MultivariateResult, drug: int) -> None:
    gene, slope = PLANTED[drug]
    first = next(claim for claim in _of(result, drug).claims if claim.kind is ClaimKind.GENE)
    assert first.genes == (gene,)
    assert first.confirmed
    assert first.reason is None
    assert first.sign is not None
    assert first.sign.number == np.sign(slope)
    assert first.effect is not None
    assert np.sign(first.effect) == np.sign(slope)
    assert first.confidence is not None
    assert first.confidence > 0.4


def test_where_responses_were_shuffled_nothing_is_confirmed(dataset: Dataset, tmp_path: Path) -> None:
    noise = explained(shuffled(dataset), tmp_path / "w")
    claims = [claim for one in noise.explanations for claim in one.claims]
    assert {claim.kind for claim in claims} == set(ClaimKind)
    assert not [claim for claim in claims if claim.confirmed]
    beside = [claim for one in noise.peers if one.explainer == "association-lmm" for claim in one.claims]
    assert {claim.kind for claim in beside} == {ClaimKind.GENE}, "no pair and no module is shown by the data"


def test_the_planted_pair_is_found_and_confirmed_by_model_and_data(result: MultivariateResult) -> None:
    pairs = [claim for claim in _of(result, 1).claims if claim.kind is ClaimKind.INTERACTION]
    assert pairs[0].key == "G20|G30"
    assert pairs[0].confirmed
    assert pairs[0].confidence is not None
    assert pairs[0].confidence > 0.3
    factors = _of(result, 1).parameters["factors"]["interaction:" + "|".join(pairs[0].genes and sorted(pairs[0].genes))]
    assert factors["data_z"] > 3
    confirmed = [
        (one.drug, claim.key)
        for one in result.explanations
        for claim in one.claims
        if claim.kind is ClaimKind.INTERACTION and claim.confirmed
    ]
    assert confirmed == [("gdsc.drug:1", "G20|G30")]


def test_what_is_not_confirmed_says_why(result: MultivariateResult) -> None:
    refused = [claim for one in result.explanations for claim in one.claims if not claim.confirmed]
    assert refused
    assert all(claim.reason for claim in refused)
    assert any("the data do not show it" in (claim.reason or "") for claim in refused)


def test_the_summary_tells_fidelity_stability_and_identity(result: MultivariateResult) -> None:
    summary = result.summary
    assert summary["drugs"] == [f"gdsc.drug:{d}" for d in DRUGS]
    assert all(own > plain for own, plain in zip(summary["fidelity"], summary["ridge"], strict=True))
    assert max(summary["fidelity"]) > 0.95
    assert min(summary["jaccard_seeds"]) >= 0.6
    assert all(own > summary["chance"] for own in summary["jaccard_lines"])
    assert summary["identity_seeds"]["same drug, other member"] >= 0.8
    assert summary["identity_seeds"]["other drug, same member"] <= 0.25
    assert summary["seconds"] > 0


def test_a_killed_run_goes_on_with_the_members_it_has(
    dataset: Dataset, result: MultivariateResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted: list[int] = []
    whole = kept.fit_split

    def stopping(*given: object) -> object:
        fitted.append(len(given[0].outputs))  # type: ignore[attr-defined]
        if len(fitted) == 3:
            raise KeyboardInterrupt
        return whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(kept, "fit_split", stopping)
    with pytest.raises(KeyboardInterrupt):
        explained(dataset, tmp_path / "w")
    assert fitted == [4, 4, 4]
    again = explained(dataset, tmp_path / "w")
    assert len(fitted) == 5
    assert [one.to_json() for one in again.explanations] == [one.to_json() for one in result.explanations]


def test_other_processes_fit_what_is_missing_and_change_no_number(
    dataset: Dataset, result: MultivariateResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_given: object) -> object:
        raise AssertionError("not in this process")

    monkeypatch.setattr(kept, "fit_split", never)
    aside = explained(dataset, tmp_path / "w", where=Where(jobs=2))
    assert [one.to_json() for one in aside.explanations] == [one.to_json() for one in result.explanations]


def test_a_cluster_gets_only_what_is_missing(
    dataset: Dataset, result: MultivariateResult, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[int, int, str | None]] = []

    def sending(_work: object, calls: list[object], jobs: int, cluster: str | None) -> list[tuple[int, None]]:
        sent.append((len(calls), jobs, cluster))
        return []

    monkeypatch.setattr(multivariate_compute, "fan_out", sending)
    where = Where(3, "tcp://scheduler:8786")
    explained(dataset, home, (0, 3), where=where)
    assert sent == []
    explained(dataset, home, (0, 5), where=where)
    assert sent == [(1 + CONFIG.refits, 3, "tcp://scheduler:8786")], "refitted models are there, accounts of a drug not"


def test_a_drug_alone_takes_its_members_from_a_run_of_several(
    dataset: Dataset, result: MultivariateResult, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_given: object) -> object:
        raise AssertionError("nothing is left to fit")

    monkeypatch.setattr(kept, "fit_split", never)
    alone = explained(dataset, home, (3,))
    assert [one.drug for one in alone.explanations] == ["gdsc.drug:3"]
    first, before = (next(c for c in _of(one, 3).claims) for one in (alone, result))
    assert (first.genes, first.value) == (before.genes, before.value)
    assert first.effect == pytest.approx(before.effect)


def test_some_lines_make_a_record_of_that_cohort(dataset: Dataset, home: Path, result: MultivariateResult) -> None:
    rows = [i for i, tissue in enumerate(dataset.tissue) if tissue == "tissue1"]
    (record,) = explained(dataset, home, (0,), rows).explanations
    assert record.scope == "cohort"
    assert record.scope_ids == tuple(dataset.cell_lines[i] for i in rows)
    assert record.claims[0].genes == (PLANTED[0][0],)
    assert record.claims[0].effect != _of(result, 0).claims[0].effect


def test_bad_input_says_what_to_change(dataset: Dataset, home: Path) -> None:
    with pytest.raises(DataError, match=r"too few lines to explain"):
        explained(dataset, home, (0,), [0, 1, 2])
    with pytest.raises(UsageError, match=r"No drug is named"):
        explained(dataset, home, ())
    with pytest.raises(UsageError, match=r"members is too small"):
        MultivariateConfig(members=3)


def test_what_flips_the_model_is_found_with_the_slopes_of_the_explanation(
    dataset: Dataset, result: MultivariateResult
) -> None:
    model = PairedModel()
    model.fit(dataset, np.arange(len(dataset.cell_lines)), 99)
    rows = [3, 40]
    found = flips(model, dataset, DRUGS, result.slopes, rows)
    assert [(one.output, one.line) for one in found] == [
        (f"gdsc.drug:{d}", dataset.cell_lines[i]) for d in DRUGS for i in rows
    ]
    named = {one.output: {move.feature for move in one.moves} for one in found if one.found}
    assert any(f"expression:{PLANTED[0][0]}" in features for features in named.values())
    for one in found:
        assert not any(move.feature.startswith("tissue") for move in one.moves)
        assert not one.found or (one.before < one.threshold) == (one.after >= one.threshold)


def _rules(result: MultivariateResult) -> list[tuple[Explanation, Claim, dict[str, Any]]]:
    return [
        (one, claim, one.parameters["factors"][f"rule:{claim.key}"])
        for one in result.explanations
        for claim in one.claims
        if claim.kind is ClaimKind.RULE
    ]


def test_rules_of_the_planted_genes_are_confirmed_on_lines_held_out(
    dataset: Dataset, result: MultivariateResult
) -> None:
    level = bonferroni_deviate(regions(len(dataset.features)) * len(dataset.drugs))
    assert level > bonferroni_deviate(len(dataset.features) * len(dataset.drugs)) + 1
    assert any(claim.confirmed for _, claim, _ in _rules(result))
    assert any(f"asked {level:.3g}" in (claim.reason or "") for _, claim, _ in _rules(result))
    for one, claim, facts in _rules(result):
        drug = int(one.drug.rsplit(":", 1)[1])
        assert claim.sign is not None
        assert (claim.sign.number > 0) == ("at_least" in facts["then"])
        if claim.confirmed:
            assert PLANTED[drug][0] in claim.genes
            assert facts["held_out"]["ci95"][0] > facts["held_out"]["base_rate"]
            assert facts["data_z"] * claim.sign.number >= level
        else:
            assert claim.reason


def test_the_counts_of_a_rule_are_those_of_the_model_on_lines_held_out(
    dataset: Dataset, result: MultivariateResult
) -> None:
    """Counted again from the record: other code, the model asked here, lines of the first split's judged part."""
    model = PairedModel()
    model.fit(dataset, np.arange(len(dataset.cell_lines)), 99)
    unit = dataset.y.std(axis=0)
    raw = model.predict(dataset.x, dataset.tissue_one_hot)
    centred = raw - unit * (raw / unit).mean(axis=1, keepdims=True)
    whole = dataset.has_layer["expression"] & dataset.has_layer["mutation"]
    held = np.intersect1d(draw_split(len(whole), CONFIG.seed).judge, np.flatnonzero(whole))
    z = (dataset.x - dataset.x.mean(axis=0)) / dataset.x.std(axis=0)
    columns = {f"{feature.layer}:{feature.gene}": i for i, feature in enumerate(dataset.features)}
    for one, _claim, facts in _rules(result):
        inside = np.ones(len(held), dtype=bool)
        for half in facts["when"]:
            score = sum(weight * z[held, columns[name]] for name, weight in half["weights"].items())
            inside &= score >= half["at_least"] - 1e-6
        ((side, level),) = facts["then"].items()
        answers = centred[held, int(one.drug.rsplit(":", 1)[1])]
        true = answers >= level if side == "at_least" else answers <= level
        assert facts["held_out"]["lines"] == len(held)
        assert facts["held_out"]["covered"] == inside.sum()
        assert facts["held_out"]["base_rate"] == pytest.approx(true.mean(), abs=1e-9)
        assert facts["held_out"]["precision"] == pytest.approx(true[inside].mean(), abs=1e-9)
