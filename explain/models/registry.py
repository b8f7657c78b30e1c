"""Every predictor by name: how it is made and read back, what it sees, and for which splits it can be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathproof.errors import UsageError, nearest
from pathproof.explain.data import GeneGraph
from pathproof.explain.drug_side import DrugSide
from pathproof.explain.models.anchored import AnchoredConfig, AnchoredGnn, AnchoredMlp, KernelAnchoredGnn
from pathproof.explain.models.controls import rewired, without_edges
from pathproof.explain.models.drug_gnn import DrugGnn, DrugGnnConfig
from pathproof.explain.models.drug_kernel import DrugKernelRidge, LineMean
from pathproof.explain.models.elastic import ElasticNet
from pathproof.explain.models.gnn import Gnn, GnnConfig, control_of
from pathproof.explain.models.kernel import KernelConfig, KernelRidge
from pathproof.explain.models.mlp import Mlp, MlpConfig
from pathproof.explain.models.naive import NaiveMeanEffects, TissueMean
from pathproof.explain.models.ridge import Ridge
from pathproof.explain.models.trees import BoostedTrees, RandomForest

if TYPE_CHECKING:
    from pathproof.explain.models.kernel_trees import KernelTrees

NEW_LINES = ("lco", "lto", "lpo")
NEW_DRUGS = ("ldo",)


@dataclass(frozen=True)
class Context:
    """What a model may be made from beside the data set: the graph, the drugs, and how long networks are trained.

    Parameters
    ----------
    graph : GeneGraph
    drugs : DrugSide
    seeds, epochs : int
        Members of every network, and passes over the lines for each.
    inner_by_tissue : bool
        Whether models choose their settings on tissues that were held out, instead of lines.
    weight : float or None
        Share of the network in an anchored model; None: chosen on inner folds.
    """

    graph: GeneGraph
    drugs: DrugSide
    seeds: int = 5
    epochs: int = 60
    inner_by_tissue: bool = False
    weight: float | None = None

    def gnn(self) -> GnnConfig:
        """Settings of the graph network."""
        return GnnConfig(seeds=self.seeds, epochs=self.epochs)

    def mlp(self) -> MlpConfig:
        """Settings of the perceptron."""
        return MlpConfig(seeds=self.seeds, epochs=self.epochs)

    def anchored(self) -> AnchoredConfig:
        """Settings of the anchored network."""
        inner = min(AnchoredConfig.inner_seeds, self.seeds)
        return AnchoredConfig(gnn=self.gnn(), weight=self.weight, inner_seeds=inner)


@dataclass(frozen=True)
class ModelKind:
    """One predictor.

    Parameters
    ----------
    name : str
    make : function of a Context
        A new, unfitted model.
    load : function of a folder
        A fitted model that was saved there.
    splits : tuple of str
        The splits that it can do.
    uses : tuple of str
        What of the context it sees: graph, drugs.
    gives : dict of name to attribute
        Parts of the fitted model that are models of their own, and get rows in the table at no cost.
    wide : bool
        Whether it is fitted on the wide data set: all lines and layers, also lines that miss some. It is tested on
        the same lines as the others.
    version : int
        Raised when this model alone comes to be fitted in another way, so that stored fits of it are made anew.
    """

    name: str
    make: Callable[[Context], Any]
    load: Callable[[Path], Any]
    splits: tuple[str, ...] = NEW_LINES
    uses: tuple[str, ...] = ()
    gives: Mapping[str, str] = field(default_factory=dict)
    wide: bool = False
    version: int = 1

    def new(self, context: Context) -> Any:
        """A new, unfitted model that makes its choices, if any, as the context says."""
        model = self.make(context)
        if hasattr(model, "inner_by_tissue"):
            model.inner_by_tissue = context.inner_by_tissue
        return model

    def settings(self, context: Context) -> dict[str, Any]:
        """Everything that decides its numbers beside the data (JSON-able): part of a fit's content key."""
        model = self.new(context)
        named = {name: getattr(model, name) for name in ("config", "mlp", "grid") if hasattr(model, name)}
        plain = {name: asdict(v) if is_dataclass(v) and not isinstance(v, type) else v for name, v in named.items()}
        keys = {"graph": lambda: context.graph.key, "drugs": lambda: context.drugs.key}
        chosen_on = {"inner_folds": "tissues"} if getattr(model, "inner_by_tissue", False) else {}
        version = {"version": self.version} if self.version > 1 else {}
        return {"model": self.name, **version, **plain, **chosen_on, **{name: keys[name]() for name in self.uses}}


def _anchored(name: str, network: str, change: Callable[[GeneGraph], GeneGraph]) -> ModelKind:
    return ModelKind(
        name,
        lambda c: AnchoredGnn(change(c.graph), c.anchored()),
        AnchoredGnn.load,
        uses=("graph",),
        gives={network: "gnn"},
    )


def _network(name: str, change: Callable[[GeneGraph], GeneGraph]) -> ModelKind:
    return ModelKind(name, lambda c: Gnn(change(c.graph), c.gnn()), Gnn.load, uses=("graph",))


def _shuffled(context: Context) -> AnchoredConfig:
    return replace(context.anchored(), gnn=control_of(context.gnn()))


def _kernel_trees() -> type[KernelTrees]:
    from pathproof.explain.models.kernel_trees import KernelTrees  # brings scikit-learn

    return KernelTrees


def _rewired_once(graph: GeneGraph) -> GeneGraph:
    return rewired(graph, seed=0)


_ALL = (
    ModelKind("naive-mean-effects", lambda _: NaiveMeanEffects(), NaiveMeanEffects.load, (*NEW_LINES, *NEW_DRUGS)),
    ModelKind("tissue-mean", lambda _: TissueMean(), TissueMean.load),
    ModelKind("ridge", lambda _: Ridge(), Ridge.load),
    ModelKind("elastic-net", lambda _: ElasticNet(), ElasticNet.load),
    ModelKind("random-forest", lambda _: RandomForest(), RandomForest.load),
    ModelKind("lightgbm", lambda _: BoostedTrees(), BoostedTrees.load),
    ModelKind("mlp", lambda c: Mlp(c.mlp()), Mlp.load),
    ModelKind("gnn", lambda c: Gnn(c.graph, c.gnn()), Gnn.load, uses=("graph",)),
    ModelKind("gnn-shuffled-genes", lambda c: Gnn(c.graph, control_of(c.gnn())), Gnn.load, uses=("graph",)),
    _network("gnn-rewired", _rewired_once),
    _network("gnn-no-edges", without_edges),
    ModelKind(
        "ridge-anchored-gnn",
        lambda c: AnchoredGnn(c.graph, c.anchored()),
        AnchoredGnn.load,
        uses=("graph",),
        gives={"ridge": "ridge", "gnn": "gnn"},
    ),
    ModelKind("ridge+mlp", lambda c: AnchoredMlp(c.anchored(), c.mlp()), AnchoredMlp.load, gives={"mlp": "gnn"}),
    ModelKind(
        "anchored-shuffled-genes",
        lambda c: AnchoredGnn(c.graph, _shuffled(c)),
        AnchoredGnn.load,
        uses=("graph",),
        gives={"gnn-shuffled-genes": "gnn"},
    ),
    _anchored("anchored-rewired", "gnn-rewired", _rewired_once),
    _anchored("anchored-no-edges", "gnn-no-edges", without_edges),
    ModelKind("kernel", lambda _: KernelRidge(), KernelRidge.load, wide=True),
    ModelKind(
        "kernel+trees",
        lambda _: _kernel_trees()(),
        lambda folder: _kernel_trees().load(folder),
        wide=True,
        gives={"kernel": "kernel"},
    ),
    ModelKind(
        "kernel-anchored-gnn",
        lambda c: KernelAnchoredGnn(c.graph, replace(c.anchored(), ridge=KernelConfig())),
        KernelAnchoredGnn.load,
        uses=("graph",),
        wide=True,
        version=2,
    ),
    ModelKind("line-mean", lambda _: LineMean(), LineMean.load, NEW_DRUGS),
    ModelKind(
        "drug-kernel-ridge", lambda c: DrugKernelRidge(c.drugs), DrugKernelRidge.load, NEW_DRUGS, uses=("drugs",)
    ),
    ModelKind(
        "drug-gnn-no-messages",
        lambda c: DrugGnn(c.drugs, DrugGnnConfig(seeds=c.seeds, messages=False)),
        DrugGnn.load,
        NEW_DRUGS,
        uses=("drugs",),
    ),
    ModelKind(
        "drug-gnn", lambda c: DrugGnn(c.drugs, DrugGnnConfig(seeds=c.seeds)), DrugGnn.load, NEW_DRUGS, uses=("drugs",)
    ),
)
KINDS: Mapping[str, ModelKind] = {kind.name: kind for kind in _ALL}
"""All predictors, in the order of the table."""


def able(split: str) -> tuple[str, ...]:
    """Names of the models that can do the split."""
    return tuple(name for name, kind in KINDS.items() if split in kind.splits)


def chosen(names: Sequence[str], split: str) -> tuple[str, ...]:
    """The asked models in the order of the table; none asked: all that can do the split.

    Raises
    ------
    UsageError
        An unknown name, or a model that cannot do the split.
    """
    for name in names:
        if name not in KINDS:
            raise UsageError("Unknown model.", got=name, allowed=", ".join(KINDS), nearest=nearest(name, KINDS))
        if split not in KINDS[name].splits:
            raise UsageError(
                f"The model {name} cannot do the split {split}.",
                got=f"--model {name} --split {split}",
                allowed=f"for {split}: {', '.join(able(split))}",
                action="it has no drug side: an unseen drug is only a number to it"
                if split in NEW_DRUGS
                else "it knows only the cell lines that it was trained on",
            )
    return able(split) if not names else tuple(name for name in KINDS if name in names)


def to_fit(names: Sequence[str]) -> tuple[ModelKind, ...]:
    """The models that have to be fitted so that all names get a row: a part of another one comes with it."""
    given = {part for name in names for part in KINDS[name].gives}
    return tuple(KINDS[name] for name in names if name not in given)
