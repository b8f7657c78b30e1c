"""`pathproof explain --explainer multivariate`: chosen drugs, over all lines or some, as files and as subgraphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from pathproof.cli import options as o
from pathproof.cli.explain_files import write_files
from pathproof.cli.explain_text import flips_said, lines_said, named_flips, rules_said
from pathproof.cli.explainers import Asked
from pathproof.cli.facts import workers as usable
from pathproof.cli.pipeline import STEPS, Job, Pipeline, pathway_sets
from pathproof.cli.progress import Steps
from pathproof.config import Settings
from pathproof.errors import UsageError, nearest
from pathproof.graph_schema.screens import ingested_screen
from pathproof.workspace import Workspace

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset

SHOWN_RULES = 6


def explain_multivariate(settings: Settings, asked: Asked, *, command: str) -> tuple[str, dict[str, Path]]:
    """Explain the chosen drugs of the trained model, store the records, and write them as files.

    Returns
    -------
    str
        How faithful and how stable the explanations are, in one sentence; what was asked of single lines; and the
        first rules, one a line.
    dict of name to Path
        explanations.jsonl (the records), summary.json, rules.txt, figures (a folder of SVG files), and for each
        explainer a CSV of its claims, for `validate --explanations` and `--compare` (not for one line).

    Raises
    ------
    UsageError
        A drug, line or tissue that the model was not trained on, or too few members.
    DataError
        Too few lines.
    """
    from pathproof.explain.multivariate.counterfactual import flips
    from pathproof.explain.multivariate.run import MultivariateConfig, Where, explain_drugs

    given = {"seed": settings.seed, **({} if asked.members is None else {"members": asked.members})}
    config = MultivariateConfig(**given)  # a wrong number is said before any work
    where = Where(usable(settings.workers), asked.cluster)
    steps = Steps(o.err, STEPS["explain"] + bool(asked.flips))
    pipeline = Pipeline(settings, steps, command=command)
    with pipeline.workspace.lock():
        manifest = pipeline.ingest()
        ingested_screen(settings.screen, [one["name"] for one in manifest["screens"]])
        with pipeline.store() as store:
            job = Job(settings, pipeline.workspace, store, steps)
            drugs = drugs_named(job.dataset, asked.drugs)
            lines = lines_named(job.dataset, pipeline.workspace, asked.lines, asked.tissues)
            turned = lines_named(job.dataset, pipeline.workspace, asked.flips, ()) or []
            trained = job.trained
            with steps.step("explain", f"Explain {len(drugs)} drugs by surrogates, and ask model and data") as report:
                sets = pathway_sets(store)
                result = explain_drugs(
                    job.dataset, job.graph, pipeline.workspace, trained, sets, drugs, lines, config, report, where
                )
            with steps.step("store", "Store the explanations as subgraphs") as report:
                store.write_explanations(result.model, result.explanations, report)
            flipped = None
            if turned:
                with steps.step("flip", f"Look for what flips the model in {len(turned)} lines"):
                    flipped = flips(trained.load_model(), job.dataset, drugs, result.slopes, turned)
    out = settings.out or pipeline.workspace.root / "explanations" / result.key
    rules = rules_said(result.explanations)
    names = line_names(job.dataset, pipeline.workspace) if turned or (lines and len(lines) == 1) else {}
    known = dict(zip(job.dataset.drugs, job.dataset.drug_names, strict=True))
    files = write_files(result, out, None if flipped is None else named_flips(flipped, known, names), rules)
    told = [*lines_said(result.explanations, names), *flips_said(flipped or (), known, names)]
    return "\n".join([sentence(result.summary), *told, *rules[:SHOWN_RULES]]), files


def line_names(dataset: Dataset, workspace: Workspace) -> dict[str, str]:
    """Name of each cell line of the data set by its id; "" where it has none."""
    from pathproof.explain.responses import read_table

    table = read_table(workspace.tables / "cell_lines.parquet").drop_duplicates("cell_line").set_index("cell_line")
    return {str(line): str(name) for line, name in table["name"].reindex(list(dataset.cell_lines)).fillna("").items()}


def sentence(summary: Mapping[str, Any]) -> str:
    """Medians over the drugs, with what chance would give."""

    def middle(name: str) -> str:
        known = [value for value in summary[name] if value is not None]
        return f"{median(known):.2f}" if known else "not known"

    return (
        f"Overlap of the {summary['top']} strongest genes {middle('jaccard_lines')} over models fitted on other lines, "
        f"{middle('jaccard_seeds')} over seeds (chance {summary['chance']:.3f}); R2 against the model on unseen lines "
        f"{middle('fidelity')} (plain ridge {middle('ridge')}); medians of {len(summary['drugs'])} drugs."
    )


def drugs_named(dataset: Dataset, names: Sequence[str]) -> list[int]:
    """Columns of the named drugs, all of them for no name; a name that several ids share stands for each.

    Raises
    ------
    UsageError
        With every drug that the screen does not hold.
    """
    if not names:
        return list(range(len(dataset.drugs)))
    known: dict[str, set[int]] = {}
    for i, (drug, name) in enumerate(zip(dataset.drugs, dataset.drug_names, strict=True)):
        for text in (drug, drug.rsplit(":", 1)[-1], name):
            known.setdefault(text.lower(), set()).add(i)
    shown = [*dataset.drug_names, *dataset.drugs]
    _refuse_unknown(names, known, shown, "drug", f"the {len(dataset.drugs)} drugs of {dataset.screen}")
    return sorted({i for name in names for i in known[name.lower()]})


def lines_named(
    dataset: Dataset, workspace: Workspace, lines: Sequence[str], tissues: Sequence[str]
) -> list[int] | None:
    """Rows of the named lines and of the lines of the named tissues; None for all.

    Raises
    ------
    UsageError
        With every line and tissue that the model was not trained on.
    """
    if not lines and not tissues:
        return None
    known: dict[str, set[int]] = {}
    names = line_names(dataset, workspace)
    for i, line in enumerate(dataset.cell_lines):
        for text in {line, line.rsplit(":", 1)[-1], names[line]} - {""}:
            known.setdefault(text.lower(), set()).add(i)
    homes: dict[str, set[int]] = {}
    for i, tissue in enumerate(dataset.tissue):
        homes.setdefault(tissue.lower(), set()).add(i)
    _refuse_unknown(lines, known, list(names.values()), "line", "lines with expression and response")
    _refuse_unknown(tissues, homes, dataset.tissues, "tissue", ", ".join(dataset.tissues))
    rows = {i for name in lines for i in known[name.lower()]}
    return sorted(rows | {i for name in tissues for i in homes[name.lower()]})


def _refuse_unknown(
    names: Sequence[str], known: Mapping[str, set[int]], shown: Sequence[str], what: str, allowed: str
) -> None:
    wrong = [name for name in names if name.lower() not in known]
    if wrong:
        raise UsageError(
            "The screen does not hold this drug." if what == "drug" else f"The model was not trained on this {what}.",
            got=", ".join(wrong),
            allowed=allowed,
            nearest=nearest(wrong[0], shown),
            action=f"name it as the data do, by name or id; without the option, every {what} is taken",
        )
