"""What an evidence item says of a mutation and of a high expression of the gene.

An item is about an alteration as its source writes it ("BRAF V600E", "PTEN Loss", "TP53
Wildtype"). Its significance is that of the alteration. A claim is about a feature: the gene is
mutated, or its expression is high. Losses turn the sign for the expression, a wild type turns
it for the mutation and says nothing of the expression.
"""

from __future__ import annotations

import re

_LOSS = re.compile(
    r"^(loss|loss-of-function|deletion|underexpression|low|copy number loss|"
    r"(promoter )?(hyper)?methylation|truncating mutation|null|negative)\b",
    re.IGNORECASE,
)
_WILD = re.compile(r"^(wild[- ]?type|wt)\b", re.IGNORECASE)
_PARTS = re.compile(r"\s+(?:AND|OR)\s+")


def alteration(profile: str, gene: str) -> str:
    """One of "loss", "wildtype" and "change": how the profile alters the gene."""
    kinds = set()
    for part in _PARTS.split(profile.strip("() ")):
        text = part.strip("() ")
        negated = text.upper().startswith("NOT ")
        text = text[4:] if negated else text
        if text.upper().startswith(gene.upper() + " "):
            rest = text[len(gene) + 1 :].strip()
            kinds.add("wildtype" if negated or _WILD.match(rest) else "loss" if _LOSS.match(rest) else "change")
    return kinds.pop() if len(kinds) == 1 else "change"


def mutation_sign(sign: int, profile: str, gene: str) -> int:
    """+1 when a mutation of the gene goes with resistance, -1 with sensitivity."""
    return -sign if alteration(profile, gene) == "wildtype" else sign


def expression_sign(sign: int, profile: str, gene: str) -> int:
    """+1 when a high expression of the gene goes with resistance, -1 with sensitivity, 0 when not said."""
    return {"wildtype": 0, "loss": -sign, "change": sign}[alteration(profile, gene)]
