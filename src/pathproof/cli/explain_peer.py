"""`pathproof explain --explainer NAME` for the simple and the published explainers: as files and as subgraphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from pathproof.cli import options as o
from pathproof.cli.explain import drugs_named
from pathproof.cli.explain_files import write_files
from pathproof.cli.explainers import Asked
from pathproof.cli.facts import workers as usable
from pathproof.cli.pipeline import STEPS, Job, Pipeline
from pathproof.cli.progress import Report, Steps
from pathproof.config import Settings
from pathproof.explain.multivariate.peer_kinds import KINDS, TOP, Request
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, ModelRecord
from pathproof.graph_schema.screens import ingested_screen
from pathproof.workspace import content_key

if TYPE_CHECKING:
    from pathproof.explain.train import TrainResult

SHOWN_DRUGS, SHOWN_GENES = 6, 5


@dataclass(frozen=True)
class Left:
    """What one explainer leaves (:class:`pathproof.cli.explain_files.Leavings`)."""

    explanations: list[Explanation]
    summary: dict[str, Any]
    peers: list[Explanation] = field(default_factory=list)


def explain_peer(settings: Settings, name: str, asked: Asked, *, command: str) -> tuple[str, dict[str, Path]]:
    """Explain the named drugs, or all, by one of the peers; store the records, and write them as files.

    An explainer of the data needs no trained model; for one of the model it is trained if it is not there.

    Returns
    -------
    str
        What was found: how much in all, and for a few named drugs the strongest genes.
    dict of name to Path
        explanations.jsonl, summary.json, NAME.csv (for `validate --explanations` and `--compare`), and figures where
        the values are amounts.

    Raises
    ------
    UsageError
        A drug that is not in the screen, or a number that cannot be meant.
    DataError
        Too few lines.
    """
    kind = KINDS[name]
    top = TOP if asked.top is None else asked.top
    Request(kind, (), top, settings.seed)  # a wrong number is said before any work
    steps = Steps(o.err, STEPS["explain"] - (kind.sees == "data"))
    pipeline = Pipeline(settings, steps, command=command)
    with pipeline.workspace.lock():
        manifest = pipeline.ingest()
        ingested_screen(settings.screen, [one["name"] for one in manifest["screens"]])
        with pipeline.store() as store:
            job = Job(settings, pipeline.workspace, store, steps)
            drugs = tuple(drugs_named(job.dataset, asked.drugs))
            pairs = name == "association-lmm" and (asked.pairs or bool(asked.drugs))
            request = Request(kind, drugs, top, settings.seed, asked.by_layer, pairs)
            trained = job.trained if kind.sees == "model" else None
            with steps.step("explain", f"Explain by {name} (drugs: {len(drugs)})") as report:
                left = _explained(request, job, trained, (usable(settings.workers), asked.cluster), report)
            with steps.step("store", "Store the explanations as subgraphs") as report:
                store.write_explanations(_model(job, trained), left.explanations, report)
    out = settings.out or pipeline.workspace.root / "explanations" / content_key([one.id for one in left.explanations])
    files = write_files(left, out, drawn=kind.drawn)
    return "\n".join([sentence(left), *genes_said(left.explanations)]), files


def _explained(
    request: Request, job: Job, trained: TrainResult | None, where: tuple[int, str | None], report: Report
) -> Left:
    told: dict[str, Any] = {"explainer": request.kind.name}
    if trained is None:
        from pathproof.explain.multivariate.data_peers import explain_data

        found = explain_data(request, job.dataset, job.workspace, lambda: job.graph, report)
    else:
        from pathproof.explain.multivariate.peer_run import Explained, explain_model
        from pathproof.explain.multivariate.run import Where

        explained = Explained(trained.model_id, trained.model_folder, trained.sources)
        found, more = explain_model(request, job.dataset, job.workspace, explained, report, Where(*where))
        told |= more
    told["drugs"] = [one.drug for one in found]
    told["claims"] = {one.drug: len(one.claims) for one in found}
    return Left(found, told)


def _model(job: Job, trained: TrainResult | None) -> ModelRecord | None:
    if trained is None:
        return None
    from pathproof.explain.train import EXPLAINED

    return ModelRecord(id=trained.model_id, name=EXPLAINED, universe=job.dataset.genes, sources=trained.sources)


def sentence(left: Left) -> str:
    """What was claimed, how many genes reach the level of the data, and the fidelity where there is."""
    claims = [claim for one in left.explanations for claim in one.claims]
    kinds = (ClaimKind.GENE, ClaimKind.INTERACTION, ClaimKind.MODULE)
    genes, pairs, modules = ([own for own in claims if own.kind is kind] for kind in kinds)
    said = f"{left.summary['explainer']}: {len(genes):,} genes of {_drugs(left.explanations)}"
    if any("z0" in one.parameters for one in left.explanations):
        held = [own for one in left.explanations for own in one.claims if own.kind is ClaimKind.GENE and _reaches(own)]
        z0 = left.explanations[0].parameters["z0"]
        said += f", {len(held):,} of them shown by the data at Bonferroni's level over all drugs (|z| of {z0:.2f})"
    if pairs:
        said += f"; {len(pairs):,} pairs"
    if modules:
        said += f"; {len(modules):,} modules"
    known = [one.fidelity for one in left.explanations if one.fidelity is not None]
    return said + (f"; R2 against the model on unseen lines {median(known):.2f} (median)." if known else ".")


def genes_said(explanations: Sequence[Explanation]) -> list[str]:
    """The strongest genes of each drug, one line a drug, where they are few."""
    if len(explanations) > SHOWN_DRUGS:
        return []
    said = []
    for one in explanations:
        shown = [own for own in one.claims if own.kind is ClaimKind.GENE][:SHOWN_GENES]
        texts = [_gene(own, one) for own in shown]
        pairs = [
            f"{' with '.join(own.genes)} {own.value:+.3g}" for own in one.claims if own.kind is ClaimKind.INTERACTION
        ]
        more = f"; pairs: {', '.join(pairs[:SHOWN_GENES])}" if pairs else ""
        for own in (own for own in one.claims if own.kind is ClaimKind.MODULE):
            others = f" and {len(own.genes) - SHOWN_GENES} others" if len(own.genes) > SHOWN_GENES else ""
            more += f"; together: {', '.join(own.genes[:SHOWN_GENES])}{others} (z {own.value:.1f})"
        said.append(f"{one.drug_name}: {', '.join(texts) if texts else 'nothing'}{more}")
    return said


def _gene(own: Claim, one: Explanation) -> str:
    name = own.genes[0] + (" (mutation)" if own.layers == ("mutation",) else "")
    amount = f"{own.value:.3g}" if own.sign is None else f"{own.value:+.3f}"
    z = one.parameters.get("factors", {}).get(f"gene:{own.key}", {}).get("data_z")
    return f"{name} {amount}" + (f" (z {z:.1f})" if z is not None else "")


def _drugs(explanations: Sequence[Explanation]) -> str:
    return "1 drug" if len(explanations) == 1 else f"{len(explanations)} drugs"


def _reaches(own: Claim) -> bool:
    """Whether the deviate of a claim of the mixed model reaches its level."""
    return own.confidence is not None and own.confidence >= 0.5
