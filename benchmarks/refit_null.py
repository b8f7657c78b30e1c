"""Is the p-value of the refit null valid? `python benchmarks/refit_null.py [--worlds 300]`.

Made screens in which no gene has to do with any response: tissues shift both, and drugs share a general fragility.
The explainer is small enough to be fitted thousands of times (the three genes of each drug with the strongest
correlation within tissues); its responses are permuted as a run permutes them. Prints how often the two p-values of
`permuted_response`, of the precision and of the number of sure claims, lie at or below each level.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from bench_validate import PER_GROUP, setting_of

from pathproof.explain.lmm import permuted_within
from pathproof.validate.claim_table import ClaimTable, finished
from pathproof.validate.judged import Setting, judge_all
from pathproof.validate.refits import LEAST, PERMUTED, Refits, refit_row

Floats = npt.NDArray[np.float64]
DRUGS, GENES, FACTS, LINES, TISSUES = 42, 200, 20, 80, 5
CLAIMED = 3
SURE = 0.35  # correlation above which a claim is sure: about a third of the claims
LEVELS = (0.05, 0.1, 0.25, 0.5)


@dataclass(frozen=True)
class Screen:
    """Lines x genes, lines x drugs and the tissue of each line."""

    features: Floats
    responses: Floats
    tissue: npt.NDArray[np.int64]


def screen_of(seed: int, effect: float = 0.0, setting: Setting | None = None) -> Screen:
    """A made screen; with an effect each drug answers to its first fact in the setting."""
    rng = np.random.default_rng([seed, 5])
    tissue = rng.integers(TISSUES, size=LINES)
    features = rng.normal(size=(LINES, GENES)) + rng.normal(size=(TISSUES, GENES))[tissue]
    responses = (
        rng.normal(size=(LINES, DRUGS)) + rng.normal(size=(TISSUES, DRUGS))[tissue] + rng.normal(size=(LINES, 1))
    )
    if setting is not None:
        first = {drug: item for drug, item in reversed(setting.references[0].pairs)}
        place = {gene: i for i, gene in enumerate(setting.universe.genes)}
        for j, drug in enumerate(setting.known.screened):
            responses[:, j] += effect * features[:, place[first[drug]]]
    return Screen(features, responses, tissue)


def within(values: Floats, tissue: npt.NDArray[np.int64]) -> Floats:
    """Without the tissues' means, and of length one."""
    one_hot = np.eye(TISSUES)[tissue]
    centred = values - one_hot @ (one_hot.T @ values / np.maximum(one_hot.sum(axis=0), 1)[:, None])
    return np.asarray(centred / np.linalg.norm(centred, axis=0))


def explained(screen: Screen, setting: Setting, draw: int | None = None) -> ClaimTable:
    """The three genes of each drug with the strongest correlation; with `draw` on permuted responses."""
    responses = screen.responses
    if draw is not None:
        responses = responses[permuted_within(screen.tissue.astype(str).tolist(), np.random.default_rng([draw, 11]))]
    r = within(screen.features, screen.tissue).T @ within(responses, screen.tissue)
    rows: list[dict[str, Any]] = []
    for j, drug in enumerate(setting.known.screened):
        for i in np.argsort(-np.abs(r[:, j]))[:CLAIMED].tolist():
            gene, value = setting.universe.genes[i], abs(float(r[i, j]))
            rows.append(
                {
                    **{"claim_id": f"{drug}/{gene}", "explainer": "r", "screen": "S", "drug": drug, "drug_name": drug},
                    **{"kind": "gene", "key": gene, "genes": (gene,), "layer": "", "sign": 0, "score": value},
                    **{"rank": 1, "confidence": value, "confirmed": None, "reported": True, "effect": np.nan},
                    **{"selection_frequency": np.nan, "sources": ()},
                }
            )
    return ClaimTable(finished(rows))


def p_values(screen: Screen, setting: Setting) -> tuple[float, float]:
    """p of the precision and of the number of sure claims, each against 19 refits."""
    judged = next(iter(judge_all(setting, explained(screen, setting))))
    refits = Refits({PERMUTED: lambda draw: explained(screen, setting, draw)}, LEAST)
    row = refit_row(setting, judged, refits, PERMUTED, CLAIMED, SURE)
    return float(row["p"]), float(row["claims_p"])


def calibration(worlds: int) -> str:
    """Shares of the p-values at or below each level, over worlds without any effect."""
    setting = setting_of(DRUGS, GENES, (FACTS,), 3)
    found = np.array([p_values(screen_of(seed), setting) for seed in range(worlds)])
    lines = [f"{worlds} screens without effect, {DRUGS} drugs in {DRUGS // PER_GROUP} groups, {LEAST} refits each:"]
    for name, p in zip(("precision", "number of sure claims"), found.T, strict=True):
        shares = {level: float((p <= level + 1e-12).mean()) for level in LEVELS}
        bound = {level: level + 3 * np.sqrt(level * (1 - level) / worlds) for level in LEVELS}
        verdict = "super-uniform" if all(shares[at] <= bound[at] for at in LEVELS) else "NOT super-uniform"
        lines.append(f"  {name}: {verdict}; " + ", ".join(f"p <= {at:g}: {shares[at]:.3f}" for at in LEVELS))
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Calibration of the refit null.")
    parser.add_argument("--worlds", type=int, default=300, help="made screens (default: 300)")
    print(calibration(parser.parse_args().worlds))


if __name__ == "__main__":
    main()
