"""Loaded by every child of these tests: any connection that leaves this machine ends the program."""

from __future__ import annotations

import sys
from typing import Any

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if host and host not in LOOPBACK:
        raise RuntimeError(f"network outside loopback: {event} to {host}")


sys.addaudithook(_watch)
