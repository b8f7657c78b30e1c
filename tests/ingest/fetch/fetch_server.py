"""A server on loopback that answers each address as it is told: whole, broken off, slowly, wrongly."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Handler"], None]


@dataclass
class Unreliable:
    """What is served where, and what was asked; the last answer of an address is given again."""

    address: str
    routes: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def serve(self, path: str, *answers: Answer) -> str:
        """Answer the requests for `path` one after the other; the address is returned."""
        self.routes[path] = list(answers)
        return self.address + path

    def times(self, path: str) -> int:
        """How often `path` was asked for."""
        return sum(1 for asked, _ in self.asked if asked == path)

    def headers(self, path: str) -> list[dict[str, str]]:
        """The headers of each request for `path`."""
        return [headers for asked, headers in self.asked if asked == path]


class Handler(BaseHTTPRequestHandler):
    """Looks up what to answer."""

    protocol_version = "HTTP/1.1"
    served: Unreliable

    def do_GET(self) -> None:
        self.close_connection = True
        self.served.asked.append((self.path, dict(self.headers)))
        answers = self.served.routes.get(self.path, [status(404)])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        with contextlib.suppress(ConnectionError):
            answer(self)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def begin(self, code: int, **headers: str | int | None) -> None:
        """Status and headers; `_` in a name stands for `-`."""
        self.send_response(code)
        for name, value in {"Connection": "close", **headers}.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()


@contextlib.contextmanager
def unreliable_server() -> Iterator[Unreliable]:
    """The server, in a thread of its own."""

    class Here(Handler):
        pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Here) as server:
        server.daemon_threads = True
        Here.served = Unreliable(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield Here.served
        finally:
            Here.served.gate.set()
            server.shutdown()
            thread.join(10)


def whole(
    body: bytes,
    etag: str | None = '"one"',
    *,
    kind: str = "text/csv",
    ranges: bool = True,
    if_range: bool = True,
    stop: int | None = None,
    length: bool = True,
    **headers: str,
) -> Answer:
    """The file, or the rest that is asked for; `stop` breaks off after so many bytes of the answer.

    Without `ranges` a range is ignored, without `if_range` the version that is asked for is.
    """

    def answer(handler: Handler) -> None:
        wanted = handler.headers.get("Range") if ranges else None
        if wanted and if_range and handler.headers.get("If-Range") != etag:
            wanted = None
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        rest = body[start:]
        if wanted and not rest:
            handler.begin(416, Content_Range=f"bytes */{len(body)}", Content_Length=0)
            return
        handler.begin(
            206 if wanted else 200,
            Content_Type=kind,
            Content_Length=len(rest) if length else None,
            ETag=etag,
            Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}" if wanted else None,
            **headers,
        )
        handler.wfile.write(rest[:stop])

    return answer


def status(code: int, **headers: str) -> Answer:
    """Nothing but a status."""

    def answer(handler: Handler) -> None:
        handler.begin(code, **{"Content_Length": 0, **headers})

    return answer


def slowly(body: bytes, pieces: int, pause: float) -> Answer:
    """The file in pieces, with a pause before each."""

    def answer(handler: Handler) -> None:
        handler.begin(200, Content_Length=len(body), ETag='"one"')
        size = -(-len(body) // pieces)
        for start in range(0, len(body), size):
            time.sleep(pause)
            handler.wfile.write(body[start : start + size])

    return answer


def stalled(body: bytes, after: int) -> Answer:
    """The beginning of the file, and then nothing until the gate opens."""

    def answer(handler: Handler) -> None:
        handler.begin(200, Content_Length=len(body), ETag='"one"')
        handler.wfile.write(body[:after])
        handler.wfile.flush()
        handler.served.gate.wait(30)

    return answer
