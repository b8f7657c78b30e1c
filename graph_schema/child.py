"""A server as a child process: its state file, its users, its ports and its end.

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
import sys
import time
from collections.abc import Callable, Iterator
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


class Use:
    """One process's use of a server: a shared lock on the file `users`, which dies with the process.

    Made while :func:`starting` is held. Waits where the server of users who have left is just being ended.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._handle = (folder / "users").open("a")
        except OSError as error:
            raise unwritable(folder, error) from error
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def leave(self, last: Callable[[], None]) -> bool:
        """Give the use up; whoever leaves last runs `last` before anybody can come anew.

        Returns
        -------
        bool
            Whether this was the last user. Of two who leave at the same moment neither may be: then the
            guardian is.
        """
        with self._handle:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                last()
            except BlockingIOError:
                fcntl.flock(self._handle, fcntl.LOCK_SH)  # where the guardian was quicker, wait until it has finished
                return False
            finally:
                fcntl.flock(self._handle, fcntl.LOCK_UN)  # closing is not enough where a forked child has the file too
            return True


def in_use(folder: Path) -> bool:
    """Whether any process holds a :class:`Use` of the server of this folder."""
    if not (folder / "users").exists():
        return False
    with (folder / "users").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(handle, fcntl.LOCK_UN)
    return False


def guard(pid: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start the guardian of a server (:mod:`pathproof.graph_schema.guardian`)."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "pathproof.graph_schema.guardian", str(pid), str(folder.resolve())],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def release(guardian: subprocess.Popen[bytes] | None) -> None:
    """End a guardian without what it guards."""
    if guardian is not None:
        guardian.kill()
        guardian.wait()


def end(process: psutil.Process) -> None:
    """End a process in order, by force when it does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        if not _ended(process, STOP_SECONDS):
            process.kill()  # an acknowledged transaction is on disk: the log is flushed at each commit
            _ended(process, STOP_SECONDS)


def _ended(process: psutil.Process, seconds: float) -> bool:
    """Whether it ended in time; another one's child that nobody has collected yet (a zombie) has."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            process.wait(0.1)
            return True
        except psutil.TimeoutExpired:
            if process.status() == psutil.STATUS_ZOMBIE:
                with contextlib.suppress(psutil.TimeoutExpired):
                    process.wait(0)  # it ended since: collect it, if it is ours
                return True
    return False


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
