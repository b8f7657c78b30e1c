"""Explanations of refitted models: what would be claimed if the responses, or the features, belonged elsewhere?

The explained procedure is repeated with a ridge in place of the ridge-anchored networks and with fewer
questions, because a whole run for each draw would take hours. So a refit is compared with the same cheaper
procedure on the real data (:meth:`Refitter.own`), never with the run itself.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pathproof.explain.lmm import association_lmm, permuted, permuted_within
from pathproof.explain.lmm_data import evidence_dataset
from pathproof.explain.propose import Limits
from pathproof.explain.run import ExplainConfig
from pathproof.graph_schema.records import ClaimKind, Explanation
from pathproof.workspace import Workspace, content_key, write_text

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset, GeneGraph
    from pathproof.explain.lmm_table import AssociationTable
    from pathproof.explain.train import TrainResult

Ints = npt.NDArray[np.int64]
Progress = Callable[[str, float | None], None]
STEP = "refit"
VERSION = 1
OWN, PERMUTED, WEIGHTS = "own", "permuted_response", "random_weights"
NAMES = {OWN: 0, PERMUTED: 1, WEIGHTS: 2}
EXPLAINER = "pathproof"


def _quiet(_message: str, _fraction: float | None) -> None:
    return None


def cheaper(seed: int) -> ExplainConfig:
    """The settings of a refit: as many members on other lines as in a run, and no more questions than needed."""
    return ExplainConfig(
        seed=seed, seeds=2, asked_bootstraps=2, draws=1, null_single=40, null_sets=20,
        limits=Limits(modules=0, pathways=0),
    )  # fmt: skip


@dataclass(frozen=True)
class Refitter:
    """Refits one run's explainer; each draw is a step of the workspace, so that a killed run goes on.

    Parameters
    ----------
    dataset : Dataset
        What the predictor learned from.
    graph : GeneGraph
        Only its edges' degrees are used, for a peer that is not kept.
    workspace : Workspace
    trained : TrainResult
        Names the model and its sources.
    seed : int
    progress : function of (message, fraction done or None)
    """

    dataset: Dataset
    graph: GeneGraph
    workspace: Workspace
    trained: TrainResult
    seed: int = 0
    progress: Progress = _quiet

    @cached_property
    def evidence(self) -> Dataset:
        """The lines of the test in the data."""
        return evidence_dataset(self.dataset, self.workspace)

    @cached_property
    def _tested(self) -> AssociationTable:
        return association_lmm(self.evidence)

    def own(self) -> list[Explanation]:
        """The cheaper procedure on the real data."""
        return self._stored(OWN, 0)

    def permuted(self, draw: int) -> list[Explanation]:
        """On responses permuted within lineage.

        Whole response rows change places among the lines of one tissue that have the same layers: tissue effects,
        the correlation of drugs, general fragility and missing values stay.
        """
        return self._stored(PERMUTED, draw)

    def mislabelled(self, draw: int) -> list[Explanation]:
        """On a model whose weights belong to other genes: within each layer every member's weights are given to the
        same random other genes. The sizes of the weights and their agreement over members stay.
        """
        return self._stored(WEIGHTS, draw)

    def _stored(self, name: str, draw: int) -> list[Explanation]:
        ids = [self.dataset.data_id, self.evidence.data_id, dataclasses.asdict(cheaper(self.seed))]
        key = content_key(STEP, VERSION, ids, self.trained.key, name, draw)
        if not self.workspace.is_done(STEP, key):
            self.progress(f"refit: {name.replace('_', ' ')}, draw {draw + 1}", None)
            lines = [one.to_json() + "\n" for one in self._made(name, draw) if one.explainer == EXPLAINER]
            with self.workspace.writing_step(STEP, key) as part:
                write_text(part / "explanations.jsonl", "".join(lines))
        text = (self.workspace.step(STEP, key) / "explanations.jsonl").read_text(encoding="utf-8")
        return [Explanation.from_json(line) for line in text.splitlines()]

    def _made(self, name: str, draw: int) -> list[Explanation]:
        rng = np.random.default_rng([self.seed, 8, NAMES[name], draw])
        dataset, tested = self.dataset, None
        if name == PERMUTED:
            dataset, evidence = permuted_responses(self.dataset, self.evidence, rng)
            tested = association_lmm(evidence)
        elif name == WEIGHTS:
            order = permuted_within([feature.layer for feature in dataset.features], rng)
            dataset = dataclasses.replace(dataset, features=tuple(dataset.features[i] for i in order))
            tested = self._tested.of_features(order)
        with tempfile.TemporaryDirectory(prefix="pathproof-refit-") as folder:
            return self._explained(dataset, self._tested if tested is None else tested, Path(folder))

    def _explained(self, dataset: Dataset, tested: AssociationTable, folder: Path) -> list[Explanation]:
        from pathproof.explain.asking import Job, ModelSpec
        from pathproof.explain.compute import compute
        from pathproof.explain.models.ridge import Ridge

        whole = Ridge()
        whole.fit(dataset, np.arange(len(dataset.cell_lines), dtype=np.int64), self.seed)
        spec = ModelSpec(Ridge.name, [Ridge.name], Ridge, Ridge.load, lambda: whole)
        job = Job(dataset, self.graph, Workspace.open(folder / "members"), spec, cheaper(self.seed), _quiet)
        found = compute(job, tested, "refit", self.trained, {}).explanations
        return [one.model_copy(update={"claims": _genes(one)}) for one in found]


def _genes(one: Explanation) -> tuple[object, ...]:
    return tuple(claim for claim in one.claims if claim.kind is ClaimKind.GENE)


def permuted_responses(dataset: Dataset, evidence: Dataset, rng: np.random.Generator) -> tuple[Dataset, Dataset]:
    """The same permutation of whole response rows in both data sets, within tissue and layers.

    Parameters
    ----------
    dataset, evidence : Dataset
        The predictor's lines, all of them among those of `evidence`.
    rng : Generator
    """
    evidence = permuted(evidence, rng)
    place = {line: i for i, line in enumerate(evidence.cell_lines)}
    rows = np.array([place[line] for line in dataset.cell_lines], dtype=np.int64)
    return dataclasses.replace(dataset, y=evidence.y[rows]), evidence
