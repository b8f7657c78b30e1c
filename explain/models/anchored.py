"""The anchored graph network: a weighted mean of a ridge, or of the kernel ridge on all layers, and the network."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from pathproof.errors import UsageError
from pathproof.explain.data import Dataset, Floats, GeneGraph, Ints, Singles
from pathproof.explain.metrics import per_drug_pearson
from pathproof.explain.models.base import Replacement, check_lines, load_arrays, save_arrays
from pathproof.explain.models.gnn import CompletedGnn, Gnn, GnnConfig
from pathproof.explain.models.kernel import KernelConfig, KernelRidge
from pathproof.explain.models.mlp import Mlp, MlpConfig
from pathproof.explain.models.ridge import Ridge, RidgeConfig
from pathproof.explain.splits import inner_folds


@dataclass(frozen=True)
class AnchoredConfig:
    """Settings of both halves and of the weight between them.

    Parameters
    ----------
    ridge : RidgeConfig or KernelConfig
        Settings of the anchor, and which of the two it is.
    weight : float or None
        Share of the network in the prediction. None: chosen on held-out parts of the training lines.
    grid : tuple of float
        Weights tried.
    inner_folds, inner_used, inner_seeds : int
        The training lines are cut into `inner_folds`; the first `inner_used` are held out in turn, and the
        network is an ensemble of `inner_seeds` there. A smaller ensemble than in use makes the weight
        cautious; more lines to judge on matter more, because the optimum is flat.
    """

    ridge: RidgeConfig | KernelConfig = field(default_factory=RidgeConfig)
    gnn: GnnConfig = field(default_factory=GnnConfig)
    weight: float | None = None
    grid: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    inner_folds: int = 5
    inner_used: int = 5
    inner_seeds: int = 1

    def __post_init__(self) -> None:
        if self.weight is not None and not 0 <= self.weight <= 1:
            raise UsageError("AnchoredConfig.weight is out of range.", got=self.weight, allowed="0 to 1, or None")
        if not 1 <= self.inner_used <= self.inner_folds:
            allowed = f"1 to {self.inner_folds} (inner_folds)"
            raise UsageError("AnchoredConfig.inner_used is out of range.", got=self.inner_used, allowed=allowed)


class AnchoredGnn:
    """y(x) = (1 - w) ridge(x) + w mean over seeds of the network(x); w from inner folds only.

    Parameters
    ----------
    graph : GeneGraph or None
        None only for a model that is loaded.
    config : AnchoredConfig, optional
    """

    name = "ridge-anchored-gnn"
    halves: ClassVar[tuple[type[Any], type[Any]]] = (Ridge, Gnn)
    inner_by_tissue = False
    """Whether the weight is chosen on tissues that were held out, as for a test on new tissues."""

    def __init__(self, graph: GeneGraph | None, config: AnchoredConfig | None = None) -> None:
        self.config = config or AnchoredConfig()
        self.graph = graph
        self.ridge = self.halves[0](self.config.ridge)
        self.gnn = self._network(self.config.gnn.seeds)
        self.weight = 0.0 if self.config.weight is None else self.config.weight
        self.inner_scores: dict[str, float] = {}
        self.fit_seconds: dict[str, float] = {}

    def _network(self, seeds: int) -> Any:
        """The unfitted half that is no ridge, with so many members."""
        return self.halves[1](self.graph, replace(self.config.gnn, seeds=seeds))

    def fit(self, dataset: Dataset, lines: Ints, seed: int) -> None:
        """Fit both halves on the rows `lines` (repeats count) and, unless given, choose the weight on inner folds."""
        rows = check_lines(dataset, lines)
        if self.config.weight is None:
            self.weight = self._choose_weight(dataset, rows, seed)
        for half in (self.ridge, self.gnn):
            started = time.process_time()
            half.fit(dataset, rows, seed)
            self.fit_seconds[half.name] = time.process_time() - started

    def _choose_weight(self, dataset: Dataset, rows: Ints, seed: int) -> float:
        parts = inner_folds(dataset, rows, self.config.inner_folds, seed, by_tissue=self.inner_by_tissue)
        used = enumerate(islice(parts, self.config.inner_used))
        scores = np.mean([self._inner_scores(dataset, *part, seed + 1 + fold) for fold, part in used], axis=0)
        self.inner_scores = {f"{w:g}": float(s) for w, s in zip(self.config.grid, scores, strict=True)}
        return float(self.config.grid[int(np.argmax(scores))])

    def _inner_scores(self, dataset: Dataset, train: Ints, held: Ints, seed: int) -> Floats:
        """Mean per-drug Pearson on the held-out lines, for each weight of the grid."""
        ridge, gnn = self.halves[0](self.config.ridge), self._network(self.config.inner_seeds)
        for half in (ridge, gnn):
            half.fit(dataset, train, seed)
        x, tissue, y = dataset.x[held], dataset.tissue_one_hot[held], dataset.y[held]
        linear, network = ridge.predict(x, tissue), gnn.predict(x, tissue)
        by_weight = [per_drug_pearson(y, (1 - w) * linear + w * network, min_lines=3) for w in self.config.grid]
        return np.asarray([np.nanmean(r) if np.isfinite(r).any() else 0.0 for r in by_weight], dtype=np.float64)

    def predict(self, x: Singles, tissue: Singles) -> Floats:
        """Predict ln IC50 (n, D)."""
        linear: Floats = self.ridge.predict(x, tissue)
        network: Floats = self.gnn.predict(x, tissue)
        return (1 - self.weight) * linear + self.weight * network

    def gradient(self) -> Floats:
        """Slopes (F, D): the ridge's coefficients and the network's exact mean gradient, weighted."""
        linear: Floats = self.ridge.gradient()
        network: Floats = self.gnn.gradient()
        return (1 - self.weight) * linear + self.weight * network

    def perturb_effects(
        self,
        x: Singles,
        tissue: Singles,
        feature_sets: Sequence[Ints],
        replacement: Replacement,
        drugs: Ints | None = None,
    ) -> Iterator[Floats]:
        """Change of the prediction (n, D) for each set: the fast paths of both halves, weighted."""
        pairs = zip(
            self.ridge.perturb_effects(x, tissue, feature_sets, replacement, drugs),
            self.gnn.perturb_effects(x, tissue, feature_sets, replacement, drugs),
            strict=True,
        )
        for linear, network in pairs:
            yield (1 - self.weight) * linear + self.weight * network

    def save(self, folder: Path) -> None:
        """Write both halves and a card with the weight."""
        self.ridge.save(folder / "ridge")
        self.gnn.save(folder / "gnn")
        card = {"config": asdict(self.config), "inner_scores": self.inner_scores}
        save_arrays(folder, self.name, {"weight": np.asarray([self.weight])}, card)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        arrays, card = load_arrays(folder, cls.name)
        ridge, gnn = cls.halves[0].load(folder / "ridge"), cls.halves[1].load(folder / "gnn")
        settings = {**card["config"], "ridge": ridge.config, "gnn": gnn.config, "grid": tuple(card["config"]["grid"])}
        model = cls(None, AnchoredConfig(**settings))
        model.ridge, model.gnn = ridge, gnn
        model.weight, model.inner_scores = float(arrays["weight"][0]), dict(card["inner_scores"])
        return model


class KernelAnchoredGnn(AnchoredGnn):
    """The same on the kernel ridge: both halves learn from all lines, the kernel from all layers.

    What a line lacks is completed (see :class:`KernelRidge`) before either half learns from it or is asked.
    """

    name = "kernel-anchored-gnn"
    halves = (KernelRidge, CompletedGnn)

    def __init__(self, graph: GeneGraph | None, config: AnchoredConfig | None = None) -> None:
        config = config or AnchoredConfig(ridge=KernelConfig())
        if not isinstance(config.ridge, KernelConfig):
            raise UsageError(
                "The anchor of this network is a kernel ridge.", got=str(config.ridge), allowed="KernelConfig"
            )
        super().__init__(graph, config)

    def predict_lines(self, dataset: Dataset, lines: Ints) -> Floats:
        """Predict ln IC50 (len(lines), D) for rows of a data set; what a line lacks is completed first."""
        self.ridge.gradient()  # refuses a model that is not fitted
        return self.predict(self.ridge.completion.complete(dataset, lines), dataset.tissue_one_hot[lines])

    def gradient(self) -> Floats:
        """Slopes (F, D), exact; those of copy number are the kernel's alone."""
        slopes: Floats = (1 - self.weight) * self.ridge.gradient()
        network = self.gnn.gradient()
        slopes[: len(network)] += self.weight * network
        return slopes


class AnchoredMlp(AnchoredGnn):
    """Control: the same with a perceptron in place of the graph network."""

    name = "ridge+mlp"

    def __init__(self, config: AnchoredConfig | None = None, mlp: MlpConfig | None = None) -> None:
        self.mlp = mlp or MlpConfig()
        config = config or AnchoredConfig()
        super().__init__(None, replace(config, gnn=replace(config.gnn, seeds=self.mlp.seeds)))

    def _network(self, seeds: int) -> Any:
        return Mlp(replace(self.mlp, seeds=seeds))

    def save(self, folder: Path) -> None:
        """Write both halves and a card with the weight."""
        self.ridge.save(folder / "ridge")
        self.gnn.save(folder / "mlp")
        save_arrays(folder, self.name, {"weight": np.asarray([self.weight])}, {"inner_scores": self.inner_scores})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        arrays, card = load_arrays(folder, cls.name)
        mlp = Mlp.load(folder / "mlp")
        model = cls(AnchoredConfig(weight=float(arrays["weight"][0])), mlp.config)
        model.ridge, model.gnn = Ridge.load(folder / "ridge"), mlp
        model.inner_scores = dict(card["inner_scores"])
        return model
