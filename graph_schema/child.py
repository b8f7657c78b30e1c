"""A server as a child process: its state file, its ports, its guardian and its end.

Nothing here knows which server it is (:mod:`pathproof.graph_schema.embedded` does).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil

from pathproof.errors import StoreError

HOST = "127.0.0.1"
STOP_SECONDS = 20.0


@contextlib.contextmanager
def starting(folder: Path) -> Iterator[None]:
    """One starter at a time; a folder that cannot be written is reported before anything runs."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        handle = (folder / "lock").open("a")
    except OSError as error:
        raise unwritable(folder, error) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def running(state_file: Path) -> tuple[psutil.Process | None, dict[str, float]]:
    """The process of a state file, told from a later one with the same number by its start time."""
    try:
        state = json.loads(state_file.read_text(encoding="utf-8"))
        process = psutil.Process(int(state["pid"]))
        alive = abs(process.create_time() - float(state["created"])) < 2.0 and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None, {}
    return (process, state) if alive else (None, {})


def spawn(command: list[str], cwd: Path, out: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own: Ctrl-C reaches Python only, which then closes the store in order."""
    return subprocess.Popen(
        command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
    )


def guard(pid: int) -> subprocess.Popen[bytes] | None:
    """A shell that ends the server when this process dies, however it dies (its end of the pipe closes)."""
    if os.name != "posix":
        return None
    script = """
        read -r _
        kill -TERM "$0" 2>/dev/null || exit 0
        for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 "$0" 2>/dev/null || exit 0; done
        kill -KILL "$0" 2>/dev/null
    """
    return subprocess.Popen(
        ["/bin/sh", "-c", script, str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def release(guardian: subprocess.Popen[bytes] | None) -> None:
    """End a guardian without what it guards."""
    if guardian is None:
        return
    guardian.kill()
    guardian.wait()
    if guardian.stdin is not None:
        guardian.stdin.close()


def end(process: psutil.Process) -> None:
    """End a process in order, by force when it does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()  # an acknowledged transaction is on disk: the log is flushed at each commit
            process.wait(STOP_SECONDS)


def free_ports() -> tuple[int, int]:
    """Two loopback ports that nobody listens on."""
    with socket.socket() as first, socket.socket() as second:
        for one in (first, second):
            one.bind((HOST, 0))
        return first.getsockname()[1], second.getsockname()[1]


def private(path: Path, text: str) -> Path:
    """Write a file that only its owner may read, complete or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
        handle.write(text)
    part.replace(path)
    return path


def unwritable(folder: Path, error: OSError) -> StoreError:
    """The error of a folder that cannot be written."""
    return StoreError(
        f"The graph store cannot write its folder: {error.strerror or error}",
        where=folder,
        action="free some space, make the folder writable or choose another one (--workspace DIR)",
    )


def read_password(folder: Path) -> str:
    """The password that :func:`write_password` made."""
    try:
        return (folder / "password").read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StoreError(
            f"The password of the embedded store cannot be read: {error.strerror or error}",
            where=folder / "password",
            action="stop the store and start it again as the user who owns the workspace",
        ) from error


def write_password(folder: Path) -> str:
    """The password, made once: the database keeps the first one it was given."""
    path = folder / "password"
    if not path.exists():
        private(path, secrets.token_hex(16))
    return path.read_text(encoding="utf-8").strip()
