"""The official Neo4j driver, opened with bounded waits, and its errors in words a user can act on."""

from __future__ import annotations

import logging
from typing import Any, LiteralString
from urllib.parse import urlsplit

import neo4j
import neo4j.exceptions as errors
import neo4j.graph
import neo4j.time

from pathproof.errors import ConfigError, PathproofError, StoreError, UsageError, nearest
from pathproof.graph_schema.calls import interrupted, quiet, within

_LOG = logging.getLogger(__name__)
_NOTES = logging.getLogger("neo4j.notifications")
FAULTS = (errors.DriverError, errors.Neo4jError, OSError)
LOST = (errors.ServiceUnavailable, errors.SessionExpired, errors.IncompleteCommit, OSError)
SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
CONNECT_SECONDS = 10.0
RETRY_SECONDS = 5.0
_WRITE_IT = "write it as bolt://HOST:7687"
MEMORY = "The query needs more memory than the graph store has."
_NOT_A_SERVER = "This address is not a graph store that PathProof can use."
# what a user's own Cypher can get wrong; everything else is the store's state
_STATEMENT = ("Neo.ClientError.Statement.", "Neo.ClientError.Procedure.", "Neo.DatabaseError.General.UnknownError")


def connect(uri: str, user: str, password: str | None, database: str | None) -> neo4j.Driver:
    """A driver that has answered once, on this database.

    Raises
    ------
    ConfigError
        The address is none (:func:`check_uri`).
    StoreError
        Nobody answers within about ten seconds, wrong or no password, unknown database.
    """
    check_uri(uri)
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
        raise StoreError(_NOT_A_SERVER, where=uri, got=error, action=_WRITE_IT) from error
    try:
        within(lambda: _ask(driver, database), None, uri)
    except BaseException as error:
        close(driver)
        if interrupted(error):
            raise KeyboardInterrupt from None
        if isinstance(error, FAULTS):
            raise translate(error, uri, user=None if password is None else user, database=database) from error
        raise
    return driver


def _ask(driver: neo4j.Driver, database: str | None) -> None:
    with quiet(), driver.session(database=database, default_access_mode=neo4j.READ_ACCESS) as session:
        session.run("RETURN 1 AS one").consume()


def close(driver: neo4j.Driver) -> None:
    """Close the connections; one that an interrupt or a lost server left half-read is dropped without a word."""
    try:
        with quiet():
            driver.close()
    except Exception as error:  # whatever it is, nobody can act on it
        _LOG.debug("closing the driver: %r", error)


def check_uri(uri: str) -> None:
    """Refuse an address that cannot be a graph store's; nothing is connected to.

    Raises
    ------
    ConfigError
        Unknown scheme, no host, a port that is none, or a password in the address (which is not shown).
    """
    try:
        parts = urlsplit(uri)
        host, secret = parts.hostname, parts.username is not None or parts.password is not None
        port = 7687 if parts.port is None else parts.port
    except ValueError as error:  # a port beyond 65535 or not a number; brackets that do not close
        shown = uri if "@" not in uri else "(not shown: it may hold a password)"
        raise ConfigError(
            _NOT_A_SERVER, where=shown, got=error, allowed="a port from 1 to 65535", action=_WRITE_IT
        ) from None
    if secret:
        raise ConfigError(
            "A user or a password does not belong in the address: it would end up in logs and process lists.",
            where=f"{parts.scheme}://…@{host}",
            action="use $PATHPROOF_STORE_USER, and $PATHPROOF_STORE_PASSWORD or --store-password-file",
        )
    if parts.scheme not in SCHEMES or not host or port == 0:
        raise ConfigError(
            _NOT_A_SERVER,
            where=uri,
            got=f"scheme {parts.scheme!r}, host {host!r}, port {port}",
            allowed=", ".join(f"{scheme}://HOST:PORT" for scheme in SCHEMES),
            nearest=nearest(parts.scheme, SCHEMES) if parts.scheme not in SCHEMES else None,
            action=f"{_WRITE_IT}, or leave --store out to use the embedded store",
        )


def translate(
    error: Exception, uri: str, *, user: str | None = "", database: str | None = None, cypher: str | None = None
) -> PathproofError:
    """The error as one of ours.

    Parameters
    ----------
    error : Exception
        What the driver raised.
    user : str or None
        Who asked; None when no password was given, so that nobody was named to the server.
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


def _explain(error: Exception, code: str, user: str | None, database: str | None) -> tuple[str, str]:
    text = str(error)
    if isinstance(error, errors.AuthError) or "Security.Authentication" in code:
        if user is None:
            return (
                "The graph store asks for a password, and none was given.",
                "set $PATHPROOF_STORE_PASSWORD, or name a file that holds it with --store-password-file",
            )
        wrong = "check the user name and the password (environment variable or password file)"
        return f"The graph store refuses user {user!r} or the password.", wrong
    if isinstance(error, errors.ServiceUnavailable | errors.SessionExpired | OSError):
        return (
            "No graph store answers.",
            "start the server (`docker compose up -d`), check host and port, or leave --store out",
        )
    if "DatabaseNotFound" in code:
        return f"The graph store has no database {database!r}.", "create it or name another database"
    if "OutOfMemory" in code or "OutOfMemory" in text:
        return MEMORY, "count, filter or add LIMIT in the query, or give the server more memory"
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
