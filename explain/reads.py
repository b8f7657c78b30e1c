"""How often the responses of a test fold were read, and by how many configurations of a model.

A configuration is a model with its settings, its seed, the data and the split. Reading a test fold again with
the same one changes nothing and is counted; reading it with many is how a benchmark is won by trying, so the
number of configurations that have read is shown beside the scores. A part of a model that gets scores of its
own (the ridge of an anchored network) reads too, as the configuration that it would be alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pathproof.workspace import Workspace, read_json, write_json


class Reads:
    """The account of one data set and split, in the workspace; one writer at a time.

    Parameters
    ----------
    workspace : Workspace
    account : str
        Content keys of data set and split.
    """

    def __init__(self, workspace: Workspace, account: str) -> None:
        self._path = workspace.root / "reads" / f"{account}.json"
        self._held: dict[str, Any] = read_json(self._path) if self._path.is_file() else {}

    def note(self, readers: Mapping[str, str], fold: int) -> None:
        """Write down that these models, each with its configuration, read the test fold now.

        Call it before the responses are joined.
        """
        for model, configuration in readers.items():
            folds = self._held.setdefault(model, {}).setdefault(configuration, {})
            folds[str(fold)] = folds.get(str(fold), 0) + 1
        write_json(self._path, self._held)

    def of(self, model: str, configuration: str) -> dict[str, int]:
        """`reads`: the most that any fold was read by this configuration; `configurations`: how many have read.

        Asked of a model whose scores are there, so both are 1 at least, also of a part that was fitted before
        readings of parts were entered.
        """
        own = self._held.get(model, {})
        most = max(own.get(configuration, {"": 1}).values())
        return {"reads": most, "configurations": len(own.keys() | {configuration})}
