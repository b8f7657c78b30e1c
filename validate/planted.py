"""The planted answer of the demonstration as a reference: there, and only there, every true fact is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pathproof.errors import DataError
from pathproof.graph_schema.records import Sign
from pathproof.validate.reference import Reference, fact_frame

SOURCE = "planted"


def planted_truth(planted: Mapping[str, Any]) -> Reference:
    """The planted effects.

    Parameters
    ----------
    planted : mapping
        `mechanisms`: a list of {drug, genes: [{gene, layer, sign, effect}], pathway or None} and, optionally,
        `pairs` and `modules`, each a list of {genes: [symbol, ..], ..}. A gene that acts in a pair or a module
        only is neither right nor wrong as a claim about one gene: it is set aside.

    Raises
    ------
    DataError
        When the mapping has another form.
    """
    rows: list[dict[str, Any]] = []
    together: set[tuple[str, str]] = set()
    try:
        for mechanism in planted["mechanisms"]:
            drug = str(mechanism["drug"])
            for effect in mechanism["genes"]:
                text = f"planted: {effect['gene']} {effect['layer']}, {effect['sign']}"
                sign = Sign(effect["sign"]).number
                rows.append(_fact(drug, str(effect["gene"]), str(effect["layer"]), sign, text))
            for part in (*mechanism.get("pairs", ()), *mechanism.get("modules", ())):
                together.update((drug, str(gene)) for gene in part["genes"])
            if mechanism.get("pathway"):
                rows.append(_fact(drug, str(mechanism["pathway"]), "", 0, "planted pathway"))
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"The planted answer cannot be read: {error!r}",
            where="planted.json",
            allowed="mechanisms: [{drug, genes: [{gene, layer, sign, effect}], pathway}]",
        ) from error
    return Reference(
        "planted_truth",
        "the effects that the simulation planted: the whole right answer",
        "nothing; it exists in the demonstration only",
        fact_frame(rows),
        signed=True,
        set_aside=frozenset(together.difference((row["drug"], row["item"]) for row in rows)),
    )


def _fact(drug: str, item: str, layer: str, sign: int, text: str) -> dict[str, Any]:
    return {
        "drug": drug,
        "item": item,
        "sign_mutation": sign if layer == "mutation" else 0,
        "sign_expression": sign if layer == "expression" else 0,
        "sources": (SOURCE,),
        "edges": (),
        "text": text,
    }
