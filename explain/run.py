"""Explain a trained predictor: propose on an ensemble, ask the model, look at the data, write records.

Nothing heavy is imported before there is work to do: a run that is already there is read back
without the learning library.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pathproof.errors import UsageError, WorkspaceError
from pathproof.explain.confirm import Criteria
from pathproof.explain.lmm_data import evidence_dataset
from pathproof.explain.propose import Limits
from pathproof.graph_schema.records import Explanation, ModelRecord
from pathproof.workspace import Workspace, content_key, read_json, write_json, write_text

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset, GeneGraph
    from pathproof.explain.train import TrainResult

Progress = Callable[[str, float | None], None]
STEP = "explain"
VERSION = 2
LIMITS = (
    "The same model proposes and confirms a claim: confirmed means that the model uses it, not that biology does.",
    "The evidence in the data behind a confidence comes from lines that the model was trained on.",
    "Features are ranked within their data layer, a choice that was made after a look at references on GDSC2: "
    "without it hardly a mutation was claimed (28 claims instead of 588).",
)


def _quiet(_message: str, _fraction: float | None) -> None:
    return None


@dataclass(frozen=True)
class ExplainConfig:
    """Settings of an explanation run.

    Parameters
    ----------
    seed : int
    seeds, bootstraps : int
        Members that differ in seed only, and members on resampled lines.
    top_k : int
        A member selects its so many strongest genes per drug, each in units of its layer.
    asked_seeds, asked_bootstraps : int
        Members of each kind that answer the perturbation questions beside the explained model.
    draws : int
        Background lines that replace a line's own values.
    null_single, null_sets : int
        Random features of each layer, and random sets of every other composition.
    joint_genes : int
        Strongest claims deleted together for the faithfulness table.
    limits : Limits
    criteria : Criteria
    catalogue_size : (int, int)
        Genes that a pathway may have in the catalogue.
    min_measured : int
        Least number of a pathway's genes in the universe.
    """

    seed: int = 0
    seeds: int = 5
    bootstraps: int = 10
    top_k: int = 50
    asked_seeds: int = 0
    asked_bootstraps: int = 5
    draws: int = 3
    null_single: int = 200
    null_sets: int = 60
    joint_genes: int = 5
    limits: Limits = field(default_factory=Limits)
    criteria: Criteria = field(default_factory=Criteria)
    catalogue_size: tuple[int, int] = (10, 200)
    min_measured: int = 5

    def __post_init__(self) -> None:
        least = {"seeds": 2, "bootstraps": 2, "top_k": 1, "asked_seeds": 0, "asked_bootstraps": 0, "draws": 1}
        least |= {"null_single": 20, "null_sets": 20, "joint_genes": 1, "min_measured": 2}
        for name, lowest in least.items():
            if getattr(self, name) < lowest:
                raise UsageError(
                    f"ExplainConfig.{name} is too small.", got=getattr(self, name), allowed=f"{lowest} or more"
                )
        if self.asked_seeds > self.seeds or self.asked_bootstraps > self.bootstraps:
            raise UsageError(
                "More models are asked than there are.",
                got=f"{self.asked_seeds} + {self.asked_bootstraps}",
                allowed=f"{self.seeds} + {self.bootstraps}",
            )
        if self.asked_seeds + self.asked_bootstraps < 1:
            raise UsageError(
                "At least one member has to be asked beside the explained model.",
                got=self.asked_seeds + self.asked_bootstraps,
            )


@dataclass(frozen=True)
class ExplainResult:
    """What an explanation run leaves.

    Parameters
    ----------
    key : str
    model : ModelRecord
    explanations : list of Explanation
        Explainer "pathproof" and its peers.
    stability, faithfulness, confounders : list of dict
        Sections of the report.
    """

    key: str
    model: ModelRecord
    explanations: list[Explanation]
    stability: list[dict[str, Any]]
    faithfulness: list[dict[str, Any]]
    confounders: list[dict[str, Any]]


def explain(
    dataset: Dataset,
    graph: GeneGraph,
    workspace: Workspace,
    trained: TrainResult,
    pathways: Mapping[str, Sequence[str]],
    config: ExplainConfig | None = None,
    progress: Progress = _quiet,
) -> ExplainResult:
    """Explain the trained predictor for every drug.

    Parameters
    ----------
    dataset : Dataset
        Cell lines x features and ln IC50.
    graph : GeneGraph
    workspace : Workspace
        Members of the ensemble and the result are kept there, each under its content key: an
        interrupted run goes on where it was, and a finished one is read back.
    trained : TrainResult
        Names the explained model and its sources.
    pathways : mapping of CURIE to symbols
        Gene sets for pathway claims.
    config : ExplainConfig, optional
    progress : function of (message, fraction done or None)

    Returns
    -------
    ExplainResult

    Raises
    ------
    UsageError
        A setting that cannot be meant.
    DataError
        A data set or stored member that cannot be used.
    """
    config = config or ExplainConfig()
    evidence = evidence_dataset(dataset, workspace)
    key = result_key((dataset, evidence), graph, trained, pathways, config)
    if not workspace.is_done(STEP, key):
        from pathproof.explain.asking import Job
        from pathproof.explain.compute import compute, member_spec  # heavy: only when there is work

        start = time.monotonic()
        job = Job(dataset, graph, workspace, member_spec(graph, trained), config, progress)
        save_result(workspace, compute(job, evidence, key, trained, pathways), start)
    progress("explain: done", 1.0)
    return load_result(workspace, key)


def result_key(
    data: tuple[Dataset, Dataset],
    graph: GeneGraph,
    trained: TrainResult,
    pathways: Mapping[str, Sequence[str]],
    config: ExplainConfig,
) -> str:
    """Content key of everything that the result depends on; `data`: what the model and what the data test read."""
    sets = {name: sorted(symbols) for name, symbols in pathways.items()}
    ids = [dataset.data_id for dataset in data]
    return content_key(STEP, VERSION, ids, graph.key, trained.key, sets, asdict(config))


def save_result(workspace: Workspace, result: ExplainResult, start: float) -> None:
    """Write the step: explanations as JSON Lines, tables as JSON."""
    with workspace.writing_step(STEP, result.key, {"seconds": round(time.monotonic() - start, 1)}) as part:
        write_text(part / "explanations.jsonl", "".join(e.to_json() + "\n" for e in result.explanations))
        tables = {name: getattr(result, name) for name in ("stability", "faithfulness", "confounders")}
        write_json(part / "summary.json", {"model": result.model.model_dump(mode="json"), **tables})


def load_result(workspace: Workspace, key: str) -> ExplainResult:
    """Read back what :func:`save_result` wrote; equal to the original."""
    folder = workspace.step(STEP, key)
    summary = read_json(folder / "summary.json")
    path = folder / "explanations.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        explanations = [Explanation.from_json(line) for line in lines]
    except (OSError, ValueError) as error:
        raise WorkspaceError(
            f"Cannot read {path.name}: {error}", where=path, action="delete the folder and run again to rebuild it"
        ) from error
    return ExplainResult(
        key=key,
        model=ModelRecord.model_validate(summary["model"]),
        explanations=explanations,
        stability=summary["stability"],
        faithfulness=summary["faithfulness"],
        confounders=summary["confounders"],
    )
