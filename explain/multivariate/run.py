"""Explain drugs of a trained predictor by the multivariate explainer: settings, what it leaves, and the way there.

Nothing heavy is imported before there is work to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from pathproof.errors import DataError, UsageError, WorkspaceError
from pathproof.explain.confirm import Criteria
from pathproof.explain.lmm_data import evidence_dataset
from pathproof.explain.propose import Limits
from pathproof.explain.run import ExplainConfig
from pathproof.graph_schema.records import Explanation, ModelRecord
from pathproof.workspace import Workspace, content_key, read_json, write_json, write_text

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset, GeneGraph
    from pathproof.explain.train import TrainResult

Progress = Callable[[str, float | None], None]
STEP = "multivariate"
VERSION = 14
LEAST_MEMBERS, LEAST_COHORT = 5, 30


@dataclass(frozen=True)
class MultivariateConfig:
    """Settings of a run of the multivariate explainer.

    Parameters
    ----------
    seed : int
    members : int
        A third, but at least two, differ in the seed only and explain the trained model; each of the others explains
        the model fitted anew on a bootstrap of the lines.
    top_k : int
        A member selects its so many strongest genes and pairs of a drug, genes in units of their layer.
    latents, rank, space, swaps, steps : int
        Of the surrogate (:class:`pathproof.explain.multivariate.fit.Settings`).
    asked : int
        Refitted models that answer the perturbation questions beside the explained one.
    draws : int
        Background lines that replace a line's own values.
    null_single, null_sets : int
        Random features of each layer, and random sets of every other composition.
    pairs : int
        At most so many pair claims a drug.
    data_level : float or None
        Least size of the mixed model's deviate, with the claim's sign, that confirms a claim in the data; None: that
        of Bonferroni over the features, for a rule over all regions that it could have been.
    limits : Limits
    criteria : Criteria
    """

    seed: int = 0
    members: int = 10
    top_k: int = 50
    latents: int = 32
    rank: int = 16
    space: int = 256
    swaps: int = 4
    steps: int = 200
    asked: int = 5
    draws: int = 3
    null_single: int = 200
    null_sets: int = 60
    pairs: int = 5
    data_level: float | None = None
    limits: Limits = field(default_factory=Limits)
    criteria: Criteria = field(default_factory=Criteria)

    def __post_init__(self) -> None:
        """Refuse what cannot be meant (UsageError)."""
        least = {"members": LEAST_MEMBERS, "top_k": 1, "asked": 1, "draws": 1, "null_single": 20, "null_sets": 20}
        for name, low in {**least, "pairs": 0, "seed": 0}.items():
            if getattr(self, name) < low:
                raise UsageError(
                    f"{name} is too small for the multivariate explainer.",
                    got=getattr(self, name),
                    allowed=f"{low} or more",
                )

    def shared(self) -> ExplainConfig:
        """The settings that the explainer "pathproof" has too."""
        return ExplainConfig(
            seed=self.seed,
            top_k=self.top_k,
            draws=self.draws,
            null_single=self.null_single,
            null_sets=self.null_sets,
            limits=self.limits,
            criteria=self.criteria,
        )

    @property
    def seeds(self) -> int:
        """Members that differ in the seed only."""
        return max(2, self.members // 3)

    @property
    def refits(self) -> int:
        """Members that explain a refitted model."""
        return self.members - self.seeds


@dataclass(frozen=True)
class Where:
    """Where models are fitted anew and accounts are fitted; it changes no number.

    Parameters
    ----------
    jobs : int
        Processes; at a cluster, how many fits are under way at once.
    cluster : str, optional
        As in :func:`pathproof.explain.cluster.fan_out`.
    """

    jobs: int = 1
    cluster: str | None = None

    @property
    def aside(self) -> bool:
        """Whether other processes fit."""
        return self.jobs > 1 or self.cluster is not None


@dataclass(frozen=True)
class MultivariateResult:
    """What a run leaves.

    Parameters
    ----------
    key : str
    model : ModelRecord
    explanations : list of Explanation
        One for each chosen drug.
    peers : list of Explanation
        "association-lmm" and "univariate" for the same drugs, with as many genes each: what an explanation of the
        model has to beat; the first also with pairs whose product the data show. None for one line.
    slopes : float array (drugs, F)
        Raw slopes of the explained model for each chosen drug, sorted, in ln IC50 per SD of the feature.
    summary : dict
        Fidelity beside a plain ridge, stability over seeds and over lines with what chance would give, the identity
        test; seconds of the run that finished it (not in the records, which are the same for equal runs).
    """

    key: str
    model: ModelRecord
    explanations: list[Explanation]
    peers: list[Explanation]
    slopes: NDArray[np.float64]
    summary: dict[str, Any]


def explain_drugs(
    dataset: Dataset,
    graph: GeneGraph,
    workspace: Workspace,
    trained: TrainResult,
    pathways: Mapping[str, Sequence[str]],
    drugs: Sequence[int],
    lines: Sequence[int] | None = None,
    config: MultivariateConfig | None = None,
    progress: Progress = lambda _text, _share: None,
    where: Where | None = None,
) -> MultivariateResult:
    """Explain some drugs of the trained predictor over all its lines, or over some of them.

    Parameters
    ----------
    dataset : Dataset
    graph : GeneGraph
    workspace : Workspace
        Refitted models, members of each drug, and the result are kept there: an interrupted run goes on.
    trained : TrainResult
    pathways : mapping of CURIE to symbols
        Gene sets for pathway claims.
    drugs : sequence of int
        Columns of `dataset.y`.
    lines : sequence of int, optional
        Rows of `dataset.x`; the explanation is the mean over them, and the model is asked on them. One row: what that
        line's own values add (:mod:`pathproof.explain.multivariate.one_line`).
    config : MultivariateConfig, optional
    progress : function of (message, fraction done or None)
    where : Where, optional
        Default: this process.

    Raises
    ------
    UsageError
        No drug is named, or settings that cannot be meant.
    DataError
        Too few lines to ask the model on, or data that cannot be used.
    """
    config = config or MultivariateConfig()
    if not drugs:
        raise UsageError("No drug is named that could be explained.")
    _refuse_few(dataset, lines)
    chosen = tuple(sorted(drugs)), None if lines is None else tuple(sorted(lines))
    evidence = evidence_dataset(dataset, workspace)
    key = _key(pathways, config, chosen, [dataset.data_id, evidence.data_id, graph.key, trained.key])
    if not workspace.is_done(STEP, key):
        from pathproof.explain.asking import Job
        from pathproof.explain.compute import member_spec
        from pathproof.explain.multivariate.compute import Run, Scope, compute  # heavy: only when there is work

        started = time.monotonic()
        job = Job(dataset, graph, workspace, member_spec(graph, trained), config.shared(), progress)
        result = compute(Run(job, Scope(*chosen), config, where or Where()), trained, evidence, pathways, key)
        _save(workspace, result, time.monotonic() - started)
    progress("explain: done", 1.0)
    return _load(workspace, key)


def _refuse_few(dataset: Dataset, lines: Sequence[int] | None) -> None:
    if lines is not None and len(lines) != 1 and len(lines) < LEAST_COHORT:
        raise DataError(
            "There are too few lines to explain a drug on.",
            got=len(lines),
            allowed=f"one, or at least {LEAST_COHORT} of the model's {len(dataset.cell_lines)} lines",
            action="name more lines, or a tissue with more of them",
        )


def _key(pathways: Mapping[str, Sequence[str]], config: MultivariateConfig, *what: object) -> str:
    """Content key of everything that the result depends on."""
    sets = {name: sorted(symbols) for name, symbols in pathways.items()}
    return content_key(STEP, VERSION, sets, asdict(config), *what)


def _save(workspace: Workspace, result: MultivariateResult, seconds: float) -> None:
    with workspace.writing_step(STEP, result.key, {"seconds": round(seconds, 1)}) as part:
        for name in ("explanations", "peers"):
            write_text(part / f"{name}.jsonl", "".join(one.to_json() + "\n" for one in getattr(result, name)))
        save_file({"raw": np.ascontiguousarray(result.slopes)}, part / "slopes.safetensors")
        write_json(part / "summary.json", {"model": result.model.model_dump(mode="json"), **result.summary})


def _load(workspace: Workspace, key: str) -> MultivariateResult:
    folder = workspace.step(STEP, key)
    summary: Mapping[str, Any] = read_json(folder / "summary.json")
    model = ModelRecord.model_validate(summary["model"])
    explanations, peers = (_records(folder / f"{name}.jsonl") for name in ("explanations", "peers"))
    slopes = load_file(folder / "slopes.safetensors")["raw"]
    rest = {name: value for name, value in summary.items() if name != "model"}
    rest["seconds"] = read_json(folder / "done.json")["seconds"]
    return MultivariateResult(key, model, explanations, peers, slopes, rest)


def _records(path: Path) -> list[Explanation]:
    try:
        return [Explanation.from_json(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise WorkspaceError(
            f"Cannot read {path.name}: {error}", where=path, action="delete the folder and run again to rebuild it"
        ) from error
