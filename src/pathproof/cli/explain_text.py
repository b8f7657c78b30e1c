"""What `pathproof explain` says in words: of one line, of what would flip it, and of rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pathproof.graph_schema.records import ClaimKind, Explanation

if TYPE_CHECKING:
    from pathproof.explain.multivariate.counterfactual import Counterfactual

SHOWN_CLAIMS, SHOWN_MOVES = 5, 8
Names = Mapping[str, str]


def lines_said(explanations: Sequence[Explanation], names: Names) -> list[str]:
    """One sentence for each record about one line: its strongest claims, the confirmed ones first."""
    said = []
    for one in (own for own in explanations if own.scope == "cell_line"):
        line = names.get(one.scope_ids[0], one.scope_ids[0])
        claims = [own for own in one.claims if own.kind in (ClaimKind.GENE, ClaimKind.INTERACTION)]
        claims.sort(key=lambda own: (own.confirmed is not True, -abs(own.value)))
        parts = [
            f"{' with '.join(own.genes)} {own.value:+.3f}{'' if own.confirmed else ' (not confirmed)'}"
            for own in claims[:SHOWN_CLAIMS]
        ]
        held = sum(own.confirmed is True for own in claims)
        what = ", ".join(parts) if parts else "nothing is selected by half of the members"
        said.append(
            f"{one.drug_name} in {line}, ln IC50 by its own values, minus what all drugs share: {what} "
            f"({held} of {len(claims)} confirmed)"
        )
    return said


def flips_said(flipped: Sequence[Counterfactual], drugs: Names, lines: Names) -> list[str]:
    """One sentence for each line and drug: what brings the model across the median, or that nothing was found."""
    said = []
    for one in flipped:
        moves = [f"{move.feature} {move.value:.2f} to {move.moved_to:.2f}" for move in one.moves[:SHOWN_MOVES]]
        more = f" and {len(one.moves) - SHOWN_MOVES} more" if len(one.moves) > SHOWN_MOVES else ""
        found = (
            f"{one.after:.2f} with {', '.join(moves)}{more}"
            if one.found
            else "nothing found: the most telling genes, moved together to values of other lines, do not cross it"
        )
        head = f"{drugs.get(one.output, one.output)} in {lines.get(one.line, one.line)}"
        said.append(f"{head}: predicted {one.before:.2f} ln IC50, median {one.threshold:.2f}; {found}")
    return said


def named_flips(flipped: Sequence[Counterfactual], drugs: Mapping[str, str], lines: Mapping[str, str]) -> list[Any]:
    """Counterfactuals as they are written: with names beside the ids, and whether the model crosses."""
    return [
        {
            "drug_name": drugs.get(one.output),
            "line_name": lines.get(one.line),
            "crosses": one.found,
            **asdict(one),
        }
        for one in flipped
    ]


def rules_said(explanations: Sequence[Explanation]) -> list[str]:
    """One line for each rule, the confirmed ones first; what was not confirmed says why."""
    from pathproof.explain.multivariate.rules import in_words

    said: dict[bool, list[str]] = {True: [], False: []}
    for record in explanations:
        for claim in (own for own in record.claims if own.kind is ClaimKind.RULE):
            text = in_words(record.parameters["factors"][f"{claim.kind.value}:{claim.key}"], record.drug_name)
            said[claim.confirmed is True].append(text if claim.confirmed else f"{text} - not confirmed: {claim.reason}")
    return said[True] + said[False]
