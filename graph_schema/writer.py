"""One process at a time writes to a graph; a second one waits a little and is then told who writes.

On the embedded server the lock is the operating system's, on the file `writer` of the store's folder. On Neo4j
it is a transaction that stays open beside the writing ones: it has created a node under a constraint, which
nobody else can create meanwhile, and is rolled back at the end, so that the node is never seen. Both locks end with
their process, however it ends. An embedded server that is addressed by its URI has no lock for those who come so.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import neo4j

from pathproof.errors import StoreError
from pathproof.graph_schema.calls import within
from pathproof.graph_schema.child import unwritable
from pathproof.workspace import this_process

if TYPE_CHECKING:
    from pathproof.graph_schema.connection import Connection
    from pathproof.graph_schema.store import GraphStore

WAIT_SECONDS = 10.0
_POLL_SECONDS = 0.1
_CLOSE_SECONDS = 5.0
_CONSTRAINT = "CREATE CONSTRAINT dataset_id IF NOT EXISTS FOR (n:Dataset) REQUIRE n.id IS UNIQUE"
_HOLDERS = (
    "SHOW TRANSACTIONS YIELD metaData, currentQuery WHERE metaData.pathproof_writer IS NOT NULL "
    "AND metaData.pathproof_lock <> $mine RETURN metaData.pathproof_writer AS holder"
)
_END = (
    "SHOW TRANSACTIONS YIELD transactionId AS one, metaData WHERE metaData.pathproof_lock = $mine "
    "TERMINATE TRANSACTIONS one YIELD message RETURN message"
)
Function = TypeVar("Function", bound=Callable[..., Any])


def alone(function: Function) -> Function:
    """Make a function whose first argument is a store the only writer while it runs (see :func:`one_writer`)."""

    @functools.wraps(function)
    def locked(store: GraphStore, *args: Any, **kwargs: Any) -> Any:
        with one_writer(store):
            return function(store, *args, **kwargs)

    return cast("Function", locked)


@contextlib.contextmanager
def one_writer(store: Connection) -> Iterator[None]:
    """Be the only writer.

    Raises
    ------
    StoreError
        Another process writes, and did not finish within ten seconds; it is named. So does this process when
        it is the writer already: whoever is within does not ask again.
    """
    if store._embedded is not None:
        lock: contextlib.AbstractContextManager[None] = _by_file(store._embedded.status.folder / "writer", store.uri)
    elif "ArcadeDB" in store.server:
        lock = contextlib.nullcontext()
    else:
        lock = _by_transaction(store)
    with lock:
        yield


@contextlib.contextmanager
def _by_file(path: Path, uri: str) -> Iterator[None]:
    try:
        handle = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise unwritable(path.parent, error) from error
    with handle:

        def holder() -> str | None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                handle.seek(0)
                return handle.read().strip() or "it has not said its name yet"
            return None

        _wait(holder, uri)
        with contextlib.suppress(OSError):  # a full disk: the lock holds without a name too
            handle.truncate(0)
            handle.write(this_process() + "\n")
            handle.flush()
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)


@contextlib.contextmanager
def _by_transaction(store: Connection) -> Iterator[None]:
    mine = {"mine": uuid.uuid4().hex}

    def holder() -> str | None:
        rows = store.read(_HOLDERS, mine)
        return str(rows[0]["holder"]) if rows else None

    def take() -> Any:
        with store._errors(None):
            held.begin_transaction(metadata={"pathproof_writer": this_process(), "pathproof_lock": mine["mine"]}).run(
                "CREATE (:Dataset {id: 'dataset:writer'})"
            ).consume()

    def give_back() -> None:
        with store._errors(None):
            held.close()  # rolls back; a connection that is gone has done so already

    store.write(_CONSTRAINT)
    _wait(holder, store.uri)
    held = store._session(neo4j.WRITE_ACCESS)
    try:
        try:  # whoever came in between is waited for as long again, not longer
            within(take, WAIT_SECONDS, store.uri, lambda: _end_of(store, mine))
        except StoreError as error:
            if (who := holder()) is not None:
                raise _taken(who, store.uri) from error
            raise
        yield
    finally:
        with contextlib.suppress(StoreError):
            within(give_back, _CLOSE_SECONDS, store.uri)  # a server that hangs would not answer


def _end_of(store: Connection, mine: Mapping[str, str]) -> None:
    """Let the server end our waiting transaction."""
    store.read(_END, mine)


def _wait(holder: Callable[[], str | None], uri: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while (who := holder()) is not None:
        if time.monotonic() > deadline:
            raise _taken(who, uri)
        time.sleep(_POLL_SECONDS)


def _taken(who: str, uri: str) -> StoreError:
    return StoreError(
        "Another process is writing to this graph.",
        where=uri,
        got=who,
        action="wait until it has finished and run the same command again, or use another database",
    )
