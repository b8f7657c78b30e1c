"""`pathproof validate --explanations mine.csv`: anybody's explanations, with no model at all."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pathproof.cli import options as o
from pathproof.cli.facts import environment, without_run
from pathproof.cli.pipeline import Outcome, Pipeline, publish
from pathproof.cli.progress import Steps
from pathproof.config import Settings
from pathproof.errors import DataError
from pathproof.workspace import canonical_json, content_key, file_sha256, read_json

STEPS_OF_TABLES = 3


@dataclass(frozen=True)
class Asked:
    """The files of one call.

    Parameters
    ----------
    explanations : Path
        What is judged.
    compare : sequence of Path
        Other explainers, for the leaderboard.
    references : sequence of Path
        The user's own references.
    universe : Path, optional
    """

    explanations: Path
    compare: Sequence[Path] = ()
    references: Sequence[Path] = ()
    universe: Path | None = None

    @property
    def files(self) -> list[Path]:
        """All of them."""
        return [self.explanations, *self.compare, *self.references, *([self.universe] if self.universe else [])]


def validate_file(settings: Settings, asked: Asked, *, command: str) -> Outcome:
    """Score explanations of files against the knowledge of the workspace.

    The knowledge is that of `--data` when given, else what the workspace holds, else the
    demonstration's. It is read from the workspace's tables: a store is opened only when one is
    named, and then the run is written into it.

    Raises
    ------
    DataError
        When a file cannot be read; all bad lines of it are named at once.
    """
    for path in asked.files:
        _check_readable(path)
    genes = None if asked.universe is None else _read_universe(asked.universe)
    ingests = settings.data is not None or not _manifest(settings).is_file()
    steps = Steps(o.err, STEPS_OF_TABLES + ingests + (settings.store is not None))
    pipeline = Pipeline(settings, steps, command=command)
    with pipeline.workspace.lock():
        manifest = _knowledge(pipeline, ingests=ingests)
        with _source(pipeline) as (knowledge, store):
            return _score(pipeline, knowledge, store, manifest, asked, genes)


def _manifest(settings: Settings) -> Path:
    return Path(settings.workspace) / "manifest.json"


def _knowledge(pipeline: Pipeline, *, ingests: bool) -> dict[str, Any]:
    if ingests:
        return pipeline.ingest()
    manifest: dict[str, Any] = read_json(_manifest(pipeline.settings))
    pipeline.kind = manifest["kind"]
    return manifest


@contextlib.contextmanager
def _source(pipeline: Pipeline) -> Iterator[tuple[Any, Any]]:
    """What answers the queries, and the store that the run is written into (None: no store was named)."""
    from pathproof.validate.knowledge_tables import KnowledgeTables

    if pipeline.settings.store is None:
        yield KnowledgeTables(pipeline.workspace), None
    else:
        with pipeline.store() as store:
            yield store, store


def _score(
    pipeline: Pipeline, knowledge: Any, store: Any, manifest: dict[str, Any], asked: Asked, genes: list[str] | None
) -> Outcome:
    from pathproof.validate.anybody import context_of
    from pathproof.validate.claims import names_of, together
    from pathproof.validate.claims_csv import claims_from_file
    from pathproof.validate.render import write_report
    from pathproof.validate.run import validate
    from pathproof.validate.user_references import reference_from_file

    workspace, settings = pipeline.workspace, pipeline.settings
    with pipeline.step("read", "Read the explanations"):
        names = names_of(knowledge)
        tables = [claims_from_file(path, names, path.stem) for path in (asked.explanations, *asked.compare)]
        references = [reference_from_file(path, names) for path in asked.references]
    with pipeline.step("validate", "Score the claims against the references and their nulls"):
        result = validate(
            knowledge,
            together(tables),
            context_of(manifest, tables, workspace),
            profile=settings.profile,
            seed=settings.seed,
            universe=genes,
            references=references,
        )
    hashes = [[path.name, file_sha256(path)] for path in asked.files]
    key = content_key("foreign", hashes, manifest["key"], settings.seed, result.report["profile"])
    with pipeline.step("report", "Write the report"):
        report = {**result.report, "environment": environment()}
        digest = hashlib.sha256(canonical_json(without_run(report)).encode()).hexdigest()
        if store is not None:
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
    try:
        genes = sorted({line.strip() for line in path.read_text(encoding="utf-8").splitlines()} - {""})
    except UnicodeDecodeError as error:
        raise DataError("The universe is not a text file.", where=path, got=error) from error
    if not genes:
        raise DataError("The universe is empty.", where=path, action="one gene symbol a line")
    return genes
