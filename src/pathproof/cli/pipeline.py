"""The whole job as steps that resume: ingest, load, train, explain, validate, report."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pathproof
from pathproof.cli.facts import code_key, environment, git_commit, peak_rss_mb, without_run, without_seconds, workers
from pathproof.cli.progress import Report, Steps
from pathproof.cli.refit import claim_reader, refits_asked, refits_of
from pathproof.config import Settings
from pathproof.graph_schema.screens import ingested_screen
from pathproof.ingest.demo import TRUTH_FILE, is_demo
from pathproof.workspace import Workspace, canonical_json, content_key, read_json, require_no_real_data, require_outside

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset, GeneGraph
    from pathproof.explain.run import ExplainResult
    from pathproof.explain.train import TrainResult
    from pathproof.graph_schema.store import GraphStore

Stage = Literal["ingest", "train", "explain", "validate"]
STEPS: dict[Stage, int] = {"ingest": 2, "train": 3, "explain": 5, "validate": 7}
HELD = """
MATCH (d:Dataset {id: 'dataset:knowledge', key: $knowledge, complete: true})
MATCH (v:ValidationRun {id: $run})
OPTIONAL MATCH (v)-[j:JUDGED]->()
WITH v, count(j) AS judged
OPTIONAL MATCH (v)-[:JUDGED]->()-[r:SUPPORTED_BY|CONTRADICTED_BY]->()
WHERE r.run = $run
RETURN judged, count(r) AS evidence
"""  # no row without the data set or the run
REPORT_FILES = ("report.json", "report.html", "claims.csv", "junit.xml", "summary.md")


@dataclass(frozen=True)
class Outcome:
    """What a run ended with: the report, where it lies, and whether it was there already."""

    report: dict[str, Any]
    files: dict[str, Path]
    reused: bool


class Pipeline:
    """One call of `pathproof run`, or of one of its stages."""

    def __init__(self, settings: Settings, steps: Steps, *, command: str) -> None:
        self.settings = settings
        require_outside(settings.workspace, settings.data)
        self.workspace = Workspace.open(settings.workspace)
        self.kind = "demonstration" if settings.data is None or is_demo(Path(settings.data)) else "real"
        self.step, self._steps = steps.step, steps
        self._command = command
        self._started = time.monotonic()

    def data_folder(self) -> Path:
        """The folder of the providers' files; for the demonstration it is written first."""
        if self.settings.data is not None:
            return Path(self.settings.data)
        require_no_real_data(self.workspace.root)
        from pathproof.ingest.demo.world import WorldParameters, write_demo

        key = content_key("demo", code_key("ingest/demo"), self.settings.seed)
        if not self.workspace.is_done("demo", key):
            with self.workspace.writing_step("demo", key) as folder:
                write_demo(folder, WorldParameters(seed=self.settings.seed))
        return self.workspace.step("demo", key)

    def ingest(self) -> dict[str, Any]:
        """Read the providers' files into the workspace; returns the manifest."""
        from pathproof.ingest.pipeline import ingest
        from pathproof.ingest.report.folder import require_all

        with self.step("ingest", "Read and check the data") as report:
            require_all(self.data_folder())
            manifest = ingest(self.data_folder(), self.workspace, kind=self.kind, progress=report)
        told = ((one, text) for one in manifest["sources"] for text in one.get("warnings", ()))
        self._steps.say(f"{one['title']}: {text} ({one['file']})" for one, text in told)
        return manifest

    @contextlib.contextmanager
    def store(self) -> Iterator[GraphStore]:
        """The open store with the knowledge graph in it."""
        with open_store_of(self.settings, self.workspace) as store:
            with self.step("load", f"Load the knowledge graph ({store.kind})") as report:
                store.load_knowledge(self.workspace, report)
            self._steps.say(store.notices)
            yield store

    def run(self, until: Stage = "validate") -> Outcome | dict[str, Any]:
        """Run up to a stage; what is already done is not done again."""
        manifest = self.ingest()
        if until != "ingest":
            for name in {self.settings.screen, self.settings.drugs_not_in} - {None}:
                ingested_screen(name, [one["name"] for one in manifest["screens"]])
        if until == "validate":
            ready = self._ready(manifest)
            if ready is not None:
                return ready
        with self.store() as store:
            if until == "ingest":
                return manifest
            job = Job(self.settings, self.workspace, store, self._steps)
            if until == "train":
                return job.trained.predictor
            explained = job.explained
            with self.step("store", "Store the explanations as subgraphs") as report:
                store.write_explanations(explained.model, explained.explanations, report)
            if until == "explain":
                return {"explanations": len(explained.explanations)}
            return self._validate(manifest, store, job)

    def run_key(self, manifest: dict[str, Any]) -> str:
        """Key of everything that decides the report: data, screen, code, seed and what the profile asks."""
        from pathproof.validate.profiles import criteria_of

        asked = self.settings
        chosen = [asked.screen.lower(), asked.max_rmse, asked.seed, criteria_of(asked.profile), refits_asked(asked)]
        chosen += [] if asked.drugs_not_in is None else [asked.drugs_not_in.lower()]
        return content_key("run", manifest["key"], self.kind, code_key(), *chosen)

    def _ready(self, manifest: dict[str, Any]) -> Outcome | None:
        """The finished run with the same key, when its files and all that it left in the store are still there."""
        key = self.run_key(manifest)
        if not self.workspace.is_done("report", key):
            return None
        folder = self.workspace.step("report", key)
        with open_store_of(self.settings, self.workspace) as store:
            held = store.read(HELD, {"knowledge": manifest["key"], "run": f"run:{key}"})
        if held != [read_json(folder / "done.json")["held"]]:
            return None
        return Outcome(read_json(folder / "report.json"), self._publish(key), reused=True)

    def _validate(self, manifest: dict[str, Any], store: GraphStore, job: Job) -> Outcome:
        from pathproof.graph_schema.mechanism import shortest_paths
        from pathproof.validate.render import write_report
        from pathproof.validate.run import validate

        key = self.run_key(manifest)
        claims, context = job.explained.explanations, job.context(manifest, self.kind, self.data_folder())
        with self.step("validate", "Score the claims against the references and their nulls") as report_to:
            job.report = report_to
            read = claim_reader(self.settings, self.workspace, store)
            result = validate(
                store,
                read(claims),
                {
                    **context,
                    "refits": refits_of(self.settings, job, read),
                    "mechanisms": partial(shortest_paths, store),
                },
                profile=self.settings.profile,
                seed=self.settings.seed,
            )
        with self.step("report", "Write the report") as _:
            report = {**result.report, "environment": environment()}
            digest = hashlib.sha256(canonical_json(without_run(report)).encode()).hexdigest()
            store.write_validation(f"run:{key}", report["verdict"]["status"], digest, result.judgements)
            seconds = {row["name"]: row["fit_seconds"] for row in job.trained.predictor["models"]}
            report["run"] = {**self.run_block(key, store), "fit_seconds": seconds}
            held = store.read(HELD, {"knowledge": manifest["key"], "run": f"run:{key}"})[0]
            with self.workspace.writing_step("report", key, {"held": held}) as folder:
                write_report(report, result.claim_rows, folder)
        return Outcome(report, self._publish(key), reused=False)

    def _publish(self, key: str) -> dict[str, Path]:
        """Copy the finished report to where the user wants it."""
        return publish(self.workspace.step("report", key), self.settings.out or self.workspace.run_folder(key))

    def run_block(self, key: str, store: GraphStore | None) -> dict[str, Any]:
        """The one block of the report that differs between two equal runs."""
        return {
            "id": f"run:{key}",
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "version": pathproof.__version__,
            "git_commit": git_commit(),
            "command": self._command,
            "config": {name: value for name, value, _, _ in self.settings.table()},
            "seed": self.settings.seed,
            "wall_seconds": round(time.monotonic() - self._started, 1),
            "step_seconds": dict(self._steps.seconds),
            "peak_rss_mb": peak_rss_mb(),
            "store": None if store is None else {"kind": store.kind, "uri": store.uri, "server": store.server},
        }


class Job:
    """Dataset, model and explanations of one run, each made when first asked for."""

    def __init__(self, settings: Settings, workspace: Workspace, store: GraphStore, steps: Steps) -> None:
        self._settings = settings
        self.workspace = workspace
        self._store = store
        self._step = steps.step
        self.report: Report = lambda _message, _fraction: None

    @cached_property
    def dataset(self) -> Dataset:
        """The tables as arrays."""
        from pathproof.explain.data import load_dataset

        return load_dataset(self.workspace, screen=self._settings.screen, max_rmse=self._settings.max_rmse)

    @cached_property
    def graph(self) -> GeneGraph:
        """The gene graph, read from the store once."""
        from pathproof.explain.data import gene_graph

        return gene_graph(self._store, self.dataset.genes)

    @cached_property
    def trained(self) -> TrainResult:
        """The scored predictors."""
        from pathproof.explain.train import TrainConfig, train
        from pathproof.explain.wide import Wide

        config = TrainConfig(seed=self._settings.seed, workers=workers(self._settings.workers))
        with self._step("train", "Train and score the predictors on unseen cell lines") as report:
            wide = Wide(self.workspace, self.dataset)
            return train(self.dataset, self.graph, self.workspace, config, report, wide)

    @cached_property
    def explained(self) -> ExplainResult:
        """The explanations of the ensemble and of its peers."""
        from pathproof.explain.run import ExplainConfig, explain

        trained = self.trained
        config = ExplainConfig(seed=self._settings.seed)
        with self._step("explain", "Explain the model and confirm every claim on it") as report:
            sets = pathway_sets(self._store)
            return explain(self.dataset, self.graph, self.workspace, trained, sets, config, report)

    def context(self, manifest: dict[str, Any], kind: str, data: Path) -> dict[str, Any]:
        """What the validation must know and cannot find out by itself."""
        from pathproof.explain.responses import attrition_of
        from pathproof.explain.run import LIMITS
        from pathproof.validate.knowledge_tables import gene_traits

        explained, planted = self.explained, data / TRUTH_FILE
        return {
            "kind": kind,
            "run": {},
            "predictor": without_seconds(self.trained.predictor),
            "explained_explainer": "pathproof",
            "stability": explained.stability,
            "faithfulness": explained.faithfulness,
            "confounders": explained.confounders,
            "attrition": attrition_of(manifest["screens"], self.dataset),
            "sources": manifest["sources"],
            "model_sources": list(explained.model.sources),
            "planted": read_json(planted) if kind == "demonstration" else None,
            "universe": list(explained.model.universe),
            "gene_traits": gene_traits(self.workspace),
            "limits": list(LIMITS),
        }


def pathway_sets(store: GraphStore) -> dict[str, tuple[str, ...]]:
    """Pathway CURIE -> symbols of its members, read from the graph."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for row in store.rows("pathway-members"):
        members[row["pathway"]].append(row["gene"])
    return {pathway: tuple(sorted(genes)) for pathway, genes in sorted(members.items())}


def open_store_of(settings: Settings, workspace: Workspace) -> GraphStore:
    """Open the store that the settings name."""
    from pathproof.graph_schema.store import open_store

    return open_store(
        settings.store,
        workspace,
        user=settings.store_user,
        password=settings.password(),
        database=settings.store_database,
    )


def publish(made: Path, out: Path) -> dict[str, Path]:
    """Copy the report's files to a folder, each under its final name only when whole."""
    files = {}
    for name in REPORT_FILES:
        target = out / name
        out.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{name}.part")
        shutil.copyfile(made / name, part)
        part.replace(target)
        files[name] = target.resolve()
    return files
