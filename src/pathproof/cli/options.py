"""The options that several commands share, and how they become settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pathproof.config import Settings, load_settings
from pathproof.graph_schema.screens import checked_screen

Data = Annotated[Path | None, typer.Option("--data", help="Folder with the providers' files [$PATHPROOF_DATA].")]
WorkspaceDir = Annotated[Path | None, typer.Option("--workspace", help="Folder for everything a run makes.")]
Store = Annotated[
    str | None,
    typer.Option("--store", help="neo4j:// or bolt:// address; default: embedded [$PATHPROOF_STORE]."),
]
StoreUser = Annotated[str | None, typer.Option("--store-user", help="User name at the store.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--store-password-file", help="File with the store's password (or set $PATHPROOF_STORE_PASSWORD)."),
]
Database = Annotated[str | None, typer.Option("--store-database", help="Database at the store.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for the report.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of everything random.")]
Workers = Annotated[int | None, typer.Option("--workers", "--jobs", help="Processes for training and explaining.")]
Screen = Annotated[
    str | None, typer.Option("--screen", help="Drug screen: gdsc2 (default), gdsc1 or ccle [$PATHPROOF_SCREEN].")
]
DrugsNotIn = Annotated[
    str | None,
    typer.Option("--drugs-not-in", help="Judge only compounds that this screen lacks (gdsc2, gdsc1, ccle)."),
]
MaxRmse = Annotated[
    float | None, typer.Option("--max-rmse", help="Leave out responses whose curve fits worse; default: none.")
]
Profile = Annotated[str | None, typer.Option("--profile", help="Gate profile: default, strict or a TOML file.")]
Explainer = Annotated[
    str | None,
    typer.Option(
        "--explainer",
        help="pathproof (default: all drugs) or multivariate (pairs too); of the data alone, without a model: "
        "association-lmm, univariate, popular, random; others of the model: plain-ridge, integrated-gradients, "
        "tree-shap, shap-interactions, gnn-explainer, kernel-shap, lime, shapiq, illume-plus.",
    ),
]
Top = Annotated[
    int | None, typer.Option("--top", help="Genes a drug; default 20. Not of pathproof and multivariate, which select.")
]
ByLayer = Annotated[
    bool,
    typer.Option(
        "--by-layer", help="Order genes in units of their data layer, not per SD (other explainers of the model)."
    ),
]
DataPairs = Annotated[
    bool,
    typer.Option("--pairs", help="Of association-lmm: pairs of all drugs too, a second each; named drugs have them."),
]
Drugs = Annotated[list[str] | None, typer.Option("--drug", help="Only this drug: a name or id; repeat it.")]
CellLines = Annotated[
    list[str] | None, typer.Option("--lines", help="Only over this cell line; repeat it (one, or 30 and more).")
]
Tissues = Annotated[list[str] | None, typer.Option("--tissue", help="Only over the lines of this tissue; repeat it.")]
Flips = Annotated[
    list[str] | None,
    typer.Option("--flip", help="Which genes would bring this cell line across the median prediction; repeat it."),
]
Members = Annotated[int | None, typer.Option("--members", help="Members of the ensemble, at least 5; default 10.")]
RefitDraws = Annotated[
    int | None,
    typer.Option("--refits", help="Refits on permuted responses and with mislabelled weights [profile strict: 19]."),
]
Explanations = Annotated[
    Path | None,
    typer.Option("--explanations", help="Your explanations: drug, gene[, gene2] or module or pathway, score."),
]
Compare = Annotated[
    list[Path] | None, typer.Option("--compare", help="Another explainer's file, for the leaderboard; repeat it.")
]
Reference = Annotated[
    list[Path] | None,
    typer.Option("--reference", help="Your own reference: CSV (drug, gene or pathway, sign) or GMT; repeat it."),
]
Universe = Annotated[
    Path | None, typer.Option("--universe", help="File with all genes you could have named, one symbol a line.")
]
Runs = Annotated[
    list[Path] | None,
    typer.Option("--runs", help="Another run of the same explainer, on other cell lines, for stability; repeat it."),
]
Predictions = Annotated[
    Path | None,
    typer.Option("--predictions", help="Your model on lines it never saw: drug, cell_line, prediction, observed."),
]
Perturbed = Annotated[
    Path | None,
    typer.Option(
        "--perturbed", help="Your model with genes replaced: drug, cell_line, genes (A|B; empty: none), prediction."
    ),
]
Questions = Annotated[
    Path | None, typer.Option("--questions", help="Write here which genes to replace for --perturbed.")
]
Seen = Annotated[
    list[str] | None,
    typer.Option("--seen", help="Source of knowledge that your explainer had seen (civic, reactome ...), or none."),
]
DataTest = Annotated[
    bool, typer.Option("--data-test/--no-data-test", help="Test every claim in the screen of the workspace too.")
]


class _Output(Console):
    """A reader that stops reading (`| head`) does not change the verdict's exit code."""

    def on_broken_pipe(self) -> None:
        """Drop what is still to be printed."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


out = _Output(highlight=False)
err = _Output(stderr=True, highlight=False)


def settings_of(**flags: Any) -> Settings:
    """Settings from flags (None = not given), environment, file and defaults; a bad address or screen is refused."""
    settings = load_settings(flags)
    checked_screen(settings.screen)
    if settings.drugs_not_in is not None:
        checked_screen(settings.drugs_not_in)
    if settings.store is not None:
        from pathproof.graph_schema.driver import check_uri

        check_uri(settings.store)
    return settings
