"""A user's Cypher may read and nothing else: checked here, before any server sees it.

A READ session is not enough (the embedded server writes in one all the same), and a server's own
EXPLAIN would first have to be trusted with the text. So the text is cut into tokens as a Cypher
lexer does (strings, back-ticked names, comments and numbers set aside), and every word that could
begin a write is refused unless it stands where only a name can stand: after a dot, a colon or `$`,
or as the key of a map. A name before `(` is a call wherever it stands, and only the functions of
standard Cypher may be called: of the servers' and plug-ins' own, some sleep, write or evaluate text.
"""

from __future__ import annotations

import re
import unicodedata

from pathproof.errors import UsageError, nearest
from pathproof.graph_schema.tokens import READ_ONLY, Token, keyword, sign, tokens_of

READING_STARTS = ("MATCH", "OPTIONAL", "WITH", "UNWIND", "RETURN", "CALL")
REFUSED = {
    **dict.fromkeys(("CREATE", "MERGE", "INSERT", "SET", "FOREACH"), "writes"),
    **dict.fromkeys(("DELETE", "DETACH", "NODETACH", "REMOVE", "DROP"), "deletes"),
    "USE": "switches to another database",
}
# of Cypher 5, in small letters; without those of LOAD CSV (file, linenumber) and USE (graph.*)
_FUNCTIONS = """
    all any exists isempty none single
    avg collect count max min percentilecont percentiledisc stdev stdevp sum
    char_length character_length coalesce elementid endnode head id last length nullif properties randomuuid size
    startnode timestamp toboolean tobooleanornull tofloat tofloatornull tointeger tointegerornull type valuetype
    keys labels nodes range reduce relationships tail tobooleanlist tofloatlist tointegerlist tostringlist
    abs ceil floor isnan rand round sign e exp log log10 sqrt
    acos asin atan atan2 cos cot degrees haversin pi radians sin tan
    btrim left lower ltrim normalize replace reverse right rtrim split substring tolower tostring tostringornull
    toupper trim upper
    date date.realtime date.statement date.transaction date.truncate
    datetime datetime.fromepoch datetime.fromepochmillis datetime.realtime datetime.statement datetime.transaction
    datetime.truncate
    localdatetime localdatetime.realtime localdatetime.statement localdatetime.transaction localdatetime.truncate
    localtime localtime.realtime localtime.statement localtime.transaction localtime.truncate
    time time.realtime time.statement time.transaction time.truncate
    duration duration.between duration.indays duration.inmonths duration.inseconds
    point point.distance point.withinbbox vector.similarity.cosine vector.similarity.euclidean
    shortestpath allshortestpaths
"""
# words that a bracket may follow without being called
_BEFORE_BRACKET = """
    MATCH WHERE WITH RETURN DISTINCT UNWIND CALL BY SKIP OFFSET LIMIT AND OR XOR NOT IN CONTAINS FROM
    CASE WHEN THEN ELSE SHORTEST PATH PATHS GROUP GROUPS
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
BEFORE_BRACKET = frozenset(_BEFORE_BRACKET.split())


def check_read_only(cypher: str) -> None:
    """Refuse Cypher that could do anything but read.

    Parameters
    ----------
    cypher : str
        One statement.

    Raises
    ------
    UsageError
        It is empty, several statements, or holds a writing, schema or administration clause, LOAD CSV,
        USE, a procedure call or a function that is not Cypher's own; the message names the word and its line.
    """
    _check_characters(cypher)
    tokens = tokens_of(cypher)
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    if not tokens:
        raise UsageError("The query is empty.", action=READ_ONLY)
    _check_starts(tokens)
    for i, token in enumerate(tokens):
        if token.text == ";" and token.kind == "sign":
            raise _refuse(token, "begins a second statement")
        if token.text == "(" and token.kind == "sign":
            _check_function(tokens, i)
        if not token.keyword or _is_name(tokens, i):
            continue
        if token.keyword in REFUSED:
            raise _refuse(token, REFUSED[token.keyword])
        if token.keyword == "LOAD" and keyword(tokens, i + 1) == "CSV":
            raise _refuse(token, "reads a file or an address")
        if token.keyword == "TRANSACTIONS" and keyword(tokens, i - 1) in ("IN", "CONCURRENT"):
            raise _refuse(token, "commits in between")
        if token.keyword == "CALL" and not _is_subquery(tokens, i):
            raise _refuse(token, "runs a procedure")


def _check_function(tokens: list[Token], opening: int) -> None:
    """A name before a bracket is a call, also after a colon, where a label would have none."""
    first = opening - 1
    if first < 0 or tokens[first].kind not in ("word", "name"):
        return
    while first >= 2 and sign(tokens, first - 1) == ".":
        first -= 2
    name = "".join(token.text for token in tokens[first:opening])
    if name.lower() not in FUNCTIONS and name.upper() not in BEFORE_BRACKET:
        raise UsageError(
            f"This query is refused: {name} is not a function of standard Cypher.",
            where=f"line {tokens[first].line}",
            got=name,
            nearest=nearest(name.lower(), FUNCTIONS),
            action="use the functions of Cypher itself: those of plug-ins and of one server may do more than read",
        )


def _check_characters(cypher: str) -> None:
    """Characters that servers read differently from us would let a write hide in a comment or string."""
    if re.search(r"\\u", cypher, re.IGNORECASE):
        raise UsageError(
            "A query may not hold Unicode escapes.", got="\\u", action="write the character itself or use a parameter"
        )
    odd = [
        char
        for i, char in enumerate(cypher)
        if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cs")
        and char not in "\t\n"
        and not (char == "\r" and cypher[i + 1 : i + 2] == "\n")
    ]
    if odd:
        raise UsageError(
            "A query may not hold control or invisible characters.",
            got=f"U+{ord(odd[0]):04X}",
            action="type the query anew, without what was pasted in",
        )


def _check_starts(tokens: list[Token]) -> None:
    """A statement, and each part of a UNION, begins with a reading clause."""
    first = 1 if tokens[0].keyword in ("EXPLAIN", "PROFILE") else 0
    starts = [first]
    for i, token in enumerate(tokens):
        if token.keyword == "UNION" and not _is_name(tokens, i):
            starts.append(i + 2 if keyword(tokens, i + 1) in ("ALL", "DISTINCT") else i + 1)
    for start in starts:
        if keyword(tokens, start) not in READING_STARTS:
            token = tokens[min(start, len(tokens) - 1)]
            raise _refuse(token, "does not begin a reading query", allowed=", ".join(READING_STARTS))


def _is_name(tokens: list[Token], i: int) -> bool:
    """Whether the word can only be a name here: property, label, relationship type, parameter or map key."""
    before = sign(tokens, i - 1)
    if before in (":", "$", "&", "!"):
        return True
    if before == "|":  # in a label or type expression; in a list or FOREACH, an expression or a clause comes next
        return sign(tokens, i + 1) in tuple(")]{*|&")
    if before == ".":
        return i < 2 or tokens[i - 2].kind != "number"
    return before in ("{", ",") and sign(tokens, i + 1) == ":"


def _is_subquery(tokens: list[Token], i: int) -> bool:
    """CALL { ... } or CALL (x, y) { ... }."""
    i += 1
    if sign(tokens, i) == "(":
        while i < len(tokens) and sign(tokens, i) != ")":
            i += 1
        i += 1
    return sign(tokens, i) == "{"


def _refuse(token: Token, why: str, allowed: str | None = None) -> UsageError:
    return UsageError(
        f"This query is refused: {token.text} {why}.",
        where=f"line {token.line}",
        got=token.text,
        allowed=allowed,
        action=READ_ONLY,
    )


def too_many_rows(cypher: str, row_limit: int) -> UsageError:
    """The error of a statement that gives more rows than were asked for."""
    return UsageError(
        f"The query gives more than {row_limit:,} rows.",
        where=cypher.strip()[:200],
        action="add LIMIT or count in the query",
    )
