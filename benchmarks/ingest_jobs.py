"""What the benchmark of ingest runs in a process of its own: our ingest, pandas alone, one GMT tool.

    python benchmarks/ingest_jobs.py ingest|pandas|gmt FOLDER_OR_FILE [WORKSPACE | TOOL]

Prints one line of JSON. A GMT tool that is not installed ends with exit code 5.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

NOT_INSTALLED = 5
TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")


def job_ingest(data: Path, workspace: str) -> dict[str, Any]:
    """One call of ingest, with the seconds of each of its parts."""
    from pathproof.ingest.pipeline import ingest
    from pathproof.workspace import Workspace

    marks: list[tuple[str, float]] = []
    manifest = ingest(
        data, Workspace.open(Path(workspace)), progress=lambda text, _share: marks.append((text, time.perf_counter()))
    )
    ends = [at for _, at in marks[1:]]
    return {
        "parts": {text: end - at for (text, at), end in zip(marks, ends, strict=False)},
        "files": len(manifest["sources"]),
        "rows in": sum(int(source["rows_in"]) for source in manifest["sources"]),
        "bytes": sum(int(source["bytes"]) for source in manifest["sources"]),
    }


def ingest_apart(data: Path, root: Path) -> dict[str, Any]:
    """The manifest of an ingest of real data in this process, and the process's peak memory ("peak MiB")."""
    from pathproof.ingest.pipeline import ingest
    from pathproof.workspace import Workspace

    manifest = ingest(data, Workspace.open(root), kind="real")
    return {**manifest, "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def job_pandas(data: Path, _other: str) -> dict[str, Any]:
    """The floor: pandas reads every table of the folder, one after the other, and nothing is checked or joined."""
    import pandas as pd

    rows = files = 0
    for path in sorted(p for p in data.rglob("*") if p.name.endswith(TABLES)):
        tabs = ".tsv" in path.name
        comment = "#" if path.parent.name == "dgidb" else None
        quoting = 3 if path.parent.name == "civic" else 0
        rows += len(pd.read_csv(path, sep="\t" if tabs else ",", comment=comment, quoting=quoting, low_memory=False))
        files += 1
    return {"files": files, "rows in": rows}


def job_gmt(path: Path, tool: str) -> dict[str, Any]:
    """All gene sets of a GMT file, five times; seconds of one time, without the import."""
    read = _gmt_reader(tool)
    sets = read(path)
    began = time.perf_counter()
    for _ in range(5):
        read(path)
    return {"sets": sets, "seconds": (time.perf_counter() - began) / 5}


def _gmt_reader(tool: str) -> Callable[[Path], int]:
    if tool == "pathproof":
        from pathproof.ingest.sources import reactome
        from pathproof.ingest.sources.base import Tally
        from pathproof.ingest.sources.gmt import read_gmt

        return lambda path: len(read_gmt(path, reactome.GENE_SETS, Tally()))
    try:
        module = importlib.import_module(tool)
    except ImportError:
        raise SystemExit(NOT_INSTALLED) from None
    if tool == "gseapy":
        return lambda path: len(module.read_gmt(str(path)))
    return lambda path: int(module.pp.read_gmt(str(path))["source"].nunique())


JOBS = {"ingest": job_ingest, "pandas": job_pandas, "gmt": job_gmt}


def main() -> None:
    """Run one job."""
    kind, where, *other = sys.argv[1:]
    chatter = io.StringIO()
    with contextlib.redirect_stdout(chatter):  # some tools print while they are imported
        found = JOBS[kind](Path(where), other[0] if other else "")
    print(json.dumps({**found, "processor seconds": time.process_time()}))


if __name__ == "__main__":
    main()
