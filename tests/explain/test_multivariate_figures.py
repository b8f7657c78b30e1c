"""Figures of a record: valid on their own, complete, and drawn to scale."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from pathproof.explain.multivariate.figures import STYLE, figures
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Sign

SVG = "{http://www.w3.org/2000/svg}"


def _claim(kind: ClaimKind, genes: tuple[str, ...], value: float, confirmed: bool = True, **more: object) -> Claim:
    sign = Sign.RESISTANCE if value > 0 else Sign.SENSITIVITY
    return Claim(kind=kind, genes=genes, value=value, sign=sign, rank=1, confirmed=confirmed, **more)  # type: ignore[arg-type]


GENES = [
    _claim(ClaimKind.GENE, (f"GENE{i}",), (-1) ** i * (0.4 - 0.015 * i), i % 3 != 2, sd=0.05, layers=("expression",))
    for i in range(24)
]
PAIRS = [
    _claim(ClaimKind.INTERACTION, ("BRAF", "NF1"), 0.2),
    _claim(ClaimKind.INTERACTION, ("NF1", "KRAS"), -0.1, confirmed=False),
    _claim(ClaimKind.INTERACTION, ("EGFR", "BRAF"), -0.05),
]
MODULES = [
    _claim(ClaimKind.MODULE, ("DUSP6", "SPRY2", "ETV4"), -0.3, weights=(-0.2, -0.15, -0.05)),
    _claim(ClaimKind.MODULE, ("VIM", "ZEB1"), 0.2, confirmed=False, weights=(0.15, 0.1)),
]
RECORD = Explanation(
    explainer="multivariate", version="3", drug="gdsc.drug:1", drug_name='A <"drug"> & more', screen="gdsc2",
    claims=tuple([*GENES, *PAIRS, *MODULES]),
)  # fmt: skip
DRAWN = figures(RECORD)


def _parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 (our own)


@pytest.mark.parametrize("name", ["genes", "pairs", "modules"])
def test_each_is_one_small_valid_file_that_needs_nothing_else(name: str) -> None:
    text = DRAWN[name]
    root = _parsed(text)
    assert root.tag == f"{SVG}svg"
    assert len(text) < 12_000
    outside = text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|url\(|<script|@import|href", outside)
    assert root.get("role") == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert (title.text or "").startswith(RECORD.drug_name)
    assert desc is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"


def test_everything_that_is_drawn_stands_in_the_text_alternative() -> None:
    said = {name: _parsed(text).findtext(f"{SVG}desc") or "" for name, text in DRAWN.items()}
    assert all(f"{own.genes[0]} {own.value:+.3f}" in said["genes"] for own in GENES[:20])
    assert "GENE20" not in said["genes"]
    assert "NF1 and KRAS -0.100, not confirmed" in said["pairs"]
    assert "module 2 +0.200, not confirmed: VIM, ZEB1" in said["modules"]


def test_bars_are_to_scale_and_to_the_side_of_their_sign() -> None:
    bars = [r for r in _parsed(DRAWN["genes"]).iter(f"{SVG}rect") if r.get("height") == "14"]
    assert len(bars) == 20
    lengths = [float(bar.get("width", "0")) for bar in bars]
    wanted = [abs(own.value) for own in GENES[:20]]
    assert [a / lengths[0] for a in lengths] == pytest.approx([b / wanted[0] for b in wanted], abs=0.01)
    lefts = {float(bar.get("x", "0")) for bar in bars if "r" in (bar.get("class") or "").split()}
    assert len(lefts) == 1, "all bars of resistance start at the middle"
    assert sum("u" in (bar.get("class") or "").split() for bar in bars) == sum(not own.confirmed for own in GENES[:20])


def test_pairs_are_as_wide_as_strong_and_dashed_where_not_confirmed() -> None:
    lines = [p for p in _parsed(DRAWN["pairs"]).iter(f"{SVG}path")]
    widths = [float(line.get("stroke-width", "0")) for line in lines]
    assert widths == sorted(widths, reverse=True)
    assert [line.get("stroke-dasharray") is not None for line in lines] == [False, True, False]
    assert len(list(_parsed(DRAWN["pairs"]).iter(f"{SVG}circle"))) == 4


def test_the_heat_map_has_a_number_in_every_cell() -> None:
    root = _parsed(DRAWN["modules"])
    cells = [r for r in root.iter(f"{SVG}rect") if "cell" in (r.get("class") or "")]
    texts = {t.text for t in root.iter(f"{SVG}text")}
    assert len(cells) == 5
    assert {"-0.20", "+0.15", "DUSP6", "ZEB1", "1*", "2"} <= texts


def test_there_is_no_figure_of_what_was_not_claimed() -> None:
    assert set(figures(RECORD.model_copy(update={"claims": tuple(GENES[:1])}))) == {"genes"}
    assert figures(RECORD.model_copy(update={"claims": ()})) == {}


def _luminance(colour: str) -> float:
    full = "".join(c * 2 for c in colour) if len(colour) == 3 else colour
    parts = [int(full[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a: str, b: str) -> float:
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_marks_and_text_stand_out_in_light_and_in_dark() -> None:
    light, dark = STYLE.split("@media (prefers-color-scheme:dark)")
    for part in (light, dark):
        ground = re.search(r"\.bg(?:,\.node)?\{fill:#(\w+)", part)
        assert ground
        for name, least in (("r", 3.0), ("s", 3.0), ("quiet", 4.5)):
            found = re.search(rf"\.{name}\{{fill:#(\w+)", part)
            assert found
            assert _contrast(found[1], ground[1]) >= least
        text = re.search(r"text\{[^}]*fill:#(\w+)", part)
        assert text
        assert _contrast(text[1], ground[1]) >= 7
