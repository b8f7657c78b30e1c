"""Does a folder hold what is needed, and if not, what exactly is missing? Reads; writes and starts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pathproof.errors import PathproofError
from pathproof.ingest.demo import is_demo
from pathproof.ingest.fetch.content import check_columns
from pathproof.ingest.fetch.lockfile import LockFile, read_lock
from pathproof.ingest.inputs import FileRead
from pathproof.ingest.pipeline import check_data
from pathproof.ingest.report.folder import EITHER, Finding, State, find_all
from pathproof.ingest.sources.base import Source, Tally, nearest_file
from pathproof.ingest.sources.reading import open_binary, table_of
from pathproof.ingest.sources.workbook import SUFFIX, sheet_text
from pathproof.ingest.used_files import short_files

_HEAD = 1 << 17
_ROWS = 500
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Look:
    """All findings; the problems of no single file; the files that no source takes, by path in the folder."""

    findings: tuple[Finding, ...]
    joint: tuple[PathproofError, ...]
    unread: tuple[str, ...]


def check_folder(data: Path, *, quick: bool = False) -> Look:
    """Look at every source.

    Parameters
    ----------
    data : Path
    quick : bool
        Headers and first rows only (about a second); otherwise every file is read as `ingest` reads it.
    """
    if not data.is_dir():
        return Look((), tuple(check_data(data)), ())
    findings = find_all(data)
    found = {finding.path for finding in findings}
    unread = sorted(
        path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file() and path not in found
    )
    addresses = _addresses(read_lock())
    addresses.setdefault(EITHER[0], addresses[EITHER[1]])
    told = [
        replace(
            finding,
            nearest=nearest_file(finding.source.files[0], unread) if finding.path is None else None,
            fetch=addresses.get(finding.source),
        )
        for finding in findings
    ]
    if quick:
        return Look(tuple(_peeked(finding) for finding in told), (), tuple(unread))
    look = _with_problems(told, check_data(data), unread)
    return look if is_demo(data) else replace(look, findings=_with_notes(look.findings))


def _addresses(lock: LockFile) -> dict[Source | None, str]:
    return {
        entry.reader: entry.source
        + (f" --accept-licence {entry.licence}" if lock.licence[entry.licence].accept else "")
        for entry in lock.file
    }


def _with_notes(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Tell the text files with far fewer rows than the published ones, as `ingest` does, by counting their lines."""
    whole = [one for one in findings if one.state == "found" and one.path is not None and one.path.suffix != SUFFIX]
    short = short_files(FileRead(one.source, one.path, Tally(_rows(one.path, one.source))) for one in whole if one.path)
    return tuple(replace(one, note=short.get(one.source.title)) for one in findings)


def _rows(path: Path, source: Source) -> int:
    with open_binary(path) as handle:
        lines = sum(block.count(b"\n") for block in iter(lambda: handle.read(_BLOCK), b""))
    return lines - bool(source.columns)


def _peeked(finding: Finding) -> Finding:
    """The finding after a look at the header and the first rows."""
    if finding.path is None or finding.state != "found":
        return finding
    try:
        _peek(finding.path, finding.source)
    except PathproofError as error:
        return replace(finding, state="broken", problem=error)
    return finding


def _peek(path: Path, source: Source) -> None:
    check_columns(path, source)
    if not source.columns:
        return
    text = sheet_text(path, _ROWS) if path.suffix == SUFFIX else _first_lines(path)
    if not text:
        return  # a header longer than that: a wide table
    # The first rows say nothing of a median or a share, which are those of the whole file.
    columns, extra = (
        tuple(replace(column, typical=None, filled=0.0, words=()) for column in part)
        for part in (source.columns, source.extra)
    )
    table_of(text, path, replace(source, columns=columns, extra=extra))


def _first_lines(path: Path) -> str:
    with open_binary(path) as handle:
        head = handle.read(_HEAD)
        ended = not handle.read(1)
    lines = head if ended else head[: head.rfind(b"\n") + 1]
    return lines.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def _with_problems(findings: Sequence[Finding], problems: list[PathproofError], unread: Sequence[str]) -> Look:
    """Give each problem of the full read to the file that it names; what names none of them is a joint one."""
    told = list(findings)
    joint = []
    for problem in problems:
        owners = [number for number, finding in enumerate(told) if _names(problem, finding)]
        if not owners:
            joint.append(problem)
        for number in owners[:1]:
            state: State = told[number].state
            told[number] = replace(told[number], state="broken" if state == "found" else state, problem=problem)
    return Look(tuple(told), tuple(joint), tuple(unread))


def _names(problem: PathproofError, finding: Finding) -> bool:
    if finding.problem is not None:
        return finding.problem.render() == problem.render()
    place = problem.where or ""
    return finding.path is not None and (place == str(finding.path) or place.startswith(f"{finding.path},"))
