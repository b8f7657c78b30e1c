"""All that is wrong in one file, gathered before it is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pathproof.errors import DataError

AGAIN = "download the file again"
N_SHOWN = 5


class Problems:
    """What is wrong in one file.

    Parameters
    ----------
    path : Path
    title : str
        What people call the file that it is read as.
    line_of : callable
        Number of a row (0 is the first under the header) to its line in the file.
    """

    def __init__(self, path: Path, title: str, line_of: Callable[[int], int] = lambda row: row + 2) -> None:
        self.path = path
        self._title = title
        self._line_of = line_of
        self._found: list[tuple[str, DataError]] = []

    def add(
        self, what: str, at: str = "", *, got: object = None, allowed: object = None, action: str | None = AGAIN
    ) -> None:
        """Note one problem; `at` is the place in the file, as `line 3`."""
        where = f"{self.path}, {at}" if at else self.path
        self._found.append((at, DataError(what, where=where, got=got, allowed=allowed, action=action)))

    def cells(self, what: str, wrong: NDArray[np.bool_], raw: pd.Series[str], allowed: str, hint: str = "") -> None:
        """Note the cells of one text column that are wrong, if any."""
        rows = np.flatnonzero(wrong)
        if not len(rows):
            return
        texts = raw.to_numpy(dtype=object)
        self.add(
            f"{what}: column {raw.name}" + (f" ({len(rows):,} cells)." if len(rows) > 1 else "."),
            f"line {self._line_of(int(rows[0]))}, column {raw.name}",
            got=self._shown([(int(row), repr(str(texts[row]))) for row in rows[:N_SHOWN]], len(rows)),
            allowed=allowed,
            action=hint or "correct the cells, or download the file again",
        )

    def lines(
        self, what: str, wrong: Sequence[tuple[int, str]], allowed: str | None = None, action: str = AGAIN
    ) -> None:
        """Note lines that are wrong, given as number and text, if any."""
        if not wrong:
            return
        shown = [f"{text[:80]!r}" + (f" (line {line})" if len(wrong) > 1 else "") for line, text in wrong[:N_SHOWN]]
        got = "; ".join(shown) + (f"; and {len(wrong) - N_SHOWN:,} more" if len(wrong) > N_SHOWN else "")
        self.add(what, f"line {wrong[0][0]}", got=got, allowed=allowed, action=action)

    def repeated(self, frame: pd.DataFrame, keys: list[str]) -> None:
        """Note the rows whose key stood in a row before, if any; a blank is no key."""
        filled = (frame[keys] != "").all(axis=1)
        rows = np.flatnonzero((frame.duplicated(keys, keep="first") & filled).to_numpy())
        if not len(rows):
            return
        shown = frame.iloc[rows[:N_SHOWN]][keys].astype(str).agg(" / ".join, axis=1)
        self.add(
            f"Duplicate keys: {len(rows):,} rows repeat a ({', '.join(keys)}) that stood before.",
            f"line {self._line_of(int(rows[0]))}",
            got=self._shown(list(zip(map(int, rows[:N_SHOWN]), shown, strict=True)), len(rows)),
            allowed="one row for each key",
            action="keep one row per key, or download the file again",
        )

    def _shown(self, examples: list[tuple[int, str]], n: int) -> str:
        if n == 1:
            return examples[0][1]
        text = "; ".join(f"{shown} (line {self._line_of(row)})" for row, shown in examples)
        return text + (f"; and {n - len(examples):,} more" if n > len(examples) else "")

    def raise_if_any(self) -> None:
        """Stop with everything that was noted.

        Raises
        ------
        DataError
            The problem itself when there is one, else one error that lists all of them.
        """
        if not self._found:
            return
        if len(self._found) == 1:
            raise self._found[0][1]
        points = []
        for number, (at, problem) in enumerate(self._found, start=1):
            facts = (("where", at), ("got", problem.got), ("allowed", problem.allowed))
            told = "\n".join(f"      {label}: {text}" for label, text in facts if text)
            points.append(f"    {number}. {problem.what}\n{told}")
        raise DataError(
            f"The {self._title} has {len(self._found)} problems.",
            where=self.path,
            got="\n" + "\n".join(points),
            action="; ".join(dict.fromkeys(problem.action for _, problem in self._found if problem.action)),
        )
