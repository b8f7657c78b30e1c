"""`pathproof validate --explanations mine.csv`: anybody's explanations, with no model at all."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pathproof.cli import options as o
from pathproof.cli.facts import environment, without_run
from pathproof.cli.pipeline import Outcome, Pipeline, publish
from pathproof.cli.progress import Steps
from pathproof.config import Settings
from pathproof.errors import DataError
from pathproof.workspace import canonical_json, content_key, file_sha256, read_json

STEPS_WITHOUT_INGEST = 4


def validate_file(settings: Settings, explanations: Path, universe: Path | None, *, command: str) -> Outcome:
    """Score a CSV of explanations against the knowledge of the workspace.

    The knowledge is that of `--data` when given, else what the workspace holds, else the
    demonstration's.

    Raises
    ------
    DataError
        When the file or the universe cannot be read; all bad lines are named at once.
    """
    _check_readable(explanations)
    genes = None if universe is None else _read_universe(universe)
    ingests = settings.data is not None or not _manifest(settings).is_file()
    pipeline = Pipeline(settings, Steps(o.err, STEPS_WITHOUT_INGEST + ingests), command=command)
    with pipeline.workspace.lock():
        manifest = _knowledge(pipeline, ingests=ingests)
        with pipeline.store() as store:
            return _score(pipeline, store, manifest, explanations, genes)


def _manifest(settings: Settings) -> Path:
    return Path(settings.workspace) / "manifest.json"


def _knowledge(pipeline: Pipeline, *, ingests: bool) -> dict[str, Any]:
    if ingests:
        return pipeline.ingest()
    manifest: dict[str, Any] = read_json(_manifest(pipeline.settings))
    pipeline.kind = manifest["kind"]
    return manifest


def _score(
    pipeline: Pipeline, store: Any, manifest: dict[str, Any], explanations: Path, genes: list[str] | None
) -> Outcome:
    from pathproof.validate.claims import claims_from_file
    from pathproof.validate.render import write_report
    from pathproof.validate.run import validate

    workspace, settings = pipeline.workspace, pipeline.settings
    with pipeline.step("read", "Read the explanations"):
        claims = claims_from_file(explanations, store)
    with pipeline.step("validate", "Score the claims against the references and their nulls"):
        context = {
            "kind": manifest["kind"],
            "run": {},
            "predictor": None,
            "explained_explainer": None,
            "stability": [],
            "faithfulness": [],
            "confounders": [],
            "attrition": manifest["attrition"],
            "sources": manifest["sources"],
            "model_sources": None,
            "planted": None,
            "universe": genes,
        }
        result = validate(store, claims, context, profile=settings.profile, seed=settings.seed, universe=genes)
    key = content_key("foreign", file_sha256(explanations), manifest["key"], settings.seed, settings.profile, genes)
    with pipeline.step("report", "Write the report"):
        report = {**result.report, "environment": environment()}
        digest = hashlib.sha256(canonical_json(without_run(report)).encode()).hexdigest()
        store.write_validation(f"run:{key}", report["verdict"]["status"], digest, [])
        report["run"] = pipeline.run_block(key, store)
        with workspace.writing_step("foreign", key) as folder:
            write_report(report, result.claim_rows, folder)
        files = publish(workspace.step("foreign", key), settings.out or workspace.run_folder(key))
    return Outcome(report, files, reused=False)


def _check_readable(path: Path) -> None:
    if not path.is_file():
        near = sorted(p.name for p in path.parent.glob("*.csv"))[:5] if path.parent.is_dir() else []
        raise DataError(
            "There is no such file.",
            where=path,
            got=f"CSV files beside it: {', '.join(near)}" if near else None,
            action="give a CSV with the columns drug, gene (or gene and gene2, module, pathway) and score",
        )


def _read_universe(path: Path) -> list[str]:
    _check_readable(path)
    try:
        genes = sorted({line.strip() for line in path.read_text(encoding="utf-8").splitlines()} - {""})
    except UnicodeDecodeError as error:
        raise DataError("The universe is not a text file.", where=path, got=error) from error
    if not genes:
        raise DataError("The universe is empty.", where=path, action="one gene symbol a line")
    return genes
