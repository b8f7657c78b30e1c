"""`pathproof data ...`, and the data report of `pathproof ingest --report`."""

from __future__ import annotations

import fnmatch
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pathproof.cli import options as o
from pathproof.cli.printing import console, table_of
from pathproof.errors import EXIT_CANNOT_RUN
from pathproof.workspace import Workspace

if TYPE_CHECKING:
    from pathproof.ingest.report.check import Look
    from pathproof.ingest.report.folder import Finding

data_app = typer.Typer(no_args_is_help=True, help="Look at a folder of providers' files.")


@data_app.command("check")
def data_check(
    folder: Annotated[Path, typer.Argument(help="The folder to look at.")],
    quick: Annotated[bool, typer.Option("--quick", help="Headers and first rows only: a second or two.")] = False,
) -> int:
    """Is what is needed there, and sound? Every source with its file, or where to get it. Starts nothing."""
    from pathproof.ingest.report.check import check_folder
    from pathproof.ingest.report.folder import other_folder

    look = check_folder(folder, quick=quick)
    _show_findings(look, folder)
    missing = [finding.source for finding in look.findings if finding.state == "missing"]
    broken = [finding.problem for finding in look.findings if finding.state == "broken" and finding.problem]
    if len(missing) > 1 and (other := other_folder(folder, missing)) is not None:
        o.err.print(f"Most of the missing files are in another folder: did you mean {other}?", soft_wrap=True)
    for problem in [*broken, *look.joint]:
        o.err.print(f"error: {problem.render()}", markup=False, soft_wrap=True)
    if missing or broken or look.joint:
        o.err.print(f"{len(missing)} file(s) missing, {len(broken) + len(look.joint)} problem(s); nothing was started.")
        return EXIT_CANNOT_RUN
    read = "and their headers and first rows are as they should be" if quick else "and readable"
    o.out.print(f"All files that are needed are there {read}.", soft_wrap=True)
    return 0


def _show_findings(look: Look, folder: Path) -> None:
    from pathproof.ingest.fetch.client import megabytes

    rows = [
        {
            "state": finding.state,
            "source": finding.source.title
            + (" (optional)" if finding.source.optional and finding.state != "missing" else ""),
            "file": finding.path.relative_to(folder).as_posix() if finding.path else finding.source.files[0],
            "size": "" if finding.bytes is None else megabytes(finding.bytes),
        }
        for finding in look.findings
    ]
    if rows:
        console().print(table_of(rows, kept=("state", "size")))
    for finding in look.findings:
        if finding.path is None:
            _show_where(finding, folder)
        elif finding.note:
            o.out.print(f"\nnote: {finding.source.title}: {finding.note}", markup=False, soft_wrap=True)
    beaten = {name: one.path.name for one in look.findings if one.path for name in look.unread if _fits(name, one)}
    for name, read in beaten.items():
        o.out.print(f"\nnot read: {name}: {read} is read in its place; leave one of them", markup=False, soft_wrap=True)
    unread = [name for name in look.unread if name not in beaten]
    if unread:
        shown = ", ".join(unread[:8]) + (f" and {len(unread) - 8} more" if len(unread) > 8 else "")
        o.out.print(f"\nNo source takes: {shown}", markup=False, soft_wrap=True)


def _fits(name: str, finding: Finding) -> bool:
    """Whether a file bears a name under which its source is looked for."""
    return any(fnmatch.fnmatchcase(name, pattern + end) for pattern in finding.source.files for end in ("", ".gz"))


def _show_where(finding: Finding, folder: Path) -> None:
    lines = [f"\n{finding.state}: {finding.source.title}, which gives {finding.source.gives}"]
    lines += ["  as: " + " or ".join(f"{name}[.gz]" for name in finding.source.files)]
    lines += [f"  a file with a like name: {finding.nearest}"] if finding.nearest else []
    lines += [f"  fetch: pathproof fetch --data {folder} --only {finding.fetch}"] if finding.fetch else []
    lines.append(f"  from: {finding.source.get_from}")
    for line in lines:
        o.out.print(line, markup=False, soft_wrap=True)


@data_app.command("sources")
def data_sources() -> int:
    """Print which files are read, and from whom they come, as Markdown (docs/data.md)."""
    from pathproof.ingest.report.sources_page import sources_page

    sys.stdout.write(sources_page())
    return 0


def show_data_report(workspace: Workspace, out: Path | None) -> None:
    """Print the report on the workspace's tables and write all its forms, to `out` or into the workspace."""
    from pathproof.ingest.report.text import render_text
    from pathproof.ingest.report.view import report_of
    from pathproof.ingest.report.writing import write_data_report

    report = report_of(workspace)
    files = write_data_report(report, out or workspace.root / "data-report")
    sys.stdout.write(render_text(report) + "\n")
    for name, path in files.items():
        o.out.print(f"  {name:<17} {path.resolve()}", markup=False, soft_wrap=True)
