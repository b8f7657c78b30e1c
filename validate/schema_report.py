"""The contract of report.json, schema version 1, as strict models.

Keys may be added to a report and are kept; those named here keep name and type. Every number is finite or null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from pathproof.errors import DataError
from pathproof.validate.cited import Citation
from pathproof.validate.finite import not_finite
from pathproof.workspace import canonical_json

SCHEMA_VERSION = 1
CLAIM_STATES = ("supported", "contradicted", "mixed", "novel", "untestable")


def _ordered(interval: tuple[float, float]) -> tuple[float, float]:
    if interval[0] > interval[1]:
        raise ValueError(f"an interval runs from low to high, got {list(interval)}")
    return interval


Share = Annotated[FiniteFloat, Field(ge=0.0, le=1.0)]
Interval = Annotated[tuple[FiniteFloat, FiniteFloat], AfterValidator(_ordered)]
Count = Annotated[int, Field(ge=0)]
Mean = Annotated[FiniteFloat, Field(ge=0.0)]
Text = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow", frozen=True)


class Run(_Section):
    """Which run this is; `created` and the costs are the only parts that differ between equal runs."""

    id: Text
    created: str | None = None
    version: str | None = None
    git_commit: str | None = None
    command: str | list[str] | None = None
    config: dict[str, Any] | None = None
    seed: int | None = None
    wall_seconds: FiniteFloat | None = None
    fit_seconds: dict[str, FiniteFloat] | None = None
    peak_rss_mb: FiniteFloat | None = None
    store: str | dict[str, Any] | None = None


class Verdict(_Section):
    """The answer, with what carries it in words."""

    status: Literal["PASS", "FAIL", "INCONCLUSIVE"]
    asked: FiniteFloat | dict[str, Any] | str | None = None
    supported: list[str]
    not_supported: list[str]
    not_tested: list[str]


class Gate(_Section):
    """One check with its criterion and its null."""

    id: Text
    title: Text
    observed: FiniteFloat | None
    ci95: Interval | None = None
    criterion: str | FiniteFloat | None
    null_mean: FiniteFloat | None = None
    null_sd: FiniteFloat | None = None
    p: Share | None = None
    q: Share | None = None
    status: Literal["pass", "warn", "fail", "error", "not_run"]


class ModelRow(_Section):
    """One predictor's quality on cell lines that it never saw."""

    name: Text
    per_drug_pearson: FiniteFloat | None = None
    per_drug_spearman: FiniteFloat | None = None
    rmse: FiniteFloat | None = None
    normalised_pearson: FiniteFloat | None = None
    sd_over_folds: FiniteFloat | None = None
    fit_seconds: FiniteFloat | None = None
    drugs_beating_naive: Count | None = None
    drugs_judged: Count | None = None


class Predictor(_Section):
    """The predictors and the one that was explained."""

    split: str | None = None
    folds: Count | None = None
    models: list[ModelRow] = []
    explained: str | None = None


class Null(_Section):
    """A null's share: other drugs' references (drug-swap), or the most claimed genes (popularity)."""

    mean: Share | None
    sd: FiniteFloat | None = None
    p: Share | None = None
    q: Share | None = None


class PrecisionRow(_Section):
    """Precision of one explainer against one reference, never without its nulls."""

    explainer: Text
    screen: str | None = None
    reference: Text
    claim_kind: Text
    selection: str | None = None
    circular: Literal["excluded", "included"]
    precision: Share | None
    ci95: Interval | None = None
    micro: Share | None = None
    base_rate: Share | None
    drug_swap: Null | None
    popularity: Null | None = None
    coverage: Share | None = None
    n_drugs: Count | None = None
    n_target_groups: Count | None = None
    per_group_precision: Share | None = None
    n_distinct_facts: Count | None = None
    n_claims: Count | None = None
    n_supported: Count | None = None
    n_contradicted: Count | None = None
    n_novel: Count | None = None
    n_untestable: Count | None = None

    @model_validator(mode="after")
    def _never_alone(self) -> PrecisionRow:
        if self.precision is not None and (self.base_rate is None or self.drug_swap is None):
            raise ValueError("a precision is never reported without its base_rate and its drug_swap")
        return self


class SelectiveRow(_Section):
    """Precision against coverage, claims ranked by a confidence that never sees the reference.

    The counts are means over the halvings, so they are no whole numbers.
    `curve` holds [coverage, precision, null low, null high]; the last two may be null.
    """

    explainer: Text
    screen: str | None = None
    reference: Text
    claim_kind: Text
    threshold: FiniteFloat | None = None
    coverage_at_threshold: Share | None = None
    precision: Share | None = None
    ci95: Interval | None = None
    drug_swap: Null | FiniteFloat | None = None
    n_drugs: Mean | None = None
    n_target_groups: Mean | None = None
    n_distinct_facts: Mean | None = None
    n_distinct_right: Mean | None = None
    curve: list[Annotated[list[FiniteFloat | None], Field(min_length=4, max_length=4)]] = []


class Source(_Section):
    """One input file."""

    name: Text
    file: str | None = None
    citation: str | None = None
    release: str | None = None
    sha256: str | None = None
    licence: str | None = None
    rows_in: Count | None = None
    rows_out: Count | None = None


class ClaimRow(_Section):
    """One judged claim; its state follows from the three lists of references."""

    kind: Text
    key: Text
    genes: list[str] = []
    sign: str | None = None
    score: FiniteFloat | None = None
    confidence: FiniteFloat | None = None
    effect: FiniteFloat | None = None
    selection_frequency: FiniteFloat | None = None
    confirmed: bool | None = None
    supported_by: list[str] = []
    contradicted_by: list[str] = []
    novel_in: list[str] = []
    circular_support: list[str] = []
    evidence: list[str] = []
    citations: list[Citation] = []
    n_evidence: Count = 0
    n_opposite: Count = 0
    mechanism: Text | None = None
    mechanism_null: Share | None = None


class DrugRow(_Section):
    """One drug with its judged claims."""

    drug: Text
    name: Text
    targets: list[str] = []
    predictor_pearson: FiniteFloat | None = None
    naive_beaten: bool | None = None
    claims: list[ClaimRow] = []


class Planted(_Section):
    """Recall and precision against the planted truth of the demonstration."""

    recall: Share | None
    precision: Share | None
    selection: str | None = None


class Report(_Section):
    """The whole report."""

    schema_version: Literal[1]
    kind: Literal["real", "demonstration"]
    run: Run
    verdict: Verdict
    gates: list[Gate]
    predictor: Predictor | None = None
    precision: list[PrecisionRow] = []
    selective: list[SelectiveRow] = []
    faithfulness: list[dict[str, Any]] = []
    stability: list[dict[str, Any]] = []
    confounders: list[dict[str, Any]] = []
    attrition: list[dict[str, Any]] = []
    sources: list[Source] = []
    environment: dict[str, Any] = {}
    drugs: list[DrugRow] = []
    planted: Planted | None = None

    @model_validator(mode="after")
    def _verdict_follows(self) -> Report:
        bad = sorted(gate.id for gate in self.gates if gate.status in ("fail", "error"))
        if self.verdict.status == "PASS" and (bad or not self.gates):
            raise ValueError(f"a PASS needs gates and no failed or broken one, got {bad or 'no gates at all'}")
        if not self.gates and self.verdict.status != "FAIL":
            raise ValueError("no checks at all is a FAIL")
        ids = [gate.id for gate in self.gates]
        if len(set(ids)) != len(ids):
            raise ValueError("two gates have the same id")
        return self


def claim_state(claim: Mapping[str, Any]) -> str:
    """One of :data:`CLAIM_STATES`, from the references that support, contradict or lack the claim."""
    if claim.get("supported_by"):
        return "mixed" if claim.get("contradicted_by") else "supported"
    if claim.get("contradicted_by"):
        return "contradicted"
    return "novel" if claim.get("novel_in") else "untestable"


def check_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report as plain JSON values with sorted keys, checked against :class:`Report`.

    Raises
    ------
    DataError
        When a value is not finite, not JSON, or does not keep the contract; every breach is
        named with its place.
    """
    where = "report.json"
    broken = sorted(not_finite(report, "report"))
    if broken:
        raise DataError(
            "The report holds numbers that are not finite.",
            where=", ".join(broken[:5]),
            got=f"{len(broken)} such numbers",
            allowed="a finite number, or null with a reason",
        )
    try:
        text = canonical_json(report)
        Report.model_validate_json(text)
    except ValidationError as error:
        breaches = [f"{'.'.join(map(str, e['loc'])) or 'report'}: {e['msg']}" for e in error.errors()]
        raise DataError(
            f"The report breaks its contract in {len(breaches)} places.",
            where=where,
            got="; ".join(breaches[:8]),
            allowed="docs/report.md lists the keys and their types",
            action="mend the step that wrote this section; a broken report is never rendered",
        ) from error
    except (TypeError, ValueError) as error:
        raise DataError(f"The report is not plain JSON: {error}", where=where) from error
    value: dict[str, Any] = json.loads(text)
    return value
