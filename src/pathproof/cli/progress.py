"""Progress: one live line with an estimate on a terminal, plain lines elsewhere. Always on standard error."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Report = Callable[[str, float | None], None]
PLAIN_INTERVAL_S = 15.0


class Steps:
    """The numbered steps of one call.

    Parameters
    ----------
    console : Console
        Where progress goes (standard error).
    total : int
        Number of steps, for "[2/6]".
    """

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._number = 0
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def step(self, name: str, title: str) -> Iterator[Report]:
        """Run one step; what it reports is shown, and its seconds are kept under `name`."""
        self._number += 1
        label = f"[{self._number}/{self._total}] {title}"
        started = time.monotonic()
        shown = _live(self._console, label) if self._console.is_terminal else _plain(self._console, label)
        with shown as report:
            yield report
        self.seconds[name] = round(time.monotonic() - started, 1)
        self._console.print(f"{label}: done in {self.seconds[name]:.1f} s", highlight=False, markup=False)

    def say(self, sentences: Iterable[str]) -> None:
        """What a user has to know, whatever the throttle of the progress lines."""
        for sentence in sentences:
            self._console.print(f"note: {sentence}", highlight=False, markup=False, soft_wrap=True)


@contextlib.contextmanager
def _live(console: Console, label: str) -> Iterator[Report]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task: TaskID = progress.add_task(label, total=None)

        def report(message: str, fraction: float | None) -> None:
            progress.update(
                task,
                description=f"{label}: {message}" if message else label,
                total=None if fraction is None else 1.0,
                completed=0.0 if fraction is None else fraction,
            )

        yield report


@contextlib.contextmanager
def _plain(console: Console, label: str) -> Iterator[Report]:
    console.print(f"{label} …", highlight=False, markup=False)
    started = last = time.monotonic()

    def report(message: str, fraction: float | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < PLAIN_INTERVAL_S:
            return
        last = now
        left = (
            ""
            if fraction is None or fraction < 0.05
            else f", about {(now - started) * (1 - fraction) / fraction:.0f} s left"
        )
        share = "" if fraction is None else f" {100 * fraction:.0f} %"
        console.print(f"    {message}{share}{left}", highlight=False, markup=False)

    yield report
