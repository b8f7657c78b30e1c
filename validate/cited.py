"""Where the evidence behind a judgement can be read: a short citation and a page."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LINK = r"^https://[\w.-]+/[^\s\"'<>`\\]*$"


class Citation(BaseModel):
    """Where a text of a claim's `evidence` can be read."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)

    evidence: Annotated[str, Field(min_length=1)]
    citation: Annotated[str, Field(min_length=1)]
    url: Annotated[str, Field(pattern=LINK)]


def cite(evidence: str, cited: str, url: str) -> list[dict[str, str]]:
    """The record of :class:`Citation` for a text, none where its address is not a plain https address."""
    if re.fullmatch(LINK, url) is None:
        return []
    return [{"evidence": evidence, "citation": cited or "page of the evidence", "url": url}]
