"""The `ingest` step as a whole: read, map, write, and an account of everything that was left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from pathproof.errors import PathproofError, UsageError, WorkspaceError, nearest
from pathproof.graph_schema.schema import EDGE_CORE, KNOWLEDGE_EDGES, KNOWLEDGE_NODES
from pathproof.ingest.builder import Knowledge, Origin
from pathproof.ingest.fetch.record import Record
from pathproof.ingest.inputs import FileRead, Inputs
from pathproof.ingest.knowledge import build_knowledge
from pathproof.ingest.sources.base import Progress, Source, find_file, no_progress
from pathproof.ingest.sources.registry import SOURCES
from pathproof.ingest.tables import Tables, build_tables
from pathproof.ingest.used_files import short_files
from pathproof.ingest.writing import check_knowledge, staging, write_all
from pathproof.workspace import Workspace, content_key, file_sha256, read_json, require_outside, write_json

_KINDS = ("real", "demonstration")
_DEMONSTRATION = "simulated for the demonstration"
_EXPECTED = (
    *(f"tables/{name}.parquet" for name in ("cell_lines", "drugs", "genes", "molecules", "agreement")),
    "knowledge/nodes/Gene.parquet",
)


def ingest(data: Path, workspace: Workspace, *, kind: str = "real", progress: Progress = no_progress) -> dict[str, Any]:
    """Read the providers' files under `data` into the workspace.

    Writes `tables/`, `knowledge/` and `manifest.json` as one: a run that fails or is killed leaves what
    was there. Files with the same hashes (and the same reader version) are not read again.

    Parameters
    ----------
    data : Path
        Folder with the official layouts.
    workspace : Workspace
    kind : {"real", "demonstration"}
        What the manifest says about the screen.
    progress : callable
        Gets a message and the share done.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    DataError
        When a file is missing, damaged or not what it should be.
    UsageError
        When the workspace lies inside `data`.
    WorkspaceError
        When the workspace cannot be written.
    """
    _check_kind(kind)
    require_outside(workspace.root, data)
    progress("hashing the files", 0.0)
    inputs = Inputs(data)
    hashes = _hashes(data)
    readers = reader_version()
    fetched = {one.sha256: one.release for one in Record.read(data).files.values() if one.sha256 in hashes.values()}
    files = {path.relative_to(data).as_posix(): sha256 for path, sha256 in hashes.items()}
    key = content_key("ingest", readers, kind, files, fetched)
    before = _manifest(workspace)
    if before is not None and before.get("key") == key:
        progress("the tables are up to date", 1.0)
        return before
    inputs.read_all(progress, 0.5)
    progress("joining the tables", 0.5)
    tables = build_tables(inputs)
    progress("building the knowledge", 0.6)
    releases = {title: _release(record, hashes[record.path], fetched, kind) for title, record in inputs.files.items()}
    knowledge = build_knowledge(inputs, tables, _origins(inputs, hashes, releases, kind))
    head = {"kind": kind, "key": key, "reader_version": readers}
    manifest = _describe(inputs, tables, knowledge, hashes, releases, head)
    checked = check_knowledge(knowledge)
    progress("writing", 0.9)
    with staging(workspace) as folder:
        write_all(folder, tables, checked)
        write_json(folder / "manifest.json", manifest)
    progress("done", 1.0)
    return manifest


def _check_kind(kind: str) -> None:
    if kind not in _KINDS:
        raise UsageError("Unknown kind of data.", got=kind, allowed=", ".join(_KINDS), nearest=nearest(kind, _KINDS))


def check_data(data: Path) -> list[PathproofError]:
    """Everything that is wrong with the data folder; empty when `ingest` can use it.

    All files are read and joined as `ingest` does it, and nothing is written. Missing and broken files
    are all reported, not just the first.
    """
    try:
        inputs = Inputs(data)
    except PathproofError as error:
        return [error]
    problems: dict[str, PathproofError] = {}
    for source in SOURCES:
        _collect(problems, partial(find_file, source, data))
    for name in Inputs.parts:
        _collect(problems, partial(getattr, inputs, name))
    if not problems:
        _collect(problems, partial(_assemble, inputs))
    return list(problems.values())


def _collect(problems: dict[str, PathproofError], step: Callable[[], object]) -> None:
    try:
        step()
    except PathproofError as error:
        problems.setdefault(error.render(), error)


def _assemble(inputs: Inputs) -> None:
    tables = build_tables(inputs)
    checked = Origin("checked", "checked", "checked")
    knowledge = build_knowledge(inputs, tables, {record.source.name: checked for record in inputs.files.values()})
    check_knowledge(knowledge)


def _hashes(data: Path) -> dict[Path, str]:
    found = (find_file(source, data) for source in SOURCES)
    return {path: file_sha256(path) for path in found if path is not None}


def _manifest(workspace: Workspace) -> dict[str, Any] | None:
    path = workspace.root / "manifest.json"
    if not path.is_file() or not all((workspace.root / name).is_file() for name in _EXPECTED):
        return None
    try:
        found = read_json(path)
    except WorkspaceError:
        return None
    if not isinstance(found, dict):
        return None
    made = [fact["table"] for part in ("screens", "layers") for fact in found.get(part, ())]
    return found if made and all((workspace.root / name).is_file() for name in made) else None


def reader_version() -> str:
    """Hash of the readers' code and of the graph schema: when they change, the files are read again."""
    folder = Path(__file__).parent
    code = sorted([*folder.glob("*.py"), *folder.glob("sources/*.py")])
    schema = [repr(record) for record in (*KNOWLEDGE_NODES, *EDGE_CORE, *KNOWLEDGE_EDGES)]
    return content_key(schema, [path.read_text(encoding="utf-8") for path in code])


def _release(record: FileRead, sha256: str, fetched: Mapping[str, str], kind: str) -> str:
    """The release that the file states, else that of the fetched file with this hash, else the start of the hash."""
    stated = record.tally.release or record.source.release or fetched.get(sha256)
    return _DEMONSTRATION if kind == "demonstration" else stated or f"sha256:{sha256[:12]}"


def _licence(source: Source, kind: str) -> str:
    return _DEMONSTRATION if kind == "demonstration" else source.licence


def _origins(inputs: Inputs, hashes: dict[Path, str], releases: Mapping[str, str], kind: str) -> dict[str, Origin]:
    """Knowledge source -> where its facts come from (its first file, when it has several)."""
    found: dict[str, Origin] = {}
    for source in SOURCES:
        if source.title in inputs.files:
            sha256 = hashes[inputs.files[source.title].path]
            origin = Origin(releases[source.title], _licence(source, kind), sha256)
            found.setdefault(source.name, origin)
    return found


def _describe(
    inputs: Inputs,
    tables: Tables,
    knowledge: Knowledge,
    hashes: dict[Path, str],
    releases: Mapping[str, str],
    head: dict[str, Any],
) -> dict[str, Any]:
    sources = []
    short = short_files(inputs.files.values()) if head["kind"] == "real" else {}
    for source in SOURCES:
        if source.title not in inputs.files:
            continue
        record = inputs.files[source.title]
        sources.append(
            {
                "name": source.name,
                "title": source.title,
                "file": record.path.relative_to(inputs.data).as_posix(),
                "release": releases[source.title],
                "licence": _licence(source, head["kind"]),
                "citation": source.citation if head["kind"] == "real" else "",
                "sha256": hashes[record.path],
                "bytes": record.path.stat().st_size,
                "rows_in": record.tally.rows_in,
                "rows_out": record.tally.rows_out,
                "dropped": record.tally.dropped,
                "noted": record.tally.noted,
                "warnings": [short[source.title]] if source.title in short else [],
                "examples": record.tally.examples,
                "mapping": [asdict(account) for account in record.tally.mapping],
            }
        )
    counts = {
        "nodes": {label: len(frame) for label, frame in sorted(knowledge.nodes.items())},
        "edges": {type_: len(frame) for type_, frame in sorted(knowledge.edges.items())},
    }
    return {
        **head,
        "sources": sources,
        **tables.facts,
        "counts": counts,
    }
