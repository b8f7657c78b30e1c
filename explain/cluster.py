"""Where independent fits run: processes of this machine, or the workers of a Dask cluster, through joblib."""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from joblib import Parallel, delayed, parallel_config

from pathproof.errors import DependencyError, PathproofError, UsageError

LOCAL_DASK = "dask"
T = TypeVar("T")
_WATCHED = threading.Event()


def fan_out(
    work: Callable[..., T], calls: Sequence[tuple[Any, ...]], jobs: int, cluster: str | None = None
) -> Iterator[tuple[int, T]]:
    """Call `work` with each tuple of arguments; yield (place, result) as they end.

    Parameters
    ----------
    work : function
        Importable by name; arguments and results travel between processes.
    calls : sequence of tuple
    jobs : int
        Processes here (1: in this one); at a cluster, how many calls are under way at once.
    cluster : str, optional
        "dask": a Dask cluster of `jobs` workers on this machine; or the address of a scheduler
        (tcp://host:8786). None: processes of this machine.

    Raises
    ------
    DependencyError
        A cluster is asked for and Dask is not installed.
    UsageError
        Nobody answers at the address.
    """
    if jobs <= 1 and cluster is None:
        for place, arguments in enumerate(calls):
            yield place, work(*arguments)
        return
    parent = os.getpid() if cluster is None else None
    with _backend(jobs, cluster), warnings.catch_warnings():
        # joblib replaces a worker whose memory has grown, between two calls: nothing is lost
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
        # arrays travel by value: mapped from a file they would be read-only in the worker
        running = Parallel(n_jobs=min(jobs, len(calls)) or 1, return_as="generator_unordered", max_nbytes=None)
        ended = running(delayed(_call)(work, place, arguments, parent) for place, arguments in enumerate(calls))
        try:
            for place, result, error in ended:
                if error is not None:
                    raise error
                yield place, result
        finally:
            with warnings.catch_warnings():  # that calls under way are given up is what is wanted
                warnings.simplefilter("ignore", UserWarning)
                ended.close()


def _call(
    work: Callable[..., T], place: int, arguments: tuple[Any, ...], parent: int | None
) -> tuple[int, T | None, PathproofError | None]:
    if parent is not None and parent != os.getpid():
        _end_with(parent)
    try:
        return place, work(*arguments), None
    except PathproofError as error:  # our own errors say what to do; a worker's traceback would bury it
        return place, None, error


def _end_with(parent: int) -> None:
    """In a worker: stop within seconds when the parent is gone, so that nothing is left behind after a kill."""
    if _WATCHED.is_set():
        return
    _WATCHED.set()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()


@contextlib.contextmanager
def _backend(jobs: int, cluster: str | None) -> Iterator[None]:
    if cluster is None:
        with parallel_config(backend="loky", inner_max_num_threads=1):
            yield
        return
    try:
        dask: Any = importlib.import_module("distributed")
    except ImportError as error:
        raise DependencyError("--cluster needs Dask.", got=error, action="pip install 'pathproof[dask]'") from error
    with contextlib.ExitStack() as stack:
        if cluster == LOCAL_DASK:
            local = dask.LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=None)
            client = stack.enter_context(dask.Client(stack.enter_context(local)))
        else:
            try:
                client = stack.enter_context(dask.Client(cluster, timeout="5s"))
            except (OSError, ValueError) as error:
                raise UsageError(
                    "No Dask scheduler answers.",
                    where=cluster,
                    got=error,
                    allowed="dask (on this machine), or the address of a scheduler, as tcp://host:8786",
                ) from error
        stack.enter_context(parallel_config(backend="dask", client=client))
        yield
