"""The load that benchmarks/faults.py and the fault tests kill: a small synthetic graph, in many small transactions.

    python benchmarks/fault_world.py WORKSPACE [URI]

is the loader: it says `committed N` after each committed transaction, `done` at the end, and what stopped it.
The password for a URI is read from $PATHPROOF_STORE_PASSWORD.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from synthetic import write_synthetic

from pathproof.errors import PathproofError
from pathproof.graph_schema import connection, mechanism, write
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, ModelRecord, Sign
from pathproof.graph_schema.store import GraphStore, open_store
from pathproof.workspace import Workspace

RELATIONSHIPS = 400
ROWS = 12  # of a transaction
EXPLANATIONS = 12
CLAIMS = 5


def write_world(root: Path) -> Workspace:
    """The knowledge to load, as a workspace."""
    return write_synthetic(root, RELATIONSHIPS)


def model() -> ModelRecord:
    """The explained model."""
    return ModelRecord(id="model:faults", name="faults", universe=("SYN0",))


def explanations(workspace: Workspace, version: int = 0) -> list[Explanation]:
    """Explanations of the workspace's drugs; another version has the same ids and other claims, and more of them."""
    nodes = workspace.knowledge / "nodes"
    drugs = pd.read_parquet(nodes / "Drug.parquet")[["id", "name"]].head(EXPLANATIONS)
    symbols = pd.read_parquet(nodes / "Gene.parquet")["symbol"].tolist()
    found = []
    for i, (drug, name) in enumerate(drugs.itertuples(index=False)):
        first = i + version
        claims = [
            Claim(
                kind=ClaimKind.GENE,
                genes=(symbols[(first + j) % len(symbols)],),
                weights=(-0.5 - version,),
                value=-0.5 - version,
                sign=Sign.SENSITIVITY,
                rank=j + 1,
            )
            for j in range(min(CLAIMS + version, len(symbols)))
        ]
        found.append(
            Explanation(
                explainer="pathproof",
                version="1",
                model_id="faults",
                drug=drug,
                drug_name=name,
                screen="synthetic",
                claims=tuple(claims),
            )
        )
    return found


@contextmanager
def small_transactions(store: GraphStore, committed: Callable[[int], None]) -> Iterator[None]:
    """Have the store write in small transactions, and say the number of each one after its commit."""
    whole = (connection.BATCH_ROWS, mechanism.CLAIMS_PER_TRANSACTION, write.CLAIMS_PER_TRANSACTION)
    commit, n = store.write_one_transaction, 0

    def counted(statements: Any) -> None:
        nonlocal n
        commit(statements)
        n += 1
        committed(n)

    store.write_one_transaction = counted  # type: ignore[method-assign]
    connection.BATCH_ROWS, mechanism.CLAIMS_PER_TRANSACTION, write.CLAIMS_PER_TRANSACTION = ROWS, 1, 1
    try:
        yield
    finally:
        connection.BATCH_ROWS, mechanism.CLAIMS_PER_TRANSACTION, write.CLAIMS_PER_TRANSACTION = whole
        del store.write_one_transaction


def load(store: GraphStore, workspace: Workspace) -> None:
    """The whole load: knowledge, then explanations."""
    store.load_knowledge(workspace)
    store.write_explanations(model(), explanations(workspace))


def main() -> int:
    """Load as a process of its own."""
    workspace = Workspace.open(Path(sys.argv[1]))
    uri = sys.argv[2] if len(sys.argv) > 2 else None
    try:
        with (
            open_store(uri, workspace, password=os.environ.get("PATHPROOF_STORE_PASSWORD")) as store,
            small_transactions(store, lambda n: print(f"committed {n}", flush=True)),
        ):
            load(store, workspace)
    except PathproofError as error:
        print("stopped " + json.dumps(str(error)), flush=True)
        return error.exit_code
    print("done", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
