"""Explain drugs of a trained predictor by one of the peers: ask it drug by drug, keep what it says, write records."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from threadpoolctl import threadpool_limits

from pathproof.explain.cluster import fan_out
from pathproof.explain.multivariate import graph_peers, model_peers, sampling_peers
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import of_drugs, shared_out
from pathproof.explain.multivariate.model_peers import Peer, Said
from pathproof.explain.multivariate.peer_claims import claims_of
from pathproof.explain.multivariate.peer_kinds import BY_LAYER, PAIR, VERSION, Request
from pathproof.explain.train_pieces import open_model
from pathproof.graph_schema.records import Explanation
from pathproof.workspace import Workspace, content_key, read_json

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.models.anchored import AnchoredGnn
    from pathproof.explain.multivariate.run import Progress, Where

Floats = NDArray[np.float64]
STEP, STEP_VERSION = "peer", 1
PUBLISHED = Settings(latents=32, rank=16, method="published")
SAMPLED = {"lines_asked": sampling_peers.ASKED}
TREES = {"leaves": model_peers.LEAVES, "rounds": model_peers.ROUNDS, "rate": model_peers.RATE}
TREES["least_leaf"] = model_peers.LEAST_LEAF
SETTINGS: dict[str, dict[str, Any]] = {
    "plain-ridge": {},
    "integrated-gradients": {"steps": 16},
    "tree-shap": TREES,
    "shap-interactions": {**SAMPLED, **TREES},
    "gnn-explainer": {"lines_asked": graph_peers.ASKED, "epochs": graph_peers.EPOCHS, "rate": graph_peers.RATE},
    "kernel-shap": {**SAMPLED, "rows_a_line": "2,048 and twice the number of features"},
    "lime": {**SAMPLED, "rows_a_line": sampling_peers.LIME_CALLS},
    "shapiq": {
        **SAMPLED, "coalitions_a_line": sampling_peers.PAIR_CALLS, "features_of_a_ridge": sampling_peers.PAIR_FEATURES
    },
    "illume-plus": {**asdict(PUBLISHED), "arithmetic": "factorised"},
}  # fmt: skip
"""What each is set to; in its records, and part of the key of what is kept."""


@dataclass(frozen=True)
class Explained:
    """The trained model that is explained.

    Parameters
    ----------
    id : str
        As records name it.
    folder : Path
        Where it is kept (:func:`pathproof.explain.train_pieces.open_model`).
    sources : tuple of str
        What it knows.
    """

    id: str
    folder: Path
    sources: tuple[str, ...]


def peer_of(name: str, model: AnchoredGnn, mixed: Floats) -> Peer:
    """A peer by its name; `mixed` (all drugs, D) makes the outputs that are explained from those of the model."""
    makers: dict[str, Callable[[], Peer]] = {
        "plain-ridge": lambda: model_peers.plain_ridge,
        "integrated-gradients": lambda: model_peers.integrated_gradients(model, mixed),
        "tree-shap": lambda: model_peers.tree_shap,
        "shap-interactions": sampling_peers.tree_interactions,
        "gnn-explainer": lambda: graph_peers.gnn_explainer(model, mixed),
        "kernel-shap": sampling_peers.kernel_shap,
        "lime": sampling_peers.lime,
        "shapiq": sampling_peers.shapiq,
        "illume-plus": lambda: model_peers.surrogate(PUBLISHED),
    }
    return makers[name]()


def explain_model(
    request: Request, dataset: Dataset, workspace: Workspace, explained: Explained, progress: Progress, where: Where
) -> tuple[list[Explanation], dict[str, Any]]:
    """Records of one explainer of the model for the drugs of the request, over all lines of the model.

    Each drug is asked about alone, minus what all drugs share, and kept under a content key: a killed run goes on, and
    what is said of a drug does not depend on which others are named.

    Parameters
    ----------
    request : Request
    dataset : Dataset
        What the model was trained on.
    workspace : Workspace
    explained : Explained
    progress : function of (message, fraction done or None)
    where : Where
        Processes, or a cluster; it changes no number.

    Returns
    -------
    list of Explanation
    dict
        Seconds that each drug took when it was asked about, by id, and R2 on lines not seen (None: no account).

    Raises
    ------
    DependencyError
        A package that the explainer needs is not installed.
    DataError
        The model is damaged, or of other data or code.
    """
    request.kind.require()
    keys = {drug: _key(request, dataset, explained, drug) for drug in request.drugs}
    todo = [drug for drug, key in keys.items() if not workspace.is_done(STEP, key)]
    calls = [
        (request.kind.name, dataset, workspace.root, explained.folder, drug, request.seed, keys[drug]) for drug in todo
    ]
    if calls:
        progress(f"{request.kind.name}: {len(calls)} drugs", 0.0)
    started = time.monotonic()
    for done, _ in enumerate(fan_out(_ask_aside, calls, where.jobs, where.cluster), 1):
        left = (time.monotonic() - started) / done * (len(calls) - done) / 60.0  # a dear one says it after the first
        soon = f", about {left:.0f} min for the others" if left >= 1.0 else ""
        progress(f"{request.kind.name}: drug {done} of {len(calls)}{soon}", done / len(calls))
    told: dict[str, Any] = {"seconds": {}, "fidelity": {}}
    records = []
    for drug, key in keys.items():
        said, facts = _load(workspace.step(STEP, key))
        records.append(_record(request, said, dataset, drug, explained, facts["rows"]))
        told["seconds"][dataset.drugs[drug]] = facts["seconds"]
        told["fidelity"][dataset.drugs[drug]] = facts["fidelity"]
    return records, told


def _key(request: Request, dataset: Dataset, explained: Explained, drug: int) -> str:
    what = (SETTINGS[request.kind.name], _packages(request), request.seed, explained.folder.name)
    return content_key(STEP, STEP_VERSION, request.kind.name, VERSION, *what, dataset.data_id, dataset.drugs[drug])


def _packages(request: Request) -> dict[str, str]:
    return {package: version(package) for package, _ in request.kind.packages}


def _ask_aside(name: str, dataset: Dataset, root: Path, folder: Path, drug: int, seed: int, key: str) -> None:
    """Ask about one drug and keep the answer; in this process or another one."""
    started, rows = time.monotonic(), 0
    model = open_model(folder, dataset)
    function, lines = of_drugs(model, dataset, [drug])
    function = function.only([dataset.drugs[drug]])
    call = function.call

    def counted(x: Floats) -> NDArray[Any]:
        nonlocal rows
        rows += len(x)
        return call(x)

    mixed = np.ascontiguousarray(shared_out(dataset, [drug])[:, :1])
    with threadpool_limits(1, "blas"):  # numpy's sums come out in one order, wherever it runs
        said = peer_of(name, model, mixed)(replace(function, call=counted), lines, np.arange(len(lines.ids)), seed)
    pairs = said.pairs[0] if said.pairs else {}
    arrays = {
        "slopes": np.ascontiguousarray(said.slopes[:1]),
        "places": np.asarray(list(pairs), dtype=np.int64).reshape(-1, 2),
        "sizes": np.asarray(list(pairs.values()), dtype=np.float64),
    }
    fidelity = float(said.fidelity[0]) if np.isfinite(said.fidelity[0]) else None
    facts = {"fidelity": fidelity, "signed": said.signed, "rows": rows, "seconds": round(time.monotonic() - started, 2)}
    with Workspace(root).writing_step(STEP, key, facts) as part:
        save_file(arrays, part / "said.safetensors")


def _load(folder: Path) -> tuple[Said, dict[str, Any]]:
    facts = read_json(folder / "done.json")
    arrays = load_file(folder / "said.safetensors")
    pairs = {(int(i), int(j)): float(v) for (i, j), v in zip(arrays["places"], arrays["sizes"], strict=True)}
    fidelity = np.asarray([np.nan if facts["fidelity"] is None else facts["fidelity"]])
    return Said(arrays["slopes"], fidelity, (pairs,) if pairs else (), facts["signed"]), facts


def _record(request: Request, said: Said, dataset: Dataset, drug: int, explained: Explained, rows: int) -> Explanation:
    claims = claims_of(said, 0, dataset.features, request.top, request.by_layer)
    return Explanation(
        explainer=request.kind.name,
        version=VERSION,
        parameters={
            **SETTINGS[request.kind.name],
            "genes": request.top,
            "order": BY_LAYER if request.by_layer else "per SD of the feature",
            "value": f"{request.kind.value}, {BY_LAYER}" if request.by_layer else request.kind.value,
            **({"pair_value": PAIR} if said.pairs else {}),
            **({"packages": _packages(request)} if request.kind.packages else {}),
        },
        seed=request.seed,
        model_id=explained.id,
        data_id=dataset.data_id,
        drug=dataset.drugs[drug],
        drug_name=dataset.drug_names[drug],
        screen=dataset.screen,
        claims=claims,
        fidelity=None if np.isnan(said.fidelity[0]) else float(said.fidelity[0]),
        sources=explained.sources,
        model_calls=rows or None,
    )
