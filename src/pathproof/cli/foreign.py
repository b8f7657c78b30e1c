"""`pathproof validate --explanations mine.csv`: anybody's explanations, with no model at all or with theirs."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathproof.cli import options as o
from pathproof.cli.facts import environment, without_run
from pathproof.cli.pipeline import Outcome, Pipeline, publish
from pathproof.cli.progress import Steps
from pathproof.config import Settings
from pathproof.errors import DataError, UsageError
from pathproof.graph_schema.screens import ingested_screen
from pathproof.workspace import Workspace, canonical_json, content_key, file_sha256, read_json, write_text

if TYPE_CHECKING:
    from pathproof.explain.screen_test import ScreenTest
    from pathproof.validate.claim_table import ClaimTable

STEPS_OF_TABLES = 3
FILES = ("explanations", "universe", "predictions", "perturbed")
LISTS = ("compare", "reference", "runs")
GIVE = "give a CSV with the columns drug, gene (or gene and gene2, module, pathway) and score"
OWN = (*FILES, *LISTS, "questions", "seen", "data_test")


@dataclass(frozen=True)
class Asked:
    """The files and wishes of one call.

    Parameters
    ----------
    explanations : Path
        What is judged.
    compare, references, runs : sequence of Path
        Other explainers, for the leaderboard; the user's own references; further runs of the judged explainer.
    universe, predictions, perturbed : Path, optional
    questions : Path, optional
        Where to write which genes a model should be asked about.
    seen : sequence of str, optional
        Sources of knowledge that the explainer had seen ("none" for none); None: nobody said.
    data_test : bool
        Whether to test the claims in the screen of the workspace.
    """

    explanations: Path
    compare: Sequence[Path] = ()
    references: Sequence[Path] = ()
    runs: Sequence[Path] = ()
    universe: Path | None = None
    predictions: Path | None = None
    perturbed: Path | None = None
    questions: Path | None = None
    seen: Sequence[str] | None = None
    data_test: bool = True

    @property
    def files(self) -> list[Path]:
        """All that are read."""
        single = (self.universe, self.predictions, self.perturbed)
        several = [self.explanations, *self.compare, *self.references, *self.runs]
        return several + [path for path in single if path is not None]


def asked_of(flags: Mapping[str, Any]) -> Asked | None:
    """What the flags ask; None without --explanations.

    Raises
    ------
    UsageError
        A flag that goes with --explanations stands alone.
    """
    if flags["explanations"] is None:
        alone = [name for name in (*LISTS, "universe", "predictions", "perturbed", "questions", "seen") if flags[name]]
        if alone:
            raise UsageError("These go with --explanations FILE.", got=", ".join(f"--{name}" for name in alone))
        return None
    if flags["refits"] is not None:
        raise UsageError("--refits fits our own model again; there is none behind --explanations FILE.")
    lists = {name: tuple(flags[name] or ()) for name in LISTS}
    return Asked(
        flags["explanations"],
        lists["compare"],
        lists["reference"],
        lists["runs"],
        **{name: flags[name] for name in ("universe", "predictions", "perturbed", "questions", "data_test")},
        seen=None if flags["seen"] is None else tuple(flags["seen"]),
    )


def validate_file(settings: Settings, asked: Asked, *, command: str) -> Outcome:
    """Score explanations of files against the knowledge of the workspace, and with what evidence comes with them.

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
    steps = Steps(o.err, STEPS_OF_TABLES + ingests + (settings.store is not None) + asked.data_test)
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
    from pathproof.validate.claims import names_of, together
    from pathproof.validate.claims_csv import claims_from_file
    from pathproof.validate.run import validate
    from pathproof.validate.user_references import reference_from_file

    settings = pipeline.settings
    with pipeline.step("read", "Read the explanations"):
        names = names_of(knowledge)
        tables = [claims_from_file(path, names, path.stem) for path in (asked.explanations, *asked.compare)]
        tables = _chosen(pipeline, knowledge, tables, manifest)
        references = [reference_from_file(path, names) for path in asked.references]
        evidence = _evidence(asked, names, manifest, pipeline.workspace)
    tested = _tested(pipeline) if asked.data_test else None
    with pipeline.step("validate", "Score the claims against the references and their nulls"):
        result = validate(
            knowledge,
            together(tables),
            {**_context(manifest, tables, pipeline.workspace), **evidence, "data_test": tested and (lambda: tested)},
            profile=settings.profile,
            seed=settings.seed,
            universe=genes,
            references=references,
        )
    if asked.questions is not None:
        _write_questions(asked.questions, result.questions)
    hashes = [[path.name, file_sha256(path)] for path in asked.files]
    told = [sorted(asked.seen) if asked.seen is not None else None, asked.data_test and settings.screen]
    told += [] if settings.drugs_not_in is None else [settings.drugs_not_in.lower()]
    key = content_key("foreign", hashes, manifest["key"], settings.seed, result.report["profile"], told)
    return _published(pipeline, result, key, store)


def _chosen(
    pipeline: Pipeline, knowledge: Any, tables: list[ClaimTable], manifest: Mapping[str, Any]
) -> list[ClaimTable]:
    """The tables with the drugs of their screen as base; where another screen is named, of compounds that it lacks."""
    from pathproof.validate.compounds import all_screened, based, lacking, same_as

    other, screens = pipeline.settings.drugs_not_in, all_screened(pipeline.workspace, manifest)
    without: frozenset[str] = frozenset()
    if other is not None:
        taken, rows = screens[ingested_screen(other, screens)], knowledge.rows("drugs")
        tables = [lacking(table, rows, other, taken) for table in tables]
        without = same_as(rows, taken)
    return [based(table, screens, pipeline.settings.screen, without) for table in tables]


def _published(pipeline: Pipeline, result: Any, key: str, store: Any) -> Outcome:
    from pathproof.validate.render import write_report

    workspace = pipeline.workspace
    with pipeline.step("report", "Write the report"):
        report = {**result.report, "environment": environment()}
        digest = hashlib.sha256(canonical_json(without_run(report)).encode()).hexdigest()
        if store is not None:
            store.write_validation(f"run:{key}", report["verdict"]["status"], digest, [])
        report["run"] = pipeline.run_block(key, store)
        with workspace.writing_step("foreign", key) as folder:
            write_report(report, result.claim_rows, folder)
        files = publish(workspace.step("foreign", key), pipeline.settings.out or workspace.run_folder(key))
    return Outcome(report, files, reused=False)


def _context(manifest: dict[str, Any], tables: Sequence[Any], workspace: Workspace) -> dict[str, Any]:
    from pathproof.validate.anybody import context_of

    return context_of(manifest, tables, workspace)


def _evidence(asked: Asked, names: Any, manifest: dict[str, Any], workspace: Workspace) -> dict[str, Any]:
    """What comes with the explanations, read and checked."""
    from pathproof.validate.circularity import seen_sources
    from pathproof.validate.claims_csv import claims_from_file
    from pathproof.validate.runs import one_explainer
    from pathproof.validate.stored import cell_line_names, perturbed_from_file, predictions_from_file

    found: dict[str, Any] = {"wants_questions": asked.questions is not None}
    found["runs"] = [claims_from_file(path, names, path.stem) for path in asked.runs]
    for table in found["runs"]:
        one_explainer(table)
    if asked.predictions is not None:
        found["predictions"] = predictions_from_file(asked.predictions, names)
    if asked.perturbed is not None:
        found["perturbed"] = perturbed_from_file(asked.perturbed, names, cell_line_names(workspace))
    if asked.seen is not None:
        found["model_sources"] = seen_sources(asked.seen, [row["name"] for row in manifest["sources"]])
    return found


def _tested(pipeline: Pipeline) -> ScreenTest | None:
    """The screen's own tests; None where the workspace holds no screen or no features."""
    from pathproof.explain.screen_test import screen_test

    workspace, settings = pipeline.workspace, pipeline.settings
    with pipeline.step("screen", "Test every gene in the screen, beyond lineage and fragility") as report:
        if not (workspace.tables / "expression.parquet").is_file():
            o.err.print("note: the workspace holds no expression, so no claim is tested in a screen", markup=False)
            return None
        return screen_test(workspace, screen=settings.screen, max_rmse=settings.max_rmse, progress=report)


def _write_questions(path: Path, questions: Sequence[Any]) -> None:
    """The sets of genes to replace, as a CSV whose drug and genes columns --perturbed takes."""
    lines = ["drug,genes,purpose", *(f"{one.drug},{'|'.join(one.genes)},{one.purpose}" for one in questions)]
    write_text(path, "\n".join(lines) + "\n")


def _check_readable(path: Path) -> None:
    if path.is_dir():
        raise DataError("This is a folder, and a file is needed.", where=path, got=_beside(path), action=GIVE)
    if not path.is_file():
        raise DataError("There is no such file.", where=path, got=_beside(path.parent), action=GIVE)


def _beside(folder: Path) -> str | None:
    near = sorted(path.name for path in folder.glob("*.csv"))[:5] if folder.is_dir() else []
    return f"CSV files there: {', '.join(near)}" if near else None


def _read_universe(path: Path) -> list[str]:
    try:
        genes = sorted({line.strip() for line in path.read_text(encoding="utf-8").splitlines()} - {""})
    except UnicodeDecodeError as error:
        raise DataError("The universe is not a text file.", where=path, got=error) from error
    if not genes:
        raise DataError("The universe is empty.", where=path, action="one gene symbol a line")
    return genes
