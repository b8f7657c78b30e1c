"""Sizes of the simulated full releases, and the ids that their files share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv


@dataclass(frozen=True)
class Sizes:
    """Rows and columns; the defaults are those of the releases.

    `gdsc2` and `gdsc1` are rows, lines and compounds of the screens; a compound of GDSC2 in thirty has two numbers.
    """

    gdsc2: tuple[int, int, int] = (242_036, 969, 295)
    gdsc1: tuple[int, int, int] = (333_161, 970, 403)
    ccle: tuple[int, int] = (504, 24)
    models: int = 2_266
    model_columns: int = 98
    expression: tuple[int, int] = (1_700, 19_200)
    copy_number: tuple[int, int] = (1_700, 24_000)
    gdsc_copy_number: tuple[int, int] = (957, 24_421)
    damaging: tuple[int, int] = (1_700, 19_200)
    nci60: tuple[int, int] = (60, 23_059)
    genes: int = 43_000
    calls: tuple[int, int] = (988, 270)
    sets: int = 2_868
    interactions: int = 40_000
    regulation: int = 43_178
    evidence: int = 4_854
    drug_genes: int = 100_000
    wikipathways: int = 900
    canonical: int = 4_115
    signatures: int = 3_500
    prism: int = 6_575


FULL = Sizes()
TINY = Sizes(
    gdsc2=(1_500, 60, 30),
    gdsc1=(1_200, 60, 24),
    ccle=(50, 24),
    models=80,
    expression=(70, 300),
    copy_number=(70, 320),
    gdsc_copy_number=(50, 320),
    damaging=(70, 300),
    nci60=(20, 300),
    genes=400,
    calls=(60, 30),
    sets=40,
    interactions=300,
    regulation=300,
    evidence=60,
    drug_genes=200,
    wikipathways=20,
    canonical=20,
    signatures=20,
    prism=30,
)
# CTRPv2 (395,263 curves of 887 lines and 545 compounds) has no reader: as many in GDSC's layout, all else tiny.
LARGE_SCREEN = replace(TINY, gdsc2=(395_263, 887, 545), models=900)


class Ids:
    """Names and ids of lines, genes and compounds that fit together, and one stream of random numbers."""

    def __init__(self, sizes: Sizes, seed: int) -> None:
        self.sizes = sizes
        self.rng = np.random.default_rng(seed)
        number = np.arange(1, sizes.models + 1)
        self.sidm = np.char.add("SIDM", np.char.zfill((10_000 + number).astype(str), 5))
        self.ach = np.char.add("ACH-", np.char.zfill(number.astype(str), 6))
        self.cosmic = (900_000 + number).astype(str)
        self.names = np.char.add("SIM-LINE-", number.astype(str))
        self.genes = np.char.add("SIMG", np.arange(1, sizes.genes + 1).astype(str))
        self.entrez = np.arange(1_000_001, 1_000_001 + sizes.genes).astype(str)

    @cached_property
    def drugs(self) -> list[tuple[int, str]]:
        """Number and name of every compound of both screens."""
        found = []
        for first, count in ((1, self.sizes.gdsc1[2]), (1_001, self.sizes.gdsc2[2])):
            found += [(first + i, f"Simulatinib {i % (count - count // 30):03d}") for i in range(count)]
        return found

    @cached_property
    def targets(self) -> dict[str, list[str]]:
        """Name of every compound -> its two targets, which all files of compounds name."""
        names = dict.fromkeys(name for _, name in self.drugs)
        return {name: self.rng.choice(self.genes[:4_000], 2, replace=False).tolist() for name in names}


def write_columns(path: Path, columns: dict[str, np.ndarray]) -> None:
    """A table as CSV, quoted where needed."""
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    arrow_csv.write_csv(table, path, arrow_csv.WriteOptions(quoting_style="needed", quoting_header="needed"))


def write_wide(path: Path, index: str, ids: np.ndarray, names: list[str], values: np.ndarray) -> None:
    """A matrix with its row ids in front, written in blocks of rows."""
    options = arrow_csv.WriteOptions(quoting_style="needed", quoting_header="needed")
    schema = pa.schema([pa.field(index, pa.string()), *(pa.field(name, pa.float64()) for name in names)])
    with arrow_csv.CSVWriter(path, schema, write_options=options) as writer:
        for start in range(0, len(ids), 100):
            block = np.asfortranarray(values[start : start + 100], dtype=np.float64)
            arrays = [pa.array(ids[start : start + 100]), *(pa.array(block[:, j]) for j in range(len(names)))]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
