"""How the tests of the commands call `pathproof`: as a child process, like a user."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

GUARD = Path(__file__).parent / "no_network"


def child_environment() -> dict[str, str]:
    """The environment of a user without settings, and with nothing but loopback to talk to."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PATHPROOF_")}
    return {**clean, "COLUMNS": "200", "PYTHONPATH": str(GUARD)}


@dataclass(frozen=True)
class Answer:
    """What a command left: exit code and the two streams."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    """Runs `pathproof` as a user would, in a folder of its own."""

    folder: Path

    def __call__(self, *words: str | Path, env: dict[str, str] | None = None) -> Answer:
        done = subprocess.run(
            [sys.executable, "-m", "pathproof", *map(str, words)],
            cwd=self.folder,
            env={**child_environment(), **(env or {})},
            capture_output=True,
            text=True,
            timeout=600,
            stdin=subprocess.DEVNULL,
        )
        return Answer(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Finished:
    """A demonstration that has been run: its workspace, where its report lies, and what was printed."""

    workspace: Path
    out: Path
    answer: Answer


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
