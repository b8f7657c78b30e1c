"""Writes the data report: JSON is the product, the page and the text are renderings of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pathproof.ingest.report.page import render_page
from pathproof.ingest.report.text import render_text
from pathproof.workspace import write_json, write_text

FILES = ("data-report.json", "data-report.html", "data-report.txt")


def write_data_report(report: Mapping[str, Any], out: Path) -> dict[str, Path]:
    """Write all forms of the report, each whole or not at all; equal reports give equal bytes.

    Parameters
    ----------
    report : mapping
        See :func:`pathproof.ingest.report.view.data_report`.
    out : Path
        The folder; it is made when it does not exist.

    Returns
    -------
    dict
        File name to path.

    Raises
    ------
    WorkspaceError
        When the folder cannot be written.
    """
    texts = {"data-report.html": render_page(report), "data-report.txt": render_text(report)}
    write_json(out / "data-report.json", report)
    for name, text in texts.items():
        write_text(out / name, text)
    return {name: out / name for name in FILES}
