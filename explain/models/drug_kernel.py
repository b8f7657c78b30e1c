"""Models for drugs that were never screened: the line's mean over drugs, and a kernel over what is known of drugs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from pathproof.errors import UsageError
from pathproof.explain.data import Bools, Dataset, Floats, Ints, Singles
from pathproof.explain.drug_side import DrugSide
from pathproof.explain.metrics import per_drug_pearson
from pathproof.explain.models.base import (
    Replacement,
    ResponseScale,
    check_lines,
    has_no,
    load_arrays,
    not_fitted,
    save_arrays,
)
from pathproof.explain.models.per_drug import Setting
from pathproof.explain.models.ridge import solve_per_drug
from pathproof.explain.splits import leave_lines_out

INNER_FOLDS = 5


class KnownLines(ABC):
    """Base of models that know the lines and predict all drugs of the data set, screened or not.

    What is fitted is a table lines x drugs, in ln IC50. A drug without a response in training has no level
    and no width of its own: it gets the mean over all pairs and the root mean variance of the others.
    """

    name: str

    def __init__(self) -> None:
        self._row: dict[str, int] = {}
        self._table: Floats = np.zeros((0, 0))

    def fit(self, dataset: Dataset, lines: Ints, seed: int) -> None:
        """Learn from the rows `lines`; each counts once."""
        rows = np.unique(check_lines(dataset, lines))
        scale = ResponseScale.of(dataset.y[rows])
        z, seen = scale.to_z(dataset.y[rows])
        screened = seen.any(axis=0)
        general = z.sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
        residual = np.where(seen, z - general[:, None], 0.0)
        answer = general[:, None] + self._specific(residual, seen, seed)
        width = np.where(screened, scale.sd, np.sqrt(np.mean(scale.sd[screened] ** 2)))
        self._table = answer * width + scale.mean
        self._row = {dataset.cell_lines[row]: i for i, row in enumerate(rows)}

    @abstractmethod
    def _specific(self, residual: Floats, seen: Bools, seed: int) -> Floats:
        """What is predicted of each drug beyond the line's mean (n, D), in z; `residual` is 0 where not seen."""

    def predict_lines(self, dataset: Dataset, lines: Ints) -> Floats:
        """Look up ln IC50 (len(lines), D); a line that was not learned from is refused (UsageError)."""
        if not self._row:
            raise not_fitted(self.name)
        names = [dataset.cell_lines[row] for row in lines]
        unknown = [name for name in names if name not in self._row]
        if unknown:
            raise UsageError(f"The model {self.name} knows only its own cell lines.", got=", ".join(unknown[:5]))
        return np.asarray(self._table[[self._row[name] for name in names]])

    def predict(self, x: Singles, tissue: Singles) -> Floats:  # noqa: ARG002 - features do not say which line it is
        """Not defined: the model knows lines by name (UsageError)."""
        raise has_no(self.name, "prediction from features alone: it knows cell lines by name")

    def gradient(self) -> Floats:
        """Not defined: no feature enters (UsageError)."""
        raise has_no(self.name, "gradient over features")

    def perturb_effects(
        self,
        x: Singles,  # noqa: ARG002
        tissue: Singles,  # noqa: ARG002
        feature_sets: Sequence[Ints],  # noqa: ARG002
        replacement: Replacement,  # noqa: ARG002
        drugs: Ints | None = None,  # noqa: ARG002
    ) -> Iterator[Floats]:
        """Not defined: no feature enters (UsageError)."""
        raise has_no(self.name, "features to replace")

    def _card(self) -> dict[str, Any]:
        return {}

    def save(self, folder: Path) -> None:
        """Write the table as safetensors and the lines in the card."""
        if not self._row:
            raise not_fitted(self.name)
        save_arrays(folder, self.name, {"table": self._table}, {"lines": list(self._row), **self._card()})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote; the result predicts, and is not to be fitted again."""
        arrays, card = load_arrays(folder, cls.name)
        model = cls.__new__(cls)
        KnownLines.__init__(model)
        model._table, model._row = arrays["table"], {line: i for i, line in enumerate(card["lines"])}
        return model


class LineMean(KnownLines):
    """The line's mean z-score over the screened drugs: general fragility, the same for every drug."""

    name = "line-mean"

    def _specific(self, residual: Floats, seen: Bools, seed: int) -> Floats:  # noqa: ARG002 - nothing is drawn
        return np.zeros_like(residual)


class DrugKernelRidge(KnownLines):
    """Kernel ridge over drugs, one per line: K = targets + class weight x class, on what the line's mean leaves.

    Targets and classes of unseen drugs are known; their responses are not. Settings are chosen on inner folds
    over the screened molecules.
    """

    name = "drug-kernel-ridge"
    grid: ClassVar[Sequence[Setting]] = tuple(
        {"alpha": alpha, "class": weight} for alpha in (1.0, 3.0, 10.0) for weight in (0.3, 1.0)
    )

    def __init__(self, drugs: DrugSide) -> None:
        super().__init__()
        self.drugs = drugs
        self.setting: Setting = self.grid[0]
        self.inner_scores: dict[str, float] = {}

    def _specific(self, residual: Floats, seen: Bools, seed: int) -> Floats:
        scores = [self._inner_score(residual, seen, setting, seed) for setting in self.grid]
        self.setting = self.grid[int(np.argmax(scores))]
        named = (f"alpha={setting['alpha']:g}, class={setting['class']:g}" for setting in self.grid)
        self.inner_scores = dict(zip(named, scores, strict=True))
        return self._solve(residual, seen, self.setting)

    def _solve(self, residual: Floats, seen: Bools, setting: Setting) -> Floats:
        facts = drug_facts(self.drugs, float(setting["class"]))
        weights = solve_per_drug(facts, residual.T, seen.T, float(setting["alpha"]))
        return np.asarray((facts @ weights).T)

    def _inner_score(self, residual: Floats, seen: Bools, setting: Setting, seed: int) -> float:
        molecules = np.asarray(self.drugs.molecules)
        screened = sorted(set(molecules[seen.any(axis=0)]))
        drawn = leave_lines_out(screened, min(INNER_FOLDS, len(screened)), seed)
        fold_of = dict(zip(screened, drawn.tolist(), strict=True))
        folds = np.asarray([fold_of.get(molecule, -1) for molecule in molecules])
        scores = []
        for fold in range(int(drawn.max()) + 1):
            held = folds == fold
            answer = self._solve(np.where(held, 0.0, residual), seen & ~held, setting)
            observed = np.where(seen, residual, np.nan)[:, held]
            r = per_drug_pearson(observed, answer[:, held])
            scores.append(float(np.nanmean(r)) if np.isfinite(r).any() else 0.0)
        return float(np.mean(scores))

    def _card(self) -> dict[str, Any]:
        return {"setting": dict(self.setting), "inner_scores": self.inner_scores}


def drug_facts(drugs: DrugSide, class_weight: float) -> Floats:
    """Drugs x facts: targets at unit length, then classes; the product with itself is the kernel."""
    targets = drugs.target_matrix
    length = np.sqrt(np.maximum(targets.sum(axis=1, keepdims=True), 1.0))
    return np.concatenate([targets / length, np.sqrt(class_weight) * drugs.class_matrix], axis=1)
