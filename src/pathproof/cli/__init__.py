"""The command line. `main` maps every error to one message and one exit code."""

from __future__ import annotations

import os
import signal
import sys
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
        _usage_or_raise(error)
    sys.exit(status if isinstance(status, int) else 0)


def _interrupted() -> NoReturn:
    _say("Interrupted. What was finished is kept in the workspace; the same command goes on from there.")
    sys.exit(EXIT_INTERRUPTED)


def _usage_or_raise(error: Exception) -> None:
    if isinstance(error, SystemExit):
        raise error
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if callable(show) and isinstance(code, int):  # a click usage error: its text already names flag and value
        show()
        sys.exit(code)
    if type(error).__name__ == "Abort":  # what click makes of Ctrl-C
        _interrupted()
    if type(error).__name__ == "Exit":
        sys.exit(getattr(error, "exit_code", 0))
    raise error


def _say(text: str) -> None:
    sys.stderr.write(text.rstrip() + "\n")
