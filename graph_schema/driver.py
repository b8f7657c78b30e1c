"""The official Neo4j driver, opened with bounded waits, and its errors in words a user can act on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, LiteralString, TypeVar
from urllib.parse import urlsplit

import neo4j
import neo4j.exceptions as errors
import neo4j.graph
import neo4j.time

from pathproof.errors import PathproofError, StoreError, UsageError, nearest

_NOTES = logging.getLogger("neo4j.notifications")
Answer = TypeVar("Answer")
SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
CONNECT_SECONDS = 10.0
RETRY_SECONDS = 5.0
_NOT_A_SERVER = "This address is not a graph store that PathProof can use."
# what a user's own Cypher can get wrong; everything else is the store's state
_STATEMENT = ("Neo.ClientError.Statement.", "Neo.ClientError.Procedure.", "Neo.DatabaseError.General.UnknownError")


def connect(uri: str, user: str, password: str | None, database: str | None) -> neo4j.Driver:
    """A driver that has answered once, on this database.

    Raises
    ------
    StoreError
        Unknown scheme, nobody answers within about ten seconds, wrong password, unknown database.
    """
    _check_uri(uri)
    if (
        _NOTES.level == logging.NOTSET
    ):  # hints about labels that are not there yet say nothing new; a caller's level stays
        _NOTES.setLevel(logging.ERROR)
    auth = None if password is None else (user, password)
    try:
        driver = neo4j.GraphDatabase.driver(
            uri,
            auth=auth,
            connection_timeout=CONNECT_SECONDS,
            connection_acquisition_timeout=CONNECT_SECONDS + 5,
            max_transaction_retry_time=RETRY_SECONDS,
            warn_notification_severity=neo4j.NotificationMinimumSeverity.OFF,
            user_agent="pathproof",
        )
    except (errors.ConfigurationError, ValueError) as error:
        raise StoreError(_NOT_A_SERVER, where=uri, got=error, action="write it as bolt://HOST:7687") from error
    try:
        with driver.session(database=database, default_access_mode=neo4j.READ_ACCESS) as session:
            session.run("RETURN 1 AS one").consume()
    except (errors.DriverError, errors.Neo4jError, OSError) as error:
        driver.close()
        raise translate(error, uri, user=user, database=database) from error
    except BaseException:
        driver.close()
        raise
    return driver


def _check_uri(uri: str) -> None:
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port or 7687
    except ValueError as error:
        raise StoreError(_NOT_A_SERVER, where=uri, got=error, action="write it as bolt://HOST:7687") from error
    if parts.scheme not in SCHEMES or not host or port <= 0:
        raise StoreError(
            _NOT_A_SERVER,
            where=uri,
            got=f"scheme {parts.scheme!r}, host {host!r}",
            allowed=", ".join(f"{scheme}://HOST:PORT" for scheme in SCHEMES),
            nearest=nearest(parts.scheme, SCHEMES),
            action="write it as bolt://HOST:7687, or leave --store out to use the embedded store",
        )


def translate(
    error: Exception, uri: str, *, user: str = "", database: str | None = None, cypher: str | None = None
) -> PathproofError:
    """The error as one of ours.

    Parameters
    ----------
    error : Exception
        What the driver raised.
    cypher : str, optional
        A statement that the user wrote: what is wrong with it is then a UsageError.
    """
    code = getattr(error, "code", None) or ""
    text = " ".join(str(getattr(error, "message", None) or error).split())
    if cypher is not None and (code.startswith(_STATEMENT) or isinstance(error, errors.CypherTypeError)):
        action = "mend the query; `pathproof query --list` shows queries to start from"
        return UsageError("The store cannot run this query.", where=cypher.strip()[:200], got=text, action=action)
    what, action = _explain(error, code, user, database)
    return StoreError(what, where=uri, got=f"{code}: {text}" if code else text, action=action)


def _explain(error: Exception, code: str, user: str, database: str | None) -> tuple[str, str]:
    text = str(error)
    if isinstance(error, errors.AuthError) or "Security.Authentication" in code:
        wrong = "check the user name and the password (environment variable or password file)"
        return f"The graph store refuses user {user!r} or the password.", wrong
    if isinstance(error, errors.ServiceUnavailable | errors.SessionExpired | OSError):
        return (
            "No graph store answers.",
            "start the server (`docker compose up -d`), check host and port, or leave --store out",
        )
    if "DatabaseNotFound" in code:
        return f"The graph store has no database {database!r}.", "create it or name another database"
    if "TimedOut" in code or "Timeout" in code:
        return "The query took too long and was stopped.", "narrow the query or allow it more time"
    if any(word in text for word in ("No space left", "no space left", "disk is full", "LowDiskSpace")):
        return (
            "The graph store's disk is full.",
            "free some space on the server's disk and run again; nothing half-done stays",
        )
    if "AccessMode" in code or "Forbidden" in code or "ReadOnly" in code:
        return "The graph store does not allow this.", "PathProof needs a user and a server that may write"
    return (
        "The graph store reports an error.",
        "see the server's log and its disk, then run again: finished work is kept",
    )


def plain(value: Any) -> Any:
    """A driver's value as plain Python: nodes and relationships as dicts, times as ISO-8601 text."""
    if isinstance(value, neo4j.graph.Node):
        return {"labels": sorted(value.labels), **{key: plain(item) for key, item in value.items()}}
    if isinstance(value, neo4j.graph.Relationship):
        return {"type": value.type, **{key: plain(item) for key, item in value.items()}}
    if isinstance(value, neo4j.graph.Path):
        steps: list[Any] = [plain(value.start_node)]
        for edge, node in zip(value.relationships, value.nodes[1:], strict=True):
            steps += [plain(edge), plain(node)]
        return steps
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if hasattr(value, "iso_format"):
        return value.iso_format()
    return value


def literal(cypher: str) -> LiteralString:
    """The statement as the driver's types want it: values never enter its text here, only parameters."""
    return cypher


def within(call: Callable[[], Answer], seconds: float, uri: str) -> Answer:
    """The call's result; given up after `seconds` (a server may ignore the transaction's time-out)."""
    answers: list[Answer] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            answers.append(call())
        except BaseException as error:  # handed to the caller below
            raised.append(error)

    thread = threading.Thread(target=work, name="pathproof-query", daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not answers:
        raise StoreError(
            "The query took too long and was given up.",
            where=uri,
            got=f"no answer after {seconds:.0f} s",
            action="narrow the query or allow it more time",
        )
    return answers[0]
