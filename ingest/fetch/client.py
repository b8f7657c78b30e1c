"""One download over HTTP: resumed, retried, never followed to where it should not go.

The waiting and trying again is ours and not urllib3's, because a body that breaks off in the middle has
to be taken up again with a range (RFC 9110, section 14), which a transport cannot do for a caller.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

import pathproof
from pathproof.ingest.fetch.part import Part
from pathproof.ingest.sources.base import Progress, no_progress

# 202: some archives answer so while they prepare the file.
_PASSING = frozenset({202, 408, 425, 429, 500, 502, 503, 504})
_BLOCK = 1 << 16
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_POLITE_S = {"zenodo.org": 10.0}


@dataclass(frozen=True)
class Patience:
    """How long to wait and how often to try again; seconds where no other unit is said.

    Attempts are counted since the file last grew, so that a long download over a bad line ends.
    """

    attempts: int = 5
    connect: float = 15.0
    read: float = 60.0
    first_wait: float = 1.0
    longest_wait: float = 120.0
    redirects: int = 10
    between_requests: float = 1.0


class Refused(Exception):
    """This address does not give the file; the text says why."""


class _Again(Exception):
    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Client:
    """Downloads over HTTP; proxies are those of the environment (HTTPS_PROXY, NO_PROXY ...).

    Parameters
    ----------
    patience : Patience
    sleep : callable
        What waits.
    """

    def __init__(self, patience: Patience | None = None, sleep: Callable[[float], None] = time.sleep) -> None:
        self.patience = patience or Patience()
        self._sleep = sleep
        self._asked: dict[str, float] = {}
        self._session = requests.Session()
        # Hashes, lengths and ranges are of the file itself: no compression on the way.
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.headers["User-Agent"] = f"Mozilla/5.0 (compatible; pathproof/{pathproof.__version__})"

    def download(
        self, url: str, part: Part, progress: Progress = no_progress, room: Callable[[int], None] | None = None
    ) -> None:
        """Fill `part` from `url`, going on where it ends.

        Parameters
        ----------
        url : str
        part : Part
        progress : callable
        room : callable, optional
            Told the bytes still to come before they are written; raises when there is no space for them.

        Raises
        ------
        Refused
            When the address does not give a whole file, however often it is asked.
        """
        failures, longest = 0, part.size
        while not part.complete:
            try:
                self._attempt(url, part, progress, room or (lambda _: None))
            except _Again as trouble:
                failures = 1 if part.size > longest else failures + 1
                longest = max(longest, part.size)
                if failures >= self.patience.attempts:
                    raise Refused(f"{trouble} (tried {failures} times)") from trouble
                self._wait(failures, trouble, progress)

    def _wait(self, failures: int, trouble: _Again, progress: Progress) -> None:
        longest = self.patience.longest_wait
        if trouble.after is not None and trouble.after > longest:
            raise Refused(f"{trouble}; it asks to wait {trouble.after:.0f} s: run again later") from trouble
        backoff = min(longest, self.patience.first_wait * 2 ** (failures - 1)) * secrets.SystemRandom().uniform(0.5, 1)
        seconds = max(backoff, trouble.after or 0.0)
        progress(f"{trouble}; trying again in {seconds:.0f} s", None)
        self._sleep(seconds)

    def _attempt(self, url: str, part: Part, progress: Progress, room: Callable[[int], None]) -> None:
        start, validator = part.resume_point()
        headers = {"Range": f"bytes={start}-", "If-Range": validator} if start else {}
        with _network_trouble(), self._open(url, headers) as response:
            start = _accepted(response, start, part)
            length = response.headers.get("Content-Length", "")
            packed = response.headers.get("Content-Encoding", "identity") != "identity"
            total = start + int(length) if length.isdigit() and not packed else None
            if not start:
                part.begin(None if packed else _validator(response), total)
            room(0 if total is None else total - start)
            _save(response, part, total, progress)

    @contextlib.contextmanager
    def _open(self, url: str, headers: dict[str, str]) -> Iterator[requests.Response]:
        for _ in range(self.patience.redirects + 1):
            self._be_polite(url)
            response = self._session.get(
                url,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=(self.patience.connect, self.patience.read),
            )
            with contextlib.closing(response):
                target = self._session.get_redirect_target(response)
                if target is None:
                    yield response
                    return
            url = redirected(url, target)
        raise Refused(f"more than {self.patience.redirects} redirects, the last to {url}")

    def _be_polite(self, url: str) -> None:
        host = urlsplit(url).hostname or ""
        pause = _POLITE_S.get(host, self.patience.between_requests)
        left = self._asked.get(host, -pause) + pause - time.monotonic()
        if host in self._asked and left > 0:
            self._sleep(left)
        self._asked[host] = time.monotonic()


def redirected(url: str, target: str) -> str:
    """Where a redirect leads.

    Raises
    ------
    Refused
        For a redirect from https to http, or to what is no web address.
    """
    there = urljoin(url, target)
    if urlsplit(there).scheme not in ("http", "https"):
        raise Refused(f"redirects to {there}, which is no web address")
    if urlsplit(url).scheme == "https" and urlsplit(there).scheme == "http":
        raise Refused(f"redirects from https to {there}, which anybody on the way could change")
    return there


@contextlib.contextmanager
def _network_trouble() -> Iterator[None]:
    """Tell what may pass from what will not."""
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise Refused(f"the certificate of the server cannot be trusted: {error}") from error
    except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
        raise _Again(f"{_cause(error)}") from error
    except requests.RequestException as error:
        raise Refused(str(error)) from error


def _cause(error: BaseException) -> str:
    if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        return "the server does not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off before the end of the file"
    reason = getattr(error.args[0], "reason", error) if error.args else error
    text = str(reason).partition(": ")[2] or str(reason)  # without the name of a class and an address in memory
    return f"the proxy: {text}" if isinstance(error, requests.exceptions.ProxyError) else f"no connection: {text}"


def _accepted(response: requests.Response, start: int, part: Part) -> int:
    """Where the body that follows begins; anything but a whole file or the rest that was asked for is raised."""
    status = f"status {response.status_code} {response.reason or ''}".rstrip()
    if response.status_code == 416 or (response.status_code == 206 and not _continues(response, start, part)):
        part.discard()
        raise _Again(f"{status}: the rest does not fit what is here, starting again")
    if response.status_code in _PASSING:
        raise _Again(status, _retry_after(response.headers.get("Retry-After", "")))
    if response.status_code not in (200, 206):
        raise Refused(status)
    if response.headers.get("Content-Type", "").lower().startswith(("text/html", "application/xhtml")):
        raise Refused(f"{status}, but with a web page instead of the file: an error, a login or a captcha")
    if response.status_code == 206:
        return start
    part.discard()
    return 0


def _continues(response: requests.Response, start: int, part: Part) -> bool:
    match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != start or not start:
        return False
    now = _validator(response)
    same_total = match[2] == "*" or part.total in (None, int(match[2]))
    return same_total and now in (None, part.validator)


def _validator(response: requests.Response) -> str | None:
    """What tells one version of the file from another: a strong ETag, else the date of change."""
    etag: str | None = response.headers.get("ETag")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")


def _retry_after(text: str) -> float | None:
    if text.strip().isdigit():
        return float(text)
    try:
        when: Any = parsedate_to_datetime(text)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, float((when - datetime.now(UTC)).total_seconds()))


def _save(response: requests.Response, part: Part, total: int | None, progress: Progress) -> None:
    begun, before = time.monotonic(), part.size
    have = before
    with part.path.open("ab") as handle:
        for block in response.iter_content(_BLOCK):
            handle.write(block)
            handle.flush()  # what came is kept, whatever happens to this process
            have += len(block)
            rate = (have - before) / max(time.monotonic() - begun, 0.001)
            of = f" of {megabytes(total)}" if total else ""
            progress(f"{megabytes(have)}{of}, {megabytes(rate)}/s", have / total if total else None)
    if total is not None and have != total:
        raise _Again(f"cut off after {have:,} of {total:,} bytes")
    part.finish()


def megabytes(size: float) -> str:
    """A size for people (decimal units)."""
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
