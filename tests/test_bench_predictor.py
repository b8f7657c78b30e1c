"""The benchmark of the predictors: what is held against which target, and that it fits what it says."""

from __future__ import annotations

from typing import Any

import bench_predictor as bench


def row(name: str, seconds: float, **parts: float) -> dict[str, Any]:
    return {"model": name, "cpu_s": seconds, "parts_s": {name: seconds, **parts}, "peak_mib": 1.0}


def test_an_anchored_network_is_held_against_its_target_with_all_its_parts() -> None:
    assert bench.missed([row("ridge-anchored-gnn", 151.0, ridge=1.0, gnn=68.0)]) == [
        "ridge-anchored-gnn: 151 s, asked 150"
    ]
    assert bench.missed([row("ridge-anchored-gnn", 149.0, ridge=1.0, gnn=68.0)]) == []
    assert bench.missed([row("ridge", 3.0), row("lightgbm", 1800.0)]) == [
        "ridge: 3 s, asked 2",
        "all models: 1803 s of processor, asked 1800",
    ]


def test_every_target_is_met_or_missed_by_what_is_measured() -> None:
    data = bench.synthetic(lines=60, genes=40, calls=5, drugs=12)
    context = bench.replace(bench.synthetic_context(data, edges=80), seeds=1, epochs=1, weight=0.3)
    (measured,) = bench.measure(data, context, "lco", ("ridge", "gnn", "ridge-anchored-gnn"))
    assert set(bench.TARGETS) <= set(measured["parts_s"])
    assert measured["cpu_s"] == measured["parts_s"]["ridge-anchored-gnn"] > measured["parts_s"]["gnn"] > 0
