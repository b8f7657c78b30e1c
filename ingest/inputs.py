"""Everything that is read from the data folder, each part once and on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.identifiers import GeneTable
from pathproof.ingest.sources import cell_lines, civic, depmap, dgidb, gdsc, hgnc, networks, reactome
from pathproof.ingest.sources.base import Source, Tally, find_file, require_file


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
        *("genes", "lines", "response", "compounds", "targets", "features", "expression"),
        *("reactome", "evidence", "omnipath", "collectri", "interactions"),
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
        self.files[source.title] = record
        return path, record.tally

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
    def response(self) -> gdsc.Response:
        """The drug screen."""
        return gdsc.read_response(*self._open(gdsc.RESPONSE))

    @cached_property
    def compounds(self) -> pd.DataFrame:
        """Compounds with names and synonyms."""
        return gdsc.read_compounds(*self._open(gdsc.COMPOUNDS))

    @cached_property
    def targets(self) -> pd.DataFrame:
        """Targets of compounds, as written."""
        return gdsc.read_targets(*self._open(gdsc.TARGETS))

    @cached_property
    def features(self) -> pd.DataFrame:
        """Mutation calls, COSMIC ids x genes as written."""
        return gdsc.read_features(*self._open(gdsc.FEATURES))

    @cached_property
    def expression(self) -> pd.DataFrame:
        """Expression z-scores, ACH ids x columns as written."""
        return depmap.read_expression(*self._open(depmap.EXPRESSION))

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

    def read_all(self, progress: Callable[[str, float | None], None], upto: float) -> None:
        """Read every part; `upto` is the share of the whole job that this is."""
        for number, name in enumerate(self.parts):
            progress(f"reading {name}", upto * number / len(self.parts))
            getattr(self, name)
