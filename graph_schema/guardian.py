"""A process beside the embedded server: it ends the server when nobody uses it any more, however the users ended.

Started as `python -m pathproof.graph_schema.guardian PID FOLDER`. It waits for the exclusive lock on the file
`users`, which every user holds shared (:class:`pathproof.graph_schema.child.Use`): the operating system takes a
lock from a process that dies. While it ends the server it holds that lock, so that a newcomer waits and starts anew.
"""

from __future__ import annotations

import fcntl
import json
import sys
from pathlib import Path

import psutil

from pathproof.graph_schema.child import end


def watch(pid: int, folder: Path) -> None:
    """Wait until nobody uses the server; end it unless `server.json` says that it is kept."""
    try:
        process = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return
    state_file = folder / "server.json"
    with (folder / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        try:
            state = json.loads(state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            state = {}  # its starter died before it was ready
        ours = state.get("pid", pid) == pid
        if not (ours and state.get("kept")):
            end(process)
            if ours:
                state_file.unlink(missing_ok=True)


if __name__ == "__main__":
    watch(int(sys.argv[1]), Path(sys.argv[2]))
