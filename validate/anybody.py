"""Anybody's explanations, without a store or a network: `pathproof.validate(frame)` in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

import pandas as pd

from pathproof.errors import UsageError, nearest
from pathproof.graph_schema.screens import DEFAULT_SCREEN
from pathproof.validate.circularity import seen_sources
from pathproof.validate.claim_table import ClaimTable
from pathproof.validate.claims import names_of, together
from pathproof.validate.claims_csv import Names, claims_from_file, claims_from_frame
from pathproof.validate.compounds import all_screened, based
from pathproof.validate.deletion import Model, Predict
from pathproof.validate.knowledge_tables import KnowledgeTables, gene_traits
from pathproof.validate.render import write_report
from pathproof.validate.run import ValidationResult, judged_explainer
from pathproof.validate.run import validate as judge
from pathproof.validate.stored import cell_line_names, perturbed_from_file, predictions_from_file
from pathproof.validate.support import DataTest, Tested
from pathproof.validate.user_references import UserReference, reference_from_file, reference_from_frame
from pathproof.workspace import DEFAULT_NAME, Workspace, content_key, read_json

Table = pd.DataFrame | Path | str
Tables = Table | Sequence[Table] | Mapping[str, Table]


class Beside(TypedDict, total=False):
    """Evidence beside the explanations, all of it optional.

    Parameters
    ----------
    data_test : object or callable
        Tests of every gene in a screen, as :func:`pathproof.explain.screen_test.screen_test` gives them.
    runs : tables as the explanations
        Further runs of the same explainer on other cell lines: stability.
    model, inputs : callable and DataFrame
        Your model, from features (cell lines x features) to predictions (the same lines x drugs), and the lines to
        ask it about: faithfulness (:class:`pathproof.validate.deletion.Model`).
    predictions, perturbed : path
        Stored predictions: on unseen lines, and with genes replaced (:mod:`pathproof.validate.stored`).
    seen : sequence of str
        Sources of knowledge of the workspace that the explainer had seen, by name; empty: none; absent: not said.
    """

    data_test: DataTest | Tested | None
    runs: Tables
    model: Predict | None
    inputs: pd.DataFrame | None
    predictions: Path | str | None
    perturbed: Path | str | None
    seen: Sequence[str] | None


class Validation:
    """What came out: a verdict, tables, and the report as files.

    Parameters
    ----------
    result : ValidationResult

    Attributes
    ----------
    report_json : dict
        The whole report (docs/report.md).
    """

    def __init__(self, result: ValidationResult) -> None:
        self._result = result
        self.report_json: dict[str, Any] = result.report

    def __repr__(self) -> str:
        return self.headline

    @property
    def verdict(self) -> str:
        """PASS, FAIL or INCONCLUSIVE."""
        return str(self.report_json["verdict"]["status"])

    @property
    def headline(self) -> str:
        """The verdict in one sentence."""
        return str(self.report_json["verdict"]["headline"])

    @property
    def says(self) -> dict[str, list[str]]:
        """What is supported, what is not, and what was not tested and how to add it."""
        names = ("supported", "not_supported", "not_tested")
        return {name: list(self.report_json["verdict"][name]) for name in names}

    @property
    def gates(self) -> pd.DataFrame:
        """One row for each gate."""
        return pd.DataFrame(self.report_json["gates"])

    @property
    def precision(self) -> pd.DataFrame:
        """One row for each explainer, reference, kind of claim, selection and circularity, beside its nulls."""
        return pd.json_normalize(self.report_json["precision"], sep="_")

    @property
    def selective(self) -> pd.DataFrame:
        """The surest claims of each explainer, at thresholds that other target groups chose."""
        return pd.json_normalize(self.report_json["selective"], sep="_")

    @property
    def leaderboard(self) -> pd.DataFrame:
        """All explainers against the headline reference, the best first."""
        return pd.json_normalize(self.report_json["leaderboard"]["rows"], sep="_")

    @property
    def differences(self) -> pd.DataFrame:
        """The paired difference of every two explainers, with its interval."""
        return pd.DataFrame(self.report_json["leaderboard"]["differences"])

    @property
    def nulls(self) -> pd.DataFrame:
        """What wrong explanations of each sort would reach, beside what was observed."""
        return pd.DataFrame(self.report_json["null_table"])

    @property
    def claims(self) -> pd.DataFrame:
        """Every claim with what the references say of it."""
        return self._result.claim_rows

    def report(self, path: Path | str) -> dict[str, Path]:
        """Write report.json, report.html, summary.md, claims.csv and junit.xml into a folder; returns their paths."""
        return write_report(self.report_json, self.claims, Path(path))


def validate(
    explanations: Table,
    *,
    compare: Tables = (),
    references: Tables = (),
    universe: Iterable[str] | None = None,
    profile: str | Path = "default",
    seed: int = 0,
    workspace: Workspace | Path | str = DEFAULT_NAME,
    **evidence: Unpack[Beside],
) -> Validation:
    """Score explanations against the knowledge of a workspace, and with what evidence is given beside them.

    Agreement with knowledge alone can be copied, so without more the verdict is INCONCLUSIVE at best, and says
    what to add. No store and no network is asked.

    Parameters
    ----------
    explanations : DataFrame or path
        Columns drug, score, and gene (or gene and gene2), module or pathway; perhaps sign, confidence,
        layer, screen and explainer (see :func:`pathproof.validate.claims.claims_from_csv`).
    compare : DataFrame or path, several of them, or mapping of name to one
        Other explainers; they stand in the leaderboard, the verdict is about `explanations`.
    references : the same
        Your own references (columns drug, gene or pathway, perhaps sign and evidence; or a GMT).
    universe : iterable of str, optional
        All genes that could have been named; without it chance is overstated.
    profile : str or path
        "default", "strict" or a TOML file.
    seed : int
    workspace : Workspace or path
        One that `pathproof ingest` has filled.
    **evidence
        What comes with the explanations: the keys of :class:`Beside`.

    Returns
    -------
    Validation

    Raises
    ------
    DataError, UsageError, WorkspaceError
        With all that is wrong in a table at once.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace.open(Path(workspace), create=False)
    tables = KnowledgeTables(place)
    names = names_of(tables)
    asked = (_named(explanations, "explanations"), *_all_named(compare, "compared"))
    manifest = read_json(place.root / "manifest.json")
    screens = all_screened(place, manifest)
    judged = getattr(evidence.get("data_test"), "screen", DEFAULT_SCREEN)
    read = [based(_claims(name, one, names), screens, judged) for name, one in asked]
    own = [_reference(name, one, names) for name, one in _all_named(references, "reference")]
    given = None if universe is None else list(universe)
    context = context_of(manifest, read, place)
    context |= _evidence(evidence, names, manifest, place)
    result = judge(tables, together(read), context, profile=str(profile), seed=seed, universe=given, references=own)
    return Validation(result)


def _evidence(given: Beside, names: Names, manifest: Mapping[str, Any], workspace: Workspace) -> dict[str, Any]:
    """What was given beside the explanations, read and checked, as the context of a validation."""
    unknown = sorted(set(given) - set(Beside.__annotations__))
    if unknown:
        allowed = list(Beside.__annotations__)
        raise UsageError(
            "pathproof.validate knows no such argument.",
            got=", ".join(unknown),
            allowed=", ".join(allowed),
            nearest=nearest(unknown[0], allowed),
        )
    test = given.get("data_test")
    found: dict[str, Any] = {"data_test": test if test is None or callable(test) else lambda: test}
    found["runs"] = [_claims(name, one, names) for name, one in _all_named(given.get("runs", ()), "run")]
    found["model"] = _model(given.get("model"), given.get("inputs"), names)
    predictions, perturbed, seen = given.get("predictions"), given.get("perturbed"), given.get("seen")
    if predictions is not None:
        found["predictions"] = predictions_from_file(_path(predictions), names)
    if perturbed is not None:
        found["perturbed"] = perturbed_from_file(_path(perturbed), names, cell_line_names(workspace))
    if seen is not None:
        found["model_sources"] = seen_sources(seen, [row["name"] for row in manifest["sources"]])
    return found


def _model(model: Predict | None, inputs: pd.DataFrame | None, names: Names) -> Model | None:
    if (model is None) != (inputs is None):
        raise UsageError("A model and the inputs to ask it about go together.", allowed="model=function, inputs=table")
    if model is None or inputs is None:
        return None
    return Model(model, inputs, {text: found[0][0] for text, found in names.drugs.items()})


def context_of(manifest: Mapping[str, Any], tables: Sequence[ClaimTable], workspace: Workspace) -> dict[str, Any]:
    """What is known of explanations that came as tables; the first is the one that is judged."""
    claimed = [table.frame.to_csv(index=False) for table in tables]
    return {
        "kind": manifest["kind"],
        "run": {"id": "run:" + content_key("anybody", manifest["key"], claimed)},
        "explained_explainer": judged_explainer(tables[0], {})[0] if len(tables[0].frame) else None,
        "attrition": manifest["attrition"],
        "sources": manifest["sources"],
        "gene_traits": gene_traits(workspace),
    }


def _named(table: Table, fallback: str) -> tuple[str, Table]:
    return (fallback, table) if isinstance(table, pd.DataFrame) else (_path(table).stem, _path(table))


def _all_named(tables: Tables, fallback: str) -> list[tuple[str, Table]]:
    if isinstance(tables, Mapping):
        return [(name, table) for name, table in tables.items()]
    several = [tables] if isinstance(tables, pd.DataFrame | Path | str) else list(tables)
    return [_named(one, f"{fallback} {number}") for number, one in enumerate(several, start=1)]


def _claims(name: str, table: Table, names: Names) -> ClaimTable:
    if isinstance(table, pd.DataFrame):
        return claims_from_frame(table, names, name)
    return claims_from_file(_path(table), names, name)


def _reference(name: str, table: Table, names: Names) -> UserReference:
    if isinstance(table, pd.DataFrame):
        return reference_from_frame(table, names, name)
    return reference_from_file(_path(table), names)


def _path(table: Any) -> Path:
    if not isinstance(table, str | Path):
        got = type(table).__name__
        raise UsageError("A table is a DataFrame or the path of a file.", got=got, allowed="DataFrame, str, Path")
    return Path(table)
