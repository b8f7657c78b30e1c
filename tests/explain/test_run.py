"""The whole explanation on a planted world: found, confirmed, written, read back, resumed."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from explain_world import PATHWAYS, PLANTED, FakeTrained, LinearModel, graph, shuffled, world

from pathproof.errors import UsageError
from pathproof.explain import compute
from pathproof.explain.asking import ModelSpec
from pathproof.explain.assemble import Judged, confidence, strength
from pathproof.explain.confirm import Answer
from pathproof.explain.data import Dataset
from pathproof.explain.peers import evidence
from pathproof.explain.propose import Draft, Limits
from pathproof.explain.run import ExplainConfig, ExplainResult, explain
from pathproof.graph_schema.records import ClaimKind, Explanation
from pathproof.workspace import Workspace

CONFIG = ExplainConfig(
    seeds=3, bootstraps=6, top_k=8, asked_seeds=1, asked_bootstraps=3, draws=2, null_sets=20, joint_genes=2
)


def run(dataset: Dataset, root: Path, monkeypatch: pytest.MonkeyPatch, config: ExplainConfig = CONFIG) -> ExplainResult:
    def spec(graph: object, trained: object) -> ModelSpec:
        def explained() -> LinearModel:
            model = LinearModel()
            model.fit(dataset, np.arange(len(dataset.cell_lines)), 99)
            return model

        return ModelSpec("linear", ["linear"], LinearModel, LinearModel.load, explained)  # type: ignore[arg-type]

    monkeypatch.setattr(compute, "member_spec", spec)
    workspace = Workspace.open(root)
    return explain(dataset, graph(dataset), workspace, FakeTrained(), PATHWAYS, config)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> ExplainResult:
    with pytest.MonkeyPatch.context() as patch:
        return run(world(), tmp_path_factory.mktemp("planted") / "w", patch)


def _of(result: ExplainResult, drug: int, explainer: str = "pathproof") -> Explanation:
    (found,) = [e for e in result.explanations if (e.explainer, e.drug) == (explainer, f"gdsc.drug:{drug}")]
    return found


def _confirmed(result: ExplainResult) -> list[tuple[str, str]]:
    ours = [e for e in result.explanations if e.explainer == "pathproof"]
    return [(e.drug, c.key) for e in ours for c in e.claims if c.kind is ClaimKind.GENE and c.confirmed]


@pytest.mark.parametrize("drug", sorted(PLANTED))
def test_planted_genes_come_first_and_are_confirmed(planted: ExplainResult, drug: int) -> None:
    gene, slope = PLANTED[drug]
    top = next(c for c in _of(planted, drug).claims if c.kind is ClaimKind.GENE)
    assert top.genes == (gene,)
    assert top.rank == 1
    assert top.confirmed
    assert top.reason is None
    assert top.sign is not None
    assert top.sign.number == np.sign(slope)
    assert top.effect is not None
    assert np.sign(top.effect) == np.sign(slope)
    assert 0.5 < top.confidence <= 1.0  # type: ignore[operator]
    assert top.layers == (("mutation",) if gene.startswith("M") else ("expression",))


def test_effect_is_in_ln_ic50_and_near_what_was_planted(planted: ExplainResult) -> None:
    top = next(c for c in _of(planted, 3).claims if c.kind is ClaimKind.GENE)
    assert top.effect == pytest.approx(-1.6 * 0.87, abs=0.35)


def test_correlated_claims_form_a_module_behind_the_planted_gene(planted: ExplainResult) -> None:
    modules = [c for c in _of(planted, 0).claims if c.kind is ClaimKind.MODULE]
    for module in modules:
        assert len(module.genes) == len(module.weights) == len(module.layers) >= 2
    drugs_with_modules = [e for e in planted.explanations if any(c.kind is ClaimKind.MODULE for c in e.claims)]
    assert drugs_with_modules


def test_pathway_claims_name_their_source_and_tested_sets_only(planted: ExplainResult) -> None:
    claims = [c for e in planted.explanations for c in e.claims if c.kind is ClaimKind.PATHWAY]
    assert claims
    assert {c.sources for c in claims} == {("reactome",)}
    assert {c.pathway for c in claims} <= set(PATHWAYS) - {"reactome:R-HSA-4", "reactome:R-HSA-5"}
    factors = [(c.pathway, e.parameters["factors"][f"pathway:{c.key}"]) for e in planted.explanations for c in e.claims
               if c.kind is ClaimKind.PATHWAY]  # fmt: skip
    named = {pathway: own.get("same_members") for pathway, own in factors}
    assert named["reactome:R-HSA-1"] == ["reactome:R-HSA-5"], "one claim, which names the other set with its members"
    assert all(own is None for pathway, own in named.items() if pathway != "reactome:R-HSA-1")
    for claim in claims:
        assert set(claim.genes) <= set(PATHWAYS[claim.pathway])  # type: ignore[index]
        assert claim.sign is not None
        assert all(np.sign(w) == claim.sign.number for w in claim.weights)


def test_a_shuffled_response_confirms_next_to_nothing_with_confidence(
    planted: ExplainResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = run(shuffled(world()), tmp_path / "w", monkeypatch)

    def sure(result: ExplainResult) -> int:
        ours = [e for e in result.explanations if e.explainer == "pathproof"]
        return sum(bool(c.confirmed) and (c.confidence or 0) > 0.4 for e in ours for c in e.claims)

    assert sure(planted) >= len(PLANTED)
    assert sure(noise) <= 1


def test_confidence_can_be_recomputed_from_the_record(planted: ExplainResult) -> None:
    for explanation in planted.explanations:
        if explanation.explainer != "pathproof":
            continue
        for claim in explanation.claims:
            own = explanation.parameters["factors"][f"{claim.kind.value}:{claim.key}"]
            sign = claim.sign.number if claim.sign else 0
            z = own["data_z"] or 0.0
            data = evidence(z, explanation.parameters["z0"]) if z * sign > 0 else 0.0
            wanted = claim.selection_frequency * claim.sign_consistency  # type: ignore[operator]
            wanted *= strength(claim.effect, sign, own["null95"]) * data  # type: ignore[arg-type]
            assert claim.confidence == pytest.approx(wanted)


def test_confidence_is_monotone_in_every_factor() -> None:
    draft = Draft(ClaimKind.GENE, 0, (1,), (0.5,), 0.5, 0.1, 0.8, 0.9)
    answer = Answer(0.4, 0.4, 0.1, 1.0, 0.2, 0.9, True, None)
    base = confidence(Judged(draft, answer, 4.0), 4.0)
    assert base == pytest.approx(0.8 * 0.9 * (0.4 / 0.6) * 0.5)
    for better in (
        Judged(dataclasses.replace(draft, selection=0.9), answer, 4.0),
        Judged(dataclasses.replace(draft, consistency=1.0), answer, 4.0),
        Judged(draft, dataclasses.replace(answer, effect=0.6), 4.0),
        Judged(draft, answer, 5.0),
    ):
        assert confidence(better, 4.0) > base
    assert confidence(Judged(draft, answer, -4.0), 4.0) == 0.0
    assert confidence(Judged(draft, answer, float("nan")), 4.0) == 0.0
    assert confidence(Judged(draft, dataclasses.replace(answer, effect=-0.4), 4.0), 4.0) == 0.0


def test_peers_stand_in_the_same_record_with_as_many_claims(planted: ExplainResult) -> None:
    assert {e.explainer for e in planted.explanations} == {
        "pathproof",
        "random",
        "popular",
        "univariate",
        "association-lmm",
    }
    for drug in range(8):
        n = sum(c.kind is ClaimKind.GENE for c in _of(planted, drug).claims)
        for name in ("random", "popular", "univariate"):
            assert len(_of(planted, drug, name).claims) == n
        assert len(_of(planted, drug, "association-lmm").claims) <= n
    assert _of(planted, 0).sources == FakeTrained.sources
    assert _of(planted, 0, "univariate").sources == ("depmap.expression", "gdsc")
    assert "omnipath" in _of(planted, 0, "popular").sources
    assert _of(planted, 0, "univariate").model_id is None
    assert _of(planted, 0).model_id == FakeTrained().model_id == planted.model.id


def test_tables_beside_the_explanations(planted: ExplainResult) -> None:
    overall = {row["kind"]: row for row in planted.stability if row["drug"] == "all"}
    assert set(overall) == {"seeds", "lines"}
    assert overall["seeds"]["jaccard_mean"] > overall["lines"]["jaccard_mean"] > overall["lines"]["chance"]
    for row in overall.values():
        assert row["ci95"][0] <= row["jaccard_mean"] <= row["ci95"][1]
    assert len(planted.stability) == 2 * (1 + 8)
    rows = {row["explainer"]: row for row in planted.faithfulness}
    assert rows["pathproof"]["effect"] > rows["pathproof"]["random"]
    assert rows["pathproof"]["effect"] > rows["popular"]["effect"]
    assert rows["pathproof"]["beyond_random_ci95"][0] > 0
    identity = next(row for row in planted.confounders if row["confounder"] == "identity over seeds")
    assert identity["value"] > 0.9 > identity["compared_with"]
    alike = {r["view"]: r["value"] for r in planted.confounders if r["confounder"] == "other drugs"}
    assert alike["centred"] < alike["raw"]


def test_every_record_reads_back_equal(planted: ExplainResult) -> None:
    for explanation in planted.explanations:
        assert Explanation.from_json(explanation.to_json()) == explanation
    assert len({e.id for e in planted.explanations}) == len(planted.explanations)


def test_a_second_run_elsewhere_gives_the_same_bytes(
    planted: ExplainResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(world(), tmp_path / "w", monkeypatch) == planted


def test_a_finished_run_is_read_back_without_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(world(), tmp_path / "w", monkeypatch)

    def forbidden(*_: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(compute, "compute", forbidden)
    monkeypatch.setattr(compute, "fit_ensemble", forbidden)
    assert run(world(), tmp_path / "w", monkeypatch) == first


def test_a_run_killed_before_the_end_keeps_its_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(compute, "propose", killed)
        with pytest.raises(KeyboardInterrupt):
            run(world(), tmp_path / "w", patch)
    with monkeypatch.context() as patch:
        patch.setattr(LinearModel, "save", killed)
        assert run(world(), tmp_path / "w", patch).explanations


def test_importing_the_run_module_does_not_load_torch() -> None:
    code = "import sys, pathproof.explain.run; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seeds": 1}, "ExplainConfig.seeds is too small"),
        ({"asked_bootstraps": 99}, "More models are asked than there are"),
        ({"asked_seeds": 0, "asked_bootstraps": 0}, "At least"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: dict[str, int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ExplainConfig(**settings)  # type: ignore[arg-type]


def test_settings_change_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a = run(world(), tmp_path / "w", monkeypatch)
    fewer = dataclasses.replace(CONFIG, limits=Limits(genes=2))
    b = run(world(), tmp_path / "w", monkeypatch, fewer)
    assert a.key != b.key
    assert all(sum(c.kind is ClaimKind.GENE for c in e.claims) <= 2 for e in b.explanations)
