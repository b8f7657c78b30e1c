"""A screen with all its cell lines and layers, for the models that learn from lines which miss some."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pathproof.explain.data import Dataset, load_dataset
from pathproof.explain.layers import further_layers
from pathproof.workspace import Workspace, content_key, read_json


@dataclass(frozen=True)
class Wide:
    """The wide data set beside another one of the same screen: read only when something is fitted on it.

    Parameters
    ----------
    workspace : Workspace
        With the tables that `ingest` wrote.
    dataset : Dataset
        The complete lines.
    """

    workspace: Workspace
    dataset: Dataset

    @cached_property
    def key(self) -> str:
        """Content key, known without reading a table: of all that was ingested, and of the complete lines."""
        return content_key(read_json(self.workspace.root / "manifest.json")["key"], self.dataset.data_id)

    @cached_property
    def data(self) -> Dataset:
        """Every screened line with any layer; drugs, and features of expression and mutation, of the complete lines."""
        own = self.dataset
        layers = further_layers(self.workspace)
        return load_dataset(self.workspace, screen=own.screen, max_rmse=own.max_rmse, lines="any", layers=layers)
