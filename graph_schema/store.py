"""The one door to the graph: a :class:`GraphStore` on any server that speaks Bolt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from pathproof.errors import StoreError, UsageError
from pathproof.graph_schema import embedded, load, write
from pathproof.graph_schema.connection import Connection, Row
from pathproof.graph_schema.driver import connect
from pathproof.graph_schema.guard import check_read_only
from pathproof.graph_schema.names import as_spelt
from pathproof.graph_schema.queries import NamedQuery, load_query
from pathproof.graph_schema.records import Explanation, Judgement, ModelRecord
from pathproof.graph_schema.schema import EDGES, NODES
from pathproof.graph_schema.writer import one_writer
from pathproof.workspace import Workspace

Progress = Callable[[str, float | None], None]


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
        workspace: attached to when it runs, else started; stopped when the last of its users closes it.
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


class GraphStore(Connection):
    """The graph: questions, knowledge, explanations and validation runs. Made by :func:`open_store`."""

    def query(self, name: str, /, **params: Any) -> pd.DataFrame:
        """Run a query of the library by name, as in ``graph.query("evidence-of-drug", drug="Dabrafenib")``.

        Returns
        -------
        DataFrame
            The columns of the query's header, also without a row. Text is "string", whole numbers "Int64",
            truth "boolean" (missing: NA), other numbers float64 (missing: NaN), lists are Python lists.

        Raises
        ------
        UsageError
            As :meth:`rows`.
        """
        named = load_query(name)
        return named.frame(self._answer(named, params))

    def rows(self, name: str, params: Mapping[str, Any] | None = None, *, timeout_s: float | None = None) -> list[Row]:
        """Run a query of the library by name; plain rows, for programs.

        Raises
        ------
        UsageError
            No such query or parameter, a parameter of the wrong type, or no row because the graph
            does not hold the drug, gene, pathway ... that was asked about.
        StoreError
            It took longer than `timeout_s`.
        """
        return self._answer(load_query(name), params or {}, timeout_s)

    def _answer(self, named: NamedQuery, params: Mapping[str, Any], timeout_s: float | None = None) -> list[Row]:
        values = named.bind(params)
        rows = self.read(named.cypher, values, timeout_s=timeout_s)
        if rows:
            return rows
        spelt = as_spelt(self, named, values)
        return rows if spelt == values else self.read(named.cypher, spelt, timeout_s=timeout_s)

    def user_query(
        self,
        cypher: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout_s: float | None = 60.0,
        row_limit: int | None = 10_000,
    ) -> list[Row]:
        """Run Cypher that a user wrote, if it only reads.

        It runs in a READ session, on the embedded server also as a user who may only read.

        Raises
        ------
        UsageError
            The statement could write, is wrong, or gives more than `row_limit` rows.
        StoreError
            It took longer than `timeout_s`.
        """
        check_read_only(cypher)
        return self._read(cypher, params, timeout_s, row_limit, by_user=True)

    def apply_schema(self) -> None:
        """Create the constraints and indexes of the schema where they are missing."""
        with one_writer(self):
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
        self, model: ModelRecord | None, explanations: Sequence[Explanation], progress: Progress = no_progress
    ) -> None:
        """Write explanations as subgraphs; those with the same ids are replaced. None: they are of no model."""
        write.write_explanations(self, model, explanations, progress)

    def read_explanations(self, explainer: str | None = None) -> list[Explanation]:
        """The explanations in the graph, equal to what was written, sorted by explainer, drug and id."""
        return write.read_explanations(self, explainer)

    def delete_explanations(self, ids: Sequence[str]) -> None:
        """Delete explanations and their claims; knowledge stays as it is."""
        with one_writer(self):
            write.delete_explanations(self, ids)

    def write_validation(self, run_id: str, status: str, report_sha256: str, judgements: Sequence[Judgement]) -> None:
        """Write a validation run and what it says of each claim."""
        write.write_validation(self, run_id, status, report_sha256, judgements)
