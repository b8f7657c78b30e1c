"""The command line. `main` maps every error to one message and one exit code."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import traceback
from types import FrameType
from typing import NoReturn

from pathproof.errors import EXIT_CANNOT_RUN, EXIT_INTERRUPTED, PathproofError


def _terminate(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Entry point of `pathproof`."""
    from pathproof.cli.app import app

    signal.signal(signal.SIGTERM, _terminate)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, _terminate)
    try:
        status = app(standalone_mode=False)
    except PathproofError as error:
        _say(f"error: {error.render()}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _interrupted()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_CANNOT_RUN)
    except MemoryError:
        _say("error: Out of memory.\n  what to do: close other programs, or train with --workers 1")
        sys.exit(EXIT_CANNOT_RUN)
    except OSError as error:
        place = f"\n  where: {error.filename}" if error.filename else ""
        _say(f"error: {error.strerror or error}{place}\n  what to do: check the disk and the folder's permissions")
        sys.exit(EXIT_CANNOT_RUN)
    except Exception as error:  # the two families of click, without importing it at the top
        _usage_or_fault(error)
    if status == EXIT_INTERRUPTED:  # what typer makes of Ctrl-C
        _interrupted()
    sys.exit(status if isinstance(status, int) else 0)


def _interrupted() -> NoReturn:
    _say("Interrupted. What was finished is kept; the same command goes on from there.")
    sys.exit(EXIT_INTERRUPTED)


def _usage_or_fault(error: Exception) -> NoReturn:
    if isinstance(error, SystemExit):
        raise error
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if callable(show) and isinstance(code, int):  # a click usage error: its text already names flag and value
        show()
        sys.exit(code)
    if type(error).__name__ == "Abort":
        _interrupted()
    if type(error).__name__ == "Exit":
        sys.exit(getattr(error, "exit_code", 0))
    if _came_of_interrupt(error):
        _interrupted()
    _fault(error)


def _came_of_interrupt(error: BaseException | None) -> bool:
    """Whether the error arose while an interrupt was being handled (clean-up code of a library that broke)."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _fault(error: Exception) -> NoReturn:
    """Our own mistake: one message, the traceback in a file, and never an exit code that means a verdict."""
    handle, name = tempfile.mkstemp(prefix="pathproof-fault-", suffix=".log", text=True)
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        log.write("".join(traceback.format_exception(error)))
    _say(
        f"error: A fault in PathProof itself: {type(error).__name__}: {error}\n  where: {name} holds the details\n"
        "  what to do: report it with that file; what was finished is kept, and the same command goes on from there"
    )
    sys.exit(EXIT_CANNOT_RUN)


def _say(text: str) -> None:
    sys.stderr.write(text.rstrip() + "\n")
