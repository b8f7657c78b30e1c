"""The explainer's benchmark measures what it says, at a tiny size."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import time
from pathlib import Path

import bench_explainer as bench
import explainer_fits as fits
import explainer_steps as steps
import numpy as np
import pytest
import torch

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "bench_explainer.py"


def test_the_quick_benchmark_prints_and_writes_the_same_figures(tmp_path: Path) -> None:
    out = tmp_path / "sub" / "figures.json"
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--quick", "--out", str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    record = json.loads(out.read_text(encoding="utf-8"))
    named = {figure["what"]: figure["value"] for figure in record["figures"]}
    assert set(record["targets"]) <= set(named)
    assert all(value > 0 for what, value in named.items() if "R2" not in what)
    assert named["times faster than explicit"] > 3
    assert named["memory of explicit / ours"] > 2
    assert named["correlation with the slopes of the model"] > 0.5
    for figure in record["figures"]:
        assert any(figure["what"] in line and f"{figure['value']:.3f}" in line for line in done.stdout.splitlines())


def test_a_missed_target_is_said_in_its_direction() -> None:
    assert bench.said(steps.Figure("x", "step, ms", 59.0)).endswith("met")
    assert bench.said(steps.Figure("x", "step, ms", 61.0)).endswith("MISSED")
    assert bench.said(steps.Figure("x", "times faster than explicit", 301.0)).endswith("met")
    assert bench.said(steps.Figure("x", "times faster than explicit", 299.0)).endswith("MISSED")
    assert "met" not in bench.said(steps.Figure("x", "memory, MiB", 1.0))


def test_the_memory_of_a_loss_is_that_of_the_tensors_it_keeps() -> None:
    a = torch.randn(1000, 250, requires_grad=True)
    b = torch.randn(1000, 250)
    kept = steps.peak_bytes(lambda: (a * b).exp().sum())
    assert kept == 2 * a.nbytes
    assert steps.peak_bytes(lambda: (a * b).exp().sum() + (a * b).sum()) == 2 * a.nbytes


def test_seconds_of_the_processor_do_not_count_waiting() -> None:
    clock, processor = steps.seconds(lambda: time.sleep(0.05), 3)
    assert clock >= 0.05
    assert processor < 0.03
    assert clock == pytest.approx(0.05, abs=0.5)


def test_every_job_can_be_sent_to_a_process_of_its_own() -> None:
    jobs = bench.jobs(quick=False)
    assert all(pickle.dumps(job) for job in jobs.values())
    assert {"step", "explicit", "screen", "two layers", "curve 26052 700"} <= set(jobs)
    figures = bench.aside(bench.partial(steps.step_figures, steps.Size(40, 8, 4, 16)))
    assert [figure.what for figure in figures] == [
        "step, ms", "step, ms of processor", "one line alone, ms of processor", "one line, ms",
    ]  # fmt: skip


def test_copy_number_comes_in_segments() -> None:
    values = fits.copy_number(np.random.default_rng(0), 40, 1200)
    assert values.shape == (40, 1200)
    beside = [np.corrcoef(values[:, i], values[:, i + 1])[0, 1] for i in range(0, 1199, 60)]
    apart = [np.corrcoef(values[:, i], values[:, (i + 600) % 1200])[0, 1] for i in range(0, 1199, 60)]
    assert np.median(beside) > 0.8
    assert abs(np.median(apart)) < 0.4
