"""What the embedded server's log and disk say when it does not start, ends in mid-work or cannot write."""

from __future__ import annotations

import shutil
from pathlib import Path

from pathproof.errors import StoreError

MIN_FREE_BYTES = 64 * 2**20
FULL_BYTES = 4 * 2**20
START_FAILED = 'Exception in thread "main"'
_DIRECTORY_TAKEN = ("LockException", "is locked", "already in use by another process", "currently in use")
_NO_SPACE = ("no space left", "not enough space", "disk is full", "disk full")
_BAD = ("SEVER", "xception", "OutOfMemory", "fatal error")


def log_text(folder: Path, since: int = 0) -> str:
    """The server's log from byte `since` on; empty when it cannot be read."""
    try:
        with (folder / "server.log").open("rb") as handle:
            handle.seek(since)
            return handle.read().decode("utf-8", errors="replace")
    except OSError:
        return ""


def log_size(folder: Path) -> int:
    """Bytes of the server's log; 0 when there is none."""
    try:
        return (folder / "server.log").stat().st_size
    except OSError:
        return 0


def check_space(folder: Path) -> None:
    """Refuse to start a server where it could hardly write."""
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        raise StoreError(
            "There is too little space for the graph store.",
            where=folder,
            got=f"{free // 2**20} MiB free",
            allowed=f"at least {MIN_FREE_BYTES // 2**20} MiB",
            action="free some space or choose another folder (--workspace DIR)",
        )


def did_not_start(folder: Path, how: str) -> StoreError:
    """The error of a server that died, or was given up, before it answered; with its last words."""
    lines = log_text(folder).splitlines()
    said = [line for line in lines if "SEVER" in line or "xception" in line][-5:] or lines[-8:]
    how += ", saying:\n    " + "\n    ".join(line.strip()[:300] for line in said)
    if (full := disk_full(folder)) is not None:
        return full
    if any(sign in how for sign in _DIRECTORY_TAKEN):
        action = "another process has this database open: stop it (`pathproof store stop`), or choose --workspace DIR"
    else:
        action = "see the log; `pathproof store stop` and a new start help after a crash, else use --store URI"
    return StoreError("The embedded graph store did not start.", where=folder / "server.log", got=how, action=action)


def disk_full(folder: Path, since: int = 0) -> StoreError | None:
    """The error of a full disk, when the folder has no space left or the server said so after byte `since`."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return None
    said = [line for line in log_text(folder, since).splitlines() if any(sign in line.lower() for sign in _NO_SPACE)]
    if free >= FULL_BYTES and not said:
        return None
    got = f"{free / 2**20:.1f} MiB free"
    if said:
        got += f"; the server said: {said[-1].strip()[:300]}"
    return StoreError(
        "The disk of the embedded graph store is full.",
        where=folder,
        got=got,
        action="free some space there (or choose another folder with --workspace DIR) and run the same command again; "
        "nothing that was finished is lost",
    )


def ended(folder: Path, since: int = 0) -> StoreError:
    """The error of a server that was there and is gone; its last words only when they are about a failure."""
    bad = [line for line in log_text(folder, since).splitlines() if any(sign in line for sign in _BAD)]
    said = f"its log ends with: {bad[-1].strip()[:300]}" if bad else "its log gives no reason"
    return StoreError(
        "The embedded graph store ended unexpectedly: it was stopped, killed, or the machine ran out of memory.",
        where=folder / "server.log",
        got=said,
        action="run the same command again; nothing that was finished is lost (a run goes on from there)",
    )
