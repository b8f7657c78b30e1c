"""The frozen records that every explainer writes and that `validate` reads.

An :class:`Explanation` is one explainer's account of one drug (or of one drug in some cell
lines). It holds :class:`Claim` records. Numbers are finite or None: NaN is refused, so the
strict JSON form reads back equal.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from pathproof.workspace import canonical_json, content_key

Fraction = Annotated[FiniteFloat, Field(ge=0.0, le=1.0)]
Spread = Annotated[FiniteFloat, Field(ge=0.0)]
RECORD_VERSION = 1


class ClaimKind(StrEnum):
    """What a claim is about."""

    GENE = "gene"
    INTERACTION = "interaction"
    MODULE = "module"
    PATHWAY = "pathway"
    RULE = "rule"


class Sign(StrEnum):
    """Direction: a higher value of the feature goes with more resistance or more sensitivity."""

    RESISTANCE = "resistance"
    SENSITIVITY = "sensitivity"

    @property
    def number(self) -> int:
        """+1 for resistance (higher ln IC50), -1 for sensitivity."""
        return 1 if self is Sign.RESISTANCE else -1


Layer = Literal["expression", "mutation"]


class Claim(BaseModel):
    """One statement about one drug.

    Parameters
    ----------
    kind : ClaimKind
    genes : tuple of str
        Approved symbols: one for a gene, two for an interaction, the members (strongest first)
        for a module; for a pathway its measured members that carry the claim; for a rule the genes
        of its conditions.
    layers : tuple of str
        For each gene the data layer that carries it ("expression" or "mutation").
    weights : tuple of float
        For each gene its signed attribution (ln IC50 per standard deviation of the feature); for a
        rule its weight in its condition, positive where a high value speaks for resistance.
    pathway : str or None
        Pathway CURIE, for a pathway claim.
    value : float
        Signed attribution of the whole claim: ln IC50 per standard deviation for genes and
        modules, the enrichment z for a pathway; for a rule the mean prediction of the lines that
        meet it minus that of the others, in ln IC50.
    sign : Sign or None
    rank : int
        1 is the strongest claim of its kind in this explanation.
    confidence : float or None
        In [0, 1]; formed without any reference.
    selection_frequency, sign_consistency : float or None
        Shares of ensemble members that select the claim, and that agree on its sign.
    sd : float or None
        Standard deviation of `value` over ensemble members.
    effect, effect_sd : float or None
        What perturbing the claim's features does to the model, in ln IC50 (uM); its spread over members.
    confirmed : bool or None
        Whether the model shows the effect with the claimed sign, beyond unclaimed features;
        None when the model was not asked.
    reason : str or None
        Why the claim was not confirmed.
    edges : tuple of str
        Stable ids of the knowledge-graph edges that the claim rests on.
    sources : tuple of str
        Knowledge sources that this claim rests on beyond those of its explanation (a pathway
        claim rests on the pathway database that defines its gene set).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClaimKind
    genes: tuple[str, ...]
    layers: tuple[Layer, ...] = ()
    weights: tuple[FiniteFloat, ...] = ()
    pathway: str | None = None
    value: FiniteFloat
    sign: Sign | None = None
    rank: Annotated[int, Field(ge=1)]
    confidence: Fraction | None = None
    selection_frequency: Fraction | None = None
    sign_consistency: Fraction | None = None
    sd: Spread | None = None
    effect: FiniteFloat | None = None
    effect_sd: Spread | None = None
    confirmed: bool | None = None
    reason: str | None = None
    edges: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Claim:
        n = len(self.genes)
        wanted = {ClaimKind.GENE: n == 1, ClaimKind.INTERACTION: n == 2, ClaimKind.MODULE: n >= 2}
        wanted[ClaimKind.RULE] = n >= 2
        if not wanted.get(self.kind, True):
            raise ValueError(f"a {self.kind} claim cannot name {n} genes")
        if (self.kind is ClaimKind.PATHWAY) != (self.pathway is not None):
            raise ValueError(f"a {self.kind} claim and pathway={self.pathway!r} do not go together")
        for name in ("layers", "weights"):
            if len(getattr(self, name)) not in (0, n):
                raise ValueError(f"{name} needs one entry for each of the {n} genes")
        return self

    @property
    def key(self) -> str:
        """What the claim is about, order-free: the gene, `A|B`, `A|B|C` or the pathway's CURIE."""
        return self.pathway if self.pathway is not None else "|".join(sorted(self.genes))


class Explanation(BaseModel):
    """Everything one explainer says about one drug.

    Parameters
    ----------
    explainer, version : str
        Name and version of the explainer.
    parameters : dict
        JSON-able settings.
    seed : int
    model_id, data_id : str or None
        Content keys of the explained model and of the tables it was trained on.
    drug : str
        CURIE, for example `gdsc.drug:1372`.
    drug_name, screen : str
    scope : str
        "drug" (over all its lines), "cohort" or "cell_line".
    scope_ids : tuple of str
        The cell lines, for a narrower scope.
    claims : tuple of Claim
    fidelity, stability, data_stability : float or None
        R2 of the explanation against the model on lines not used to form it; mean top-k Jaccard
        over members that differ in seed only, and over members that differ in lines.
    sources : tuple of str
        Knowledge sources that entered the model or the explainer (for the circularity check).
    seconds : float or None
    model_calls : int or None
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_version: Literal[1] = 1
    explainer: str
    version: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    seed: int = 0
    model_id: str | None = None
    data_id: str | None = None
    drug: str
    drug_name: str
    screen: str
    scope: Literal["drug", "cohort", "cell_line"] = "drug"
    scope_ids: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    fidelity: Annotated[FiniteFloat, Field(le=1.0)] | None = None
    stability: Fraction | None = None
    data_stability: Fraction | None = None
    sources: tuple[str, ...] = ()
    seconds: FiniteFloat | None = None
    model_calls: int | None = None

    @property
    def id(self) -> str:
        """Stable id: who explained what with which model and settings (cost is left out)."""
        who = self.model_dump(
            mode="json", include={"explainer", "version", "parameters", "seed", "model_id", "data_id"}
        )
        what = self.model_dump(mode="json", include={"drug", "screen", "scope", "scope_ids"})
        return "explanation:" + content_key(who, what)

    @property
    def claim_ids(self) -> tuple[str, ...]:
        """Stable ids of this explanation's claims, in their order."""
        me = self.id
        return tuple("claim:" + content_key(me, claim.kind.value, claim.key) for claim in self.claims)

    def claim_id(self, claim: Claim) -> str:
        """Stable id of one of this explanation's claims."""
        return "claim:" + content_key(self.id, claim.kind.value, claim.key)

    def to_json(self) -> str:
        """Strict, canonical JSON."""
        return canonical_json(self.model_dump(mode="json"))

    @classmethod
    def from_json(cls, text: str) -> Explanation:
        """Read what :meth:`to_json` wrote; the result is equal to the original."""
        return cls.model_validate_json(text)


class ModelRecord(BaseModel):
    """What the graph keeps of an explained model.

    Parameters
    ----------
    id : str
        Content key of the trained model, as `model:<key>`.
    name : str
    universe : tuple of str
        Symbols of all genes that the model could have named.
    sources : tuple of str
        Knowledge sources that entered it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    universe: tuple[str, ...]
    sources: tuple[str, ...] = ()


class Judgement(BaseModel):
    """What the references say of one stored claim.

    Parameters
    ----------
    claim_id : str
    supported_by, contradicted_by, novel_in : tuple of str
        Names of the references that hold the claim, that hold it with the opposite sign, and that could
        hold it and do not.
    supporting, contradicting : tuple of str
        Ids of the knowledge edges that say the same as the claim, and that say the opposite.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim_id: str
    supported_by: tuple[str, ...] = ()
    contradicted_by: tuple[str, ...] = ()
    novel_in: tuple[str, ...] = ()
    supporting: tuple[str, ...] = ()
    contradicting: tuple[str, ...] = ()

    @property
    def evidence(self) -> tuple[str, ...]:
        """Ids of all knowledge edges behind the support or contradiction, sorted."""
        return tuple(sorted({*self.supporting, *self.contradicting}))
