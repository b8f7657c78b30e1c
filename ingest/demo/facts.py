"""The hand-written facts of the demonstration, read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any, Literal

Layer = Literal["expression", "mutation"]
SignName = Literal["resistance", "sensitivity"]


@dataclass(frozen=True)
class Planted:
    """One planted effect.

    Parameters
    ----------
    gene : str
    layer : {"expression", "mutation"}
    sign : {"resistance", "sensitivity"}
        Direction of ln IC50 with a higher value of the feature.
    effect : float
        Signed change of ln IC50 (uM) per standard deviation of the feature.
    """

    gene: str
    layer: Layer
    sign: SignName
    effect: float


@dataclass(frozen=True)
class Pair:
    """A planted product of two features, beyond what each does alone.

    Parameters
    ----------
    genes, layers : pair of str
    sign : {"resistance", "sensitivity"}
        Direction of ln IC50 where both are high, or both low.
    effect : float
        Signed change of ln IC50 (uM) per standard deviation of the product term.
    with_main : bool
        Whether both also have planted effects of their own.
    """

    genes: tuple[str, str]
    layers: tuple[Layer, Layer]
    sign: SignName
    effect: float
    with_main: bool


@dataclass(frozen=True)
class Module:
    """Genes that one transcription factor moves together, by its activity (its own expression does not show it).

    `weights` are +1 where it induces the gene and -1 where it represses it.
    """

    name: str
    factor: str
    genes: tuple[str, ...]
    weights: tuple[int, ...]


@dataclass(frozen=True)
class Acting:
    """What a module's score does to a drug's ln IC50 (uM), per standard deviation of the score."""

    module: str
    sign: SignName
    effect: float


@dataclass(frozen=True)
class Drug:
    """One drug: its real name and targets, and what the simulation plants for it."""

    id: int
    name: str
    synonyms: str
    targets: tuple[str, ...]
    actions: tuple[str, ...]
    theme: str
    pathway: str | None
    mean: float
    planted: tuple[Planted, ...]
    decoy: bool
    pairs: tuple[Pair, ...] = ()
    acting: tuple[Acting, ...] = ()

    @property
    def curie(self) -> str:
        """The drug's id in every table."""
        return f"gdsc.drug:{self.id}"

    @property
    def responds(self) -> bool:
        """Whether anything is planted for it."""
        return bool(self.planted or self.pairs or self.acting)


@dataclass(frozen=True)
class Pathway:
    """A Reactome pathway's name and id, and a short list of well-known members."""

    id: str
    name: str
    parent: str
    genes: tuple[str, ...]


@dataclass(frozen=True)
class Tissue:
    """A tissue under the names that the providers give it, and the number of simulated lines."""

    name: str
    factor: str
    tcga: str
    cancer_type: str
    lines: int
    markers: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """One evidence row; `kind` is its evidence type, `status` its editorial state."""

    gene: str
    variant: str
    significance: str
    direction: str
    level: str
    therapies: tuple[str, ...]
    disease: str
    kind: str = "Predictive"
    status: str = "accepted"


@dataclass(frozen=True)
class Facts:
    """All facts together.

    Parameters
    ----------
    drugs, pathways, tissues, evidence : tuple
    named_pathways : tuple of Pathway
        Those that only the names and the hierarchy know (pathways about drug resistance); without genes.
    parents : dict
        Names of the parent pathways by id.
    drivers : dict
        For each driver gene the share of mutated lines by tissue; `other` holds for the rest.
    signed, regulon : tuple of (source, target, +1 or -1)
    doid : dict
        Disease Ontology numbers by the name of the disease; a disease may have none.
    modules : tuple of Module
        Drawn, not written; no gene stands in two of them.
    hubs : tuple of str
        The most connected genes in which nothing is planted: decoys.
    background : tuple of str
        Made-up genes that no fact names.
    """

    drugs: tuple[Drug, ...]
    pathways: tuple[Pathway, ...]
    named_pathways: tuple[Pathway, ...]
    parents: dict[str, str]
    tissues: tuple[Tissue, ...]
    drivers: dict[str, dict[str, float]]
    signed: tuple[tuple[str, str, int], ...]
    regulon: tuple[tuple[str, str, int], ...]
    evidence: tuple[Evidence, ...]
    doid: dict[str, str]
    modules: tuple[Module, ...] = ()
    hubs: tuple[str, ...] = ()
    background: tuple[str, ...] = ()

    @cached_property
    def genes(self) -> tuple[str, ...]:
        """Every gene that any fact names, and the background, sorted: the genes of the simulated expression matrix."""
        return tuple(sorted({*self._named(), *self.background}))

    def _named(self) -> Iterator[str]:
        for members in (*(p.genes for p in self.pathways), *(t.markers for t in self.tissues)):
            yield from members
        for drug in self.drugs:
            yield from drug.targets
            yield from (planted.gene for planted in drug.planted)
        for source, target, _ in self.signed + self.regulon:
            yield from (source, target)
        yield from self.drivers
        yield from (row.gene for row in self.evidence)


def load_facts() -> Facts:
    """Read the written facts: the same for every seed, without pairs, modules and decoy hubs."""
    world, drugs = _toml("pathways"), _toml("drugs")
    lineages, network, evidence = _toml("lineages"), _toml("network"), _toml("evidence")
    return Facts(
        drugs=tuple(_drug(drugs["first_id"] + i, row) for i, row in enumerate(drugs["drug"])),
        pathways=tuple(Pathway(**{**row, "genes": tuple(row["genes"].split())}) for row in world["pathway"]),
        named_pathways=tuple(Pathway(number, name, parent, ()) for number, name, parent in world["names"]["rows"]),
        parents=world["parents"],
        tissues=tuple(Tissue(**{**row, "markers": tuple(row["markers"].split())}) for row in lineages["tissue"]),
        drivers=lineages["drivers"],
        signed=tuple(_edges(network["signed"])),
        regulon=tuple(_edges(network["regulon"])),
        evidence=tuple(_evidence(evidence)),
        doid=evidence["doid"],
    )


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _drug(number: int, row: dict[str, Any]) -> Drug:
    planted = tuple(
        Planted(gene, layer, sign, effect if sign == "resistance" else -effect)
        for gene, layer, sign, effect in row.get("planted", [])
    )
    return Drug(
        id=number,
        name=row["name"],
        synonyms=row.get("synonyms", ""),
        targets=tuple(row["targets"].split(", ")),
        actions=tuple(row.get("actions", "inhibitor").split(", ")),
        theme=row["theme"],
        pathway=row.get("pathway"),
        mean=row["mean"],
        planted=planted,
        decoy=row.get("decoy", False),
    )


def _edges(table: dict[str, str]) -> Iterator[tuple[str, str, int]]:
    for source, targets in table.items():
        for target in targets.split():
            yield source, target[1:], {"+": 1, "-": -1}[target[0]]


def _evidence(table: dict[str, Any]) -> Iterator[Evidence]:
    for gene, variant, significance, direction, level, therapies, disease in table["rows"]:
        yield Evidence(gene, variant, significance, direction, level, tuple(therapies), disease)
    for gene, variant, kind, significance, direction, status, disease in table["set_aside"]:
        yield Evidence(gene, variant, significance, direction, "B", (), disease, kind, status)
