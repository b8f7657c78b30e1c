"""Single genes in the data as claims are held against them: no single line's response may make one.

The association test of :mod:`pathproof.explain.lmm` on the responses, and once more on rank-normal responses (Blom's
scores over all lines of a drug; a line's general sensitivity, a covariate, is then that of the ranks, too); of the two
deviates the weaker counts. A run's own evidence and peers keep the test on
the responses; what the explainers of a command confirm or call shown rests on this one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pathproof.explain import lmm_kernel as kernel
from pathproof.explain.lmm import LmmConfig, association_lmm
from pathproof.explain.lmm_clump import clump, correlated
from pathproof.explain.lmm_covariates import background

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.lmm_table import AssociationTable


def robust_association(
    dataset: Dataset,
    config: LmmConfig | None = None,
    progress: Callable[[str, float | None], None] = lambda _message, _fraction: None,
) -> AssociationTable:
    """As :func:`pathproof.explain.lmm.association_lmm`, with the weaker deviate (and t) of responses and ranks.

    `beta`, `h2` and the lines are those of the responses; a feature whose two deviates differ in sign has 0.
    """
    config = config or LmmConfig()
    values = association_lmm(dataset, config, progress)
    ranks = association_lmm(replace(dataset, y=kernel.rank_normal(np.asarray(dataset.y))), config, progress)
    z = kernel.weaker(values.z, ranks.z)
    close = correlated(dataset, background(dataset, config.min_group), config.clump_correlation)
    groups = clump(z, [feature.gene for feature in dataset.features], close)
    return replace(values, z=z, t=kernel.weaker(values.t, ranks.t), clump=groups)
