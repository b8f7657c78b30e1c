"""The workspace: a folder that holds everything a run made, content-addressed and movable.

Layout::

    pathproof-workspace/
      workspace.json           what this folder is
      tables/  knowledge/      what `ingest` wrote (Parquet), with manifest.json beside them
      steps/<step>/<key>/      what a step wrote; complete when done.json is there
      store/                   the embedded graph store
      runs/<run id>/           reports

Nothing is ever written under its final name until it is complete: files go through a
temporary neighbour and `os.replace`, steps through a temporary folder and a rename.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shlex
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathproof.errors import UsageError, WorkspaceError

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
DEFAULT_NAME = "pathproof-workspace"


def canonical_json(value: Any) -> str:
    """Strict JSON with sorted keys: the form that is hashed and compared (NaN is refused)."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def content_key(*parts: Any) -> str:
    """A 16-digit hexadecimal key of JSON-able parts."""
    return hashlib.sha256(canonical_json(list(parts)).encode()).hexdigest()[:16]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[Path]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise _unwritable(path, error) from error
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        f"Cannot write {path.name}: {error.strerror or error}",
        where=path,
        action="free some space or choose another folder (--workspace DIR, --out DIR)",
    )


def write_text(path: Path, text: str) -> None:
    """Write text atomically (UTF-8)."""
    with _writing(path) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write strict, sorted, indented JSON atomically."""
    write_text(path, json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def read_json(path: Path) -> Any:
    """Read JSON; a broken file is a WorkspaceError that names it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WorkspaceError(
            f"Cannot read {path.name}: {error}", where=path, action="delete the file and run again to rebuild it"
        ) from error


def write_parquet(path: Path, frame: pd.DataFrame, *, index: bool = False) -> None:
    """Write a table atomically."""
    with _writing(path) as part:
        frame.to_parquet(part, index=index)


def this_process() -> str:
    """Who this process is, for whoever has to wait for it: number, machine, command and the time of asking (UTC)."""
    command = shlex.join([Path(sys.argv[0]).name or "python", *sys.argv[1:]])
    command = re.sub(r"://[^/@\s]*@", "://…@", command)[:200]  # a password in an address stays out
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"process {os.getpid()} on {socket.gethostname()}, `{command}`, since {now}"


def require_outside(root: Path, data: Path | None) -> None:
    """Refuse a workspace inside the folder of the providers' files (None: none was given), where nothing is written.

    Raises
    ------
    UsageError
    """
    if data is not None and root.resolve().is_relative_to(data.resolve()):
        raise UsageError(
            "The workspace lies inside the data folder.",
            where=root,
            got=f"data folder {data}",
            allowed="a folder outside of it: what a run makes is large, and is no data",
            action="choose another folder with --workspace DIR or $PATHPROOF_WORKSPACE",
        )


def require_no_real_data(root: Path) -> None:
    """Refuse a workspace with real data where nobody named any: the demonstration would take their place.

    Raises
    ------
    UsageError
    """
    held = root / "manifest.json"
    if held.is_file() and read_json(held).get("kind") == "real":
        raise UsageError(
            "No data folder is named, and the demonstration would take the place of the data in this workspace.",
            where=root,
            action="name the data with --data DIR or $PATHPROOF_DATA, or another --workspace for the demonstration",
        )


class Workspace:
    """A folder of finished work. Open it with :meth:`open`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def open(cls, root: Path, *, create: bool = True) -> Workspace:
        """Open the workspace at `root`; an unrelated, non-empty folder is refused."""
        marker = root / "workspace.json"
        if marker.is_file():
            found = read_json(marker)
            if found.get("format") != FORMAT:
                raise WorkspaceError(
                    "This workspace was written by another version of PathProof.",
                    where=marker,
                    got=found.get("format"),
                    allowed=FORMAT,
                    action="choose a new folder with --workspace DIR; the old one is left as it is",
                )
            return cls(root)
        if not create:
            raise WorkspaceError(
                "There is no workspace here.", where=root, action="run `pathproof run` or `pathproof ingest` first"
            )
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise WorkspaceError(
                "This folder is not empty and is not a PathProof workspace.",
                where=root,
                action="choose an empty or new folder with --workspace DIR",
            )
        write_json(marker, {"format": FORMAT, "made_by": "pathproof"})
        return cls(root)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the workspace for one writer; a second one is refused at once, not made to wait.

        The lock is the operating system's, on the file `.lock`: it ends with the process, however that ends.
        What the file says of its holder is for the message only.

        Raises
        ------
        WorkspaceError
            When another process is writing here (it is named), or the folder cannot be written.
        """
        path = self.root / ".lock"
        try:
            handle = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise _unwritable(path, error) from error
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                handle.seek(0)
                raise WorkspaceError(
                    "Another pathproof process is writing to this workspace.",
                    where=self.root,
                    got=handle.read().strip() or "it has not said its name yet",
                    action="wait until it has finished, or choose another folder with --workspace DIR",
                ) from error
            except OSError as error:
                raise _unwritable(path, error) from error
            with contextlib.suppress(OSError):  # a full disk: the lock holds without a name too
                handle.truncate(0)
                handle.write(this_process() + "\n")
                handle.flush()
            yield

    @property
    def tables(self) -> Path:
        """Tidy tables for arithmetic."""
        return self.root / "tables"

    @property
    def knowledge(self) -> Path:
        """Nodes and edges of the knowledge graph, as tables: the graph can be rebuilt from them."""
        return self.root / "knowledge"

    @property
    def store(self) -> Path:
        """Home of the embedded graph store."""
        return self.root / "store"

    def run_folder(self, run_id: str) -> Path:
        """Where the report of one run goes."""
        return self.root / "runs" / run_id

    def step(self, name: str, key: str) -> Path:
        """Final folder of a step's output."""
        return self.root / "steps" / name / key

    def is_done(self, name: str, key: str) -> bool:
        """Whether the step finished with this key."""
        return (self.step(name, key) / "done.json").is_file()

    @contextlib.contextmanager
    def writing_step(self, name: str, key: str, facts: Mapping[str, Any] | None = None) -> Iterator[Path]:
        """Yield a temporary folder that becomes the step's folder when the block ends without an error."""
        final = self.step(name, key)
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            part = Path(tempfile.mkdtemp(prefix=f".{key}.", dir=final.parent))
        except OSError as error:
            raise _unwritable(final, error) from error
        try:
            yield part
            write_json(part / "done.json", {"step": name, "key": key, **(facts or {})})
            if final.exists():
                shutil.rmtree(final)
            part.rename(final)
        except OSError as error:
            raise _unwritable(final, error) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
