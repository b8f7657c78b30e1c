"""The scoring against a graph that was built from the real data."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from scoring_world import row

from pathproof.graph_schema.records import Claim
from pathproof.validate.claim_table import ClaimTable, finished
from pathproof.validate.knowledge import COLUMNS


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_the_query_library_gives_the_columns_that_are_needed(name: str) -> None:
    from pathproof.graph_schema.queries import load_query

    assert set(COLUMNS[name]) <= set(load_query(name).columns)
