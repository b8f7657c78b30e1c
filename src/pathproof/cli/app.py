"""The commands."""

from __future__ import annotations

import shlex
import sys
from typing import Annotated

import typer
from rich.table import Table

import pathproof
from pathproof.cli import options as o
from pathproof.cli.data_commands import data_app, show_data_report
from pathproof.cli.demo import demo_data
from pathproof.cli.fetch import fetch
from pathproof.cli.pipeline import STEPS, Outcome, Pipeline, Stage
from pathproof.cli.progress import Steps
from pathproof.cli.report_commands import report_app
from pathproof.cli.show import say_demonstration, show_outcome
from pathproof.cli.store_commands import store_app
from pathproof.cli.train import Cluster, train
from pathproof.config import Settings
from pathproof.workspace import Workspace

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Is what explains the prediction real biology? Exit codes: 0 pass, 1 a gate failed, 2 usage, "
    "3 could not run, 4 inconclusive.",
)
app.add_typer(store_app, name="store")
app.add_typer(data_app, name="data")
app.add_typer(report_app, name="report")


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    if version:
        o.out.print(pathproof.__version__)
        raise typer.Exit


def _command_line() -> str:
    return shlex.join(["pathproof", *sys.argv[1:]])


def _run(settings: Settings, until: Stage) -> int:
    from pathproof.validate.profiles import profile_named

    profile_named(settings.profile)  # a wrong name is said before any work
    pipeline = Pipeline(settings, Steps(o.err, STEPS[until]), command=_command_line())
    say_demonstration(pipeline.kind)
    with pipeline.workspace.lock():
        result = pipeline.run(until)
    if isinstance(result, Outcome):
        return show_outcome(result)
    o.out.print(f"Done up to `{until}`; everything is in {pipeline.workspace.root.resolve()}", soft_wrap=True)
    say_demonstration(pipeline.kind)
    return 0


@app.command()
def run(
    data: o.Data = None,
    workspace: o.WorkspaceDir = None,
    store: o.Store = None,
    store_user: o.StoreUser = None,
    store_password_file: o.PasswordFile = None,
    store_database: o.Database = None,
    out: o.Out = None,
    seed: o.Seed = None,
    screen: o.Screen = None,
    drugs_not_in: o.DrugsNotIn = None,
    max_rmse: o.MaxRmse = None,
    workers: o.Workers = None,
    profile: o.Profile = None,
    refits: o.RefitDraws = None,
) -> int:
    """The whole job: ingest, train, explain, validate, report. Without data: the demonstration."""
    return _run(o.settings_of(**locals()), "validate")


@app.command()
def ingest(
    report: Annotated[
        bool,
        typer.Option("--report", help="Show what came in, what was lost and why; write it as page, JSON and text."),
    ] = False,
    data: o.Data = None,
    workspace: o.WorkspaceDir = None,
    store: o.Store = None,
    store_user: o.StoreUser = None,
    store_password_file: o.PasswordFile = None,
    store_database: o.Database = None,
    out: o.Out = None,
    seed: o.Seed = None,
    workers: o.Workers = None,
) -> int:
    """Read the providers' files into the workspace and load the knowledge graph."""
    settings = o.settings_of(**{key: value for key, value in locals().items() if key != "report"})
    code = _run(settings, "ingest")
    if report:
        show_data_report(Workspace.open(settings.workspace, create=False), settings.out)
    return code


app.command()(train)


@app.command()
def explain(
    explainer: o.Explainer = None,
    drug: o.Drugs = None,
    lines: o.CellLines = None,
    tissue: o.Tissues = None,
    members: o.Members = None,
    flip: o.Flips = None,
    cluster: Cluster = None,
    top: o.Top = None,
    by_layer: o.ByLayer = False,
    pairs: o.DataPairs = False,
    data: o.Data = None,
    workspace: o.WorkspaceDir = None,
    store: o.Store = None,
    store_user: o.StoreUser = None,
    store_password_file: o.PasswordFile = None,
    store_database: o.Database = None,
    out: o.Out = None,
    seed: o.Seed = None,
    screen: o.Screen = None,
    max_rmse: o.MaxRmse = None,
    workers: o.Workers = None,
) -> int:
    """Explain drugs and store the explanations as subgraphs (does what comes before if needed).

    By an explainer of the trained model, ours or another, or by one of the data alone, which needs no model.
    """
    own = ("explainer", "drug", "lines", "tissue", "members", "flip", "cluster", "top", "by_layer", "pairs")
    settings = o.settings_of(**{key: value for key, value in locals().items() if key not in own})
    from pathproof.cli.explainers import MULTIVARIATE, OWN, Asked, checked_explainer

    drugs, flips = tuple(drug or ()), tuple(flip or ())
    asked = Asked(drugs, tuple(lines or ()), tuple(tissue or ()), members, flips, cluster, top, by_layer, pairs)
    chosen = checked_explainer(explainer, asked)
    if chosen == OWN:
        return _run(settings, "explain")
    if chosen == MULTIVARIATE:
        from pathproof.cli.explain import explain_multivariate

        said, files = explain_multivariate(settings, asked, command=_command_line())
    else:
        from pathproof.cli.explain_peer import explain_peer

        said, files = explain_peer(settings, chosen, asked, command=_command_line())
    o.out.print(said, soft_wrap=True)
    for name, path in files.items():
        o.out.print(f"{name}: {path}", soft_wrap=True)
    return 0


app.command()(fetch)
app.command("demo-data")(demo_data)


@app.command()
def validate(
    explanations: o.Explanations = None,
    compare: o.Compare = None,
    reference: o.Reference = None,
    universe: o.Universe = None,
    runs: o.Runs = None,
    predictions: o.Predictions = None,
    perturbed: o.Perturbed = None,
    questions: o.Questions = None,
    seen: o.Seen = None,
    data_test: o.DataTest = True,
    data: o.Data = None,
    workspace: o.WorkspaceDir = None,
    store: o.Store = None,
    store_user: o.StoreUser = None,
    store_password_file: o.PasswordFile = None,
    store_database: o.Database = None,
    out: o.Out = None,
    seed: o.Seed = None,
    screen: o.Screen = None,
    drugs_not_in: o.DrugsNotIn = None,
    max_rmse: o.MaxRmse = None,
    workers: o.Workers = None,
    profile: o.Profile = None,
    refits: o.RefitDraws = None,
) -> int:
    """Score explanations against known biology: yours from a CSV (no model needed), or the workspace's own."""
    given = locals()
    from pathproof.cli.foreign import OWN, asked_of, validate_file

    settings = o.settings_of(**{key: value for key, value in given.items() if key not in OWN})
    asked = asked_of(given)
    if asked is None:
        return _run(settings, "validate")
    return show_outcome(validate_file(settings, asked, command=_command_line()))


@app.command()
def query(
    name: Annotated[str | None, typer.Argument(help="Name of a query; --list shows them.")] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Argument(
            help="Parameters as key=value. With --cypher numbers, true and false are read as such; in double quotes "
            "a value is text, as entrez='\"673\"'."
        ),
    ] = None,
    cypher: Annotated[str | None, typer.Option("--cypher", help="Your own Cypher, read-only.")] = None,
    form: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
    list_: Annotated[
        bool, typer.Option("--list", help="List the queries; with NAME, its parameters and columns.")
    ] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Most rows of a --cypher query [10000].")] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Most seconds of the query.")] = 60.0,
    workspace: o.WorkspaceDir = None,
    store: o.Store = None,
    store_user: o.StoreUser = None,
    store_password_file: o.PasswordFile = None,
    store_database: o.Database = None,
) -> int:
    """Ask the graph: a named query, or your own Cypher, read-only."""
    from pathproof.cli.ask import Question, ask

    flags = {
        "workspace": workspace,
        "store": store,
        "store_user": store_user,
        "store_password_file": store_password_file,
        "store_database": store_database,
    }
    given = tuple(parameters or ())
    if cypher is not None and name is not None:  # with --cypher there is no name: the first word is a parameter too
        given, name = (name, *given), None
    ask(o.settings_of(**flags), Question(name, given, cypher, form, list_, limit, timeout))
    return 0


@app.command()
def config(
    data: o.Data = None, workspace: o.WorkspaceDir = None, store: o.Store = None, out: o.Out = None, seed: o.Seed = None
) -> int:
    """Print every setting and where it comes from."""
    table = Table("setting", "value", "from", "meaning", box=None, pad_edge=False)
    for row in o.settings_of(**locals()).table():
        table.add_row(*row)
    o.out.print(table)
    return 0
