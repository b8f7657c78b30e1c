"""Any model as a function of rows, and the lines that it is asked about; both checked before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pathproof.errors import DataError, UsageError, nearest
from pathproof.explain.attribution import response_sd
from pathproof.explain.multivariate.losses import Kind

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.models.base import Predictor

Floats = NDArray[np.float64]
SHARED = "shared by all drugs"


def _names(given: Iterable[Any], what: str) -> tuple[str, ...]:
    """Names as a tuple of str; one text in the place of a sequence is refused (UsageError)."""
    if isinstance(given, str):
        raise UsageError(
            f"One text stands in the place of a sequence of names ({what}).", got=given, action=f"give [{given!r}]"
        )
    return tuple(str(name) for name in given)


@dataclass(frozen=True)
class ModelFunction:
    """A model that is known by what it answers.

    Parameters
    ----------
    name : str
    call : callable
        Rows (n, m), float64, in the model's own units, to outputs (n, D) or (n,).
    features : tuple of str (m,)
        Names of the inputs, in the model's order. Other sequences of names, here and of the outputs, become tuples.
    outputs : tuple of str (D,)
        Names of the outputs: drugs, or classes.
    kind : "regression" or "classes"
        Classes: `call` gives probabilities.
    spread : float array (m,), optional
        SD of each feature in the data that the model was trained on, to recognise another scale; None: not known, so
        nothing is compared.
    middle : float array (m,), optional
        Mean of each feature there, to recognise a shift; taken with `spread` only.
    centred : bool
        What all outputs share has been taken out of them already.
    """

    name: str
    call: Callable[[Floats], NDArray[Any]]
    features: tuple[str, ...]
    outputs: tuple[str, ...]
    kind: Kind = "regression"
    spread: Floats | None = None
    middle: Floats | None = None
    centred: bool = False

    def __post_init__(self) -> None:
        """Refuse names that stand twice, and scales of other features (UsageError)."""
        for field in ("features", "outputs"):
            object.__setattr__(self, field, _names(getattr(self, field), field))
        for what, names in (("feature", self.features), ("output", self.outputs)):
            if len(set(names)) != len(names):
                twice = sorted({name for name in names if names.count(name) > 1})
                raise UsageError(f"A model's {what} is named twice.", where=self.name, got=", ".join(twice[:5]))
        for what, values in (("spread", self.spread), ("middle", self.middle)):
            if values is not None and values.shape != (len(self.features),):
                raise UsageError(
                    f"The model's {what} does not fit its features.",
                    where=self.name,
                    got=f"shape {values.shape}",
                    allowed=f"({len(self.features)},)",
                )

    def ask(self, rows: Floats) -> Floats:
        """Outputs (n, D), float64.

        Raises
        ------
        DataError
            The answer is not numeric, has another shape, is not finite, or is no probability where there should be one.
        """
        given = self.call(rows.copy())  # a model may write into its rows
        try:
            answer = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(
                "The model's answer is no table of numbers.",
                where=self.name,
                got=str(error),
                allowed="one number for each row and output",
                action="give a function that returns numbers: probabilities for classes, not their names",
            ) from error
        answer = answer[:, None] if answer.ndim == 1 else answer
        if answer.shape != (len(rows), len(self.outputs)):
            raise DataError(
                "The model's answer has another shape than asked.",
                where=self.name,
                got=f"{answer.shape} for {len(rows)} rows",
                allowed=f"({len(rows)}, {len(self.outputs)}): one column for each output",
                action="name as many outputs as the model has",
            )
        wrong = np.flatnonzero(~np.isfinite(answer).all(axis=0))
        if wrong.size:
            named = ", ".join(self.outputs[i] for i in wrong[:5])
            raise DataError(
                "The model's answer is not a finite number.",
                where=self.name,
                got=f"{int((~np.isfinite(answer)).sum())} of {answer.size} answers, in {wrong.size} outputs: {named}",
                action="leave these outputs out, or repair the model",
            )
        if self.kind == "classes" and (answer.min() < 0 or answer.max() > 1):
            raise DataError(
                "A model of classes has to answer with probabilities.",
                where=self.name,
                got=f"answers from {answer.min():.3g} to {answer.max():.3g}",
                allowed="0 to 1",
                action="give predict_proba, or kind='regression'",
            )
        return answer

    def only(self, outputs: Sequence[str]) -> ModelFunction:
        """The same model with some of its outputs; an output that it does not have is refused (UsageError)."""
        outputs = tuple(str(name) for name in outputs)
        place = {name: i for i, name in enumerate(self.outputs)}
        for name in outputs:
            if name not in place:
                raise UsageError(
                    "The model was not trained on this output.",
                    where=self.name,
                    got=name,
                    nearest=nearest(name, self.outputs),
                    action=f"name some of its {len(self.outputs)} outputs",
                )
        columns = [place[name] for name in outputs]

        def call(rows: Floats) -> NDArray[Any]:
            answer = np.asarray(self.call(rows))
            return np.asarray((answer[:, None] if answer.ndim == 1 else answer)[:, columns])

        return replace(self, call=call, outputs=outputs)


@dataclass(frozen=True)
class Lines:
    """The lines that a model is asked about.

    Parameters
    ----------
    ids : tuple of str (n,)
    features : tuple of str (m,)
        Other sequences of names become tuples.
    x : float array (n, m)
        Finite; a table of another kind (a DataFrame, lists) becomes an array, its own names are not read. Missing
        values have to be filled as the model expects them.
    """

    ids: tuple[str, ...]
    features: tuple[str, ...]
    x: Floats

    def __post_init__(self) -> None:
        """Refuse what does not fit together (DataError)."""
        for field in ("ids", "features"):
            object.__setattr__(self, field, _names(getattr(self, field), field))
        try:
            object.__setattr__(self, "x", np.asarray(self.x, dtype=np.float64))
        except (TypeError, ValueError) as error:
            raise DataError("The values of the lines are no table of numbers.", got=str(error)) from error
        if self.x.shape != (len(self.ids), len(self.features)):
            raise DataError(
                "The lines do not fit their names.",
                got=f"values {self.x.shape}, {len(self.ids)} lines, {len(self.features)} features",
            )
        if not np.isfinite(self.x).all():
            line, feature = np.argwhere(~np.isfinite(self.x))[0]
            raise DataError(
                "The lines hold values that are not finite.",
                where=f"{self.ids[line]}, {self.features[feature]}",
                got=f"{int((~np.isfinite(self.x)).sum())} of {self.x.size}",
                action="fill or drop them as the model expects it",
            )
        for what, names in (("line", self.ids), ("feature", self.features)):
            if len(set(names)) != len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise DataError(f"A {what} is named twice.", got=twice)


def of_estimator(
    estimator: Any,
    outputs: Sequence[str],
    features: Sequence[str] | None = None,
    name: str | None = None,
    trained_on: Floats | None = None,
) -> ModelFunction:
    """A fitted scikit-learn estimator: `predict_proba` where it has one, else `predict`.

    Parameters
    ----------
    estimator : fitted estimator
    outputs : sequence of str
        One name for each column of its answer.
    features : sequence of str, optional
        Needed where the estimator has no `feature_names_in_`; those are taken otherwise.
    name : str, optional
    trained_on : float array (rows, m), optional
        What it was fitted on. An estimator does not keep the scale of its features: without these rows, lines on
        another scale cannot be recognised, and nothing is compared.

    Raises
    ------
    UsageError
        No names of features, names or rows that are not as many as it was fitted on, a name that stands twice, or a
        classifier whose answer is not one table of probabilities.
    """
    classes = getattr(estimator, "classes_", None)
    if isinstance(classes, list) or (classes is not None and not hasattr(estimator, "predict_proba")):
        raise UsageError(
            "A classifier is explained by one table of probabilities, and this one has none.",
            where=type(estimator).__name__,
            action="fit it with probabilities (SVC(probability=True), CalibratedClassifierCV), or give a ModelFunction "
            "with a column for each output",
        )
    own = getattr(estimator, "feature_names_in_", None)
    names = tuple(str(n) for n in own) if own is not None else tuple(features or ())
    if not names:
        raise UsageError(
            "The estimator does not know its features.", action="fit it on a DataFrame, or give `features`"
        )
    width = getattr(estimator, "n_features_in_", len(names))
    rows = None if trained_on is None else np.asarray(trained_on, dtype=np.float64)
    for what, count in (("names", len(names)), ("columns of `trained_on`", width if rows is None else rows.shape[-1])):
        if count != width:
            raise UsageError(
                f"The estimator was fitted on another number of features than there are {what}.",
                got=count,
                allowed=width,
            )
    method = "predict_proba" if hasattr(estimator, "predict_proba") else "predict"

    def call(rows: Floats) -> NDArray[Any]:
        given = pd.DataFrame(rows, columns=list(own)) if own is not None else rows
        return np.asarray(getattr(estimator, method)(given))

    kind: Kind = "classes" if method == "predict_proba" else "regression"
    scale = (None, None) if rows is None else (rows.std(axis=0), rows.mean(axis=0))
    return ModelFunction(name or type(estimator).__name__, call, names, tuple(outputs), kind, *scale)


def of_predictor(model: Predictor, dataset: Dataset) -> tuple[ModelFunction, Lines]:
    """A predictor of this package, and the lines of the data set.

    Tissue is an input of the predictor, so it is one of the explanation: what it explains is not put on genes.
    Features are named `layer:gene` and `tissue:name`.
    """
    width = len(dataset.features)
    names = tuple(f"{f.layer}:{f.gene}" for f in dataset.features) + tuple(f"tissue:{t}" for t in dataset.tissues)
    x = np.concatenate([dataset.x, dataset.tissue_one_hot], axis=1).astype(np.float64)

    def call(rows: Floats) -> NDArray[Any]:
        single = rows.astype(np.float32)
        return model.predict(single[:, :width], single[:, width:])

    function = ModelFunction(model.name, call, names, dataset.drugs, "regression", x.std(axis=0), x.mean(axis=0))
    return function, Lines(dataset.cell_lines, names, x)


def shared_out(dataset: Dataset, drugs: Sequence[int]) -> Floats:
    """What makes the outputs of :func:`of_drugs` from the predictions for all drugs, (all drugs, drugs and shared)."""
    unit = response_sd(dataset.y)
    shared = 1.0 / (len(unit) * unit)
    return np.stack([*((np.arange(len(unit)) == d) - unit[d] * shared for d in drugs), shared], axis=1)


def of_drugs(model: Predictor, dataset: Dataset, drugs: Sequence[int]) -> tuple[ModelFunction, Lines]:
    """Some drugs of a predictor minus what all its drugs share, each in ln IC50, and last what they share.

    The shared output is the mean over all drugs of the prediction in SDs of the drug's ln IC50 (general fragility), so
    a drug's own output plus its SD times the shared one is its prediction. One drug can be explained without
    fitting the others, and its fidelity is that of what is claimed: the centred view.
    """
    function, lines = of_predictor(model, dataset)
    mixed = shared_out(dataset, drugs)

    def call(rows: Floats) -> NDArray[Any]:
        return np.asarray(np.asarray(function.call(rows), dtype=np.float64) @ mixed)

    outputs = (*(dataset.drugs[d] for d in drugs), SHARED)
    return replace(function, call=call, outputs=outputs, centred=True), lines
