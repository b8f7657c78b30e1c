"""Facts about this process and this installation, for the report and for content keys."""

from __future__ import annotations

import hashlib
import os
import platform
import resource
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pathproof

PACKAGES = ("neo4j", "arcadedb-embedded", "numpy", "pandas", "scipy", "scikit-learn", "torch", "torch-geometric")


def without_run(report: dict[str, Any]) -> dict[str, Any]:
    """The report less its time block: equal for equal runs, whatever the store."""
    return {key: value for key, value in report.items() if key != "run"}


def without_seconds(predictor: dict[str, Any]) -> dict[str, Any]:
    """The predictor table with empty fit seconds: they differ between equal runs, so they stand in the time block."""
    return {**predictor, "models": [{**row, "fit_seconds": None} for row in predictor["models"]]}


def code_key(below: str = "") -> str:
    """Hash of the package's own sources, so that changed code is never answered with old results."""
    root = Path(pathproof.__file__).parent
    digest = hashlib.sha256()
    for folder, _, names in sorted(os.walk(root / below, followlinks=True)):
        for name in sorted(names):
            if name.endswith((".py", ".cypher", ".toml", ".html", ".css")):
                path = Path(folder) / name
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def environment() -> dict[str, str]:
    """Versions of Python and of the packages that decide numbers."""
    versions = {name: metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "platform": platform.system().lower(), **versions}


def git_commit() -> str | None:
    """The commit of the sources when they lie in a git checkout, else None."""
    root = Path(pathproof.__file__).resolve().parent
    if shutil.which("git") is None or not (root.parents[1] / ".git").exists():
        return None
    answer = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10, check=False
    )
    return answer.stdout.strip() or None


def peak_rss_mb() -> int:
    """Largest resident set of this process and of any one child, in MiB."""
    scale = 1024 if sys.platform != "darwin" else 1024**2
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return round(max(own, children) / scale)


def workers(asked: int | None) -> int:
    """Processes for training: as asked, else the cores that this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return int(asked or usable or 1)
