"""`pathproof explain --explainer multivariate`: chosen drugs, over all lines or some, as files and as subgraphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import pandas as pd

from pathproof.cli import options as o
from pathproof.cli.explain_text import flips_said, lines_said, named_flips, rules_said
from pathproof.cli.facts import workers as usable
from pathproof.cli.pipeline import STEPS, Job, Pipeline, pathway_sets
from pathproof.cli.progress import Steps
from pathproof.config import Settings
from pathproof.errors import UsageError, nearest
from pathproof.graph_schema.records import ClaimKind, Explanation
from pathproof.graph_schema.screens import ingested_screen
from pathproof.workspace import Workspace, write_json, write_text

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.multivariate.run import MultivariateResult

MULTIVARIATE, OWN = "multivariate", "pathproof"
EXPLAINERS = (OWN, MULTIVARIATE)
SHOWN_RULES = 6
NAMING: dict[ClaimKind, tuple[str, ...]] = {ClaimKind.GENE: ("gene",), ClaimKind.INTERACTION: ("gene", "gene2")}


@dataclass(frozen=True)
class Asked:
    """What one call asks for; empty: all drugs, all lines.

    Parameters
    ----------
    drugs : sequence of str
        Names, ids or numbers.
    lines : sequence of str
        Names or ids of cell lines.
    tissues : sequence of str
    members : int or None
    flips : sequence of str
        Names or ids of the lines that counterfactuals are looked for in.
    cluster : str or None
        As in `pathproof train`.
    """

    drugs: Sequence[str] = ()
    lines: Sequence[str] = ()
    tissues: Sequence[str] = ()
    members: int | None = None
    flips: Sequence[str] = ()
    cluster: str | None = None

    @property
    def any(self) -> bool:
        """Whether anything was asked that only the multivariate explainer knows."""
        named = self.drugs or self.lines or self.tissues or self.flips
        return bool(named) or self.members is not None or self.cluster is not None


def checked_explainer(name: str | None, asked: Asked) -> str:
    """The explainer that is meant; options that it does not know are refused (UsageError)."""
    chosen = OWN if name is None else name.lower()
    if chosen not in EXPLAINERS:
        raise UsageError(
            "There is no such explainer.",
            got=name,
            allowed=", ".join(EXPLAINERS),
            nearest=nearest(chosen, EXPLAINERS),
        )
    if chosen == OWN and asked.any:
        raise UsageError(
            "--drug, --lines, --tissue, --members, --flip and --cluster are of the multivariate explainer.",
            got=f"explainer {OWN}, which explains all drugs over all lines",
            action=f"add --explainer {MULTIVARIATE}",
        )
    return chosen


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
    steps = Steps(o.err, STEPS["explain"] + 1 + bool(asked.flips))
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


def write_files(
    result: MultivariateResult,
    out: Path,
    flipped: Sequence[Any] | None = None,
    rules: Sequence[str] = (),
) -> dict[str, Path]:
    """Write the records, each explainer's claims with their confidence, rules, figures, summary; give their paths."""
    from pathproof.explain.multivariate.figures import figures

    records = [*result.explanations, *result.peers]
    write_text(out / "explanations.jsonl", "".join(one.to_json() + "\n" for one in records))
    write_json(out / "summary.json", result.summary)
    scored = [one for one in records if one.scope != "cell_line"]  # references speak of drugs, not of one line
    explainers = sorted({one.explainer for one in scored})
    for name in explainers:
        rows = claim_rows([one for one in scored if one.explainer == name])
        write_text(out / f"{name}.csv", rows.to_csv(index=False))
    files = ["explanations.jsonl", "summary.json", *(f"{name}.csv" for name in explainers)]
    if rules:
        files.append("rules.txt")
        write_text(out / files[-1], "".join(f"{text}\n" for text in rules))
    drawn = [(one, name, text) for one in result.explanations for name, text in figures(one).items()]
    for one, name, text in drawn:
        write_text(out / "figures" / f"{one.drug.replace(':', '_')}-{name}.svg", text)
    if drawn:
        files.append("figures")
    if flipped is not None:
        files.append("counterfactuals.json")
        write_json(out / files[-1], list(flipped))
    return {name: (out / name).resolve() for name in files}


def claim_rows(explanations: Sequence[Explanation]) -> pd.DataFrame:
    """Claims but rules, with their confidence, in the columns that `pathproof validate --explanations` reads.

    Not confirmed ones too: `validate` ranks by confidence. A confidence of 0, where model or data say the opposite, is
    no claim.
    """
    columns = ("drug", "gene", "gene2", "module", "pathway", "score", "sign", "confidence", "layer", "screen")
    rows: list[Mapping[str, Any]] = []
    for record in explanations:
        for claim in record.claims:
            if claim.confidence == 0 or claim.kind is ClaimKind.RULE:  # no reference speaks of rules
                continue
            named = dict(zip(NAMING.get(claim.kind, ()), claim.genes, strict=False))
            if claim.kind is ClaimKind.MODULE:
                named = {"module": "|".join(claim.genes)}
            if claim.pathway is not None:
                named = {"pathway": claim.pathway}
            layers = set(claim.layers)
            rows.append(
                {
                    **named,
                    "drug": record.drug,
                    "score": claim.value,
                    "sign": None if claim.sign is None else claim.sign.value,
                    "confidence": claim.confidence,
                    "layer": layers.pop() if len(layers) == 1 else None,
                    "screen": record.screen,
                    "explainer": record.explainer,
                }
            )
    return pd.DataFrame(rows, columns=[*columns, "explainer"])


def drugs_named(dataset: Dataset, names: Sequence[str]) -> list[int]:
    """Columns of the named drugs, all of them for no name; a name that several ids share stands for each.

    Raises
    ------
    UsageError
        With every drug that the model was not trained on.
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
            f"The model was not trained on this {what}.",
            got=", ".join(wrong),
            allowed=allowed,
            nearest=nearest(wrong[0], shown),
        )
