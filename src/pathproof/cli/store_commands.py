"""`pathproof store`: the embedded server, and the graph in and out of files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from pathproof.cli import options as o
from pathproof.cli.pipeline import open_store_of
from pathproof.cli.progress import Steps
from pathproof.workspace import Workspace

store_app = typer.Typer(no_args_is_help=True, help="The graph store: start, stop or look at it; export, import.")
Form = Annotated[str, typer.Option("--format", help="graphml (a file), kgx or neo4j-admin (a folder).")]


def _server(action: str, workspace: Path | None) -> Any:
    from pathproof.graph_schema import embedded

    settings = o.settings_of(workspace=workspace)
    return getattr(embedded, action)(Workspace.open(settings.workspace, create=action == "start"))


def _show_server(status: Any) -> int:
    if not status.running:
        o.out.print("The embedded store is not running.")
        return 0
    o.out.print(f"The embedded store is running: {status.uri} (process {status.pid})", soft_wrap=True)
    o.out.print(f"  user root, password in {status.password_file}", soft_wrap=True)
    return 0


@store_app.command("start")
def store_start(workspace: o.WorkspaceDir = None) -> int:
    """Start the embedded store and leave it running."""
    return _show_server(_server("start", workspace))


@store_app.command("stop")
def store_stop(workspace: o.WorkspaceDir = None) -> int:
    """Stop the embedded store, whoever uses it."""
    used = _server("used", workspace)
    stopped = _server("stop", workspace)
    o.out.print("The embedded store was stopped." if stopped else "The embedded store was not running.")
    if stopped and used:
        o.err.print(
            "Another command was using it and will say that it ended; what was acknowledged is kept.", soft_wrap=True
        )
    return 0


@store_app.command("status")
def store_status(workspace: o.WorkspaceDir = None) -> int:
    """Is the embedded store running, and where?"""
    return _show_server(_server("status", workspace))


@store_app.command("schema")
def store_schema() -> int:
    """Print what the graph may hold, as Markdown (docs/graph.md)."""
    from pathproof.graph_schema.describe import schema_page

    sys.stdout.write(schema_page())
    return 0


@store_app.command("export")
def store_export(
    form: Form,
    to: Annotated[Path, typer.Option("--to", help="File or folder to write; nothing may be there.")],
    what: Annotated[str, typer.Option("--what", help="knowledge, explanations or all.")] = "all",
    workspace: o.WorkspaceDir = None,
    store: o.Store = None,
    store_user: o.StoreUser = None,
    store_password_file: o.PasswordFile = None,
    store_database: o.Database = None,
) -> int:
    """Write the graph to GraphML, KGX TSV or the CSV of neo4j-admin import."""
    flags = {key: value for key, value in locals().items() if key not in ("form", "to", "what")}
    from pathproof.graph_schema.exchange.export import export_graph

    settings = o.settings_of(**flags)
    place = Workspace.open(settings.workspace, create=settings.store is not None)
    with open_store_of(settings, place) as opened, Steps(o.err, 1).step("export", f"Export to {to.name}") as report:
        counts = export_graph(opened, form, to, what, report)
    _show_counts(counts, "written to", to)
    return 0


@store_app.command("import")
def store_import(
    form: Form,
    from_: Annotated[Path, typer.Option("--from", help="File or folder to read.")],
    workspace: o.WorkspaceDir = None,
    store: o.Store = None,
    store_user: o.StoreUser = None,
    store_password_file: o.PasswordFile = None,
    store_database: o.Database = None,
) -> int:
    """Write what such a file holds into the graph; what is there already and equal is left as it is."""
    flags = {key: value for key, value in locals().items() if key not in ("form", "from_")}
    from pathproof.graph_schema.exchange.formats import check_source, format_named
    from pathproof.graph_schema.exchange.imports import import_graph

    check_source(from_, format_named(form))  # before a workspace is made and a server is started
    settings = o.settings_of(**flags)
    place = Workspace.open(settings.workspace)
    with (
        place.lock(),
        open_store_of(settings, place) as opened,
        Steps(o.err, 1).step("import", f"Import from {from_.name}") as report,
    ):
        counts = import_graph(opened, form, from_, report)
    _show_counts(counts, "new from", from_)
    return 0


def _show_counts(counts: dict[str, dict[str, int]], how: str, path: Path) -> None:
    nodes, edges = (sum(counts[part].values()) for part in ("nodes", "edges"))
    o.out.print(f"{nodes:,} nodes and {edges:,} relationships {how} {path}", markup=False, soft_wrap=True)
