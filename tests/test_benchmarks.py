"""The benchmark measures what it says: memory of the whole process tree, exit codes, missed targets."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "bench.py"
HOLD = "import time; block = bytearray(120 * 2**20); time.sleep(1.2)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD!r}]); sys.exit(3)"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("bench", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench"] = module
    spec.loader.exec_module(module)
    return module


def test_memory_of_a_child_counts_for_the_tree_only(bench: ModuleType) -> None:
    """A child that holds 120 MiB is in the tree's peak, not in the main process's; its exit code comes back."""
    call = bench.measure([sys.executable, "-c", PARENT], bench.clean_environment())
    assert call.code == 3
    assert call.seconds > 1.2
    assert (call.tree_gib - call.main_gib) * 1024 > 115
    assert call.main_gib * 1024 < 100


def test_settings_of_the_caller_do_not_leak_into_a_run(bench: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demonstration must stay one when $PATHPROOF_DATA is set."""
    monkeypatch.setenv("PATHPROOF_DATA", "somewhere")
    assert "PATHPROOF_DATA" not in bench.clean_environment()


def test_a_missed_target_is_said_in_words(bench: ModuleType) -> None:
    """Measured beside target, with met or MISSED; figures without a target carry no word."""
    figures = {"first call, s": 121.0, "second call, s": 3.0, "peak memory, main process, GiB": 1.0}
    lines = bench.lines_of(bench.Result("demonstration", figures))
    assert [line.split()[-1] for line in lines] == ["MISSED", "met", "1.00"]


def test_a_failed_run_is_told_and_not_measured(
    bench: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An exit code that is no verdict ends the measurement with the program's own words."""
    monkeypatch.setattr(bench, "measure", lambda *_: bench.Call(3, 1.0, 0.1, 0.1, "cannot read the data"))
    result = bench.bench_run("real", tmp_path, tmp_path)
    assert "exit code 3" in result.failed
    assert "cannot read the data" in bench.lines_of(result)[-1]
