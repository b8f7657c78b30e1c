"""Ingest as one step: nothing twice, nothing half."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ingest_slices import FILES, OMNIPATH, write_slices

from pathproof.errors import DataError, UsageError, WorkspaceError
from pathproof.ingest import pipeline, writing
from pathproof.ingest.builder import Origin
from pathproof.ingest.fetch.record import Fetched, Record
from pathproof.ingest.pipeline import check_data, ingest
from pathproof.workspace import Workspace, file_sha256


def contents(workspace: Workspace) -> dict[str, bytes]:
    files = [path for path in workspace.root.rglob("*") if path.is_file()]
    return {path.relative_to(workspace.root).as_posix(): path.read_bytes() for path in sorted(files)}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_slices(tmp_path / "data")


@pytest.fixture
def workspace(tmp_path: Path, data: Path) -> Workspace:
    made = Workspace.open(tmp_path / "ws")
    ingest(data, made)
    return made


def test_same_files_are_not_read_again(data: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline.Inputs, "read_all", lambda *_: pytest.fail("read again"))
    assert ingest(data, workspace)["key"] == pipeline.read_json(workspace.root / "manifest.json")["key"]


def test_a_fetched_file_has_the_release_it_was_fetched_as(data: Path, workspace: Workspace) -> None:
    def releases() -> dict[str, str]:
        return {entry["file"]: entry["release"] for entry in ingest(data, workspace)["sources"]}

    before = releases()
    (omnipath,) = [name for name in before if name.startswith(OMNIPATH)]
    facts = {"source": "omnipath", "release": "live", "licence": "x", "url": None, "bytes": 1, "on": "2026-11-23"}
    files = {
        omnipath: Fetched(**facts, sha256=file_sha256(data / omnipath)),
        "other": Fetched(**facts, sha256="0" * 64),  # a file that is another one now
    }
    Record(files=files).write(data)
    assert releases() == {**before, omnipath: "live"}


def test_same_bytes_every_time(data: Path, workspace: Workspace, tmp_path: Path) -> None:
    other = Workspace.open(tmp_path / "other")
    ingest(data, other)
    assert contents(other) == contents(workspace)


def test_changed_file_kind_and_lost_table_are_read_again(data: Path, workspace: Workspace) -> None:
    before = ingest(data, workspace)
    (data / OMNIPATH).write_text(FILES[OMNIPATH] + "KRAS\t-1\tEGFR\n")
    after = ingest(data, workspace)
    assert after["key"] != before["key"]
    assert after["counts"]["edges"]["AFFECTS"] == before["counts"]["edges"]["AFFECTS"] + 1
    assert ingest(data, workspace, kind="demonstration")["key"] != after["key"]
    (workspace.tables / "screens" / "gdsc2.parquet").unlink()
    ingest(data, workspace, kind="demonstration")
    assert (workspace.tables / "screens" / "gdsc2.parquet").is_file()


def test_failure_leaves_the_old_state(data: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(workspace)
    (data / OMNIPATH).write_text(FILES[OMNIPATH] + "KRAS\t-1\tEGFR\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.pq, "write_table", full)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        ingest(data, workspace)
    assert contents(workspace) == before


_KILLED = """
import os, sys
from pathlib import Path
from pathproof.ingest import pipeline
from pathproof.workspace import Workspace
whole = pipeline.write_all
def half(folder, tables, knowledge):
    whole(folder, tables, knowledge)
    os.kill(os.getpid(), 9)
pipeline.write_all = half
pipeline.ingest(Path(sys.argv[1]), Workspace.open(Path(sys.argv[2])))
"""


def test_kill_leaves_the_old_state_and_the_next_run_cleans_up(data: Path, workspace: Workspace) -> None:
    before = contents(workspace)
    (data / OMNIPATH).write_text(FILES[OMNIPATH] + "KRAS\t-1\tEGFR\n")
    done = subprocess.run([sys.executable, "-c", _KILLED, str(data), str(workspace.root)], check=False)
    assert done.returncode == -signal.SIGKILL
    after = contents(workspace)
    assert {name: content for name, content in after.items() if not name.startswith(".ingest.")} == before
    assert len(after) > len(before), "the killed run was in the middle"
    ingest(data, workspace)
    assert set(contents(workspace)) == set(before)


@pytest.mark.parametrize("failing", range(6))
def test_failed_exchange_is_taken_back(
    failing: int, data: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(workspace)
    rename, calls = Path.rename, iter(range(100))

    def sometimes(self: Path, target: Path) -> Path:
        if next(calls) == failing:
            raise OSError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", sometimes)
    with pytest.raises(WorkspaceError, match="Permission denied"):
        ingest(data, workspace, kind="demonstration")
    assert contents(workspace) == before


def test_bad_data_leaves_the_old_state(data: Path, workspace: Workspace) -> None:
    before = contents(workspace)
    (data / OMNIPATH).write_text("nothing\n")
    with pytest.raises(DataError):
        ingest(data, workspace)
    assert contents(workspace) == before


def test_leftovers_of_a_killed_ingest_are_removed(data: Path, workspace: Workspace) -> None:
    dead = workspace.root / ".ingest.999999999.abc"
    alive = workspace.root / f".ingest.{os.getpid()}.abc"
    for folder in (dead, alive):
        folder.mkdir()
    ingest(data, workspace, kind="demonstration")
    assert not dead.exists()
    assert alive.exists(), "another process may be at work"


def test_no_manifest_while_the_tables_are_exchanged(
    data: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename
    seen: list[tuple[str, bool]] = []

    def watch(self: Path, target: Path) -> Path:
        result = rename(self, target)
        seen.append((self.name, (workspace.root / "manifest.json").exists()))
        return result

    monkeypatch.setattr(Path, "rename", watch)
    ingest(data, workspace, kind="demonstration")
    assert [name for name, _ in seen] == [
        "manifest.json",
        "knowledge",
        "tables",
        "tables",
        "knowledge",
        "manifest.json",
    ]
    assert [there for _, there in seen] == [False] * 5 + [True]


def test_unwritable_workspace(data: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "ws2")
    (workspace.root / "workspace.json").unlink()
    workspace.root.rmdir()
    workspace.root.write_text("a file")
    with pytest.raises(WorkspaceError, match="Cannot write the ingested tables"):
        ingest(data, workspace)


def test_progress_rises_to_one(data: Path, tmp_path: Path) -> None:
    shares: list[float] = []
    ingest(data, Workspace.open(tmp_path / "ws3"), progress=lambda _, share: shares.append(share or 0.0))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_knowledge_that_breaks_the_schema_is_refused(data: Path) -> None:
    inputs = pipeline.Inputs(data)
    inputs.read_all(lambda *_: None, 1.0)
    tables = pipeline.build_tables(inputs)
    origins = {source.name: Origin("1", "free", "0" * 64) for source in pipeline.SOURCES}
    knowledge = pipeline.build_knowledge(inputs, tables, origins)
    writing.check_knowledge(knowledge)
    knowledge.edges["AFFECTS"].loc[0, "end"] = "hgnc:0"
    knowledge.nodes["Gene"].loc[0, "symbol"] = None
    knowledge.edges["RESPONDS_TO"].loc[1, "ln_ic50"] = "high"
    knowledge.edges["TARGETS"]["strength"] = 1.0
    with pytest.raises(DataError) as caught:
        writing.check_knowledge(knowledge)
    text = caught.value.render()
    assert "in 5 ways; nothing was written" in text
    for part in (
        "RESPONDS_TO.ln_ic50: not of the schema's type: 1",
        "RESPONDS_TO.ln_ic50: required and missing: 5",
        "Gene.symbol: required and missing: 1 (e.g. hgnc:",
        "AFFECTS: end is no Gene that is there: 1 (e.g. hgnc:0 in ",
        "TARGETS: no such property in the schema: 1 (e.g. strength",
    ):
        assert part in text


@pytest.mark.parametrize("records", ["KNOWLEDGE_NODES", "EDGE_CORE", "KNOWLEDGE_EDGES"])
def test_another_schema_reads_the_files_again(
    records: str, data: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ingest(data, workspace)
    first, *others = getattr(pipeline, records)
    monkeypatch.setattr(pipeline, records, (dataclasses.replace(first, meaning="something else"), *others))
    assert pipeline.reader_version() != before["reader_version"]
    assert ingest(data, workspace)["key"] != before["key"]


def test_unknown_kind(data: Path, workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="did you mean: demonstration"):
        ingest(data, workspace, kind="demonstratoin")


def test_check_data_needs_no_workspace(data: Path) -> None:
    assert check_data(data) == []
