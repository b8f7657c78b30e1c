"""What surrounds a call to the driver: its log is silent, and an interrupt stays an interrupt.

Calls run in a thread of their own. Ctrl-C reaches the main thread only: within the driver it would leave a
half-read message behind, and the driver would wait without end for the rest of it when the session closes.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import neo4j

from pathproof.errors import StoreError

SILENCE_SECONDS = 30.0
PROBE_SECONDS = 15.0
Answer = TypeVar("Answer")
_DRIVER = logging.getLogger("neo4j")
GRACE_SECONDS = 2.0


class _Silence:
    """The driver's log, off while at least one of our calls is under way (calls may overlap in threads)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._depth = 0
        self._ours = False

    def begin(self) -> None:
        with self._lock:
            self._depth += 1
            if self._depth == 1 and _DRIVER.level == logging.NOTSET:  # a level that somebody chose stays
                self._ours = True
                _DRIVER.setLevel(logging.CRITICAL + 1)

    def end(self) -> None:
        with self._lock:
            self._depth -= 1
            if self._depth == 0 and self._ours:
                self._ours = False
                _DRIVER.setLevel(logging.NOTSET)


_SILENCE = _Silence()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the driver from logging what our own error says right after; elsewhere it logs as ever."""
    _SILENCE.begin()
    try:
        yield
    finally:
        _SILENCE.end()


def within(
    call: Callable[[], Answer], seconds: float | None, uri: str, stop: Callable[[], None] | None = None
) -> Answer:
    """The call's result; given up after `seconds` (a server may ignore the transaction's time-out).

    Parameters
    ----------
    seconds : float or None
        None waits as long as the call takes while the server lives: after every half minute of silence
        it is asked, over a connection of its own, whether it does.
    stop : callable, optional
        Makes the server end the call; it is called when the time is up, or when Ctrl-C ends the wait.

    Raises
    ------
    StoreError
        No answer in time, or the server hangs.
    BaseException
        Whatever the call raises.
    """
    answers: list[Answer] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            answers.append(call())
        except BaseException as error:  # handed to the caller below
            raised.append(error)

    thread = threading.Thread(target=work, name="pathproof-store", daemon=True)
    thread.start()
    try:
        thread.join(SILENCE_SECONDS if seconds is None else seconds)
        while seconds is None and thread.is_alive():
            if not _lives(uri):
                raise _hangs(uri)
            thread.join(SILENCE_SECONDS)
    except BaseException:
        _stop(stop, uri)
        raise
    late = thread.is_alive()
    if late:
        _stop(stop, uri)
        thread.join(GRACE_SECONDS if stop is not None else 0)
    if answers:
        return answers[0]
    if raised and not late:
        raise raised[0]
    raise StoreError(
        f"The query took too long and was {'given up' if thread.is_alive() else 'stopped'}.",
        where=uri,
        got=f"no answer after {seconds:g} s",
        action="narrow the query or allow it more time",
    )


def _stop(stop: Callable[[], None] | None, uri: str) -> None:
    """Try to stop a call; the news is that it took too long, not that a server in that state does not listen."""
    if stop is not None:
        with contextlib.suppress(StoreError):
            within(stop, GRACE_SECONDS, uri)


def _lives(uri: str) -> bool:
    """Whether the server greets a new connection; one that refuses us lives too."""
    greeted = threading.Event()

    def greet() -> None:
        with (
            contextlib.suppress(neo4j.exceptions.DriverError, OSError),
            quiet(),
            neo4j.GraphDatabase.driver(
                uri, connection_timeout=PROBE_SECONDS, connection_acquisition_timeout=PROBE_SECONDS
            ) as driver,
        ):
            with contextlib.suppress(neo4j.exceptions.Neo4jError):
                driver.verify_connectivity()
            greeted.set()

    threading.Thread(target=greet, name="pathproof-probe", daemon=True).start()
    return greeted.wait(PROBE_SECONDS)


def _hangs(uri: str) -> StoreError:
    return StoreError(
        "The graph store does not answer any more.",
        where=uri,
        got=f"no answer for {SILENCE_SECONDS:.0f} s, and none to a new connection",
        action="see whether its process is stopped or its machine overloaded, then run the same command again: "
        "nothing that was finished is lost",
    )


def interrupted(error: BaseException) -> bool:
    """Whether an error arose, at any remove, while a KeyboardInterrupt was being handled."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        if isinstance(one, KeyboardInterrupt):
            return True
        seen.add(id(one))
        waiting += [one.__context__, one.__cause__]
    return False
