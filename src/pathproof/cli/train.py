"""`pathproof train`: the predictors of a run, or a table of any predictors on any split."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pathproof.cli import options as o
from pathproof.cli.facts import workers as usable
from pathproof.cli.pipeline import STEPS, Job, Pipeline
from pathproof.cli.printing import console, table_of
from pathproof.cli.progress import Steps
from pathproof.cli.show import between, say_demonstration, show_left_out, show_predictor, three
from pathproof.config import Settings
from pathproof.errors import UsageError
from pathproof.graph_schema.screens import checked_screen, ingested_screen

if TYPE_CHECKING:
    from pathproof.explain.train_table import TableConfig, TableResult

Split = Annotated[
    str | None,
    typer.Option("--split", help="What is held out: lco cell lines (default), lto tissues, ldo drugs, lpo pairs."),
]
Models = Annotated[
    list[str] | None, typer.Option("--model", help="A predictor of the table; repeat it. Default: all of the split.")
]
Folds = Annotated[int | None, typer.Option("--folds", min=2, help="Number of folds [5].")]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", help="dask: a Dask cluster on this machine; tcp://host:port: a running scheduler."),
]
TestScreens = Annotated[
    list[str] | None,
    typer.Option("--test-screen", help="Test on the unseen cell lines of another screen too; repeat it."),
]


def train(
    split: Split = None,
    model: Models = None,
    folds: Folds = None,
    cluster: Cluster = None,
    test_screen: TestScreens = None,
    data: o.Data = None,
    workspace: o.WorkspaceDir = None,
    store: o.Store = None,
    store_user: o.StoreUser = None,
    store_password_file: o.PasswordFile = None,
    store_database: o.Database = None,
    seed: o.Seed = None,
    screen: o.Screen = None,
    max_rmse: o.MaxRmse = None,
    workers: o.Workers = None,
) -> int:
    """Train and score predictors on what they never saw. Without options: those of `pathproof run`.

    With --split, --model, --folds, --cluster or --test-screen: a table of any predictors. A stopped call goes on
    after its last finished fold. Does what comes before (ingest, load) if needed.
    """
    own = ("split", "model", "folds", "cluster", "test_screen")
    settings = o.settings_of(**{key: value for key, value in locals().items() if key not in own})
    asked = {"split": split, "models": tuple(model or ()) or None, "folds": folds, "cluster": cluster}
    given = {key: value for key, value in asked.items() if value is not None}
    others = tuple(test_screen or ())
    if settings.screen in others:
        raise UsageError(
            "A screen is no other screen than itself.",
            got=f"--test-screen {settings.screen} with --screen {settings.screen}",
            action="name another screen: its cell lines that the first one lacks are tested",
        )
    config = _config(settings, given) if given or others else None
    steps = Steps(o.err, STEPS["train"])
    pipeline = Pipeline(settings, steps, command=shlex.join(["pathproof", *sys.argv[1:]]))
    say_demonstration(pipeline.kind)
    with pipeline.workspace.lock():
        manifest = pipeline.ingest()
        for name in (settings.screen, *others):
            ingested_screen(name, [one["name"] for one in manifest["screens"]])
        with pipeline.store() as opened:
            job = Job(settings, pipeline.workspace, opened, steps)
            if config is None:
                show_predictor(job.trained.predictor)
                o.out.print(_reads(**job.trained.reads), soft_wrap=True)
            else:
                show_table(_table(job, pipeline, steps, config, others))
    o.out.print(f"Everything is in {pipeline.workspace.root.resolve()}", soft_wrap=True)
    say_demonstration(pipeline.kind)
    return 0


def _reads(reads: int, configurations: int) -> str:
    if not reads:  # a workspace of an earlier version
        return "How often the test folds of these predictors were read was not counted."
    tried = f"configurations of the explained model that read them: {configurations}"
    return f"Test folds read: {reads} (the most of any); {tried}."


def _config(settings: Settings, given: dict[str, Any]) -> TableConfig:
    from pathproof.explain.train_table import TableConfig

    config = TableConfig(**given, seed=settings.seed, jobs=usable(settings.workers))
    config.names()  # a wrong name is said before any work
    return config


def _table(job: Job, pipeline: Pipeline, steps: Steps, config: TableConfig, names: tuple[str, ...]) -> TableResult:
    from pathproof.explain.cross_screen import load_other
    from pathproof.explain.drug_side import load_drug_side
    from pathproof.explain.models.registry import Context, to_fit
    from pathproof.explain.splits import title_of
    from pathproof.explain.train_table import train_table
    from pathproof.explain.wide import Wide

    dataset, workspace = job.dataset, pipeline.workspace
    context = Context(job.graph, load_drug_side(workspace, dataset))
    needed = any(kind.wide for kind in to_fit(config.names()))
    wide = Wide(workspace, dataset).data if needed else None
    others = tuple(load_other(workspace, checked_screen(name), dataset, wide) for name in names)
    with steps.step("train", f"Train and score predictors, {title_of(config.split)}") as report:
        return train_table(dataset, context, workspace, config, report, others, wide)


def show_table(result: TableResult) -> None:
    """Print a table of predictors, what it says, and where its files are."""
    table = result.table
    o.out.print(
        f"{table['screen']}, {table['split']}: {table['n_lines']} cell lines, {table['n_drugs']} drugs, "
        f"{table['n_pairs']} pairs tested in {table['folds']} folds",
        soft_wrap=True,
    )
    rows = [_row(row) for row in table["models"]]
    console().print(table_of(rows, kept=("model", "95 % over folds", "95 % over lines", "normalised r, R2")))
    for sentence in table["says"]:
        o.out.print(sentence, markup=False, soft_wrap=True)
    if table["cross_screen"]:
        o.out.print("\nOn lines of another screen that no model saw (Spearman per drug):")
        cross = [
            {
                **{key: row[key] for key in ("model", "screen", "lines", "drugs")},
                "Spearman per drug": three(row["spearman"]),
                "95 % over lines": between(row["ci95_lines"]),
            }
            for row in table["cross_screen"]
        ]
        console().print(table_of(cross))
        untested = [row["name"] for row in table["models"] if row["name"] not in {one["model"] for one in cross}]
        if untested:
            told = f"Not tested there, for want of a way to meet a new line: {', '.join(untested)}."
            o.out.print(told, markup=False, soft_wrap=True)
    o.out.print("\nConformal intervals, share of tested responses inside:")
    cover = [
        {
            "model": row["model"],
            "asked": f"{row['level']:.0%}",
            "inside": f"{row['coverage']:.1%}",
            "95 % over lines": between(row["ci95_lines"]),
            "mean width (ln IC50)": f"{row['mean_width']:.2f}",
        }
        for row in table["coverage"]
    ]
    console().print(table_of(cover))
    show_left_out(table["left_out"])
    for name in ("table.json", "table.md", "predictions.parquet", "intervals.parquet", "folds.json"):
        o.out.print(f"  {name:<20} {result.folder / name}", markup=False, soft_wrap=True)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    normalised = row["normalised"]
    return {
        "model": row["name"],
        "Pearson per drug": three(row["per_drug"]["pearson"]),
        "95 % over folds": between(row["ci95_folds"]),
        "95 % over lines": between(row["ci95_lines"]),
        "Spearman": three(row["per_drug"]["spearman"]),
        "normalised r, R2": f"{three(normalised['pearson'])}, {three(normalised['r2'])}",
        "RMSE": three(row["pooled"]["rmse"]),
        "CPU s": "" if row["fit_seconds"] is None else f"{row['fit_seconds']:.1f}",
        "test reads": row["reads"],
        "tried": row["configurations"],
    }
