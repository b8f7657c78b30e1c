"""The one door to the graph: a :class:`GraphStore` on any server that speaks Bolt."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import neo4j

from pathproof.errors import PathproofError, StoreError, UsageError
from pathproof.graph_schema import embedded, load, write
from pathproof.graph_schema.calls import interrupted, quiet, within
from pathproof.graph_schema.driver import FAULTS, LOST, close, connect, literal, plain, translate
from pathproof.graph_schema.guard import check_read_only, too_many_rows
from pathproof.graph_schema.names import check_names
from pathproof.graph_schema.queries import load_query
from pathproof.graph_schema.records import Explanation, Judgement, ModelRecord
from pathproof.graph_schema.schema import EDGES, NODES
from pathproof.workspace import Workspace

Progress = Callable[[str, float | None], None]
Row = dict[str, Any]
BATCH_ROWS = 5_000
_GRACE_SECONDS = 2.0


def no_progress(message: str, fraction: float | None) -> None:
    """Say nothing."""


def open_store(
    uri: str | None,
    workspace: Workspace | None,
    *,
    user: str = "neo4j",
    password: str | None = None,
    database: str | None = None,
) -> GraphStore:
    """Open the graph store.

    Parameters
    ----------
    uri : str or None
        `bolt://`, `neo4j://` (with `+s` or `+ssc`) and a host; None for the embedded server of the
        workspace: attached to when it runs, else started, and then stopped by :meth:`GraphStore.close`.
    workspace : Workspace or None
        Needed without a uri.
    user, password : str
        For a server of your own; no password means no authentication.
    database : str or None
        None for the server's default.

    Raises
    ------
    ConfigError
        The address is none.
    StoreError
        The server cannot be reached, refuses the password, has no such database, or did not start.
    """
    if uri is not None:
        return GraphStore(connect(uri, user, password, database), uri, "neo4j", database=database, user=user)
    if workspace is None:
        raise UsageError(
            "There is neither a store's address nor a workspace.", action="give --store URI or --workspace DIR"
        )
    server = embedded.attach_or_start(workspace)
    try:
        where = str(server.status.uri)
        driver = connect(where, server.status.user, server.password, server.status.database)
    except BaseException as error:
        trouble = server.trouble(lost=True) if isinstance(error, StoreError) else None
        server.close()
        if trouble is not None:
            raise trouble from error
        raise
    return GraphStore(driver, where, "embedded", database=server.status.database, server=server)


class GraphStore:
    """A graph store; use it as a context manager. Made by :func:`open_store`.

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
        server: embedded.EmbeddedServer | None = None,
    ) -> None:
        self.uri = uri
        self.kind = kind
        self.notices: list[str] = []
        self._driver = driver
        self._database = database
        self._user = user
        self._embedded = server

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
        return self._read(cypher, params, timeout_s, row_limit, shown=None)

    def _read(
        self,
        cypher: str,
        params: Mapping[str, Any] | None,
        timeout_s: float | None,
        row_limit: int | None,
        shown: str | None,
    ) -> list[Row]:
        def work(tx: neo4j.ManagedTransaction) -> list[Row]:
            rows: list[Row] = []
            for record in tx.run(literal(cypher), dict(params or {})):
                if row_limit is not None and len(rows) >= row_limit:
                    raise too_many_rows(cypher, row_limit)
                rows.append({key: plain(value) for key, value in zip(record.keys(), record.values(), strict=True)})
            return rows

        def call() -> list[Row]:
            with self._errors(shown), self._session(neo4j.READ_ACCESS) as session:
                return session.execute_read(neo4j.unit_of_work(timeout=timeout_s)(work))

        return within(call, None if timeout_s is None else timeout_s + _GRACE_SECONDS, self.uri)

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

    def query(self, name: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Run a query of the library by name.

        Raises
        ------
        UsageError
            No such query or parameter, a parameter of the wrong type, or no row because the graph
            does not hold the drug or gene that was asked about.
        """
        named = load_query(name)
        values = named.bind(params or {})
        rows = self.read(named.cypher, values)
        if not rows:
            check_names(self, named, values)
        return rows

    def user_query(
        self,
        cypher: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout_s: float | None = 60.0,
        row_limit: int | None = 10_000,
    ) -> list[Row]:
        """Run Cypher that a user wrote, if it only reads.

        Raises
        ------
        UsageError
            The statement could write, is wrong, or gives more than `row_limit` rows.
        StoreError
            It took longer than `timeout_s`.
        """
        check_read_only(cypher)
        return self._read(cypher, params, timeout_s, row_limit, shown=cypher)

    def apply_schema(self) -> None:
        """Create the constraints and indexes of the schema where they are missing."""
        load.apply_schema(self)

    def load_knowledge(self, workspace: Workspace, progress: Progress = no_progress) -> bool:
        """Bring the workspace's knowledge into the graph; False when it is there already (see :mod:`.load`)."""
        return load.load_knowledge(self, workspace, progress)

    def counts(self) -> dict[str, dict[str, int]]:
        """Nodes by label and edges by type, for every kind of the schema (zeros included)."""
        nodes = {kind.label: self._count(f"MATCH (n:{kind.label}) RETURN count(n) AS n") for kind in NODES}
        edges = {kind.type: self._count(f"MATCH ()-[r:{kind.type}]->() RETURN count(r) AS n") for kind in EDGES}
        return {"nodes": nodes, "edges": edges}

    def _count(self, cypher: str) -> int:
        return int(self.read(cypher)[0]["n"])

    def write_explanations(
        self, model: ModelRecord, explanations: Sequence[Explanation], progress: Progress = no_progress
    ) -> None:
        """Write explanations as subgraphs; those with the same ids are replaced."""
        write.write_explanations(self, model, explanations, progress)

    def read_explanations(self, explainer: str | None = None) -> list[Explanation]:
        """The explanations in the graph, equal to what was written, sorted by explainer, drug and id."""
        return write.read_explanations(self, explainer)

    def delete_explanations(self, ids: Sequence[str]) -> None:
        """Delete explanations and their claims; knowledge stays as it is."""
        write.delete_explanations(self, ids)

    def write_validation(self, run_id: str, status: str, report_sha256: str, judgements: Sequence[Judgement]) -> None:
        """Write a validation run and what it says of each claim."""
        write.write_validation(self, run_id, status, report_sha256, judgements)

    def _session(self, mode: str) -> neo4j.Session:
        return self._driver.session(database=self._database, default_access_mode=mode)

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
        return self._embedded.trouble(lost=isinstance(error, LOST)) or told
