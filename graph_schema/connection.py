"""One connection to a server that speaks Bolt: statements in, plain rows out, errors in our words."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import neo4j

from pathproof.errors import PathproofError, StoreError, UsageError
from pathproof.graph_schema.calls import GRACE_SECONDS, interrupted, quiet, within
from pathproof.graph_schema.driver import FAULTS, LOST, MEMORY, close, literal, plain, translate
from pathproof.graph_schema.embedded import EmbeddedServer
from pathproof.graph_schema.guard import too_many_rows
from pathproof.graph_schema.reader import reader_auth
from pathproof.graph_schema.stopper import Stopper

Row = dict[str, Any]
BATCH_ROWS = 5_000
_READS = 10


class Connection:
    """Reads and writes on one server; use it as a context manager.

    Attributes
    ----------
    uri : str
    kind : str
        "embedded" or "neo4j".
    notices : list of str
        What a user must hear of, such as explanations that a load deleted; only ever added to.
    """

    def __init__(
        self,
        driver: neo4j.Driver,
        uri: str,
        kind: str,
        *,
        database: str | None = None,
        user: str = "",
        server: EmbeddedServer | None = None,
    ) -> None:
        self.uri = uri
        self.kind = kind
        self.notices: list[str] = []
        self._driver = driver
        self._database = database
        self._user = user
        self._embedded = server
        self._reader = None if server is None else reader_auth(server.password)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; stop the embedded server if this store started it."""
        try:
            close(self._driver)
        finally:
            server, self._embedded = self._embedded, None
            if server is not None:
                server.close()

    @property
    def server(self) -> str:
        """Name and version, as the server gives them."""

        def call() -> str:
            with self._errors(None):
                return self._driver.get_server_info().agent

        return within(call, None, self.uri)

    def read(
        self,
        cypher: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout_s: float | None = None,
        row_limit: int | None = None,
    ) -> list[Row]:
        """Run a reading statement in a READ session.

        Parameters
        ----------
        cypher, params
            The statement and its parameters.
        timeout_s, row_limit : optional
            Seconds after which it is given up; more rows than this are an error, never cut off in silence.

        Returns
        -------
        list of dict
            One per row, in the statement's order; nodes and relationships as dicts.
        """
        return self._read(cypher, params, timeout_s, row_limit)

    def _read(
        self,
        cypher: str,
        params: Mapping[str, Any] | None,
        timeout_s: float | None,
        row_limit: int | None,
        *,
        by_user: bool = False,
    ) -> list[Row]:
        auth = self._reader if by_user else None
        stopper = None
        if self.kind == "embedded" and (timeout_s, row_limit) != (None, None):
            stopper = Stopper(lambda: self._session(neo4j.READ_ACCESS, auth))
        too_many: list[UsageError] = []

        def work(tx: neo4j.ManagedTransaction) -> list[Row]:
            if stopper is not None:
                stopper.watch(tx)
            rows: list[Row] = []
            for record in tx.run(literal(cypher), dict(params or {})):
                if row_limit is not None and len(rows) >= row_limit:
                    too_many.append(too_many_rows(cypher, row_limit))
                    if stopper is not None:
                        stopper.stop()
                    raise too_many[0]
                rows.append({key: plain(value) for key, value in zip(record.keys(), record.values(), strict=True)})
            return rows

        def once() -> list[Row]:
            with self._session(neo4j.READ_ACCESS, auth) as session:
                return session.execute_read(neo4j.unit_of_work(timeout=timeout_s)(work))

        def call() -> list[Row]:
            with self._errors(cypher if by_user else None):
                try:
                    return _undisturbed(once)
                except FAULTS:
                    if too_many:  # the driver reports that we stopped the statement, not why
                        raise too_many[0] from None
                    raise

        if stopper is None:  # a Neo4j stops the statement itself, and says so a moment later
            return within(call, None if timeout_s is None else timeout_s + GRACE_SECONDS, self.uri)
        return within(call, timeout_s, self.uri, lambda: self._stop(stopper))

    def _stop(self, stopper: Stopper) -> None:
        with self._errors(None):
            stopper.stop()

    def write(self, cypher: str, params: Mapping[str, Any] | None = None) -> None:
        """Run one writing statement in a transaction of its own."""
        self.write_one_transaction([(cypher, params or {})])

    def write_rows(
        self, cypher: str, rows: Sequence[Mapping[str, Any]], done: Callable[[int], None] | None = None
    ) -> None:
        """Run `cypher` with `$rows`, 5,000 of them a transaction; `done` hears how many are written."""
        for first in range(0, len(rows), BATCH_ROWS):
            self.write(cypher, {"rows": list(rows[first : first + BATCH_ROWS])})
            if done is not None:
                done(min(first + BATCH_ROWS, len(rows)))

    def write_one_transaction(self, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Run several writing statements in one transaction: all of them happen, or none."""

        def work(tx: neo4j.ManagedTransaction) -> None:
            for cypher, params in statements:
                tx.run(literal(cypher), dict(params)).consume()

        def call() -> None:
            with self._errors(None), self._session(neo4j.WRITE_ACCESS) as session:
                session.execute_write(work)

        within(call, None, self.uri)

    def _session(self, mode: str, auth: neo4j.Auth | None = None) -> neo4j.Session:
        return self._driver.session(database=self._database, default_access_mode=mode, auth=auth)

    @contextlib.contextmanager
    def _errors(self, shown: str | None) -> Iterator[None]:
        with quiet():
            try:
                yield
            except Exception as error:
                if interrupted(error):  # what breaks while the driver handles Ctrl-C is not the news
                    raise KeyboardInterrupt from None
                if not isinstance(error, FAULTS):
                    raise
                raise self._told(error, shown) from error

    def _told(self, error: Exception, shown: str | None) -> PathproofError:
        told = translate(error, self.uri, user=self._user, database=self._database, cypher=shown)
        if self._embedded is None or isinstance(told, UsageError):
            return told
        # its password is ours, and every statement of ours runs: a server that knows either no more is about to end
        lost = isinstance(error, LOST) or "Security.Unauthorized" in str(getattr(error, "code", ""))
        trouble = self._embedded.trouble(lost=lost or "General.UnknownError" in str(getattr(error, "code", "")))
        if trouble is None and lost and shown is not None:  # alive, and broke off this one statement
            action = "count, filter or add LIMIT in the query"
            return StoreError(MEMORY, where=shown.strip()[:200], got=told.got, action=action)
        return trouble or told


def _undisturbed(read: Callable[[], list[Row]]) -> list[Row]:
    """Read again while a writer replaces what the statement was about to fetch; both servers read committed data."""
    for _ in range(_READS - 1):
        try:
            return read()
        except neo4j.exceptions.ClientError as error:
            if "EntityNotFound" not in str(error.code):
                raise
    return read()
