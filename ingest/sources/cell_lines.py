"""Cell line annotation of DepMap and Cell Model Passports, and the ids of one line at each provider.

Reference: van der Meer et al. 2019, doi:10.1093/nar/gky872.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.problems import N_SHOWN, Problems
from pathproof.ingest.sources.reading import read_table
from pathproof.ingest.sources.together import Together, check_together

_CCLE_NAME, _CCLE_TISSUE = r"^([^_]+)_", r"^[^_]+_(.+)$"
_SIDM = (r"SIDM\d+", "a Sanger model id (SIDM followed by digits)")
MODEL_LIST = Source(
    name="cell_lines",
    title="model list of Cell Model Passports",
    gives="cell lines with their tissue and their ids elsewhere",
    files=("cell_model_passports/model_list.csv", "cell_model_passports/model_list_*.csv"),
    rows=2_010,
    columns=(
        Column("model_id", "str", "SIDM<number>", blank=False, form=_SIDM),
        Column("model_name", "str", "cell line", blank=False),
        Column("tissue", "str", "tissue of origin"),
        Column("COSMIC_ID", "str", "COSMIC numbers, ;-joined", form=(r"\d+(;\d+)*", "COSMIC numbers, ;-joined")),
        Column("BROAD_ID", "str", "DepMap ids, ;-joined", form=(r"ACH-\d+(;ACH-\d+)*", "DepMap ids, ;-joined")),
    ),
    extra=(
        Column("CCLE_ID", "str", "CCLE names, ;-joined"),
        Column("RRID", "str", "Cellosaurus ids, ;-joined"),
        Column("cancer_type", "str", "cancer type: held against the tissue"),
    ),
    together=(
        Together("model_name", "CCLE_ID", "equals", 0.7, 0.96, 0.00, right_part=_CCLE_NAME),
        Together("tissue", "CCLE_ID", "suggests", 0.6, 0.91, 0.24, right_part=_CCLE_TISSUE),
        Together("tissue", "cancer_type", "suggests", 0.4, 0.62, 0.16),
    ),
    licence="Sanger data usage policy: research use, no redistribution",
    terms=terms.SANGER,
    citation="van der Meer et al. 2019, doi:10.1093/nar/gky872",
    get_from="https://cog.sanger.ac.uk/cmp/download/ (model_list_<date>.csv)",
)
_HELD = {
    "CellLineName": "cell line",
    "StrippedCellLineName": "cell line without signs",
    "OncotreeLineage": "tissue",
    "OncotreeCode": "code of the cancer type",
}
MODEL = Source(
    name="cell_lines",
    title="DepMap model table",
    gives="DepMap's ids, cancer types and growth of the same cell lines",
    files=("depmap/Model.csv",),
    rows=1_864,
    columns=(
        Column("ModelID", "str", "ACH-<number>", blank=False, form=(r"ACH-\d+", "a DepMap id (ACH-000001)")),
        Column("SangerModelID", "str", "SIDM<number>", form=_SIDM),
        Column("COSMICID", "str", "COSMIC number, written as a float", form=(r"\d+(\.0)?", "a COSMIC number")),
        Column("OncotreePrimaryDisease", "str", "cancer type"),
        Column("GrowthPattern", "str", "growth in culture"),
    ),
    extra=(
        Column("CCLEName", "str", "CCLE name"),
        Column("RRID", "str", "Cellosaurus id"),
        *(Column(name, "str", f"{what}: held against the others") for name, what in _HELD.items()),
    ),
    together=(
        Together("StrippedCellLineName", "CCLEName", "equals", 0.7, 0.98, 0.00, right_part=_CCLE_NAME),
        Together("OncotreeLineage", "CCLEName", "suggests", 0.6, 0.93, 0.28, right_part=_CCLE_TISSUE),
        Together("OncotreeLineage", "OncotreePrimaryDisease", "suggests", 0.5, 0.79, 0.22),
        Together("OncotreeCode", "OncotreePrimaryDisease", "determines", 0.7, 1.00, 0.02),
    ),
    licence="CC BY 4.0",
    terms=terms.CC_BY,
    citation="Ghandi et al. 2019, doi:10.1038/s41586-019-1186-3",
    get_from="https://ndownloader.figshare.com/files/51065297 (DepMap 24Q4)",
)
UNKNOWN = "Unknown"
# Columns of both tables, of the rows with one Sanger id.
_BOTH = (
    Together("BROAD_ID", "ModelID", "equals", 0.7, 1.00, 0.00),
    Together("COSMIC_ID", "COSMICID", "equals", 0.7, 1.00, 0.00),
    Together("CCLE_ID", "CCLEName", "equals", 0.7, 0.98, 0.00),
    Together("RRID", "RRID", "equals", 0.7, 1.00, 0.00),
    Together("model_name", "CellLineName", "equals", 0.7, 0.97, 0.00),
    Together("tissue", "OncotreeLineage", "suggests", 0.6, 0.89, 0.26),
)


@dataclass(frozen=True)
class CellLines:
    """Annotation (one row per line: cell_line, name, ach, cosmic, tissue, cancer_type, growth) and id maps.

    A map goes from another provider's id to the line: DepMap (`by_ach`), COSMIC, CCLE name, Cellosaurus (`by_rrid`).
    """

    frame: pd.DataFrame
    by_ach: dict[str, str]
    by_cosmic: dict[str, str]
    by_ccle: dict[str, str]
    by_rrid: dict[str, str]

    @property
    def by_sidm(self) -> dict[str, str]:
        """The Sanger id of each annotated line, without its prefix, to the line."""
        return {line.removeprefix("sidm:"): line for line in self.frame["cell_line"]}


def read_cell_lines(model_list: Path, model: Path, tallies: tuple[Tally, Tally]) -> CellLines:
    """Join both tables on the Sanger id; where DepMap gives a model none, on its DepMap id or its RRID.

    An id that two lines share is left out of the maps and counted. Where DepMap has two models of one
    line, the one that the model list names is taken, else the lower number. `cancer_type` is DepMap's
    primary disease only, so that one vocabulary is used; a line without it is "Unknown".
    """
    lines = read_table(model_list, MODEL_LIST, tallies[0])
    models = read_table(model, MODEL, tallies[1])
    models["COSMICID"] = models["COSMICID"].str.replace(r"\.0$", "", regex=True)
    tallies[0].rows_in = len(lines)
    tallies[1].rows_in = len(models)
    _hold_together(lines, models, model_list, model)
    twice = lines["model_id"].duplicated()
    tallies[0].drop("repeated model", lines.loc[twice, "model_id"])
    lines = lines[~twice].sort_values("model_id", ignore_index=True)
    tallies[0].rows_out = len(lines)
    models["stated"] = models["SangerModelID"]
    models["SangerModelID"] = _linked(models, lines, tallies[1])
    tallies[1].drop("no Sanger model id", models.loc[models["SangerModelID"] == "", "ModelID"])
    depmap = _depmap_rows(models, lines, tallies[1])
    tallies[1].rows_out = len(depmap)
    by_ach = _id_map(_own(depmap, "ModelID"), _split(lines, "BROAD_ID"), tallies[0])
    others = (("COSMIC_ID", "COSMICID"), ("CCLE_ID", "CCLEName"), ("RRID", "RRID"))
    maps = [_id_map(_split(lines, listed), _own(depmap, own), tallies[0]) for listed, own in others]
    return CellLines(_annotation(lines, depmap), by_ach, *maps)


def _hold_together(lines: pd.DataFrame, models: pd.DataFrame, model_list: Path, model: Path) -> None:
    """Names, ids and tissue of the rows of both tables that state one Sanger id."""
    own = models[models["SangerModelID"] != ""].drop_duplicates("SangerModelID").set_index("SangerModelID")
    listed = lines.drop_duplicates("model_id").set_index("model_id")
    common = listed.index.intersection(own.index)
    if len(own) and not len(common):
        raise DataError(
            "No model has the Sanger id of a line of the model list: this is probably the wrong file.",
            where=model,
            got=", ".join(own.index[:N_SHOWN]),
            allowed=f"ids that stand in {model_list.name}, as {', '.join(listed.index[:N_SHOWN])}",
            action=f"look whether both files are whole, or get this one from {MODEL.get_from}",
        )
    problems = Problems(model, MODEL.title)
    check_together(listed.loc[common], own.loc[common], _BOTH, problems, (model_list.name, model.name))
    problems.raise_if_any()


def _linked(models: pd.DataFrame, lines: pd.DataFrame, tally: Tally) -> list[str]:
    """Each model's Sanger id: the stated one, else that of the line with its DepMap id or its RRID, if these agree."""
    by_ach, by_rrid = (_id_map(_split(lines, column), [], Tally()) for column in ("BROAD_ID", "RRID"))
    rrids = models["RRID"] if "RRID" in models else [""] * len(models)
    found: list[str] = []
    for model, rrid, stated in zip(models["ModelID"], rrids, models["SangerModelID"], strict=True):
        hits = {ids[one] for ids, one in ((by_ach, model), (by_rrid, rrid)) if one in ids}
        found.append(stated or (next(iter(hits)).removeprefix("sidm:") if len(hits) == 1 else ""))
        if not stated and hits:
            how = "its DepMap id or RRID gives the line" if len(hits) == 1 else "DepMap id and RRID give two lines"
            tally.note(f"model without a Sanger id: {how}", [model])
    return found


def _depmap_rows(models: pd.DataFrame, lines: pd.DataFrame, tally: Tally) -> pd.DataFrame:
    named = set(_split(lines, "BROAD_ID"))
    rows = models[models["SangerModelID"] != ""].copy()
    pairs = zip(rows["ModelID"], rows["SangerModelID"], strict=True)
    rows["rank"] = [0 if pair in named else 1 for pair in pairs]
    rows["rank"] += 2 * (rows["stated"] == "")
    rows = rows.sort_values(["SangerModelID", "rank", "ModelID"])
    second = rows["SangerModelID"].duplicated()
    tally.drop("second DepMap model of one line", rows.loc[second, "ModelID"])
    return rows[~second]


def _own(depmap: pd.DataFrame, column: str) -> list[tuple[str, str]]:
    return list(zip(depmap[column], depmap["SangerModelID"], strict=True)) if column in depmap.columns else []


def _split(lines: pd.DataFrame, column: str) -> list[tuple[str, str]]:
    if column not in lines.columns:
        return []
    return [
        (part.strip(), model)
        for cell, model in zip(lines[column], lines["model_id"], strict=True)
        for part in cell.split(";")
        if part.strip()
    ]


def _id_map(first: list[tuple[str, str]], then: list[tuple[str, str]], tally: Tally) -> dict[str, str]:
    """Other id -> line; `first` decides over `then`, and an id that one of them gives two lines is left out."""
    found: dict[str, set[str]] = {}
    for pairs in (first, then):
        here: dict[str, set[str]] = {}
        for other, model in pairs:
            if other and other not in found:
                here.setdefault(other, set()).add(model)
        found |= here
    tally.note("id shared by two lines", sorted(other for other, models in found.items() if len(models) > 1))
    return {other: f"sidm:{next(iter(models))}" for other, models in found.items() if len(models) == 1}


def _annotation(lines: pd.DataFrame, depmap: pd.DataFrame) -> pd.DataFrame:
    by_line = depmap.set_index("SangerModelID")
    ach = lines["model_id"].map(by_line["ModelID"])
    first = {column: lines[column].str.split(";").str[0].replace("", None) for column in ("BROAD_ID", "COSMIC_ID")}
    return pd.DataFrame(
        {
            "cell_line": "sidm:" + lines["model_id"],
            "name": lines["model_name"],
            "ach": ach.where(ach.notna(), first["BROAD_ID"]),
            "cosmic": first["COSMIC_ID"],
            "tissue": lines["tissue"].replace("", UNKNOWN),
            "cancer_type": lines["model_id"].map(by_line["OncotreePrimaryDisease"]).fillna("").replace("", UNKNOWN),
            "growth": lines["model_id"].map(by_line["GrowthPattern"]).fillna("").replace("", UNKNOWN),
        }
    )
