"""Hand-written inline SVG: precision beside its nulls, and precision against coverage.

Every chart has a fixed viewBox and says in words what it shows (role="img" and a label).
Colours come from the page's style sheet, so that light and dark follow the reader's setting;
shape and position carry the same facts for those who do not see the colours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from pathproof.validate.render_format import count, interval, percent, reference_title, share, shorten

PAD = 16
STRIP_WIDTH = 110


@dataclass(frozen=True)
class Scale:
    """A linear scale from a share to a position in the viewBox."""

    left: float
    right: float
    top: float = 1.0

    def __call__(self, value: float) -> float:
        """Position of `value`, clipped to the axis."""
        inside = min(max(value / self.top, 0.0), 1.0)
        return round(self.left + inside * (self.right - self.left), 1)


@dataclass(frozen=True)
class Layout:
    """Room for one precision chart: on a narrow screen the figures go under the reference's name."""

    name: str
    width: int
    row: int
    stacked: bool

    @property
    def strip_y(self) -> int:
        """Where a row's marks lie, from its top."""
        return self.row - 17


WIDE = Layout("chart wide", 600, 47, stacked=False)
NARROW = Layout("chart narrow", 360, 68, stacked=True)


def null_band(row: Mapping[str, Any]) -> tuple[float, float] | None:
    """Drug-swap mean ± 2 SD, clipped to [0, 1]; None without a null."""
    swap = row.get("drug_swap") or {}
    mean = swap.get("mean")
    if mean is None:
        return None
    reach = 2 * (swap.get("sd") or 0.0)
    return max(0.0, mean - reach), min(1.0, mean + reach)


def _popularity(row: Mapping[str, Any]) -> float | None:
    value = (row.get("popularity") or {}).get("mean")
    return None if value is None else float(value)


def marks(row: Mapping[str, Any], scale: Scale, y: float, half: float) -> str:
    """Null band, base-rate tick, popularity diamond, interval and dot of one precision row."""
    parts = []
    band = null_band(row)
    if band is not None:
        x0, x1 = scale(band[0]), scale(band[1])
        width = max(round(x1 - x0, 1), 3.0)
        parts.append(f'<rect class="nl" x="{x0}" y="{y - half:g}" width="{width:g}" height="{2 * half:g}" rx="2"/>')
    if row.get("base_rate") is not None:
        x = scale(row["base_rate"])
        parts.append(f'<path class="br" d="M{x} {y - half:g}V{y + half:g}"/>')
    popular = _popularity(row)
    if popular is not None:
        x, r = scale(popular), half * 0.6
        parts.append(f'<path class="pop" d="M{x} {y - r:g}l{r:g} {r:g}l-{r:g} {r:g}l-{r:g} -{r:g}z"/>')
    if row.get("precision") is not None:
        if row.get("ci95"):
            parts.append(f'<path class="ci" d="M{scale(row["ci95"][0])} {y:g}H{scale(row["ci95"][1])}"/>')
        parts.append(f'<circle class="dot" cx="{scale(row["precision"])}" cy="{y:g}" r="{half * 0.62:.3g}"/>')
    return "".join(parts)


def row_words(row: Mapping[str, Any]) -> str:
    """One precision row as a sentence for readers who do not see the chart."""
    title = row.get("title") or reference_title(row["reference"])
    if row.get("precision") is None:
        return f"{title}: nothing to score"
    swap = (row.get("drug_swap") or {}).get("mean")
    return (
        f"{title}: precision {share(row['precision'])} {interval(row.get('ci95'))}, "
        f"drug-swap {share(swap)}, base rate {share(row.get('base_rate'))}"
    )


def precision_chart(rows: Sequence[Mapping[str, Any]], asked: float | None, layout: Layout = WIDE) -> Markup:
    """Dot and interval for each reference, with its nulls; the asked precision as a dashed line."""
    scale = Scale(PAD, layout.width - PAD)
    top = 30
    bottom = top + layout.row * len(rows)
    parts = [_axis(scale, top - 6, bottom)]
    if asked is not None:
        x = scale(asked)
        anchor = "end" if asked > 0.8 else "middle"
        starts = (top + layout.row * i + layout.strip_y - 12 for i in range(len(rows)))
        segments = "".join(f"M{x} {y}v24" for y in starts)  # beside the marks only, never through a text
        parts.append(f'<path class="ask" d="{segments}"/>')
        parts.append(f'<text class="askt" x="{x}" y="{top - 13}" text-anchor="{anchor}">asked {share(asked)}</text>')
    for i, row in enumerate(rows):
        parts.append(_chart_row(row, scale, top + layout.row * i, layout))
    words = ". ".join(row_words(row) for row in rows)
    asked_words = "" if asked is None else f"Asked precision {share(asked)}. "
    label = f"Precision for each reference. {asked_words}{words}."
    return _svg(layout.width, bottom + 26, "".join(parts), label, layout.name)


def _chart_row(row: Mapping[str, Any], scale: Scale, y: float, layout: Layout) -> str:
    title = row.get("title") or reference_title(row["reference"])
    if row["claim_kind"] != "gene":
        title += f" ({row['claim_kind']}s)"
    if row.get("precision") is None:
        figures = "nothing to score"
    else:
        drugs = "" if row.get("n_drugs") is None else f" · {count(row['n_drugs'])} drugs"
        figures = f"{share(row['precision'])} {interval(row.get('ci95'))}{drugs}"
    left, right = PAD, layout.width - PAD
    place = f'x="{left}" y="{y + 33}"' if layout.stacked else f'x="{right}" y="{y + 16}" text-anchor="end"'
    strip_y = y + layout.strip_y
    return (
        f'<text class="lb" x="{left}" y="{y + 16}">{escape(shorten(title, 42))}<title>{escape(title)}</title></text>'
        f'<text class="fg" {place}>{escape(figures)}</text>'
        f'<path class="rail" d="M{left} {strip_y}H{right}"/>{marks(row, scale, strip_y, 9)}'
    )


def _axis(scale: Scale, top: float, bottom: float, ticks: Sequence[float] = (0, 0.25, 0.5, 0.75, 1)) -> str:
    lines = "".join(f'<path class="grid" d="M{scale(t)} {top}V{bottom}"/>' for t in ticks)
    last = len(ticks) - 1
    texts = "".join(
        f'<text class="ax" x="{scale(t)}" y="{bottom + 17}" text-anchor="{_anchor(i, last)}">{percent(t)}</text>'
        for i, t in enumerate(ticks)
    )
    return lines + texts


def _anchor(i: int, last: int) -> str:
    return "start" if i == 0 else "end" if i == last else "middle"


def strip(row: Mapping[str, Any]) -> Markup:
    """The same marks in one table row."""
    scale = Scale(6, STRIP_WIDTH - 6)
    body = f'<path class="rail" d="M6 9H{STRIP_WIDTH - 6}"/>{marks(row, scale, 9, 7)}'
    return _svg(STRIP_WIDTH, 18, body, None, "strip")


def selective_chart(row: Mapping[str, Any], asked: float | None) -> Markup:
    """Precision against coverage with the drug-swap band of the same number of claims."""
    curve = [point for point in row["curve"] if point[0] is not None and point[1] is not None]
    widest = max((point[0] for point in curve), default=1.0) or 1.0
    x_scale = Scale(50, 468, _round_up(widest))
    left, right, top, bottom = 50, 468, 18, 226

    def y(value: float) -> float:
        return round(bottom - value * (bottom - top), 1)

    parts = [_frame(x_scale, y, left, right)]
    band = [point for point in curve if point[2] is not None and point[3] is not None]
    if len(band) > 1:
        upper = " ".join(f"{x_scale(p[0])} {y(p[3])}" for p in band)
        lower = " ".join(f"{x_scale(p[0])} {y(p[2])}" for p in reversed(band))
        parts.append(f'<path class="nl" d="M{upper}L{lower}z"/>')
    if asked is not None:
        parts.append(f'<path class="ask" d="M{left} {y(asked)}H{right}"/>')
        parts.append(
            f'<text class="askt" x="{right}" y="{y(asked) - 5:g}" text-anchor="end">asked {share(asked)}</text>'
        )
    if curve:
        parts.append(f'<path class="line" d="M{" ".join(f"{x_scale(p[0])} {y(p[1])}" for p in curve)}"/>')
    if row.get("coverage_at_threshold") is not None and row.get("precision") is not None:
        x, cy = x_scale(row["coverage_at_threshold"]), y(row["precision"])
        if row.get("ci95"):
            parts.append(f'<path class="ci" d="M{x} {y(row["ci95"][0])}V{y(row["ci95"][1])}"/>')
        parts.append(f'<circle class="dot" cx="{x}" cy="{cy}" r="5.5"/>')
    return _svg(480, 268, "".join(parts), _selective_words(row, curve), "curve")


def _selective_words(row: Mapping[str, Any], curve: Sequence[Sequence[float]]) -> str:
    words = f"Precision against coverage for {row['explainer']} on {reference_title(row['reference'])}"
    if not curve:
        return f"{words}: no curve"
    first, last = curve[0], curve[-1]
    ends = [f"{share(point[1])} at coverage {share(point[0])}" for point in (first, last)]
    return f"{words}: from {ends[0]} to {ends[1]}"


def _frame(x_scale: Scale, y: Any, left: float, right: float) -> str:
    lines = "".join(
        f'<path class="grid" d="M{left} {y(t)}H{right}"/>'
        f'<text class="ax" x="{left - 6}" y="{y(t) + 4:g}" text-anchor="end">{percent(t)}</text>'
        for t in (0, 0.25, 0.5, 0.75, 1)
    )
    steps = [x_scale.top * f for f in (0, 0.25, 0.5, 0.75, 1)]
    texts = "".join(
        f'<text class="ax" x="{x_scale(t)}" y="{y(0) + 18:g}" text-anchor="{_anchor(i, 4)}">{percent(t)}</text>'
        for i, t in enumerate(steps)
    )
    middle = (left + right) / 2
    what = "coverage: share of drugs that keep a claim"
    axis = f'<text class="ax" x="{middle:g}" y="{y(0) + 37:g}" text-anchor="middle">{what}</text>'
    return lines + texts + axis


def _round_up(value: float) -> float:
    return next((top for top in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8) if value <= top), 1.0)


def _svg(width: float, height: float, body: str, words: str | None, name: str) -> Markup:
    spoken = 'aria-hidden="true"' if words is None else f'role="img" aria-label="{escape(words)}"'
    return Markup(f'<svg class="{name}" viewBox="0 0 {width:g} {height:g}" {spoken}>{body}</svg>')  # noqa: S704  every text in it was escaped above
