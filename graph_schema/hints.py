"""Labels and relationship types in a user's Cypher that the schema does not have: a reason for an empty answer."""

from __future__ import annotations

from pathproof.errors import nearest
from pathproof.graph_schema.schema import EDGE_BY_TYPE, NODE_BY_LABEL
from pathproof.graph_schema.tokens import Token, sign, tokens_of

_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")


def unknown_kinds(cypher: str) -> list[str]:
    """What the schema does not have, each once, in the order of the query, with the nearest that it has.

    Parameters
    ----------
    cypher : str
        A statement that the guard has let pass.

    Returns
    -------
    list of str
        As "no label Gen (did you mean Gene?)"; empty where all are known.
    """
    tokens = tokens_of(cypher)
    said: dict[str, None] = {}
    inside: list[str] = []  # the open brackets; "-[" is that of a relationship
    i = 0
    while i < len(tokens):
        text = sign(tokens, i)
        if text in _OPENING:
            inside.append("-[" if text == "[" and sign(tokens, i - 1) == "-" else text)
        elif text in _CLOSING and inside:
            inside.pop()
        elif text == ":" and inside[-1:] != ["{"]:  # in braces it comes after the key of a map
            names, i = _names(tokens, i + 1)
            said |= dict.fromkeys(_told(name, inside[-1:] == ["-["]) for name in names)
            continue
        i += 1
    return [one for one in said if one]


def _names(tokens: list[Token], i: int) -> tuple[list[str], int]:
    """The names of a label or type expression as A|B&!C that begins here, and where it ends."""
    names = []
    while i < len(tokens):
        if tokens[i].kind in ("word", "name"):
            if sign(tokens, i + 1) == ".":  # [x IN list WHERE x:Gene | x.symbol]
                break
            text = tokens[i].text
            names.append(text[1:-1].replace("``", "`") if tokens[i].kind == "name" else text)
            if sign(tokens, i + 1) not in ("|", "&", ":"):
                return names, i + 1
        elif sign(tokens, i) not in ("|", "&", ":", "!"):
            break
        i += 1
    return names, i


def _told(name: str, in_relationship: bool) -> str:
    """What is wrong with a name, or nothing: outside of a relationship a predicate may ask for a type too."""
    known = list(EDGE_BY_TYPE) if in_relationship else [*NODE_BY_LABEL, *EDGE_BY_TYPE]
    if name in known:
        return ""
    near = nearest(name, known)
    what = "relationship type" if in_relationship else "label"
    return f"no {what} {name}" + (f" (did you mean {near}?)" if near else "")
