"""Faithfulness of anybody's claims: does the model itself answer to what is claimed?

The genes of a drug's surest claims are replaced together, in every cell line, by those of other lines; the
mean absolute change of the prediction is compared with that of random genes of the same number, and with that
of the most claimed genes. The model is a function that is asked here, or predictions that somebody stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pathproof.errors import DataError
from pathproof.validate.judged import Setting
from pathproof.validate.scoring import difference_over_groups

Row = dict[str, Any]
Genes = tuple[str, ...]
Predict = Callable[[pd.DataFrame], pd.DataFrame]

MOST_GENES = 5
RANDOM_SETS = 20
DONORS = 3
POPULAR = "popular"
OWN, RANDOM = "claimed", "random"


@dataclass(frozen=True)
class Question:
    """One set of genes to be replaced together for one drug."""

    drug: str
    purpose: str
    genes: Genes


@dataclass(frozen=True)
class Model:
    """A model as a function, and the cell lines that it is asked about.

    Parameters
    ----------
    predict : callable
        Features of cell lines (DataFrame, lines x features) to predicted responses (DataFrame, the same
        lines x drugs; columns as in `drugs`). It is called some hundred times.
    inputs : DataFrame
        Lines x features, as the model takes them. A column is a gene symbol, or a symbol and more words
        ("BRAF mutation"); all columns of a gene are replaced together. Other columns are left alone.
    drugs : mapping of str to str
        Column of a prediction to the id of the drug.
    """

    predict: Predict
    inputs: pd.DataFrame
    drugs: Mapping[str, str] = field(default_factory=dict)

    def columns_of(self) -> dict[str, list[int]]:
        """Places of the columns of each gene."""
        found: dict[str, list[int]] = {}
        for place, name in enumerate(self.inputs.columns):
            found.setdefault(str(name).split()[0] if str(name).split() else "", []).append(place)
        return found


def questions(setting: Setting, judged: pd.DataFrame, nameable: Sequence[str] | None = None) -> list[Question]:
    """What a model has to be asked: for each drug its claimed genes, random sets and the most claimed genes.

    Parameters
    ----------
    setting : Setting
        Gives the universe and the seed: the same claims give the same questions.
    judged : DataFrame
        Claims of the judged explainer, of one kind.
    nameable : sequence of str, optional
        Genes that the model takes; the universe's others are left out.
    """
    allowed = set(setting.universe.genes) & set(setting.universe.genes if nameable is None else nameable)
    own = {drug: _genes_of(part, allowed) for drug, part in judged.groupby("drug", sort=True)}
    own = {drug: genes for drug, genes in own.items() if genes}
    pool = np.array(sorted(allowed))
    sizes = sorted({len(genes) for genes in own.values()})
    rng = setting.rng("deletion")
    drawn = {
        size: [tuple(sorted(rng.choice(pool, size, replace=False).tolist())) for _ in range(RANDOM_SETS)]
        for size in sizes
        if size <= len(pool)
    }
    count = Counter(gene for genes in own.values() for gene in genes)
    popular = [gene for gene, _ in sorted(count.items(), key=lambda item: (-item[1], item[0]))]
    found = []
    for drug, genes in own.items():
        found.append(Question(str(drug), OWN, genes))
        found.append(Question(str(drug), POPULAR, tuple(sorted(popular[: len(genes)]))))
        sets = [one for one in drawn.get(len(genes), []) if not set(one) & set(genes)]
        found += [Question(str(drug), RANDOM, one) for one in sets]
    return found


def _genes_of(part: pd.DataFrame, allowed: set[str]) -> Genes:
    """The genes of a drug's surest claims, at most five."""
    chosen: list[str] = []
    for genes in part[part["order"] >= 1].sort_values("order", kind="stable")["genes"]:
        chosen += [gene for gene in genes if gene in allowed and gene not in chosen]
        if len(chosen) >= MOST_GENES:
            break
    return tuple(sorted(chosen[:MOST_GENES]))


def asked(setting: Setting, model: Model, wanted: Sequence[Question]) -> dict[tuple[str, Genes], float]:
    """Ask the function: mean absolute change of the prediction by drug and set of genes.

    Raises
    ------
    DataError
        When the function gives something else than a finite number for each line and drug.
    """
    columns = model.columns_of()
    values = model.inputs.to_numpy()
    mixed = any(kind != values.dtype for kind in model.inputs.dtypes)
    before = _predicted(model, model.inputs)
    rng = setting.rng("donors")
    donors = np.stack([rng.permutation(len(values)) for _ in range(DONORS)])
    effects: dict[tuple[str, Genes], float] = {}
    for genes in sorted({one.genes for one in wanted}):
        places = [place for gene in genes for place in columns.get(gene, [])]
        change = np.zeros(before.shape[1])
        for order in donors:
            moved = values.copy()
            moved[:, places] = values[np.ix_(order, places)]
            frame = pd.DataFrame(moved, index=model.inputs.index, columns=model.inputs.columns)
            if mixed and model.inputs.columns.is_unique:
                frame = frame.astype(model.inputs.dtypes.to_dict())
            change += np.abs(_predicted(model, frame).to_numpy() - before.to_numpy()).mean(axis=0) / DONORS
        effects |= {(drug, genes): float(value) for drug, value in zip(before.columns, change, strict=True)}
    return effects


def _predicted(model: Model, inputs: pd.DataFrame) -> pd.DataFrame:
    """The function's answer with drug ids as columns; columns that are no drug are left out."""
    found = model.predict(inputs)
    if not isinstance(found, pd.DataFrame) or len(found) != len(inputs):
        shape = getattr(found, "shape", type(found).__name__)
        raise DataError(
            "The model does not give one row of predictions for each cell line.",
            got=shape,
            allowed=f"a DataFrame with the {len(inputs)} lines that it was asked about and a column for each drug",
        )
    names = {str(column): model.drugs.get(str(column).lower()) for column in found.columns}
    held = found[[column for column in found.columns if names[str(column)]]]
    if not held.shape[1]:
        got = ", ".join(list(names)[:5])
        raise DataError("No column of the predictions is a drug of the graph.", got=got, allowed="drug ids or names")
    held = held.rename(columns=lambda column: names[str(column)])
    held = held.loc[:, ~held.columns.duplicated()]
    if not np.isfinite(held.to_numpy(dtype=float)).all():
        raise DataError("The model gives predictions that are not finite.", allowed="a finite number for every line")
    return held.astype(float)


def deletion_rows(
    setting: Setting, explainer: str, wanted: Sequence[Question], effects: Mapping[tuple[str, Genes], float]
) -> list[Row]:
    """Rows of the faithfulness: the judged explainer and the most claimed genes, each beyond random genes.

    A drug counts when the model answered all that was asked about it, so that nobody chooses among the answers;
    `n_asked` is the number of drugs that were asked about.
    """
    answers: dict[tuple[str, str], list[float]] = {}
    silent = {one.drug for one in wanted if (one.drug, one.genes) not in effects}
    for one in wanted:
        if one.drug not in silent:
            answers.setdefault((one.purpose, one.drug), []).append(effects[one.drug, one.genes])
    sizes = {one.drug: len(one.genes) for one in wanted if one.purpose == OWN}
    rows = []
    for name, purpose in ((explainer, OWN), (POPULAR, POPULAR)):
        drugs = [drug for drug in sizes if (purpose, drug) in answers and (RANDOM, drug) in answers]
        if not drugs:
            continue
        own = np.array([answers[purpose, drug][0] for drug in drugs])
        random = np.array([np.mean(answers[RANDOM, drug]) for drug in drugs])
        rows.append(
            {
                "explainer": name,
                "drug": "all",
                "metric": "deletion",
                "unit": "mean absolute change, in the model's own unit",
                "n_drugs": len(drugs),
                "n_asked": len(sizes),
                "mean_features": float(np.mean([sizes[drug] for drug in drugs])),
                "effect": float(own.mean()),
                "random": float(random.mean()),
                "beyond_random": float((own - random).mean()),
                "beyond_random_ci95": difference_over_groups(setting, drugs, own - random),
            }
        )
    return rows
