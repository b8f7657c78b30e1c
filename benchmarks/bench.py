"""Measure whole runs of the program: seconds, memory, sizes of the inputs, seconds per step.

    python benchmarks/bench.py [--data DIR] [--quick] [--out FILE]

Runs `pathproof run` in fresh temporary workspaces: the demonstration, and the real screen when a
data folder is given (--data or $PATHPROOF_DATA). Each is run twice; the second call has nothing
left to do. Prints a table and writes JSON. The exit code is 0 unless a run itself failed: a missed
target is said in words, because seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
POLL_SECONDS = 0.2
FINISHED = (0, 1, 4)  # pass, a gate failed, inconclusive: the run itself worked
GIB = 1024**3
TARGETS = {
    ("demonstration", "first call, s"): 120.0,
    ("real", "first call, s"): 720.0,
    ("real", "peak memory, all processes, GiB"): 6.0,
    ("demonstration", "second call, s"): 15.0,
    ("real", "second call, s"): 15.0,
    ("tests", "whole suite, s"): 600.0,
}


@dataclass(frozen=True)
class Call:
    """One measured command.

    `tree_gib` is the largest sum over the main process and all its descendants (memory that they
    share is counted in each), `main_gib` the largest of the main process alone; resident sets.
    """

    code: int
    seconds: float
    main_gib: float
    tree_gib: float
    output: str


@dataclass
class Result:
    """What one data set took: figures by name, and what they were measured on."""

    name: str
    figures: dict[str, float] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, float] = field(default_factory=dict)
    verdict: str | None = None
    failed: str | None = None


def measure(command: list[str], env: dict[str, str]) -> Call:
    """Run a command to its end and watch the memory of its process tree."""
    with tempfile.TemporaryFile("w+") as log:
        started = time.perf_counter()
        child = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
        main_peak = tree_peak = 0
        process = psutil.Process(child.pid)
        while child.poll() is None:
            main, tree = resident(process)
            main_peak, tree_peak = max(main_peak, main), max(tree_peak, tree)
            time.sleep(POLL_SECONDS)
        seconds = time.perf_counter() - started
        log.seek(0)
        return Call(child.returncode, seconds, main_peak / GIB, tree_peak / GIB, log.read())


def resident(process: psutil.Process) -> tuple[int, int]:
    """Resident bytes of a process, and of it with all its descendants; a process that just ended counts 0."""
    sizes = []
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0, 0
    for member in family:
        try:
            sizes.append(int(member.memory_info().rss))
        except psutil.Error:
            sizes.append(0)
    return sizes[0], sum(sizes)


def clean_environment() -> dict[str, str]:
    """This environment without settings of the program, so that only the flags below count."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PATHPROOF_")}


def bench_run(name: str, data: Path | None, folder: Path) -> Result:
    """Two calls of `pathproof run` in one fresh workspace."""
    workspace, out = folder / "workspace", folder / "report"
    command = [sys.executable, "-m", "pathproof", "run", "--workspace", str(workspace), "--out", str(out)]
    command += ["--data", str(data)] if data is not None else []
    result = Result(name)
    for label in ("first", "second"):
        call = measure(command, clean_environment())
        if call.code not in FINISHED:
            result.failed = f"{label} call: exit code {call.code}\n{call.output[-2000:]}"
            return result
        result.figures[f"{label} call, s"] = call.seconds
        if label == "first":
            result.figures["peak memory, main process, GiB"] = call.main_gib
            result.figures["peak memory, all processes, GiB"] = call.tree_gib
            report = json.loads((out / "report.json").read_text(encoding="utf-8"))
            result.steps = {step: float(value) for step, value in report["run"].get("step_seconds", {}).items()}
            result.verdict = report["verdict"]["status"]
    result.inputs = inputs(workspace)
    return result


def inputs(workspace: Path) -> dict[str, Any]:
    """Sizes of what was read, from the manifest: files, bytes, rows in and out, nodes and edges."""
    manifest = json.loads((workspace / "manifest.json").read_text(encoding="utf-8"))
    sources = manifest["sources"]
    return {
        "files": len({source["file"] for source in sources}),
        "bytes": sum(int(source["bytes"]) for source in sources),
        "rows in": sum(int(source["rows_in"]) for source in sources),
        "rows out": sum(int(source["rows_out"]) for source in sources),
        "nodes": sum(manifest["counts"]["nodes"].values()),
        "edges": sum(manifest["counts"]["edges"].values()),
        "sources": [
            {key: source[key] for key in ("name", "file", "bytes", "rows_in", "rows_out")} for source in sources
        ],
    }


def bench_tests(data: Path | None) -> Result:
    """The whole test suite, once."""
    env = clean_environment()
    if data is not None:
        env["PATHPROOF_DATA"] = str(data)
    call = measure([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(ROOT / "tests")], env)
    result = Result("tests", {"whole suite, s": call.seconds, "peak memory, all processes, GiB": call.tree_gib})
    if call.code != 0:
        result.failed = f"exit code {call.code}\n{call.output[-2000:]}"
    return result


def lines_of(result: Result) -> list[str]:
    """The table rows of one result."""
    rows = []
    for figure, value in result.figures.items():
        target = TARGETS.get((result.name, figure))
        said = "" if target is None else f"{target:g}"
        word = "" if target is None else ("met" if value <= target else "MISSED")
        rows.append(f"{result.name:<14} {figure:<34} {value:>9.2f} {said:>9}  {word}")
    rows += [f"{result.name:<14} {'step ' + step + ', s':<34} {value:>9.2f}" for step, value in result.steps.items()]
    rows += [
        f"{result.name:<14} {'inputs, ' + key:<34} {value:>9}"
        for key, value in result.inputs.items()
        if key != "sources"
    ]
    if result.verdict is not None:
        rows.append(f"{result.name:<14} {'verdict':<34} {result.verdict:>9}")
    if result.failed is not None:
        rows.append(f"{result.name:<14} FAILED: {result.failed}")
    return rows


def machine() -> dict[str, Any]:
    """What the seconds depend on."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / GIB, 1),
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
    }


def main() -> int:
    """Run the benchmark; 0 unless a run failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("PATHPROOF_DATA"), help="folder with the real data")
    parser.add_argument("--quick", action="store_true", help="the demonstration only: no real screen, no tests")
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"), help="where the JSON goes")
    arguments = parser.parse_args()
    data = None if arguments.data is None else Path(arguments.data).resolve()
    print(f"{'':<14} {'figure':<34} {'measured':>9} {'target':>9}")
    results = []
    with tempfile.TemporaryDirectory(prefix="pathproof-bench-") as folder:
        jobs: list[partial[Result]] = [partial(bench_run, "demonstration", None, Path(folder) / "demonstration")]
        if not arguments.quick and data is not None:
            jobs.append(partial(bench_run, "real", data, Path(folder) / "real"))
        if not arguments.quick:
            jobs.append(partial(bench_tests, data))
        for job in jobs:
            results.append(job())
            print("\n".join(lines_of(results[-1])), flush=True)
    if data is None and not arguments.quick:
        print("real           not run: give --data DIR or $PATHPROOF_DATA")
    record = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "targets": [{"name": n, "figure": f, "target": t} for (n, f), t in TARGETS.items()],
        "results": [asdict(result) for result in results],
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"written: {arguments.out}")
    return 1 if any(result.failed for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
