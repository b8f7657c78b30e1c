"""A table of predictors on one split: fit what is missing, score, and write table, folds and predictions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pathproof.errors import UsageError
from pathproof.explain.conformal import coverage_rows, interval_table
from pathproof.explain.cross_screen import OfAllLines, OtherScreen, cross_rows
from pathproof.explain.data import Dataset
from pathproof.explain.input_check import check_folds, check_input
from pathproof.explain.models.base import CODE_VERSION
from pathproof.explain.models.registry import Context, chosen, to_fit
from pathproof.explain.predictions import prediction_cube
from pathproof.explain.reads import Reads
from pathproof.explain.score_table import LEAST_OF_A_CLASS, Judged, table_of
from pathproof.explain.scores import NAIVE
from pathproof.explain.splits import make_split, title_of
from pathproof.explain.train_pieces import STEP as PIECE_STEP
from pathproof.explain.train_pieces import (
    Piece,
    Progress,
    facts_of,
    plan,
    run_pieces,
    seconds_of,
    stored_predictions,
)
from pathproof.workspace import Workspace, content_key, read_json, write_json, write_parquet, write_text

STEP = "train-table"
VERSION = 3
"""Raised whenever scores of the same predictions change, or the files that hold them."""


@dataclass(frozen=True)
class TableConfig:
    """What to compare, and how.

    Parameters
    ----------
    split : str
        lco, lto, ldo or lpo.
    models : tuple of str
        Empty: all that can do the split. Naive mean effects are always among them: scores are normalised by them.
    folds, split_seed, seed : int
        Number and draw of the folds; seed of the fits.
    jobs : int
        Processes, or calls under way at a cluster. It changes no number.
    cluster : str, optional
        See :func:`pathproof.explain.cluster.fan_out`.
    """

    split: str = "lco"
    models: tuple[str, ...] = ()
    folds: int = 5
    split_seed: int = 0
    seed: int = 0
    jobs: int = 1
    cluster: str | None = None

    def __post_init__(self) -> None:
        title_of(self.split)
        if self.folds < 2:
            raise UsageError("The number of folds is too small.", got=self.folds, allowed="2 or more")

    def names(self) -> tuple[str, ...]:
        """All models that get a row, in the order of the table."""
        return chosen((*self.models, NAIVE) if self.models else (), self.split)


@dataclass(frozen=True)
class TableResult:
    """What was made: the table (JSON-able, see docs/predictor.md) and the folder with its files."""

    table: dict[str, Any]
    folder: Path


def train_table(
    dataset: Dataset,
    context: Context,
    workspace: Workspace,
    config: TableConfig,
    progress: Progress,
    others: tuple[OtherScreen, ...] = (),
    wide: Dataset | None = None,
) -> TableResult:
    """Fit, score and write the table of one split.

    Parameters
    ----------
    dataset : Dataset
    context : Context
        Graph and drugs, over the genes and drugs of the data set.
    workspace : Workspace
        Fits that it holds already are not made again.
    config : TableConfig
    progress : callable
    others : tuple of OtherScreen
        Other screens on whose unseen lines the models are tested too.
    wide : Dataset, optional
        The same screen with all lines and layers, for the models that are fitted on those; the folds of the
        tested lines are the same.

    Raises
    ------
    UsageError
        An unknown split or model, or a model that cannot do the split.
    DataError
        Too few cell lines, tissues or drugs for the folds, or input that no model can learn from.
    """
    left_out = check_input(dataset)
    if wide is not None:
        check_input(wide)
    names, context = config.names(), replace(context, inner_by_tissue=config.split == "lto")
    split = make_split(config.split, dataset, context.drugs.molecules, config.folds, config.split_seed)
    check_folds(dataset, split)
    pieces = _fit((dataset, wide), context, workspace, config, progress, whole=bool(others))
    key = content_key(STEP, VERSION, CODE_VERSION, names, [p.key for p in pieces], [one.key for one in others])
    if not workspace.is_done(STEP, key):
        progress("train: scores and intervals", None)
        predictions = stored_predictions(workspace, pieces)
        predictions = predictions[predictions["model"].isin(names)].reset_index(drop=True)
        cubes = prediction_cube(dataset, predictions, names)
        tested = np.where(np.isfinite(cubes[NAIVE]), dataset.y, np.nan)
        judged = Judged(cubes, tested, split, context.drugs.classes, config.seed)
        table = _facts_of(dataset, judged) | {"seed": config.seed, "left_out": left_out, **table_of(judged)}
        table["coverage"] = coverage_rows(judged)
        models = _whole(workspace, pieces, names)
        table["cross_screen"] = cross_rows((dataset, wide), context, models, others, config.seed)
        _add_facts(table, workspace, pieces)
        _write(workspace, key, table, predictions, judged, dataset)
    folder = workspace.step(STEP, key)
    table = read_json(folder / "table.json")
    _add_reads(table, workspace, pieces)
    return TableResult(table, folder)


def _fit(
    data: tuple[Dataset, Dataset | None],
    context: Context,
    workspace: Workspace,
    config: TableConfig,
    progress: Progress,
    *,
    whole: bool,
) -> list[Piece]:
    """Make all fits of the table, on the data set or on the wide one; `whole`: models of all lines too."""
    pieces: list[Piece] = []
    for dataset, is_wide in zip(data, (False, True), strict=True):
        kinds = [kind for kind in to_fit(config.names()) if kind.wide == is_wide]
        if not kinds:
            continue
        if dataset is None:
            raise UsageError(f"The model {kinds[0].name} needs the data set with all lines and layers.")
        split = make_split(config.split, dataset, context.drugs.molecules, config.folds, config.split_seed)
        planned = plan(dataset, split, kinds, context, config.seed, whole=whole)
        run_pieces(dataset, split, planned, context, workspace, (config.jobs, config.cluster), progress)
        pieces += planned
    return pieces


def _facts_of(dataset: Dataset, judged: Judged) -> dict[str, Any]:
    return {
        "split": judged.split.title,
        "screen": dataset.screen,
        "data_id": dataset.data_id,
        "folds": judged.split.folds,
        "n_lines": int(judged.split.scored.sum()),
        "n_drugs": len(dataset.drugs),
        "n_pairs": int(np.isfinite(judged.observed).sum()),
    }


def _whole(workspace: Workspace, pieces: list[Piece], names: tuple[str, ...]) -> dict[str, OfAllLines]:
    """The model of all lines of each row."""
    found: dict[str, OfAllLines] = {}
    for piece in pieces:
        if piece.fold is None:
            folder = workspace.step(PIECE_STEP, piece.key)
            parts = {piece.kind.name: None, **piece.kind.gives}
            found |= {name: OfAllLines(folder, part, piece.kind.wide) for name, part in parts.items()}
    return {name: found[name] for name in names if name in found}


def _add_facts(table: dict[str, Any], workspace: Workspace, pieces: list[Piece]) -> None:
    """Processor seconds of all folds, and what was chosen on inner folds, from the cards of the pieces."""
    seconds = seconds_of(workspace, pieces)
    chosen_of: dict[str, list[Any]] = {}
    for piece in pieces:
        if piece.fold is not None:
            facts = facts_of(workspace, piece)
            chosen_of.setdefault(piece.kind.name, []).append(facts.get("weight", facts.get("setting")))
    for row in table["models"]:
        row["fit_seconds"] = float(np.sum(seconds[row["name"]])) if row["name"] in seconds else None
        row["chosen"] = [one for one in chosen_of.get(row["name"], []) if one is not None]


def _add_reads(table: dict[str, Any], workspace: Workspace, pieces: list[Piece]) -> None:
    """How often the test folds were read by the model of each row, alone or as a part of another."""
    for row in table["models"]:
        owner = next(p for p in pieces if row["name"] in (p.kind.name, *p.kind.gives))
        row |= Reads(workspace, owner.account).of(row["name"], owner.readers[row["name"]])


def _write(
    workspace: Workspace, key: str, table: dict[str, Any], predictions: pd.DataFrame, judged: Judged, dataset: Dataset
) -> None:
    split = judged.split
    with workspace.writing_step(STEP, key, {"data_id": dataset.data_id}) as part:
        write_parquet(part / "predictions.parquet", predictions)
        write_json(part / "folds.json", split.record())
        write_parquet(part / "intervals.parquet", interval_table(judged, dataset.drugs))
        if not split.units:  # of pairs: each has its own fold
            pairs = predictions[["cell_line", "drug", "fold"]].drop_duplicates(ignore_index=True)
            write_parquet(part / "folds.parquet", pairs)
        write_json(part / "table.json", table)
        write_text(part / "table.md", markdown(table))


def markdown(table: dict[str, Any]) -> str:
    """The table as Markdown, for a page or a paper."""
    head = "| model | per-drug Pearson | over folds | over lines | Spearman | normalised r / R2 | RMSE | CPU s |"
    rows = [head, "|---" * head.count(" | ") + "|---|"]
    for row in table["models"]:
        figures = [
            row["name"],
            _three(row["per_drug"]["pearson"]),
            _interval(row["ci95_folds"]),
            _interval(row["ci95_lines"]),
            _three(row["per_drug"]["spearman"]),
            f"{_three(row['normalised']['pearson'])} / {_three(row['normalised']['r2'])}",
            _three(row["pooled"]["rmse"]),
            "" if row["fit_seconds"] is None else f"{row['fit_seconds']:.1f}",
        ]
        rows.append(f"| {' | '.join(figures)} |")
    classes = [f"Per-drug Pearson by pathway of the drug's target (at least {LEAST_OF_A_CLASS} drugs):", ""]
    classes += _class_rows(table["classes"])
    title = f"# {table['screen']}, {table['split']}, {table['folds']} folds"
    says = [f"- {sentence}" for sentence in table["says"]]
    return "\n".join([title, "", *rows, "", *says, "", *(classes if table["classes"] else ()), ""])


def _class_rows(classes: list[dict[str, Any]]) -> list[str]:
    if not classes:
        return []
    names = list(classes[0]["pearson"])
    head = f"| class | drugs | {' | '.join(names)} |"
    figures = (" | ".join(_three(row["pearson"][name]) for name in names) for row in classes)
    rows = [f"| {row['class']} | {row['drugs']} | {text} |" for row, text in zip(classes, figures, strict=True)]
    return [head, "|---" * (len(names) + 2) + "|", *rows, ""]


def _three(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _interval(pair: list[float]) -> str:
    return "{:.3f} to {:.3f}".format(*pair)
