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

from pathproof.errors import StoreError

Answer = TypeVar("Answer")
_DRIVER = logging.getLogger("neo4j")


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


def within(call: Callable[[], Answer], seconds: float | None, uri: str) -> Answer:
    """The call's result; given up after `seconds` (a server may ignore the transaction's time-out).

    Parameters
    ----------
    seconds : float or None
        None waits as long as the call takes.

    Raises
    ------
    StoreError
        No answer in time.
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
