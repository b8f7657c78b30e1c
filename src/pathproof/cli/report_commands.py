"""`pathproof report`: show a stored run, and what changed between two."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from pathproof.cli import options as o
from pathproof.cli.pipeline import Outcome, publish
from pathproof.cli.show import STATUS_EXIT, say_demonstration, show_outcome, show_verdict
from pathproof.errors import DataError, WorkspaceError, nearest
from pathproof.workspace import Workspace, read_json

if TYPE_CHECKING:
    import pandas as pd

report_app = typer.Typer(help="Show a stored run (the newest one), and what changed between two.")
STEPS = ("report", "foreign")
MOST = 20
SELECTION = "top3"
Run = Annotated[
    str | None, typer.Argument(help="Id of a run, or the folder of a report; default: the newest of the workspace.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@report_app.callback(invoke_without_command=True)
def _newest(context: typer.Context, workspace: o.WorkspaceDir = None, out: o.Out = None) -> int:
    """Show the newest report of the workspace, and copy its files with --out DIR."""
    if context.invoked_subcommand is not None:
        return 0
    settings = o.settings_of(workspace=workspace, out=out)
    made = latest_report(Workspace.open(settings.workspace, create=False))
    return show_outcome(Outcome(read_json(made / "report.json"), publish(made, settings.out or made), reused=True))


@report_app.command()
def show(run: Run = None, workspace: o.WorkspaceDir = None, as_json: AsJson = False) -> int:
    """The verdict, gates, precision and nulls of a stored run, in the terminal."""
    report = read_json(found(run, workspace) / "report.json")
    if as_json:
        typer.echo(json.dumps(report, indent=1, sort_keys=True, ensure_ascii=False))
    else:
        _summary(report)
    return STATUS_EXIT[report["verdict"]["status"]]


@report_app.command()
def diff(
    before: Annotated[str, typer.Argument(help="Id of a run, or the folder of its report.")],
    after: Annotated[str, typer.Argument(help="The other one.")],
    workspace: o.WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """What changed between two runs: verdict, gates, precision, claims, versions and inputs."""
    from pathproof.validate.difference import difference

    folders = [found(one, workspace) for one in (before, after)]
    reports = [read_json(folder / "report.json") for folder in folders]
    claims = [_claims(folder) for folder in folders]
    changed = difference(reports[0], reports[1], (claims[0], claims[1]))
    if as_json:
        typer.echo(json.dumps(changed, indent=1, sort_keys=True, ensure_ascii=False))
    else:
        _show_difference(changed, [report["run"]["id"] for report in reports])
    return 0


def found(run: str | None, workspace: Path | None) -> Path:
    """The folder of a report: a folder with report.json, such a file, or the id of a run of the workspace.

    Raises
    ------
    WorkspaceError
        When there is none; the runs that the workspace holds are named.
    """
    if run is not None:
        place = Path(run)
        for folder in (place, place.parent if place.name == "report.json" else place):
            if (folder / "report.json").is_file():
                return folder
    held = Workspace.open(o.settings_of(workspace=workspace).workspace, create=False)
    if run is None:
        return latest_report(held, STEPS)
    keys = {path.parent.name: path.parent for path in _made(held, STEPS)}
    hits = [key for key in keys if key.startswith(run.removeprefix("run:"))]
    if len(hits) != 1:
        raise WorkspaceError(
            "No run of this id, or several, and no folder with a report.json." if hits else "There is no such run.",
            where=held.root,
            got=run,
            allowed=", ".join(f"run:{key}" for key in (hits or keys)) or "no run has finished here",
            nearest=nearest(run, [f"run:{key}" for key in keys]),
        )
    return keys[hits[0]]


def _made(workspace: Workspace, steps: tuple[str, ...]) -> list[Path]:
    return [path for step in steps for path in (workspace.root / "steps" / step).glob("*/done.json")]


def latest_report(workspace: Workspace, steps: tuple[str, ...] = STEPS[:1]) -> Path:
    """Folder of the newest finished report of a workspace.

    Raises
    ------
    WorkspaceError
        When no run has finished here.
    """
    made = [path.parent for path in _made(workspace, steps)]
    if not made:
        raise WorkspaceError(
            "No run has finished in this workspace.", where=workspace.root, action="run `pathproof run`"
        )
    return max(made, key=lambda path: (path / "done.json").stat().st_mtime_ns)


def _claims(folder: Path) -> pd.DataFrame:
    import pandas as pd

    path = folder / "claims.csv"
    try:
        return pd.read_csv(path, low_memory=False, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise DataError(f"Cannot read the claims of this report: {error}", where=path) from error


def _summary(report: dict[str, Any]) -> None:
    from pathproof.validate.render_format import STATUS_WORDS, number, p_value, share, with_interval
    from pathproof.validate.render_view import headline_row

    run = report["run"]
    o.out.print(f"{run['id']}, {run.get('created') or 'no date'}, PathProof {run.get('version')}", markup=False)
    say_demonstration(report["kind"])
    show_verdict(report)
    table = Table("gate", "status", "observed [95 %]", "null", "p", box=None, pad_edge=False)
    for gate in report["gates"]:
        figure = with_interval(gate["observed"], gate.get("ci95"), as_share=False)
        words = " ".join(STATUS_WORDS[gate["status"]])
        table.add_row(gate["id"], words, figure, number(gate.get("null_mean")), p_value(gate.get("p")))
    o.out.print(table)
    head = headline_row(report) or {}
    keys = ("explainer", "screen", "claim_kind", "selection", "circular")
    rows = [row for row in report["precision"] if all(row.get(key) == head.get(key) for key in keys)]
    table = Table(
        "reference", "precision [95 %]", "drug-swap", "popular", "base rate", "facts", box=None, pad_edge=False
    )
    for row in rows:
        swap, popular = ((row.get(name) or {}).get("mean") for name in ("drug_swap", "popularity"))
        figures = [share(value) for value in (swap, popular, row["base_rate"])]
        figure = with_interval(row["precision"], row.get("ci95"))
        table.add_row(row["reference"], figure, *figures, number(row.get("n_distinct_facts")))
    o.out.print(f"\n{head.get('explainer')}, {head.get('claim_kind')} claims, {head.get('selection')}", markup=False)
    o.out.print(table)
    table = Table("null", "observed", "mean", "p", "draws", box=None, pad_edge=False)
    for row in report.get("null_table") or []:
        table.add_row(
            row["null"], share(row.get("observed")), share(row.get("mean")), p_value(row.get("p")), number(row["draws"])
        )
    o.out.print("")
    o.out.print(table)


def _show_difference(changed: dict[str, Any], ids: list[str]) -> None:
    from pathproof.validate.render_format import anything, with_interval

    def line(text: str) -> None:
        o.out.print(text, markup=False, soft_wrap=True)

    def pair(values: list[Any]) -> str:
        return " -> ".join(anything(value) for value in values)

    line(f"{ids[0]} -> {ids[1]}")
    if changed["equal"]:
        line("Nothing differs but when and how the runs were made.")
        return
    for name in ("verdict", "explainer"):
        if changed[name]:
            line(f"{name}: {pair(changed[name])}")
    for gate in changed["gates"]:
        line(f"gate {gate['id']}: {pair(gate['status'])}; observed {pair(gate['observed'])}")
    shown = [r for r in changed["precision"] if (r["selection"], r["circular"]) == (SELECTION, "excluded")]
    for row in shown:
        figures = [with_interval(p, ci) for p, ci in zip(row["precision"], row["ci95"], strict=True)]
        apart = {True: ", intervals apart", False: ", intervals overlap", None: ""}[row["apart"]]
        line(f"precision on {row['reference']}, {row['claim_kind']}, {SELECTION}: {' -> '.join(figures)}{apart}")
    line(f"precision with other selections: {len(changed['precision']) - len(shown)} rows differ (--json tells all)")
    for what, rows in (changed["claims"] or {}).items():
        line(f"claims {what}: {len(rows)}")
        for row in rows[:MOST]:
            state = row["state"] if isinstance(row["state"], str) else pair(row["state"])
            line(f"  {row['drug_name']}: {row['kind']} {row['key']} ({state})")
        _more(len(rows), line)
    for name, values in changed["made_with"].items():
        line(f"{name}: {pair(values)}")
    for row in changed["sources"]:
        hashes = pair([str(one)[:12] for one in row["sha256"]])
        line(f"source {row['name']}: release {pair(row['release'])}, SHA-256 {hashes}")


def _more(count: int, line: Any) -> None:
    if count > MOST:
        line(f"  ... and {count - MOST} more (--json tells all)")
