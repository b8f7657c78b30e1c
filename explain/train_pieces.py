"""The pieces of a table of predictors: one model on one fold, each a resumable step of the workspace.

A piece is fitted on a data set from which the responses of its test pairs have been taken out; it returns
predictions. Only then, and only here, are those responses read and joined, and the reading is counted.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

import pathproof
from pathproof.errors import DataError, WorkspaceError
from pathproof.explain.cluster import fan_out
from pathproof.explain.data import Dataset, Floats, Ints
from pathproof.explain.metrics import per_drug_pearson
from pathproof.explain.models.base import CODE_VERSION, predict_lines
from pathproof.explain.models.registry import KINDS, Context, ModelKind
from pathproof.explain.predictions import long_table
from pathproof.explain.reads import Reads
from pathproof.explain.splits import Split
from pathproof.workspace import Workspace, content_key, read_json, write_json, write_parquet

Progress: TypeAlias = Callable[[str, float | None], None]
STEP = "train-piece"
ALL_LINES = "all lines"
PACKAGES = ("numpy", "torch", "torch-geometric", "scikit-learn", "lightgbm", "safetensors")


@dataclass(frozen=True)
class Piece:
    """One model on one fold (fold None: on all lines, nothing is tested).

    Parameters
    ----------
    configuration : str
        Content key of model, settings, data, split and seed, the same for all folds.
    account : str
        Content keys of data and split, under which readings of the test folds are counted.
    readers : dict of name to str
        What reads a test fold: the model and the parts that it gives, each with the configuration that it has alone.
    """

    kind: ModelKind
    fold: int | None
    seed: int
    configuration: str
    account: str
    readers: Mapping[str, str]

    @property
    def key(self) -> str:
        """Content key of the piece's step."""
        return content_key(self.configuration, ALL_LINES if self.fold is None else self.fold)

    @property
    def title(self) -> str:
        """What progress shows."""
        return f"{self.kind.name}, {ALL_LINES if self.fold is None else f'fold {self.fold + 1}'}"


@dataclass(frozen=True)
class Fitted:
    """What a worker sends back.

    Parameters
    ----------
    predictions : dict of name to float64 (test rows, D)
    facts : dict
        JSON-able: processor seconds of the fit, versions of the packages there, and what was chosen on inner folds.
    files : dict of relative path to bytes
        The saved model.
    """

    predictions: Mapping[str, Floats]
    facts: dict[str, Any]
    files: Mapping[str, bytes]


def plan(
    dataset: Dataset, split: Split, kinds: Sequence[ModelKind], context: Context, seed: int, *, whole: bool = False
) -> list[Piece]:
    """All pieces of the kinds: their folds, and with `whole` the model of all lines.

    The last kinds, which cost most, come first, so that no process is left with a long fit at the end.
    """
    pieces, account = [], f"{dataset.data_id}-{split.key}"
    for kind in reversed(kinds):
        names = (kind.name, *kind.gives)
        facts = {n: [STEP, CODE_VERSION, dataset.data_id, KINDS[n].settings(context), seed] for n in names}
        readers = {name: content_key(*own, split.key) for name, own in facts.items()}
        key = readers[kind.name]
        pieces += [Piece(kind, fold, seed + 1000 * (fold + 1), key, account, readers) for fold in range(split.folds)]
        if whole:
            pieces.append(Piece(kind, None, seed, content_key(*facts[kind.name]), account, readers))
    return pieces


def fit_piece(kind: str, context: Context, seen: Dataset, lines: Ints, rows: Ints, seed: int) -> Fitted:
    """Fit a model on the rows `lines` of a data set without test responses, and predict the rows `rows`."""
    own = KINDS[kind]
    model = own.new(context)
    started = time.process_time()  # of the processor: what else the machine does is left out
    model.fit(seen, lines, seed)
    facts: dict[str, Any] = {"seconds": {kind: time.process_time() - started}}
    facts["packages"] = _versions()
    parts = getattr(model, "fit_seconds", {})
    timed = {name: parts.get(getattr(model, part).name) for name, part in own.gives.items()}
    facts["seconds"] |= {name: seconds for name, seconds in timed.items() if seconds is not None}
    facts |= {name: getattr(model, name) for name in ("weight", "inner_scores", "setting") if hasattr(model, name)}
    models = {kind: model, **{name: getattr(model, part) for name, part in own.gives.items()}}
    predictions = {name: predict_lines(m, seen, rows) for name, m in models.items()} if rows.size else {}
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder))
        paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return Fitted(predictions, facts, files)


def _versions() -> dict[str, str]:
    """Of the packages that numbers come from, as far as they are installed."""
    found = {}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def run_pieces(
    dataset: Dataset,
    split: Split,
    pieces: Sequence[Piece],
    context: Context,
    workspace: Workspace,
    where: tuple[int, str | None],
    progress: Progress,
) -> None:
    """Make the pieces that the workspace does not hold yet.

    Parameters
    ----------
    where : (jobs, cluster)
        See :func:`pathproof.explain.cluster.fan_out`. It changes no number.
    """
    todo = [piece for piece in pieces if not workspace.is_done(STEP, piece.key)]
    done = len(pieces) - len(todo)
    progress(f"train: {done} of {len(pieces)} fits are there already", done / len(pieces))
    calls = [_call_of(dataset, split, piece, context) for piece in todo]
    for place, fitted in fan_out(fit_piece, calls, *where):
        _write(dataset, split, todo[place], fitted, workspace)
        done += 1
        progress(f"train: {todo[place].title}", done / len(pieces))


def _call_of(dataset: Dataset, split: Split, piece: Piece, context: Context) -> tuple[Any, ...]:
    if piece.fold is None:
        every = np.arange(len(dataset.cell_lines), dtype=np.int64)
        return piece.kind.name, context, dataset, every, every[:0], piece.seed
    seen, lines = split.training(dataset, piece.fold)
    return piece.kind.name, context, seen, lines, _tested_rows(split, piece.fold), piece.seed


def _tested_rows(split: Split, fold: int) -> Ints:
    return np.flatnonzero(split.tested(fold).any(axis=1))


def _write(dataset: Dataset, split: Split, piece: Piece, fitted: Fitted, workspace: Workspace) -> None:
    with workspace.writing_step(STEP, piece.key, {"data_id": dataset.data_id, "split": split.key}) as part:
        for name, content in fitted.files.items():
            path = part / "model" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if piece.fold is not None:
            Reads(workspace, piece.account).note(piece.readers, piece.fold)
            rows, tested = _tested_rows(split, piece.fold), split.tested(piece.fold)
            table = long_table(dataset, rows, tested[rows], piece.fold, fitted.predictions)
            write_parquet(part / "predictions.parquet", table)
        write_parquet(part / "features.parquet", pd.DataFrame(dataset.features, columns=["gene", "layer"]))
        write_json(part / "card.json", _card(dataset, split, piece, fitted))


def _card(dataset: Dataset, split: Split, piece: Piece, fitted: Fitted) -> dict[str, Any]:
    return {
        "model": piece.kind.name,
        "data_id": dataset.data_id,
        "screen": dataset.screen,
        "genes": len(dataset.genes),
        "features": dict(Counter(feature.layer for feature in dataset.features)),
        "features_key": content_key([list(feature) for feature in dataset.features]),
        "split": None if piece.fold is None else {"name": split.name, "key": split.key, "fold": piece.fold},
        "configuration": piece.configuration,
        "seed": piece.seed,
        "version": pathproof.__version__,
        "code_version": CODE_VERSION,
        "metrics": _metrics(dataset, split, piece, fitted),
        "facts": fitted.facts,
    }


def _metrics(dataset: Dataset, split: Split, piece: Piece, fitted: Fitted) -> dict[str, Any] | None:
    """Mean per-drug Pearson of each prediction on the test fold, and over how many drugs; None of all lines."""
    if piece.fold is None:
        return None
    rows, tested = _tested_rows(split, piece.fold), split.tested(piece.fold)
    observed = np.where(tested, dataset.y, np.nan)[rows]
    found = {}
    for name, predicted in fitted.predictions.items():
        own = per_drug_pearson(observed, predicted)
        own = own[np.isfinite(own)]
        found[name] = {"per_drug_pearson": float(own.mean()) if own.size else None, "drugs": int(own.size)}
    return found


@contextlib.contextmanager
def _read_from(folder: Path) -> Iterator[None]:
    """What cannot be read of a stored fit names the folder without which it is made anew (DataError)."""
    anew = f"delete the folder {folder} and run the same command again: this fit is made anew"
    try:
        yield
    except (DataError, WorkspaceError) as error:
        facts = {"where": error.where, "got": error.got, "allowed": error.allowed}
        raise DataError(error.what, **facts, action=anew) from error
    except (OSError, ValueError, KeyError) as error:
        raise DataError("A stored fit cannot be read.", where=folder, got=repr(error), action=anew) from error


def stored_predictions(workspace: Workspace, pieces: Sequence[Piece]) -> pd.DataFrame:
    """Predictions of all folds, as :func:`pathproof.explain.predictions.long_table` makes them."""
    tables = []
    for piece in pieces:
        if piece.fold is not None:
            folder = workspace.step(STEP, piece.key)
            with _read_from(folder):
                tables.append(pd.read_parquet(folder / "predictions.parquet"))
    return pd.concat(tables, ignore_index=True)


def facts_of(workspace: Workspace, piece: Piece) -> dict[str, Any]:
    """What the fit says of itself on its card: processor seconds, and what was chosen on inner folds."""
    folder = workspace.step(STEP, piece.key)
    with _read_from(folder):
        facts: dict[str, Any] = read_json(folder / "card.json")["facts"]
    return facts


def seconds_of(workspace: Workspace, pieces: Sequence[Piece]) -> dict[str, list[float]]:
    """Processor seconds of each model's folds; of a part of a model, as far as it took the time."""
    seconds: dict[str, list[float]] = {}
    for piece in pieces:
        if piece.fold is not None:
            for name, value in facts_of(workspace, piece)["seconds"].items():
                seconds.setdefault(name, []).append(value)
    return seconds


def open_model(folder: Path, dataset: Dataset) -> Any:
    """Read the model of a piece, for the data that it was fitted on.

    Raises
    ------
    DataError
        The model was fitted on other data, or by another version of the code, or cannot be read.
    """
    with _read_from(folder):
        card = read_json(folder / "card.json")
        for name, value in (("data_id", dataset.data_id), ("code_version", CODE_VERSION)):
            if card[name] != value:
                raise DataError(
                    "The stored model does not belong to this data set and version.",
                    where=folder / "card.json",
                    got=f"{name} {card[name]}",
                    allowed=f"{name} {value}",
                )
        return KINDS[card["model"]].load(folder / "model")
