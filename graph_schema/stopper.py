"""Stops a reading statement on the embedded server, from a second session.

That server ignores a transaction's time-out, and when a reader wants no more rows it computes the rest of them
first. It knows its connections by a name of its own, which each transaction asks for before its statement.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import neo4j

from pathproof.graph_schema.driver import literal


class Stopper:
    """Stops what runs in one transaction.

    Parameters
    ----------
    session : callable
        Opens a session of the user whose statement it is.
    """

    def __init__(self, session: Callable[[], neo4j.Session]) -> None:
        self._session = session
        self._connection: str | None = None

    def watch(self, tx: neo4j.ManagedTransaction) -> None:
        """Learn the connection of the transaction; call it before the statement to watch."""
        mark = secrets.token_hex(8)
        cypher = f"SHOW TRANSACTIONS YIELD connectionId, currentQuery WHERE currentQuery CONTAINS '{mark}'"
        self._connection = tx.run(literal(cypher)).single(strict=True)["connectionId"]

    def stop(self) -> None:
        """End what runs on that connection now, if anything does."""
        with self._session() as session:
            running = session.run("SHOW TRANSACTIONS YIELD connectionId, transactionId").data()
            for row in running:
                if row["connectionId"] == self._connection:
                    # a query that ended meanwhile is unknown to the server, which then answers with no row
                    session.run(literal(f"TERMINATE TRANSACTION '{row['transactionId']}'")).consume()
