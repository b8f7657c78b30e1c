"""What every explainer claims of the same drugs, one file each, to be held against the references.

    python benchmarks/bench_peer_claims.py --workspace DIR --like FILE [--top 20] [--peer NAME ...] [--out DIR]
    pathproof validate --workspace COPY --no-data-test --explanations DIR/multivariate.csv --compare DIR/lime.csv ...

Explains the drugs that FILE names (a CSV with a column drug) with the newest trained model of a workspace: every
explainer of `bench_peers.py` on all lines, and beside them those of the data alone, association-lmm and univariate, and
genes drawn at random. Each names for each drug its so many strongest genes, each gene by its strongest layer, per SD of
the feature: an explainer's own order, without our selection, confidence or confirmation. "pathproof" is what the run of
the workspace claimed, by confidence. `--by-layer` orders the features of explainers of the model in units of their data
layer, as our explainers do. `--peer` asks only some. A file that is there already is kept, so a killed run goes on.
Claims are made and written by the code of `pathproof explain --explainer NAME`, which runs one of them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from bench_peers import SETUP, Task, explainers, of_workspace

from pathproof.cli.explain_files import claim_rows
from pathproof.errors import DependencyError, UsageError, WorkspaceError
from pathproof.explain.data import Dataset, GeneGraph, load_dataset
from pathproof.explain.multivariate.data_peers import explain_data
from pathproof.explain.multivariate.model_peers import Peer as ModelPeer
from pathproof.explain.multivariate.peer_claims import claims_of
from pathproof.explain.multivariate.peer_kinds import KINDS, VERSION, Request
from pathproof.graph_schema.records import ClaimKind, Explanation
from pathproof.workspace import Workspace, write_text

DATA_PEERS = ("association-lmm", "univariate", "random")


def of_data(name: str, workspace: Workspace, dataset: Dataset, drugs: Sequence[int], top: int) -> pd.DataFrame:
    """Claims of an explainer that sees the data and not the model."""

    def none() -> GeneGraph:
        raise UsageError("The gene graph is in the store.", got=name, action="run `pathproof explain --explainer`")

    request = Request(KINDS[name], tuple(drugs), top)
    return claim_rows(explain_data(request, dataset, workspace, none, lambda _text, _share: None))


def of_model(
    name: str, peer: ModelPeer, task: Task, dataset: Dataset, top: int, by_layer: bool = False
) -> pd.DataFrame:
    """Claims of an explainer of the model, asked on all lines; `by_layer`: ordered in units of each feature's layer."""
    said = peer(task.function, task.lines, np.arange(len(task.lines.ids)), 0)
    names = dict(zip(dataset.drugs, dataset.drug_names, strict=True))
    records = []
    for output, drug in enumerate(task.function.outputs[: task.drugs]):
        claims = claims_of(said, output, dataset.features[: task.genes], top, by_layer)
        genes = tuple(own for own in claims if own.kind is ClaimKind.GENE)
        who = {"explainer": name, "version": VERSION, "drug": drug, "drug_name": names[drug], "screen": dataset.screen}
        records.append(Explanation(**who, claims=genes))
    return claim_rows(records)


def of_run(workspace: Workspace, dataset: Dataset, drugs: Sequence[int], top: int) -> pd.DataFrame:
    """Gene claims of the newest run of the workspace, the most confident first; none of confidence 0."""
    found = [path.parent for path in (workspace.root / "steps" / "explain").glob("*/done.json")]
    if not found:
        raise WorkspaceError("No run is in this workspace.", where=workspace.root, action="run `pathproof run`")
    newest = max(found, key=lambda path: (path / "done.json").stat().st_mtime_ns)
    records = [Explanation.from_json(line) for line in (newest / "explanations.jsonl").read_text().splitlines()]
    wanted = {dataset.drugs[d] for d in drugs}
    kept = []
    for record in (one for one in records if one.explainer == "pathproof" and one.drug in wanted):
        genes = [own for own in record.claims if own.kind is ClaimKind.GENE and own.confidence and own.sign]
        genes.sort(key=lambda own: -(own.confidence or 0.0))
        kept.append(record.model_copy(update={"claims": tuple(genes[:top])}))
    return claim_rows(kept)


def named_like(dataset: Dataset, file: Path) -> list[int]:
    """Columns of the drugs that a file of claims names; none of the screen is refused (UsageError)."""
    wanted = set(pd.read_csv(file, usecols=["drug"], dtype=str)["drug"])
    drugs = [d for d, drug in enumerate(dataset.drugs) if drug in wanted]
    if not drugs:
        raise UsageError("No drug of the file is in the screen.", where=file, got=f"{len(wanted)} drugs")
    return drugs


def asked(folder: Path, like: Path, top: int, by_layer: bool) -> Iterator[tuple[str, Callable[[], pd.DataFrame]]]:
    """Every explainer with what makes its claims, the cheap ones first."""
    workspace = Workspace.open(folder, create=False)
    dataset = load_dataset(workspace)
    drugs = named_like(dataset, like)
    for name in DATA_PEERS:
        yield name, lambda own=name: of_data(own, workspace, dataset, drugs, top)  # type: ignore[misc]
    yield "pathproof", lambda: of_run(workspace, dataset, drugs, top)
    task, more = of_workspace(folder, lambda _: drugs)
    peers = {**more, **explainers(SETUP)}
    late = ("ILLUME", "Kernel", "LIME")
    for name in sorted(peers, key=lambda own: own.startswith(late)):
        yield name, lambda own=name: of_model(own, peers[own], task, dataset, top, by_layer)  # type: ignore[misc]


def main(arguments: list[str] | None = None) -> int:
    """Write the files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workspace", type=Path, required=True, help="a workspace with a trained model")
    parser.add_argument("--like", type=Path, required=True, help="CSV whose column drug names the drugs")
    parser.add_argument("--top", type=int, default=20)
    parser.add_argument("--by-layer", action="store_true", help="order features in units of their data layer")
    parser.add_argument("--peer", action="append", help="only this one; repeat it")
    parser.add_argument("--out", type=Path, default=Path("build/peer_claims"), help="where the files go")
    options = parser.parse_args(arguments)
    for name, make in asked(options.workspace, options.like, options.top, options.by_layer):
        path = options.out / f"{name.partition(' (')[0].partition(',')[0].replace(' ', '-').lower()}.csv"
        if path.exists() or (options.peer and name not in options.peer):
            continue
        started = time.process_time()
        try:
            rows = make()
        except DependencyError as error:
            print(f"{name:<38} left out: {error.what}")
            continue
        write_text(path, rows.to_csv(index=False))
        seconds = time.process_time() - started
        print(f"{name:<38} {len(rows):6d} claims {seconds:8.1f} s  {path}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
