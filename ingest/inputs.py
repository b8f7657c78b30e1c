"""Everything that is read from the data folder, each part once and on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.contradictions import Claim, drug_claim, keep_sound, line_claims
from pathproof.ingest.identifiers import GeneTable
from pathproof.ingest.sources import (
    ccle,
    cell_lines,
    civic,
    depmap,
    dgidb,
    gdsc,
    gdsc_features,
    gdsc_response,
    hgnc,
    nci60,
    networks,
    passports,
    reactome,
)
from pathproof.ingest.sources.addition import Addition
from pathproof.ingest.sources.base import Source, Tally, find_file, require_file
from pathproof.ingest.sources.opening import note_open_end
from pathproof.ingest.sources.problems import Problems
from pathproof.ingest.sources.registry import ADDITIONS


@dataclass(frozen=True)
class FileRead:
    """A file that was read as this source, with what came in and out."""

    source: Source
    path: Path
    tally: Tally


class Inputs:
    """The providers' files under one folder.

    Parameters
    ----------
    data : Path
        Folder that holds `gdsc/`, `depmap/` and so on, as the providers name their files.
    """

    parts = (
        *("genes", "lines", "response", "compounds", "targets", "features", "drivers", "expression"),
        *("gdsc1", "ccle", "expression_tpm", "copy_number", "damaging", "copy_number_gdsc", "nci60"),
        *("reactome", "evidence", "omnipath", "collectri", "interactions", "additions"),
    )

    def __init__(self, data: Path) -> None:
        if not data.is_dir():
            raise DataError(
                "The data folder does not exist.",
                where=data,
                action="give the folder with --data DIR or $PATHPROOF_DATA",
            )
        self.data = data
        self.files: dict[str, FileRead] = {}

    def tally(self, source: Source) -> Tally:
        """The running account of one source's file."""
        return self.files[source.title].tally

    def path(self, source: Source) -> Path:
        """Where the source's file was found."""
        return self.files[source.title].path

    def _open(self, source: Source) -> tuple[Path, Tally]:
        path = require_file(source, self.data)
        record = FileRead(source, path, Tally())
        note_open_end(path, record.tally)
        self.files[source.title] = record
        return path, record.tally

    def _optional(self, source: Source) -> tuple[Path, Tally] | None:
        return None if find_file(source, self.data) is None else self._open(source)

    def _models(self, source: Source) -> pd.DataFrame | None:
        opened = self._optional(source)
        return None if opened is None else depmap.read_models(opened[0], source, opened[1])

    def take(self, part: str) -> Any:
        """A part that is needed once: it is handed over, not kept."""
        value = getattr(self, part)
        del self.__dict__[part]
        return value

    @cached_property
    def genes(self) -> GeneTable:
        """All human genes."""
        table, used = hgnc.read_genes(self.data)
        for path, (source, tally) in used.items():
            self.files[source.title] = FileRead(source, path, tally)
        return table

    @cached_property
    def lines(self) -> cell_lines.CellLines:
        """Cell line annotation and id maps."""
        first, first_tally = self._open(cell_lines.MODEL_LIST)
        second, second_tally = self._open(cell_lines.MODEL)
        return cell_lines.read_cell_lines(first, second, (first_tally, second_tally))

    @cached_property
    def response(self) -> gdsc_response.Response:
        """GDSC2, the screen that is always there."""
        path, tally = self._open(gdsc_response.GDSC2)
        read = gdsc_response.read_response(path, gdsc_response.GDSC2, tally)
        return self._sound(read, gdsc_response.GDSC2, *self._line_claims(), drug_claim(self.compounds))

    @cached_property
    def gdsc1(self) -> gdsc_response.Response | None:
        """GDSC1; this and the following are None when the optional file is absent."""
        opened = self._optional(gdsc_response.GDSC1)
        if opened is None:
            return None
        read = gdsc_response.read_response(opened[0], gdsc_response.GDSC1, opened[1])
        drugs = drug_claim(self.compounds, self.response.names)
        return self._sound(read, gdsc_response.GDSC1, *self._line_claims(), drugs)

    @cached_property
    def ccle(self) -> gdsc_response.Response | None:
        """CCLE's drug screen."""
        opened = self._optional(ccle.RESPONSE)
        if opened is None:
            return None
        claims = line_claims(self.lines, self.lines.by_ccle, "Primary Cell Line Name")
        return self._sound(ccle.read_response(*opened), ccle.RESPONSE, *claims)

    def _line_claims(self) -> tuple[Claim, ...]:
        return line_claims(self.lines, self.lines.by_sidm)

    def _sound(self, response: gdsc_response.Response, source: Source, *claims: Claim) -> gdsc_response.Response:
        """The screen without the rows that contradict themselves."""
        return replace(response, frame=self._kept(response.frame, source, *claims))

    def _kept(self, frame: pd.DataFrame, source: Source, *claims: Claim) -> pd.DataFrame:
        read = (cell_lines.MODEL_LIST, gdsc.COMPOUNDS)
        known_by = " and ".join(self.path(one).name for one in read if one.title in self.files)
        return keep_sound(frame, claims, self.tally(source), Problems(self.path(source), source.title), known_by)

    @cached_property
    def compounds(self) -> pd.DataFrame:
        """Compounds with names and synonyms."""
        return gdsc.read_compounds(*self._open(gdsc.COMPOUNDS))

    @cached_property
    def targets(self) -> pd.DataFrame:
        """Targets of compounds, as written: where the table is absent, in the text of the screened compounds."""
        opened = self._optional(gdsc.TARGETS)
        if opened is not None:
            return self._kept(gdsc.read_targets(*opened), gdsc.TARGETS, drug_claim(self.compounds))
        compounds = self.compounds
        record = FileRead(gdsc.TARGETS, self.path(gdsc.COMPOUNDS), Tally())
        self.files[gdsc.TARGETS.title] = record
        return gdsc.written_targets(compounds, record.path, record.tally)

    @cached_property
    def features(self) -> gdsc_features.Features | None:
        """Mutation calls and copy-number regions, rows COSMIC ids."""
        opened = self._optional(gdsc_features.FEATURES)
        return opened and gdsc_features.read_features(*opened)

    @cached_property
    def drivers(self) -> pd.DataFrame | None:
        """Driver mutations of Cell Model Passports, one row each."""
        opened = self._optional(passports.DRIVERS)
        return opened and passports.read_drivers(*opened)

    @property
    def mutation_source(self) -> Source | None:
        """Whose calls the models see: GDSC's, else those of Cell Model Passports; None without either."""
        if self.features is not None:
            return gdsc_features.FEATURES
        return None if self.drivers is None else passports.DRIVERS

    @cached_property
    def expression(self) -> pd.DataFrame:
        """Expression z-scores, ACH ids x columns as written."""
        path, tally = self._open(depmap.EXPRESSION)
        if path == find_file(depmap.EXPRESSION_TPM, self.data) and self.expression_tpm is not None:
            frame, tally.rows_in = self.expression_tpm, len(self.expression_tpm)
        else:
            frame = depmap.read_models(path, depmap.EXPRESSION, tally)
        return depmap.standardised(frame, tally)

    @cached_property
    def expression_tpm(self) -> pd.DataFrame | None:
        """Expression as log2(TPM + 1), ACH ids x columns as written."""
        return self._models(depmap.EXPRESSION_TPM)

    @cached_property
    def copy_number(self) -> pd.DataFrame | None:
        """DepMap's copy number, ACH ids x columns as written."""
        return self._models(depmap.COPY_NUMBER)

    @cached_property
    def damaging(self) -> pd.DataFrame | None:
        """Damaging mutations, ACH ids x columns as written."""
        return self._models(depmap.DAMAGING)

    @cached_property
    def nci60(self) -> pd.DataFrame | None:
        """Expression of the NCI-60 lines, ACH ids x columns as written."""
        return self._models(nci60.EXPRESSION)

    @cached_property
    def copy_number_gdsc(self) -> pd.DataFrame | None:
        """GDSC's copy number, COSMIC ids x Entrez ids."""
        opened = self._optional(gdsc_features.COPY_NUMBER)
        return opened and gdsc_features.read_copy_number(*opened)

    @cached_property
    def reactome(self) -> reactome.Reactome:
        """Human pathways."""
        opened = [self._open(source) for source in (reactome.GENE_SETS, reactome.NAMES, reactome.HIERARCHY)]
        (gmt, first), (names, second), (hierarchy, third) = opened
        return reactome.read_reactome(gmt, names, hierarchy, (first, second, third))

    @cached_property
    def evidence(self) -> list[civic.Evidence]:
        """Usable CIViC evidence."""
        return civic.read_evidence(*self._open(civic.CIVIC))

    @cached_property
    def omnipath(self) -> pd.DataFrame:
        """Protein interactions."""
        service = self._optional(networks.OMNIPATH_SERVICE)
        if service is not None:
            return networks.read_service(*service)
        path, tally = self._open(networks.OMNIPATH)
        return networks.read_network(path, networks.OMNIPATH, tally)

    @cached_property
    def collectri(self) -> pd.DataFrame:
        """Gene regulation."""
        path, tally = self._open(networks.COLLECTRI)
        return networks.read_network(path, networks.COLLECTRI, tally)

    @cached_property
    def interactions(self) -> list[dgidb.Interaction]:
        """Typed drug-gene interactions; none when the optional file is absent."""
        if find_file(dgidb.DGIDB, self.data) is None:
            return []
        return dgidb.read_interactions(*self._open(dgidb.DGIDB))

    @cached_property
    def additions(self) -> list[tuple[Addition[Any], Any]]:
        """What was read of each optional source of one file that is there."""
        there = [one for one in ADDITIONS if find_file(one.source, self.data) is not None]
        return [(one, one.read(*self._open(one.source))) for one in there]

    def read_all(self, progress: Callable[[str, float | None], None], upto: float) -> None:
        """Read every part; `upto` is the share of the whole job that this is."""
        for number, name in enumerate(self.parts):
            progress(f"reading {name}", upto * number / len(self.parts))
            getattr(self, name)
