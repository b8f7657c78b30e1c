"""The query library gives what the scoring reads."""

from __future__ import annotations

import pytest

from pathproof.graph_schema.queries import load_query
from pathproof.validate.knowledge import COLUMNS


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_columns_of_the_query_library(name: str) -> None:
    assert set(COLUMNS[name]) <= set(load_query(name).columns)
