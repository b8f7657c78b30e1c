"""Anybody's references: facts about drugs from a CSV (drug, gene or pathway, sign, evidence) or a GMT.

Each file is a reference of its own, named `user.<file>`. A public file names drugs and genes that
no screen holds: such rows are left out and counted, with examples; only when nothing is left is
that an error. A sign that is no sign is always one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pathproof.errors import DataError, nearest
from pathproof.validate.claims_csv import Names, sign_of
from pathproof.validate.csv_cells import Columns, Problems, file_lines, frame_lines
from pathproof.validate.reference import Reference, fact_frame

COLUMNS = Columns("reference facts", "fact", ("drug",), ("gene", "pathway"), ("sign", "evidence"))
PREFIX = "user."
EXAMPLES = 3
GMT = ".gmt"


@dataclass(frozen=True)
class UserReference:
    """A reference of the user, and what was left out of it.

    Parameters
    ----------
    reference : Reference
    lost : dict of str to list of str
        By reason the names that are not known, sorted.
    rows : int
        Facts that the file gave.
    """

    reference: Reference
    lost: dict[str, list[str]]
    rows: int

    @property
    def attrition(self) -> list[dict[str, Any]]:
        """Rows of the report's attrition."""
        step = f"facts of {self.reference.name} left out"
        return [
            {"step": step, "names": len(names), "why": why, "examples": names[:EXAMPLES]}
            for why, names in sorted(self.lost.items())
            if names
        ]


@dataclass
class _Facts:
    """The facts that could be placed, and the names that could not."""

    name: str
    names: Names
    rows: list[dict[str, Any]] = field(default_factory=list)
    lost: dict[str, set[str]] = field(default_factory=dict)
    given: int = 0

    def add(self, drug: str, item: str, kind: str, sign: int, text: str) -> None:
        self.given += 1
        drugs = self.names.drugs.get(drug.lower(), ())
        known = self.names.genes if kind == "gene" else self.names.pathways
        found = known.get(item.lower())
        for lacks, what, name in ((not drugs, "drug", drug), (found is None, kind, item)):
            if lacks:
                self.lost.setdefault(f"the graph does not know the {what}", set()).add(name)
        if found is None:
            return
        for one, _ in drugs:
            self.rows.append(
                {
                    **{"drug": one, "item": found, "sign_mutation": sign, "sign_expression": sign},
                    **{"sources": (self.name,), "edges": (), "text": text},
                }
            )

    def finished(self, where: str, holds: str) -> UserReference:
        if not self.rows:
            unknown = sorted(name for names in self.lost.values() for name in names)[:EXAMPLES]
            options = [*self.names.drugs, *self.names.genes]
            near = {name: nearest(name, options) for name in unknown}
            raise DataError(
                "No fact of this reference is about a drug and a gene (or pathway) that the graph knows.",
                where=where,
                got=", ".join(unknown),
                nearest=", ".join(f"{hit} for {name}" for name, hit in near.items() if hit) or None,
                action="drugs: name, synonym, GDSC or PubChem id; genes: approved symbols",
            )
        facts = fact_frame(self.rows)
        reference = Reference(
            self.name,
            holds,
            "all that the file does not say; nobody but its author has checked it",
            facts,
            signed=bool((facts["sign_mutation"] != 0).any()),
        )
        return UserReference(reference, {why: sorted(names) for why, names in self.lost.items()}, self.given)


def reference_from_file(path: Path, names: Names) -> UserReference:
    """Read a reference: `.gmt` is a GMT whose set names are drugs, anything else a comma- or tab-separated file.

    Raises
    ------
    DataError
        When the file cannot be read, a sign is no sign, or nothing of it is known to the graph.
    """
    name = PREFIX + path.stem
    if path.suffix.lower() == GMT:
        return _from_gmt(path, names, name)
    problems = Problems(path.name, str(path))
    return _from_lines(file_lines(path, COLUMNS, problems), problems, names, name)


def reference_from_frame(frame: pd.DataFrame, names: Names, name: str) -> UserReference:
    """The same from a DataFrame with the columns drug, gene or pathway, and perhaps sign and evidence."""
    problems = Problems(name, f"the table {name}", "row")
    return _from_lines(frame_lines(frame, COLUMNS, problems), problems, names, PREFIX + name)


def _from_lines(
    lines: Iterable[tuple[int, dict[str, str]]], problems: Problems, names: Names, name: str
) -> UserReference:
    facts = _Facts(name, names)
    for number, line in lines:
        filled = [kind for kind in ("gene", "pathway") if line.get(kind)]
        sign = sign_of(number, line, problems)
        if len(filled) != 1:
            got = ", ".join(filled) or "nothing"
            problems.wrong(number, "what the fact is about is not clear", got, "one of gene, pathway")
            continue
        facts.add(line["drug"], line[filled[0]], filled[0], sign, line.get("evidence") or f"in {name}")
    problems.raise_if_any("mend these lines")
    return facts.finished(problems.where, f"facts that the user gave ({problems.name})")


def _from_gmt(path: Path, names: Names, name: str) -> UserReference:
    """Sets of genes: name (a drug; `_` may stand for a blank), description, genes, separated by tabs."""
    problems = Problems(path.name, str(path))
    facts = _Facts(name, names)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"Cannot read {path.name}: {error}", where=path, allowed="a UTF-8 text file") from error
    for number, line in enumerate(text.splitlines(), start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        genes = [cell for cell in cells[2:] if cell]
        if not any(cells):
            continue
        if not cells[0] or not genes:
            problems.wrong(number, "not a set of genes", line[:60], "name, description and genes, separated by tabs")
            continue
        drug = cells[0] if cells[0].lower() in names.drugs else cells[0].replace("_", " ")
        for gene in genes:
            facts.add(drug, gene, "gene", 0, f"in the set {cells[0]}")
    problems.raise_if_any("a GMT has one set a line")
    if not facts.given:
        raise DataError("The reference is empty.", where=path, allowed="one set of genes a line")
    return facts.finished(str(path), f"sets of genes that the user gave, named by drugs ({path.name})")


def check_names(references: Sequence[UserReference], taken: Iterable[str] = ()) -> None:
    """Refuse two references of one name.

    Raises
    ------
    DataError
    """
    seen = set(taken)
    for one in references:
        if one.reference.name in seen:
            raise DataError(
                "Two references have the same name.",
                got=one.reference.name,
                action="a reference is called like its file: rename one of the files",
            )
        seen.add(one.reference.name)
