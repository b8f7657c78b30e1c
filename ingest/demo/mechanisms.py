"""What is planted beyond the written facts: pairs, modules, decoy hubs and made compounds, all drawn on the graph."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from pathproof.errors import UsageError
from pathproof.ingest.demo.facts import Acting, Drug, Evidence, Facts, Layer, Module, Pair, Planted, SignName
from pathproof.ingest.demo.parameters import WorldParameters
from pathproof.ingest.demo.walks import PathwayGraph, Walk

MIN_MODULE, MAX_MODULE = 5, 12
COMMON = 0.08  # a driver that is mutated in this share of all tissues has carriers enough for a product term
MADE_EFFECTS = (0.40, 0.80)


def with_mechanisms(written: Facts, parameters: WorldParameters) -> Facts:
    """The written facts in the asked size, with hubs, modules, pairs, made compounds and their evidence.

    Parameters
    ----------
    written : Facts
        As :func:`pathproof.ingest.demo.facts.load_facts` gives them.
    parameters : WorldParameters
        Only sizes, effects, `known` and `mechanism_seed` count here; the same give the same facts.

    Raises
    ------
    UsageError
        When the graph has no place for as many pairs or modules, or fewer genes are asked for than are named.
    """
    draw = _Draw(_sized(written, parameters), parameters)
    draw.make_drugs()
    draw.plant_modules()
    draw.plant_pairs()
    drugs = tuple(_scaled(drug, parameters.effect) for drug in draw.drugs)
    facts = dataclasses.replace(
        draw.facts,
        drugs=drugs,
        modules=tuple(draw.modules),
        hubs=tuple(sorted(draw.hubs)),
        evidence=(*draw.facts.evidence, *draw.evidence()),
    )
    return dataclasses.replace(facts, background=_background(facts, parameters.genes))


def _sized(facts: Facts, parameters: WorldParameters) -> Facts:
    """Fewer drugs than are written: evenly chosen, with the evidence that is left; and lines as asked."""
    chosen = facts.drugs
    if parameters.drugs < len(chosen):
        chosen = tuple(chosen[i] for i in np.linspace(0, len(chosen) - 1, parameters.drugs).round().astype(int))
    names = {drug.name for drug in chosen}
    evidence = (
        dataclasses.replace(row, therapies=tuple(name for name in row.therapies if name in names))
        for row in facts.evidence
    )
    lines = np.array([tissue.lines for tissue in facts.tissues])
    ends = np.round(np.cumsum(lines) / lines.sum() * parameters.lines).astype(int)
    tissues = tuple(
        dataclasses.replace(tissue, lines=int(n))
        for tissue, n in zip(facts.tissues, np.diff(ends, prepend=0), strict=True)
    )
    kept = tuple(row for row, old in zip(evidence, facts.evidence, strict=True) if row.therapies or not old.therapies)
    return dataclasses.replace(facts, drugs=chosen, tissues=tissues, evidence=kept)


def _scaled(drug: Drug, factor: float) -> Drug:
    planted = tuple(dataclasses.replace(one, effect=factor * one.effect) for one in drug.planted)
    return dataclasses.replace(drug, planted=planted)


def _background(facts: Facts, genes: int | None) -> tuple[str, ...]:
    named = len(facts.genes)
    if genes is not None and genes < named:
        raise UsageError(
            "The demonstration world cannot have so few genes: the facts name more.",
            got=genes,
            allowed=f"{named} or more",
        )
    return () if genes is None else tuple(f"DEMOG{i:05d}" for i in range(1, genes - named + 1))


def direction(walk: Walk, layer: Layer) -> SignName:
    """What a high expression, or a mutation, of the gene at the end of the walk does to an inhibitor of the target.

    A line in which the target is more active depends on it: sensitive. So is one with a mutation of the target or
    above it (a gain of an activator, the loss of an inhibitor); a mutation below it keeps the pathway on without it.
    """
    if layer == "mutation":
        return "resistance" if walk.side == "downstream" else "sensitivity"
    return "sensitivity" if walk.sign > 0 else "resistance"


def signed(sign: SignName, size: float) -> float:
    """The effect with its sign: + for resistance."""
    return size if sign == "resistance" else -size


class _Draw:
    """The drugs as they get their mechanisms; every choice comes from one stream of `mechanism_seed`."""

    def __init__(self, facts: Facts, parameters: WorldParameters) -> None:
        self.facts = facts
        self.parameters = parameters
        self.rng = np.random.default_rng([parameters.mechanism_seed, 0x6D656368])
        self.graph = PathwayGraph(facts)
        self.drugs = list(facts.drugs)
        self.modules: list[Module] = []
        self.taken = {one.gene for drug in facts.drugs for one in drug.planted}
        ranked = sorted(self.graph.degree, key=lambda gene: (-self.graph.degree[gene], gene))
        self.hubs = set([gene for gene in ranked if gene not in self.taken][: parameters.hubs])

    def make_drugs(self) -> None:
        """Compounds beyond the written ones: a target of the graph, and one to three effects around it."""
        targets = [gene for gene in self.facts.genes if len(self._free(PathwayGraph.around(self.graph, [gene]))) >= 6]
        first = max((drug.id for drug in self.drugs), default=900_000) + 1
        for i in range(self.parameters.drugs - len(self.drugs)):
            target = str(self.rng.choice(targets))
            planted: tuple[Planted, ...] = ()
            if self.rng.random() >= self.parameters.null_share:
                walks = self._free(self.graph.around([target]))
                picked = self.rng.choice(len(walks), size=int(self.rng.integers(1, 4)), replace=False)
                planted = tuple(self._effect(walks[j], float(self.rng.uniform(*MADE_EFFECTS))) for j in picked)
            pathways = [pathway.id for pathway in self.facts.pathways if target in pathway.genes]
            self.drugs.append(
                Drug(
                    id=first + i,
                    name=f"Demo compound {i + 1:04d}",
                    synonyms="",
                    targets=(target,),
                    actions=("inhibitor",),
                    theme="Made for the demonstration",
                    pathway=pathways[0] if pathways and planted else None,
                    mean=round(float(self.rng.uniform(-2.0, 3.5)), 1),
                    planted=planted,
                    decoy=False,
                )
            )

    def plant_modules(self) -> None:
        """Each module is the free part of a regulon, and acts on one drug whose target reaches the factor."""
        order = [drug for drug in self.rng.permutation(len(self.drugs)) if self.drugs[drug].planted]
        for d in order:
            if len(self.modules) == self.parameters.modules:
                return
            drug = self.drugs[d]
            walk = self._factor(drug)
            if walk is not None:
                module = self._module(walk.gene)
                sign = direction(walk, "expression")
                acting = Acting(module.name, sign, signed(sign, self.parameters.module_effect))
                self.drugs[d] = dataclasses.replace(drug, acting=(acting,))
        if len(self.modules) < self.parameters.modules:
            raise self._too_many("modules", self.parameters.modules, len(self.modules))

    def _factor(self, drug: Drug) -> Walk | None:
        """The factor near the drug's targets with the largest free regulon."""
        used = {module.factor for module in self.modules}
        near = [
            w for w in self.graph.around(drug.targets).values() if w.gene in self.graph.regulon and w.gene not in used
        ]
        best = max(near, key=lambda walk: len(self._members(walk.gene)), default=None)
        return best if best is not None and len(self._members(best.gene)) >= MIN_MODULE else None

    def _members(self, factor: str) -> list[str]:
        shut = {factor, *self.taken, *self.hubs, *(gene for module in self.modules for gene in module.genes)}
        shut.update(
            gene for tissue in self.facts.tissues for gene in tissue.markers
        )  # else lineage looks like the module
        return [gene for gene in self.graph.regulon[factor] if gene not in shut]

    def _module(self, factor: str) -> Module:
        genes = tuple(sorted(self._members(factor)[:MAX_MODULE]))
        weights = tuple(self.graph.regulon[factor][gene] for gene in genes)
        self.modules.append(Module(f"{factor} regulon", factor, genes, weights))
        return self.modules[-1]

    def plant_pairs(self) -> None:
        """Every second pair has effects of its genes too; drugs without a module come first."""
        order = [int(d) for d in self.rng.permutation(len(self.drugs)) if self.drugs[d].planted]
        planted = 0
        for d in sorted(order, key=lambda d: len(self.drugs[d].acting)):
            if planted == self.parameters.pairs:
                return
            own = {one.gene for one in self.drugs[d].planted} | self._told(self.drugs[d])
            walks = [walk for walk in self._free(self.graph.around(self.drugs[d].targets)) if walk.gene not in own]
            if len(walks) >= 2:
                first, second = (walks[j] for j in self.rng.choice(len(walks), size=2, replace=False))
                self.drugs[d] = self._with_pair(self.drugs[d], first, second, with_main=planted % 2 == 1)
                planted += 1
        if planted < self.parameters.pairs:
            raise self._too_many("pairs", self.parameters.pairs, planted)

    def _told(self, drug: Drug) -> set[str]:
        """Genes that the written evidence names for the drug; what it says of them stays."""
        return {row.gene for row in self.facts.evidence if drug.name in row.therapies}

    def _with_pair(self, drug: Drug, first: Walk, second: Walk, *, with_main: bool) -> Drug:
        size = self.parameters.pair_effect
        mains = tuple(self._effect(walk, round(0.7 * size, 6)) for walk in (first, second))
        sign: SignName = "resistance" if self.rng.random() < 0.5 else "sensitivity"
        layers = (mains[0].layer, mains[1].layer)
        pair = Pair((first.gene, second.gene), layers, sign, signed(sign, size), with_main)
        return dataclasses.replace(drug, pairs=(pair,), planted=drug.planted + (mains if with_main else ()))

    def _effect(self, walk: Walk, size: float) -> Planted:
        common = self.facts.drivers.get(walk.gene, {}).get("other", 0.0) >= COMMON
        layer: Layer = "mutation" if common and self.rng.random() < 0.5 else "expression"
        sign = direction(walk, layer)
        return Planted(walk.gene, layer, sign, signed(sign, round(size, 2)))

    def _free(self, walks: dict[str, Walk]) -> list[Walk]:
        """Walks to genes that are neither decoys nor in a module."""
        shut = self.hubs.union(*(module.genes for module in self.modules))
        return [walk for gene, walk in walks.items() if gene not in shut]

    def _too_many(self, what: str, asked: int, planted: int) -> UsageError:
        return UsageError(
            f"The demonstration's graph has no place for so many {what}.",
            got=asked,
            allowed=f"at most {planted} with these drugs, hubs and this mechanism_seed",
            action=f"ask for fewer {what}, or for more drugs",
        )

    def evidence(self) -> Iterator[Evidence]:
        """Rows for what was drawn, as far as the evidence knows it; a pair is one profile of two alterations.

        Drugs of which the evidence knows other genes get none.
        """
        written = {drug.id: drug for drug in self.facts.drugs}
        modules = {module.name: module for module in self.modules}
        for drug in self.drugs:
            if drug.decoy:
                continue
            before = written[drug.id].planted if drug.id in written else ()
            for one in drug.planted[len(before) :]:
                yield from self._row(drug, one.gene, _alteration(one.layer), one.sign)
            for pair in drug.pairs:
                (a, b), (layer_a, layer_b) = pair.genes, pair.layers
                yield from self._row(drug, a, f"{_alteration(layer_a)} AND {b} {_alteration(layer_b)}", pair.sign)
            for acting in drug.acting:
                module = modules[acting.module]
                for gene, weight in zip(module.genes, module.weights, strict=True):
                    sign: SignName = "resistance" if acting.effect * weight > 0 else "sensitivity"
                    yield from self._row(drug, gene, "Overexpression", sign)

    def _row(self, drug: Drug, gene: str, variant: str, sign: SignName) -> Iterator[Evidence]:
        if self.rng.random() < self.parameters.known:
            significance = "Resistance" if sign == "resistance" else "Sensitivity/Response"
            yield Evidence(gene, variant, significance, "Supports", "D", (drug.name,), "Cancer")


def _alteration(layer: Layer) -> str:
    return "Mutation" if layer == "mutation" else "Overexpression"
