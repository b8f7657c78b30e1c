"""The public door to the graph, for notebooks and scripts: as `pathproof query` finds its store."""

from __future__ import annotations

from pathlib import Path

from pathproof.config import load_settings
from pathproof.graph_schema.store import GraphStore, open_store
from pathproof.workspace import Workspace


def open_graph(
    workspace: str | Path | Workspace | None = None,
    store: str | None = None,
    *,
    user: str | None = None,
    password: str | None = None,
    database: str | None = None,
) -> GraphStore:
    """Open the graph of a finished run; close it, or use it as a context manager::

        with pathproof.open_graph("pathproof-workspace") as graph:
            graph.query("evidence-of-drug", drug="Dabrafenib")

    Parameters
    ----------
    workspace : str, Path or Workspace, optional
        Where the run wrote; its embedded server is attached to, or started and stopped.
    store : str, optional
        `bolt://` or `neo4j://` address; a workspace is not needed then.
    user, password, database : str, optional
        For a store by address.

    What is left out comes from the environment ($PATHPROOF_WORKSPACE, $PATHPROOF_STORE, $PATHPROOF_STORE_PASSWORD
    ...), from pathproof.toml or from the defaults, as for the command line; but a workspace that is named here is
    never passed over for a store that is not.

    Raises
    ------
    ConfigError
        A setting or the address is none.
    WorkspaceError
        There is no workspace at this place.
    StoreError
        The server cannot be reached, refuses the password, has no such database, or did not start.
    """
    root = workspace.root if isinstance(workspace, Workspace) else workspace
    settings = load_settings({"workspace": root, "store": store, "store_user": user, "store_database": database})
    if store is None and (workspace is not None or settings.store is None):
        return open_store(None, Workspace.open(Path(settings.workspace), create=False))
    secret = settings.password() if password is None else password
    return open_store(settings.store, None, user=settings.store_user, password=secret, database=settings.store_database)
