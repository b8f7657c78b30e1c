"""Writes a report: JSON is the product; HTML, Markdown, CSV and JUnit are renderings of it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pathproof.validate.render_format import number, with_interval
from pathproof.validate.render_html import render_html, render_summary
from pathproof.validate.schema_report import check_report
from pathproof.workspace import write_json, write_text

FILES = ("report.json", "report.html", "claims.csv", "junit.xml", "summary.md")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_report(report: Mapping[str, Any], claims: pd.DataFrame, out: Path) -> dict[str, Path]:
    """Check the report, then write all its forms; equal reports give equal bytes.

    Nothing is written when the report breaks its contract.

    Parameters
    ----------
    report : mapping
        See docs/report.md for the keys.
    claims : DataFrame
        One row per claim, written as it is (lists joined by "; ", missing values left empty).
    out : Path
        The folder; it is made when it does not exist.

    Returns
    -------
    dict
        File name to path, for report.json, report.html, claims.csv, junit.xml and summary.md.

    Raises
    ------
    DataError
        When the report is not finite, not JSON, or does not keep the contract.
    WorkspaceError
        When the folder cannot be written.
    """
    checked = check_report(report)
    texts = {
        "report.html": render_html(checked),
        "claims.csv": claims_csv(claims),
        "junit.xml": junit_xml(checked),
        "summary.md": render_summary(checked),
    }
    write_json(out / "report.json", checked)
    for name, text in texts.items():
        write_text(out / name, text)
    return {name: out / name for name in FILES}


def claims_csv(claims: pd.DataFrame) -> str:
    """The claim table as CSV text."""
    flat = claims.copy()
    for column in flat.columns:
        if flat[column].dtype == object:
            flat[column] = [_joined(value) for value in flat[column]]
    return flat.to_csv(index=False, lineterminator="\n")


def _joined(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return "; ".join(str(item) for item in items)
    return value


def junit_xml(report: Mapping[str, Any]) -> str:
    """One test case per gate; a report without gates has one failed case."""
    gates = report["gates"]
    suite = ET.Element("testsuite", name="pathproof")
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("verdict", report["verdict"]["status"]),
        ("kind", report["kind"]),
        ("run", report["run"]["id"]),
    ):
        ET.SubElement(properties, "property", name=name, value=_xml(value))
    for gate in gates:
        _case(suite, gate)
    if not gates:
        case = ET.SubElement(suite, "testcase", classname="pathproof.gates", name="any gate", time="0")
        ET.SubElement(case, "failure", message="no checks at all is a failure")
    counts = {name: len(suite.findall(f"testcase/{name}")) for name in ("failure", "error", "skipped")}
    suite.set("tests", str(max(len(gates), 1)))
    for attribute, name in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(counts[name]))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, gate: Mapping[str, Any]) -> None:
    case = ET.SubElement(suite, "testcase", classname="pathproof.gates", name=_xml(gate["id"]), time="0")
    message = _xml(
        f"{gate['title']}: observed {with_interval(gate['observed'], gate.get('ci95'))}, asked {gate['criterion']}, "
        f"null {number(gate.get('null_mean'))}, p {number(gate.get('p'), 2)}"
    )
    reason = gate.get("reason") or gate.get("detail")
    if reason:
        message += _xml(f" ({reason})")
    tag = {"fail": "failure", "error": "error", "not_run": "skipped"}.get(gate["status"])
    if tag:
        ET.SubElement(case, tag, message=message)
    else:
        ET.SubElement(case, "system-out").text = f"{gate['status']}: {message}"


def _xml(value: Any) -> str:
    return _NOT_XML.sub("?", str(value))
