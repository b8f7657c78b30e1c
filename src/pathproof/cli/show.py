"""What the commands print at their end."""

from __future__ import annotations

from typing import Any

from pathproof.cli import options as o
from pathproof.cli.pipeline import Outcome
from pathproof.cli.printing import console, table_of
from pathproof.errors import EXIT_FAIL, EXIT_INCONCLUSIVE, EXIT_PASS

STATUS_EXIT = {"PASS": EXIT_PASS, "FAIL": EXIT_FAIL, "INCONCLUSIVE": EXIT_INCONCLUSIVE}
DEMONSTRATION = (
    "Demonstration: real names, SIMULATED numbers, planted mechanisms. "
    "On real data: pathproof run --data DIR (or set PATHPROOF_DATA)."
)


def say_demonstration(kind: str) -> None:
    """The first and last line of a demonstration."""
    if kind == "demonstration":
        o.out.print(DEMONSTRATION, soft_wrap=True)


def show_outcome(outcome: Outcome) -> int:
    """Print the verdict, its reasons and the files; return the exit code."""
    report = outcome.report
    if outcome.reused:
        o.out.print("Nothing has changed since this report was made.")
    if (report["predictor"] or {}).get("folds"):  # that of a run; a foreign model's own figures stand in the report
        o.out.print("\nPredictors, on cell lines that they never saw:")
        show_predictor(report["predictor"])
    show_verdict(report)
    for name, path in outcome.files.items():
        o.out.print(f"  {name:<12} {path}", markup=False, soft_wrap=True)
    say_demonstration(report["kind"])
    o.out.print(f"Report: {outcome.files['report.html']}", markup=False, soft_wrap=True)
    return STATUS_EXIT[report["verdict"]["status"]]


def show_verdict(report: dict[str, Any]) -> None:
    """Print the verdict and its reasons."""
    verdict = report["verdict"]
    o.out.print(f"\nVerdict: {verdict['status']}", style="bold", markup=False)
    headline = str(verdict.get("headline") or "").removeprefix(f"{verdict['status']}: ")
    if headline:
        o.out.print(f"  {headline}", markup=False, soft_wrap=True)
    for title, key in (("supported", "supported"), ("not supported", "not_supported"), ("not tested", "not_tested")):
        for sentence in verdict[key]:
            o.out.print(f"  {title}: {sentence}", markup=False, soft_wrap=True)
    _show_planted(report.get("planted"))
    o.out.print("")


def _show_planted(planted: dict[str, Any] | None) -> None:
    if planted:
        o.out.print(
            f"  planted truth: recall {planted['recall']:.2f}, precision {planted['precision']:.2f}", markup=False
        )


def show_predictor(section: dict[str, Any]) -> None:
    """Print the predictors of a run with intervals, and how the explained one stands to the others."""
    rows = [
        {
            "model": row["name"],
            "Pearson per drug": three(row["per_drug_pearson"]),
            "95 % over folds": between(row.get("ci95_folds")),
            "95 % over lines": between(row.get("ci95_lines")),
            "Spearman": three(row["per_drug_spearman"]),
            "normalised r": three(row["normalised_pearson"]),
            "RMSE": three(row["rmse"]),
        }
        for row in section["models"]
    ]
    console().print(table_of(rows, kept=("model", "95 % over folds", "95 % over lines")))
    for one in section.get("differences", ()):
        lines = f"; over lines {between(one['ci95_lines'])}" if "ci95_lines" in one else ""
        text = (
            f"  {one['model']} minus {one['minus']}: {one['mean']:+.3f} (95 % over folds {between(one['ci95'])}{lines})"
        )
        o.out.print(text, markup=False, soft_wrap=True)
    for sentence in section.get("says", ()):
        o.out.print(f"  {sentence}", markup=False, soft_wrap=True)
    show_left_out(section.get("left_out") or {})


def show_left_out(counts: dict[str, int]) -> None:
    """Print what was not used or not scored, where there is any."""
    for reason, count in counts.items():
        if count:
            o.out.print(f"  left out: {reason}: {count}", markup=False, soft_wrap=True)


def three(value: float | None) -> str:
    """Three decimals; a dash for what is not known."""
    return "–" if value is None else f"{value:.3f}"


def between(pair: list[float] | None) -> str:
    """An interval; a dash for one that is not known."""
    return "–" if pair is None else f"{pair[0]:.3f} to {pair[1]:.3f}"
