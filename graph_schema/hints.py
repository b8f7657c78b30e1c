"""Labels, types and properties in a user's Cypher that the schema does not have: a reason for an empty answer."""

from __future__ import annotations

from pathproof.errors import nearest
from pathproof.graph_schema.exchange.rows import edge_properties, node_properties
from pathproof.graph_schema.schema import EDGE_BY_TYPE, NODE_BY_LABEL
from pathproof.graph_schema.tokens import Token, keyword, sign, tokens_of

_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_CLAUSES = ("MATCH", "WHERE", "AND", "OR", "NOT", "XOR", "EXISTS")  # before the bracket of a node, not of a function
_PROPERTIES = {*node_properties(), *edge_properties()}


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


def unknown_properties(cypher: str) -> list[str]:
    """Properties of nodes and relationships that no kind of them has, each once, in the order of the query.

    Looked at are `x.name` where a pattern binds x, and the keys of a map in a pattern; what a query names itself
    (WITH ... AS, a map of its own) is not. The forms of `cypher` and of what is returned are those of
    :func:`unknown_kinds`.
    """
    tokens = tokens_of(cypher)
    bound = _bound(tokens)
    used = [
        tokens[i + 2].text
        for i in range(len(tokens) - 2)
        if tokens[i].text in bound and sign(tokens, i + 1) == "." and tokens[i + 2].kind == "word"
    ]
    told: dict[str, None] = {}
    for name in [*_keys_in_patterns(tokens), *used]:
        if name not in _PROPERTIES:
            near = nearest(name, _PROPERTIES)
            told[f"no property {name}" + (f" (did you mean {near}?)" if near else "")] = None
    return list(told)


def _bound(tokens: list[Token]) -> set[str]:
    """Variables of nodes and relationships: the word after `(` or `-[`, before a label, a map or the bracket's end."""
    found = set()
    for i in range(1, len(tokens) - 1):
        node = sign(tokens, i - 1) == "(" and (
            i < 2 or tokens[i - 2].kind != "word" or keyword(tokens, i - 2) in _CLAUSES
        )
        relationship = sign(tokens, i - 1) == "[" and sign(tokens, i - 2) == "-"
        if tokens[i].kind == "word" and (node or relationship) and sign(tokens, i + 1) in (":", ")", "]", "{", "*"):
            found.add(tokens[i].text)
    return found


def _keys_in_patterns(tokens: list[Token]) -> list[str]:
    """Keys of the maps of node and relationship patterns, as symbol in (:Gene {symbol: 'BRAF'})."""
    keys = []
    inside: list[str] = []
    for i, token in enumerate(tokens):
        text = sign(tokens, i)
        if text in _OPENING:
            after = i > 1 and tokens[i - 1].kind in ("word", "name") and sign(tokens, i - 2) in (":", "|", "(", "[")
            inside.append("map" if text == "{" and inside[-1:] in (["("], ["["]) and after else text)
        elif text in _CLOSING and inside:
            inside.pop()
        elif inside[-1:] == ["map"] and token.kind == "word" and sign(tokens, i + 1) == ":":
            keys.append(token.text)
    return keys


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
