"""The simple and the published explainers that a command can be asked for by name, and what each of them needs.

Nothing heavy is imported: what is missing is said before any work.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import Any, Literal

from pathproof.errors import DependencyError, UsageError

VERSION = "1"
SLOPE = "slope, ln IC50 per SD of the feature, minus what all drugs share"
MASK = "mean weight of the feature's mask over the lines asked about, 0 to 1; no direction"
BY_LAYER = "in units of the layer's root mean square for the drug"
PAIR = "ln IC50 per product of the SDs of two features, minus what all drugs share"
TOP, PAIRS = 20, 5
"""Genes of a drug where nothing else is asked, and the most pairs that an explainer of the model claims of it."""


@dataclass(frozen=True)
class PeerKind:
    """One explainer beside ours.

    Parameters
    ----------
    name : str
    sees : "data" or "model"
        Whether it explains the screen itself, and needs no trained model, or the trained model.
    value : str
        What the value of a gene claim is; empty where the explainer's own record says it.
    packages : tuple of (str, str)
        Optional packages that it needs, and the extra that brings each.
    drawn : bool
        Whether its values are amounts that a figure can show.
    """

    name: str
    sees: Literal["data", "model"]
    value: str = ""
    packages: tuple[tuple[str, str], ...] = ()
    drawn: bool = True

    def require(self) -> None:
        """Refuse (DependencyError) when a package that it needs is not installed."""
        for package, extra in self.packages:
            require(self.name, package, extra)


SHAP, TREES = ("shap", "shap"), ("lightgbm", "trees")
KINDS: dict[str, PeerKind] = {
    kind.name: kind
    for kind in (
        PeerKind("association-lmm", "data"),
        PeerKind("univariate", "data"),
        PeerKind("popular", "data", drawn=False),
        PeerKind("random", "data", drawn=False),
        PeerKind("plain-ridge", "model", SLOPE),
        PeerKind("integrated-gradients", "model", SLOPE),
        PeerKind("tree-shap", "model", SLOPE, (TREES,)),
        PeerKind("shap-interactions", "model", SLOPE, (SHAP, TREES)),
        PeerKind("gnn-explainer", "model", MASK),
        PeerKind("kernel-shap", "model", SLOPE, (SHAP,)),
        PeerKind("lime", "model", SLOPE, (("lime", "lime"),)),
        PeerKind("shapiq", "model", SLOPE, (("shapiq", "shapiq"),)),
        PeerKind("illume-plus", "model", SLOPE),
    )
}


@dataclass(frozen=True)
class Request:
    """What is asked of one explainer.

    Parameters
    ----------
    kind : PeerKind
    drugs : tuple of int
        Columns of the data set's responses.
    top : int
        Genes of each drug, at most.
    seed : int
    by_layer : bool
        Of a model's explainer: order features in units of their data layer, as our explainers do, not per SD.
    pairs : bool
        Of association-lmm: look for pairs in the data too, a second or two for each drug.
    """

    kind: PeerKind
    drugs: tuple[int, ...]
    top: int = TOP
    seed: int = 0
    by_layer: bool = False
    pairs: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be meant (UsageError)."""
        for name, low in (("top", 1), ("seed", 0)):
            if getattr(self, name) < low:
                raise UsageError(f"{name} is too small.", got=getattr(self, name), allowed=f"{low} or more")


def require(peer: str, package: str, extra: str) -> None:
    """Say which peer needs an optional package that is not installed, and how it comes (DependencyError)."""
    if importlib.util.find_spec(package) is None:
        raise DependencyError(
            f"The peer {peer} needs the package {package}, which is not installed.",
            action=f"install the extra: pip install 'pathproof[{extra}]'; the other explainers do without it",
        )


def needed(peer: str, package: str, extra: str) -> Any:
    """Import an optional package, or say who needs it (see :func:`require`)."""
    require(peer, package, extra)
    return importlib.import_module(package)
