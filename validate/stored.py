"""Predictions that somebody stored: on unseen cell lines, and on inputs in which genes were replaced."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pathproof.errors import DataError, nearest
from pathproof.validate.claims_csv import DRUG_FORMS, Names
from pathproof.validate.csv_cells import Columns, check_header, delimiter
from pathproof.validate.deletion import Genes
from pathproof.validate.gates_model import NAIVE
from pathproof.validate.judged import Setting
from pathproof.validate.scoring import difference_over_groups
from pathproof.workspace import Workspace

Floats = npt.NDArray[np.float64]
MOST_ROWS = 10_000_000
LEAST_LINES = 10
SHOWN = 10
MEASURED = 0.999  # correlation over a drug's cell lines that a measurement reaches, and no prediction
MEASURED_DRUGS = 0.1
UNSEEN_LINES = "give predictions of a model that was trained without these cell lines"
GIVEN = "the given model"
SEPARATOR = "|"
LINE_FORMS = "id, name, DepMap id or COSMIC id of a cell line of the workspace"
UNSEEN = Columns("predictions", "prediction", ("drug", "cell_line", "prediction", "observed"), ("drug",))
PERTURBED = Columns(
    "predictions on changed inputs", "prediction", ("drug", "cell_line", "genes", "prediction"), ("drug",)
)


def _read(path: Path, columns: Columns) -> pd.DataFrame:
    """The asked columns as text, `prediction` and `observed` as numbers.

    Raises
    ------
    DataError
        When the file cannot be read, is empty or too long, lacks a column, or holds a number that is none.
    """
    try:
        with path.open(encoding="utf-8-sig") as handle:
            first = handle.readline()
        if not first.strip():
            raise DataError(f"The file of {columns.what} is empty.", where=path, allowed=columns.text)
        sep = delimiter(first)
        names = [name.strip().strip('"').lower() for name in first.split(sep)]
        check_header(f"{path}, line 1", names, columns)
        frame = pd.read_csv(
            path, sep=sep, names=names, header=0, dtype=str, keep_default_na=False, encoding="utf-8-sig",
            usecols=list(columns.required), nrows=MOST_ROWS + 1,
        )  # fmt: skip
    except (OSError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise DataError(f"Cannot read {path.name}: {error}", where=path, allowed=columns.text) from error
    if not len(frame) or len(frame) > MOST_ROWS:
        got = f"more than {MOST_ROWS:,}" if len(frame) else "none"
        raise DataError(
            f"The file of {columns.what} has too many lines or none.", where=path, got=got,
            allowed=f"1 to {MOST_ROWS:,} lines",
        )  # fmt: skip
    for name in ("prediction", "observed"):
        if name in frame.columns:
            values = pd.to_numeric(frame[name].str.strip(), errors="coerce").to_numpy(dtype=float)
            bad = np.flatnonzero(~np.isfinite(values))
            if len(bad):
                shown = ", ".join(f"line {i + 2}: {frame[name].iloc[i]!r}" for i in bad[:SHOWN])
                raise DataError(
                    f"{len(bad)} values of {name} cannot be used.", where=path, got=shown, allowed="finite numbers"
                )
            frame[name] = values
    return frame


def _drug_ids(path: Path, written: pd.Series, names: Names) -> pd.Series:
    """The id of each drug; a name of several ids stands for the first.

    Raises
    ------
    DataError
        With every unknown drug at once.
    """
    known = {text: names.drugs.get(text.strip().lower(), ()) for text in written.unique()}
    unknown = sorted(text for text, found in known.items() if not found)
    if unknown:
        raise _unknown(path, "drugs", unknown, DRUG_FORMS, {t: nearest(t, names.drugs) for t in unknown[:SHOWN]})
    return written.map({text: found[0][0] for text, found in known.items()})


def _unknown(path: Path, what: str, unknown: list[str], allowed: str, near: Mapping[str, str | None]) -> DataError:
    return DataError(
        f"{len(unknown)} {what} are unknown.",
        where=path,
        got=", ".join(unknown[:SHOWN]),
        allowed=allowed,
        nearest=", ".join(f"{hit} for {name}" for name, hit in near.items() if hit) or None,
    )


def perturbed_from_file(
    path: Path, names: Names, lines: Collection[str] | None = None
) -> dict[tuple[str, Genes], float]:
    """Mean absolute change of the stored predictions, by drug and set of replaced genes.

    Parameters
    ----------
    path : Path
        Columns drug, cell_line, genes (symbols separated by `|`; empty: nothing was replaced), prediction.
        Several lines of one drug, cell line and set (other donors) count each.
    names : Names
    lines : collection of str, optional
        Every way to write a cell line that there is (:func:`cell_line_names`); None: nobody can say.

    Raises
    ------
    DataError
        With every unknown drug, gene or cell line at once; when a prediction without change is missing or there
        twice; or when a drug was asked about on fewer than ten cell lines.
    """
    frame = _read(path, PERTURBED)
    frame["drug"] = _drug_ids(path, frame["drug"], names)
    if lines is not None:
        _refuse_unknown(path, frame["cell_line"], lines)
    sets = {text: _genes_of(text, names) for text in frame["genes"].unique()}
    unknown = sorted({gene for _, lost in sets.values() for gene in lost})
    if unknown:
        near = {gene: nearest(gene, names.genes.values()) for gene in unknown[:SHOWN]}
        raise _unknown(path, "genes", unknown, "approved symbols of the graph", near)
    plain = frame[frame["genes"].str.strip() == ""]
    by = ["drug", "cell_line"]
    if plain.duplicated(by).any():
        twice = plain[plain.duplicated(by)].iloc[0]
        raise DataError(
            "A prediction without any change stands twice.", where=path, got=f"{twice['drug']}, {twice['cell_line']}"
        )
    changed = frame[frame["genes"].str.strip() != ""].merge(plain[[*by, "prediction"]], on=by, suffixes=("", "_plain"))
    if len(changed) < len(frame) - len(plain) or not len(changed):
        raise DataError(
            "The prediction without any change is missing for some drug and cell line, or nothing was changed.",
            where=path,
            got=f"{len(plain)} lines without a change, {len(frame) - len(plain)} with one",
            action="for each drug and cell line give one line with nothing in the column genes",
        )
    _refuse_few(path, changed)
    change = (changed["prediction"] - changed["prediction_plain"]).abs()
    means = change.groupby([changed["drug"], changed["genes"]]).mean().reset_index(name="change")
    places = zip(means["drug"], means["genes"], means["change"], strict=True)
    return {(str(drug), sets[text][0]): float(value) for drug, text, value in places}


def cell_line_names(workspace: Workspace) -> frozenset[str] | None:
    """Every way to write a cell line of the workspace, as :func:`_bare` has it; None where it holds none.

    The id with and without its prefix, the name, the DepMap id and the COSMIC id.
    """
    path = workspace.tables / "cell_lines.parquet"
    if not path.is_file():
        return None
    held = pd.read_parquet(path).reindex(columns=["cell_line", "name", "ach", "cosmic"])
    written = {str(cell) for column in held.columns for cell in held[column].dropna()}
    return frozenset(_bare(form) for text in written for form in (text, text.rsplit(":", 1)[-1])) - {""}


def _bare(text: str) -> str:
    """Letters and digits in lower case: MEC-1 and mec1 are the same."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _refuse_unknown(path: Path, written: pd.Series, known: Collection[str]) -> None:
    unknown = sorted(text for text in written.unique() if _bare(text) not in known)
    if unknown:
        near = {text: nearest(_bare(text), known) for text in unknown[:SHOWN]}
        raise _unknown(path, "cell lines", unknown, LINE_FORMS, near)


def _refuse_few(path: Path, frame: pd.DataFrame) -> None:
    pairs = frame[["drug", "cell_line"]].drop_duplicates()
    lines = pairs["cell_line"].map(_bare).groupby(pairs["drug"]).nunique()
    few = lines[lines < LEAST_LINES]
    if len(few):
        raise DataError(
            f"{len(few)} drugs were asked about on too few cell lines.",
            where=path,
            got=", ".join(f"{drug}: {n}" for drug, n in few.head(SHOWN).items()),
            allowed=f"at least {LEAST_LINES} cell lines of each drug, with and without a change",
        )


def _genes_of(text: str, names: Names) -> tuple[Genes, list[str]]:
    """The approved symbols, sorted, and what the graph does not know."""
    written = [word.strip() for word in text.split(SEPARATOR) if word.strip()]
    found = [names.genes.get(word.lower()) for word in written]
    lost = [word for word, gene in zip(written, found, strict=True) if gene is None]
    return tuple(sorted({gene for gene in found if gene is not None})), lost


def predictions_from_file(path: Path, names: Names) -> pd.DataFrame:
    """Predictions on cell lines that the model did not see: columns drug (id), cell_line, prediction, observed.

    Raises
    ------
    DataError
        With every unknown drug at once; when a drug and cell line stand there twice; or when most of the
        predictions are the observed values themselves, or those of a tenth of the drugs lie on a line with them.
    """
    frame = _read(path, UNSEEN)
    frame["drug"] = _drug_ids(path, frame["drug"], names)
    if frame.duplicated(["drug", "cell_line"]).any():
        twice = frame[frame.duplicated(["drug", "cell_line"])].iloc[0]
        got = f"{twice['drug']}, {twice['cell_line']}"
        raise DataError("A drug and cell line stand twice among the predictions.", where=path, got=got)
    _refuse_measured(path, frame)
    return frame


def _refuse_measured(path: Path, frame: pd.DataFrame) -> None:
    """Measurements are no predictions: neither as they are, nor shifted, stretched or nudged drug by drug."""
    same = int(np.isclose(frame["prediction"], frame["observed"], rtol=1e-6, atol=0).sum())
    if 2 * same > len(frame):
        raise DataError(
            "Most of the predictions equal what was observed: these are measurements, not predictions.",
            where=path,
            got=f"{same:,} of {len(frame):,} lines",
            action=UNSEEN_LINES,
        )
    drugs, r, _, _ = _per_drug(frame)
    measured = int((r > MEASURED).sum())
    if measured and measured >= MEASURED_DRUGS * len(drugs):
        raise DataError(
            "Predictions follow what was observed as no prediction does: these are measurements, shifted or nudged.",
            where=path,
            got=f"a correlation above {MEASURED:g} for {measured:,} of {len(drugs):,} drugs",
            action=UNSEEN_LINES,
        )


def predictor_section(frame: pd.DataFrame, setting: Setting) -> dict[str, Any] | None:
    """The report's `predictor` section; None when no drug has ten cell lines that vary.

    Parameters
    ----------
    frame : DataFrame
        From :func:`predictions_from_file`.
    setting : Setting
        For the interval: target groups are drawn with replacement.

    Notes
    -----
    The naive mean effects of an unseen line are the drug's mean, a constant, whose correlation counts as 0.
    Its squared error is that of the mean of the drug's other lines.
    """
    drugs, r, ours, naive = _per_drug(frame)
    if not drugs:
        return None
    return {
        "split": "lines that the model did not see, as given",
        "folds": None,
        "explained": GIVEN,
        "models": [
            {"name": NAIVE, "per_drug_pearson": 0.0, "rmse": float(np.sqrt(naive).mean())},
            {
                **{"name": GIVEN, "per_drug_pearson": float(r.mean()), "rmse": float(np.sqrt(ours).mean())},
                **{"drugs_beating_naive": int(((ours < naive) & (r > 0)).sum()), "drugs_judged": len(drugs)},
            },
        ],
        "differences": [
            {"model": GIVEN, "minus": NAIVE, "mean": float(r.mean()), "ci95": difference_over_groups(setting, drugs, r)}
        ],
        "per_drug": {drug: {GIVEN: float(value)} for drug, value in zip(drugs, r, strict=True)},
        "beats_naive": {
            drug: bool(a < b and value > 0) for drug, a, b, value in zip(drugs, ours, naive, r, strict=True)
        },
    }


def _per_drug(frame: pd.DataFrame) -> tuple[list[str], Floats, Floats, Floats]:
    """Drugs with enough lines: Pearson, and mean squared errors of the model and of the mean of the other lines."""
    drugs, figures = [], []
    for drug, part in frame.groupby("drug", sort=True):
        y, f = part["observed"].to_numpy(dtype=float), part["prediction"].to_numpy(dtype=float)
        if len(y) < LEAST_LINES or np.ptp(y) == 0:
            continue
        centred = y - y.mean()
        moved = f - f.mean()
        norm = float(np.sqrt((centred**2).sum() * (moved**2).sum()))
        drugs.append(str(drug))
        others = centred * len(y) / (len(y) - 1)  # y minus the mean of the other lines
        figures.append((float(centred @ moved) / norm if norm else 0.0, ((y - f) ** 2).mean(), (others**2).mean()))
    columns = np.array(figures, dtype=float).reshape(-1, 3)
    return drugs, columns[:, 0], columns[:, 1], columns[:, 2]
