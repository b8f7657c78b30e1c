"""`pathproof fetch`: the providers' files into a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pathproof.cli import options as o
from pathproof.cli.progress import Steps
from pathproof.errors import DataError, PathproofError, UsageError

if TYPE_CHECKING:
    from pathproof.ingest.fetch.fetcher import Fetcher
    from pathproof.ingest.fetch.lockfile import Entry, LockFile
    from pathproof.ingest.sources.base import Source

ByHand = tuple[tuple["Source", str], ...]


def fetch(
    data: o.Data = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Name of a source; may be repeated.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Open no connection: check what is there.")] = False,
    accept_licence: Annotated[
        list[str] | None,
        typer.Option("--accept-licence", help="Name of a licence that you have read and accept; may be repeated."),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Say what is fetched from where, and what is not.")] = False,
    lock: Annotated[Path | None, typer.Option("--lock", help="Another lock file than the project's (TOML).")] = None,
) -> int:
    """Get the providers' files: pinned, checked, resumed after a break. What is there already is kept."""
    from pathproof.ingest.fetch.fetcher import Fetcher
    from pathproof.ingest.fetch.lockfile import PACKAGED, read_lock

    known = read_lock(lock or PACKAGED)
    entries, by_hand = known.select(tuple(only or ()))
    accepted = tuple(accept_licence or ())
    known.check_accepted(accepted)
    if list_:
        _show_list(known, entries, by_hand)
        return 0
    fetcher = Fetcher(known, _folder(data), offline=offline)
    with fetcher.alone():
        fetcher.accept(accepted)
        problems = _bring(fetcher, entries)
    missing = fetcher.missing_by_hand(by_hand)
    _show_by_hand(missing)
    if only and missing:
        problems.append(DataError(f"{len(missing)} of the named files cannot be fetched: get them by hand, see above."))
    for problem in problems:
        o.err.print(f"error: {problem.render()}", markup=False, soft_wrap=True)
    if problems:
        o.err.print(f"{len(problems)} file(s) are not as they should be; the others are kept.")
        return max(problem.exit_code for problem in problems)
    o.out.print(
        f"All files that are needed and can be fetched are in {fetcher.data.resolve()}", markup=False, soft_wrap=True
    )
    return 0


def _folder(data: Path | None) -> Path:
    folder = o.settings_of(data=data).data
    if folder is None:
        raise UsageError("Say into which folder the files go.", action="give --data DIR, or set $PATHPROOF_DATA")
    return Path(folder)


def _bring(fetcher: Fetcher, entries: tuple[Entry, ...]) -> list[PathproofError]:
    """Look at every file, fetch what is missing; the problems of all files."""
    problems: list[PathproofError] = []
    wanted = []
    for entry in entries:
        try:
            standing = fetcher.standing(entry)
            if standing.state != "missing":
                fetcher.adopt(standing)
                _say(standing.path, fetcher.data, "there", standing.notes)
                continue
            if fetcher.offline and entry.reader is not None and entry.reader.optional:
                _say(standing.path, fetcher.data, "missing", ["it may be absent"])
                continue
            fetcher.check_allowed(entry)
            wanted.append(entry)
        except PathproofError as error:
            problems.append(error)
    if wanted:
        fetcher.check_space(wanted)
    steps = Steps(o.err, len(wanted))
    for entry in wanted:
        try:
            with steps.step(entry.path, entry.path) as report:
                path, notes = fetcher.fetch(entry, report)
            _say(path, fetcher.data, "fetched", notes)
        except PathproofError as error:
            problems.append(error)
    return problems


def _say(path: Path, data: Path, state: str, notes: tuple[str, ...] | list[str]) -> None:
    o.out.print(f"{state:<8}{path.relative_to(data)}", markup=False, soft_wrap=True)
    for note in notes:
        o.out.print(f"        note: {note}", markup=False, soft_wrap=True)


def _show_by_hand(missing: list[tuple[Source, str]]) -> None:
    for source, why in missing:
        need = "optional" if source.optional else "needed"
        o.out.print(f"by hand {source.files[0]} ({source.title}, {need})", markup=False, soft_wrap=True)
        o.out.print(f"        why: {why}\n        from: {source.get_from}", markup=False, soft_wrap=True)


def _show_list(lock: LockFile, entries: tuple[Entry, ...], by_hand: ByHand) -> None:
    from pathproof.ingest.fetch.client import megabytes

    for entry in entries:
        licence = lock.licence[entry.licence]
        size = entry.bytes or entry.about_bytes
        facts = [
            f"release {entry.release}",
            *([megabytes(size)] if size else []),
            licence.title + (f" (--accept-licence {entry.licence}, see {licence.terms})" if licence.accept else ""),
        ]
        lines = [f"{entry.source}: {entry.path}", f"        {', '.join(facts)}"]
        lines += [f"        from: {url}" for url in entry.urls]
        lines += [f"        note: {entry.note}"] if entry.note else []
        for line in lines:
            o.out.print(line, markup=False, soft_wrap=True)
    _show_by_hand(list(by_hand))
