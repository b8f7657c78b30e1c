"""Figures of one record as SVG: genes as signed bars, pairs as a network, modules as a heat map.

Drawn from the record alone. Each is one small file without script, fonts or links; it follows the reader's light or
dark setting, says by hue and by side or dash what it says by colour, and carries its content as text too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Sign

STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#1b1e23}.bg{fill:#fff}.axis{stroke:#6b7280;fill:none}"
    ".ci{stroke:#1b1e23;stroke-width:1.5}.halo{stroke:#fff;stroke-width:4.5}.r{fill:#d55e00;stroke:#d55e00}.s{fill:#0072b2;stroke:#0072b2}.n{fill:#6b7280;stroke:#6b7280}"
    ".u{fill-opacity:.12}.head{font-weight:600}.line{fill:none}.node{fill:#fff;stroke:#1b1e23}.cell{stroke:none}"
    ".quiet{fill:#565d68}"
    "@media (prefers-color-scheme:dark){text{fill:#e8eaed}.bg,.node{fill:#16181d}.node,.ci{stroke:#e8eaed}"
    ".halo{stroke:#16181d}.r{fill:#e69f00;stroke:#e69f00}.s{fill:#56b4e9;stroke:#56b4e9}.n{fill:#9aa1ac;stroke:#9aa1ac}.cell{stroke:none}.axis{stroke:#9aa1ac}"
    ".quiet{fill:#b3bac5}}"
)
SHOWN = 20
ROW, LEFT, WIDTH, TOP, FOOT = 22, 150, 640, 44, 46
SPREAD = 2.0
"""Intervals are so many SDs over the models that were fitted on other lines, to both sides."""


@dataclass(frozen=True)
class Reading:
    """How the claims of a record are to be read.

    Parameters
    ----------
    genes, pairs : str
        What the values are, and how firm claims are told from others.
    words : (str, str)
        Of a firm claim, and of another; empty where the explainer tells none apart.
    at : float or None
        Least confidence of a firm claim; None: the model was asked, and `confirmed` says it.
    """

    genes: str
    pairs: str
    words: tuple[str, str] = ("confirmed", "not confirmed")
    at: float | None = None

    def firm(self, own: Claim) -> bool:
        """Whether a claim is drawn in full."""
        return own.confirmed is True if self.at is None else own.confidence is None or own.confidence >= self.at

    def said(self, own: Claim) -> str:
        """ ", confirmed", or what stands in its place."""
        word = self.words[0 if self.firm(own) else 1]
        return f", {word}" if word else ""


OURS = Reading(
    "ln IC50 per SD, minus what all drugs share; line: ± 2 SD over refitted models; pale: not confirmed",
    "width: second derivative, ln IC50 per product of SDs; dashed: not confirmed",
)


def reading(record: Explanation) -> Reading:
    """How to read a record: ours are confirmed or not, of others the parameters say what the values are."""
    value, pair = (str(record.parameters.get(name, "")) for name in ("value", "pair_value"))
    if not value or any(own.confirmed is not None for own in record.claims):
        return OURS
    if "z0" in record.parameters:  # of the mixed model: a confidence of a half is Bonferroni's level
        words = ("shown by the data", "below the level of the data")
        return Reading(f"{value}; pale: {words[1]}", f"width: {pair}", words, 0.5)
    return Reading(f"{record.explainer}: {value}", f"width: {pair}", ("", ""), 0.0)


def figures(record: Explanation) -> dict[str, str]:
    """The figures of a record by name ("genes", "pairs", "modules"); without claims of a kind there is none of it.

    Modules are drawn by the weights of their genes, so those of an explainer that states none are not.
    """
    drawn = {"genes": (ClaimKind.GENE, gene_bars), "pairs": (ClaimKind.INTERACTION, pair_network)}
    drawn["modules"] = (ClaimKind.MODULE, module_map)
    found = {}
    for name, (kind, draw) in drawn.items():
        claims = [claim for claim in record.claims if claim.kind is kind]
        if claims and (draw is not module_map or any(claim.weights for claim in claims)):
            found[name] = draw(record.drug_name, claims, reading(record))
    return found


def gene_bars(drug: str, claims: Sequence[Claim], read: Reading = OURS) -> str:
    """Signed bars with intervals, the strongest first: resistance to the right, claims that are not firm pale."""
    shown = sorted(claims, key=lambda own: -abs(own.value))[:SHOWN]
    reach = max(abs(own.value) + SPREAD * (own.sd or 0.0) for own in shown) or 1.0
    middle, half = (LEFT + WIDTH - 16) / 2, (WIDTH - 16 - LEFT) / 2
    bottom = TOP + ROW * len(shown)
    body = []
    for i, own in enumerate(shown):
        y, length = TOP + ROW * i, half * own.value / reach
        said = f"{_gene_said(own)}{read.said(own)}" + ("" if own.sd is None else f", SD {own.sd:.3f}")
        bar = _tag(
            "rect",
            _hue(own) if read.firm(own) else f"{_hue(own)} u",
            x=min(middle, middle + length),
            y=y + 4,
            width=abs(length),
            height=ROW - 8,
        )
        if own.sd is not None:
            ends = [middle + half * (own.value + side * SPREAD * own.sd) / reach for side in (-1, 1)]
            interval = f"M{ends[0]:.1f} {y + ROW / 2}H{ends[1]:.1f}"
            bar += _tag("path", "halo", d=interval) + _tag("path", "ci", d=interval)  # seen on bars of every colour
        layer = f" ({own.layers[0]})" if own.layers and own.layers[0] != "expression" else ""
        label = _text(LEFT - 8, y + 15, own.genes[0] + layer, anchor="end")
        body.append(f"<g><title>{escape(said)}</title>{label}{bar}</g>")
    body.append(_tag("path", "axis", d=f"M{middle} {TOP}V{bottom}"))
    body += [
        _text(middle + side * half, bottom + 16, f"{side * reach:+.2f}" if side else "0", anchor="middle")
        for side in (-0.9, 0, 0.9)
    ]
    return _svg(
        f"{drug}: genes",
        read.genes,
        [f"{_gene_said(own)}{read.said(own)}" for own in shown],
        body,
        bottom + FOOT,
    )


def pair_network(drug: str, claims: Sequence[Claim], read: Reading = OURS) -> str:
    """Genes on a circle, pairs as lines as wide as they are strong; pairs that are not firm are dashed."""
    genes = sorted({gene for own in claims for gene in own.genes})
    radius = max(70.0, 9.0 * len(genes))
    middle, centre = WIDTH / 2, TOP + radius + 26
    turns = [2 * math.pi * i / len(genes) - math.pi / 2 for i in range(len(genes))]
    place = {
        g: (middle + radius * math.cos(t), centre + radius * math.sin(t)) for g, t in zip(genes, turns, strict=True)
    }
    most = max(abs(own.value) for own in claims) or 1.0
    body = []
    for own in claims:
        (ax, ay), (bx, by) = (place[gene] for gene in own.genes)
        more = {} if read.firm(own) else {"stroke_dasharray": "5 4"}
        width = f"{1 + 5 * abs(own.value) / most:.1f}"
        line = _tag("path", f"{_hue(own)} line", d=f"M{ax:.1f} {ay:.1f}L{bx:.1f} {by:.1f}", stroke_width=width, **more)
        body.append(f"<g><title>{escape(_pair_said(own, read))}</title>{line}</g>")
    for gene, (x, y) in place.items():
        side = 0 if abs(x - middle) < 1 else math.copysign(1, x - middle)
        body.append(_tag("circle", "node", cx=x, cy=y, r=5))
        anchor = ("end", "middle", "start")[int(side) + 1]
        body.append(_text(x + 9 * side, y + (4 if side else math.copysign(17, y - centre) + 4), gene, anchor=anchor))
    return _svg(
        f"{drug}: pairs of genes",
        read.pairs,
        [_pair_said(own, read) for own in claims],
        body,
        centre + radius + 30 + FOOT,
    )


def module_map(drug: str, claims: Sequence[Claim], read: Reading = OURS) -> str:
    """Genes against modules, each cell the gene's weight: hue by its sign, which the number says too."""
    genes = list(dict.fromkeys(gene for own in claims for gene in own.genes))
    cells = {(gene, k): w for k, own in enumerate(claims) for gene, w in zip(own.genes, own.weights, strict=False)}
    most = max((abs(w) for w in cells.values()), default=0.0) or 1.0
    wide = min(90.0, (WIDTH - LEFT - 16) / len(claims))
    top = TOP + 20
    body = [_text(LEFT + wide * (k + 0.5), top - 6, _heading(k, own), anchor="middle") for k, own in enumerate(claims)]
    for i, gene in enumerate(genes):
        y = top + ROW * i
        body.append(_text(LEFT - 8, y + 15, gene, anchor="end"))
        for k in range(len(claims)):
            if (gene, k) in cells:
                w = cells[gene, k]
                box = {"x": LEFT + wide * k + 1, "y": y + 1, "width": wide - 2, "height": ROW - 2}
                hue = ("r" if w > 0 else "s") + " cell"
                body.append(_tag("rect", hue, **box, fill_opacity=f"{0.08 + 0.42 * abs(w) / most:.2f}"))
                body.append(_text(LEFT + wide * (k + 0.5), y + 15, f"{w:+.2f}", anchor="middle"))
    said = [f"module {k + 1} {own.value:+.3f}{read.said(own)}: {', '.join(own.genes)}" for k, own in enumerate(claims)]
    note = "weight of each gene, ln IC50 per SD; in the heading * marks a confirmed module"
    return _svg(f"{drug}: modules", note, said, body, top + ROW * len(genes) + FOOT)


def _heading(k: int, own: Claim) -> str:
    return f"{k + 1}{'*' if own.confirmed else ''}"


def _pair_said(own: Claim, read: Reading) -> str:
    return f"{own.genes[0]} and {own.genes[1]} {own.value:+.3f}{read.said(own)}"


def _gene_said(own: Claim) -> str:
    return f"{own.genes[0]} {own.value:{'' if own.sign is None else '+'}.3f}"


def _hue(own: Claim) -> str:
    """Resistance, sensitivity, or neither where no direction is stated."""
    return "n" if own.sign is None else "r" if own.sign is Sign.RESISTANCE else "s"


def _tag(name: str, css: str, **attributes: object) -> str:
    given = "".join(f" {key.replace('_', '-')}={quoteattr(_number(value))}" for key, value in attributes.items())
    return f'<{name} class="{css}"{given}/>'


def _number(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _text(x: float, y: float, text: str, css: str = "", anchor: str = "start") -> str:
    named = f' class="{css}"' if css else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(title: str, note: str, said: Sequence[str], body: Sequence[str], height: float) -> str:
    """One figure with its title, its legend, and what it shows as text for readers who do not see it."""
    y = height - 10
    key = [
        _tag("rect", "s", x=16, y=y - 10, width=10, height=10),
        _text(31, y, "sensitivity"),
        _tag("rect", "r", x=106, y=y - 10, width=10, height=10),
        _text(121, y, "resistance"),
    ]
    if any('class="n' in one for one in body):
        key = [_tag("rect", "n", x=16, y=y - 10, width=10, height=10), _text(31, y, "no direction is stated")]
    head = [_text(16, 20, title, "head"), _text(16, 36, note, "quiet")]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img" aria-labelledby="title desc"><title id="title">{escape(title)}</title>'
        f'<desc id="desc">{escape(f"{note}. " + "; ".join(said))}.</desc><style>{STYLE}</style>'
        f'<rect class="bg" width="100%" height="100%"/>{"".join([*head, *body, *key])}</svg>\n'
    )
