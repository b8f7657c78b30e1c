"""Cypher cut into tokens as a lexer does it: strings, back-ticked names, comments and numbers set aside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pathproof.errors import UsageError

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<name>`(?:[^`]|``)*`)
  | (?P<number>0[xX][\da-fA-F]+|(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d]\w*)
  | (?P<range>\.\.)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
READ_ONLY = "PathProof runs only reading queries: MATCH ... RETURN ...; a name like that goes in `back-ticks`"
"""What to do about a refused query."""


@dataclass(frozen=True)
class Token:
    """A piece of a statement.

    Attributes
    ----------
    kind : str
        "string", "name" (in back-ticks), "number", "word", "range" (two dots) or "sign".
    text : str
        As written.
    line : int
        Where it begins, from 1.
    """

    kind: str
    text: str
    line: int

    @property
    def keyword(self) -> str:
        """The word in capitals, also when it is written with look-alike letters; empty for anything else."""
        return unicodedata.normalize("NFKC", self.text).upper() if self.kind == "word" else ""


def tokens_of(cypher: str) -> list[Token]:
    """The tokens of a statement, without spaces and comments.

    Raises
    ------
    UsageError
        A string, name or comment is not closed, or servers would cut the text in different places.
    """
    found = []
    line, before = 1, ""
    for match in _TOKEN.finditer(cypher):
        kind = str(match.lastgroup)
        text = match.group()
        token = Token(kind, text, line)
        unclosed = (kind == "sign" and text in "'\"`") or (
            kind == "sign" and text == "/" and cypher[match.end() : match.end() + 1] == "*"
        )
        odd_sign = kind == "sign" and (not text.isascii() or text in "#@" or (text == "$" and before == "word"))
        if odd_sign or (kind == "word" and not text.isidentifier()):
            # digits such as ² belong to a word here, and to nothing there; € and a$b the other way round
            raise UsageError(
                "A name in the query holds a character that no name may hold.",
                where=f"line {line}",
                got=text,
                action=READ_ONLY,
            )
        if kind == "word" and before == "number":
            # lexers differ in what they make of 1SET
            raise UsageError("A number in the query runs into a word.", where=f"line {line}", got=text)
        if unclosed:
            raise UsageError("A string, name or comment in the query is not closed.", where=f"line {line}", got=text)
        if kind not in ("space", "comment"):
            found.append(token)
        line += text.count("\n")
        before = kind
    return found


def keyword(tokens: Sequence[Token], i: int) -> str:
    """The keyword at position `i`; empty where there is none."""
    return tokens[i].keyword if i < len(tokens) else ""


def sign(tokens: Sequence[Token], i: int) -> str:
    """The sign at position `i`; empty where there is none."""
    return tokens[i].text if 0 <= i < len(tokens) and tokens[i].kind in ("sign", "range") else ""
