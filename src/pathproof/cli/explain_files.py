"""What `pathproof explain` leaves as files: records, a CSV of claims for each explainer, figures, a summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from pathproof.graph_schema.records import ClaimKind, Explanation
from pathproof.workspace import write_json, write_text

NAMING: dict[ClaimKind, tuple[str, ...]] = {ClaimKind.GENE: ("gene",), ClaimKind.INTERACTION: ("gene", "gene2")}


class Leavings(Protocol):
    """What an explainer leaves: its records, those of its peers, and what a summary tells."""

    @property
    def explanations(self) -> list[Explanation]:
        """Its own records."""
        ...

    @property
    def peers(self) -> list[Explanation]:
        """Records of others beside it."""
        ...

    @property
    def summary(self) -> dict[str, Any]:
        """JSON-able facts."""
        ...


def write_files(
    result: Leavings,
    out: Path,
    flipped: Sequence[Any] | None = None,
    rules: Sequence[str] = (),
    drawn: bool = True,
) -> dict[str, Path]:
    """Write the records, each explainer's claims with their confidence, rules, figures, summary; give their paths.

    Parameters
    ----------
    result : Leavings
    out : Path
        Folder.
    flipped : sequence, optional
        Counterfactuals as they are written; None: none were asked for.
    rules : sequence of str
        One sentence each.
    drawn : bool
        Whether figures are drawn of the explanations (of peers never).
    """
    from pathproof.explain.multivariate.figures import figures

    records = [*result.explanations, *result.peers]
    write_text(out / "explanations.jsonl", "".join(one.to_json() + "\n" for one in records))
    write_json(out / "summary.json", result.summary)
    scored = [one for one in records if one.scope != "cell_line"]  # references speak of drugs, not of one line
    explainers = sorted({one.explainer for one in scored})
    for name in explainers:
        rows = claim_rows([one for one in scored if one.explainer == name])
        write_text(out / f"{name}.csv", rows.to_csv(index=False))
    files = ["explanations.jsonl", "summary.json", *(f"{name}.csv" for name in explainers)]
    if rules:
        files.append("rules.txt")
        write_text(out / files[-1], "".join(f"{text}\n" for text in rules))
    made = [(one, name, text) for one in result.explanations if drawn for name, text in figures(one).items()]
    for one, name, text in made:
        write_text(out / "figures" / f"{one.drug.replace(':', '_')}-{name}.svg", text)
    if made:
        files.append("figures")
    if flipped is not None:
        files.append("counterfactuals.json")
        write_json(out / files[-1], list(flipped))
    return {name: (out / name).resolve() for name in files}


def claim_rows(explanations: Sequence[Explanation]) -> pd.DataFrame:
    """Claims but rules, with their confidence, in the columns that `pathproof validate --explanations` reads.

    Not confirmed ones too: `validate` ranks by confidence. A confidence of 0, where model or data say the opposite, is
    no claim.
    """
    columns = ("drug", "gene", "gene2", "module", "pathway", "score", "sign", "confidence", "layer", "screen")
    rows: list[Mapping[str, Any]] = []
    for record in explanations:
        for claim in record.claims:
            if claim.confidence == 0 or claim.kind is ClaimKind.RULE:  # no reference speaks of rules
                continue
            named = dict(zip(NAMING.get(claim.kind, ()), claim.genes, strict=False))
            if claim.kind is ClaimKind.MODULE:
                named = {"module": "|".join(claim.genes)}
            if claim.pathway is not None:
                named = {"pathway": claim.pathway}
            layers = set(claim.layers)
            rows.append(
                {
                    **named,
                    "drug": record.drug,
                    "score": claim.value,
                    "sign": None if claim.sign is None else claim.sign.value,
                    "confidence": claim.confidence,
                    "layer": layers.pop() if len(layers) == 1 else None,
                    "screen": record.screen,
                    "explainer": record.explainer,
                }
            )
    return pd.DataFrame(rows, columns=[*columns, "explainer"])
