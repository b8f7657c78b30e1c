"""What the association test found, and what chance finds: tables with one row per feature, one column per drug."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from pathproof.errors import UsageError
from pathproof.graph_schema.records import Sign

if TYPE_CHECKING:
    from pathproof.explain.data import Feature

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Layer = Literal["expression", "mutation"]


@dataclass(frozen=True)
class Association:
    """One claim of the association test.

    Parameters
    ----------
    drug : str
    gene : str
    layer : str
        "expression" or "mutation".
    z, t : float
        Evidence; positive: a higher value goes with a higher ln IC50 (resistance).
    beta : float
        ln IC50 (uM) per standard deviation of the feature.
    sign : Sign
    members : tuple of str
        Other genes above the threshold that correlate with this one, strongest first.
    """

    drug: str
    gene: str
    layer: Layer
    z: float
    t: float
    beta: float
    sign: Sign
    members: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class AssociationTable:
    """Tests of every feature against every drug.

    Parameters
    ----------
    features : tuple of Feature
        F features (gene, layer).
    drugs : tuple of str
        D drugs.
    t, z, beta : float64 array (F, D)
        t value; the normal deviate with the same p; ln IC50 (uM) per standard deviation of the
        feature over the lines that have its layer. Positive: resistance. NaN: not tested (too few
        lines or carriers, or no variation beyond the covariates).
    h2 : float64 array (D,)
        Share of the variance that the expression kernel explains; NaN: not fitted.
    n, n_mutation : int64 array (D,)
        Lines used for expression and for mutations.
    clump : int64 array (F, D)
        Row of the claim that the feature belongs to: its own row for a lead, the stronger
        correlated feature's row for a clumped one, -1 where it is not tested, weaker than the
        gene's other layer, or too weak to matter (abs(z) < 1).
    """

    features: tuple[Feature, ...]
    drugs: tuple[str, ...]
    t: Floats
    z: Floats
    beta: Floats
    h2: Floats
    n: Ints
    n_mutation: Ints
    clump: Ints

    @property
    def lead(self) -> Bools:
        """Features that stand for their clump (F, D)."""
        return np.asarray(self.clump == np.arange(len(self.features))[:, None])

    def claims(self, threshold: float, at_most: int = 3) -> list[Association]:
        """The leads with abs(z) >= threshold, at most `at_most` a drug; drugs in order, strongest first."""
        if not threshold > 0 or at_most < 1:
            raise UsageError(
                "Claims need a positive threshold and at least one claim a drug.",
                got=f"threshold {threshold}, at most {at_most}",
                allowed="threshold > 0, at_most >= 1",
            )
        lead = self.lead
        found = []
        for drug in range(len(self.drugs)):
            size = np.abs(np.nan_to_num(self.z[:, drug]))
            rows = np.flatnonzero(lead[:, drug] & (size >= threshold))
            rows = rows[np.argsort(-size[rows], kind="stable")][:at_most]
            found += [self._claim(int(row), drug, threshold) for row in rows]
        return found

    def of_features(self, order: Ints) -> AssociationTable:
        """The same tests in another order of the features: row i is what row `order[i]` was."""
        place = np.empty(len(self.features) + 1, dtype=np.int64)
        place[order], place[-1] = np.arange(len(order)), -1
        return AssociationTable(
            features=tuple(self.features[int(i)] for i in order),
            drugs=self.drugs,
            t=self.t[order],
            z=self.z[order],
            beta=self.beta[order],
            h2=self.h2,
            n=self.n,
            n_mutation=self.n_mutation,
            clump=place[self.clump[order]],
        )

    def best_layer(self) -> dict[str, Floats]:
        """For each gene the signed z (D,) of the layer with the larger abs(z); NaN where no layer is tested."""
        best: dict[str, Floats] = {}
        for feature, row in zip(self.features, self.z, strict=True):
            held = best.get(feature.gene)
            better = row if held is None else np.where(np.abs(row) > np.abs(np.nan_to_num(held)), row, held)
            best[feature.gene] = np.asarray(better, dtype=np.float64)
        return best

    def _claim(self, row: int, drug: int, threshold: float) -> Association:
        size = np.abs(np.nan_to_num(self.z[:, drug]))
        others = np.flatnonzero((self.clump[:, drug] == row) & (size >= threshold))
        others = others[np.argsort(-size[others], kind="stable")]
        z = float(self.z[row, drug])
        return Association(
            drug=self.drugs[drug],
            gene=self.features[row].gene,
            layer=self.features[row].recorded,
            z=z,
            t=float(self.t[row, drug]),
            beta=float(self.beta[row, drug]),
            sign=Sign.RESISTANCE if z > 0 else Sign.SENSITIVITY,
            members=tuple(self.features[int(i)].gene for i in others if i != row),
        )


@dataclass(frozen=True, eq=False)
class AssociationNull:
    """Tables of the same test on responses permuted within lineage."""

    tables: tuple[AssociationTable, ...]
    seed: int

    def pairs(self, threshold: float, layer: Layer | None = None) -> Ints:
        """For each permutation the number of (drug, gene) pairs whose best layer reaches the threshold."""
        counts = []
        for table in self.tables:
            kept = (table.clump >= 0) & (np.abs(np.nan_to_num(table.z)) >= threshold)
            if layer is not None:
                kept &= np.array([feature.layer == layer for feature in table.features])[:, None]
            counts.append(int(kept.sum()))
        return np.array(counts, dtype=np.int64)

    def claims(self, threshold: float, at_most: int = 3, layer: Layer | None = None) -> Ints:
        """For each permutation the number of claims, as :meth:`AssociationTable.claims` counts them."""
        found = [table.claims(threshold, at_most) for table in self.tables]
        return np.array([sum(layer in (None, c.layer) for c in claims) for claims in found], dtype=np.int64)
