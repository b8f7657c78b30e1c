"""From the providers' files to tidy tables: every join by identifier, every loss counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from pathproof.graph_schema.screens import DEFAULT_SCREEN, RANGE_FLAGS, SCREENS
from pathproof.ingest.between_files import check_between
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.layers_together import check_layers
from pathproof.ingest.screens_together import check_screens
from pathproof.ingest.sources import cell_lines, depmap
from pathproof.ingest.sources.base import Source
from pathproof.ingest.tables_agreement import agreement, summary
from pathproof.ingest.tables_drugs import Drugs, read_drugs
from pathproof.ingest.tables_layers import DRIVERS, LAYERS, REGIONS, expression_table, further_layers, mutation_table
from pathproof.ingest.tables_screens import SOURCE_OF, Screen, attrition, read_screens


@dataclass(frozen=True)
class Tables:
    """The tidy tables (see docs/decisions/0005-data.md) and what the manifest says of them.

    Parameters
    ----------
    screens : dict of str to Screen
        By name (gdsc2, gdsc1, ccle); those whose file is there.
    expression, mutations : DataFrame
        What the models see: cell lines x approved symbols, float32.
    layers : dict of str to DataFrame
        Further feature layers, cell lines x approved symbols (cna_regions: x regions), float32 or int8.
    cell_lines : DataFrame
    drugs : Drugs
    agreement : DataFrame
    facts : dict
        Of screens, layers, molecules and agreement, as JSON.
    """

    screens: dict[str, Screen]
    expression: pd.DataFrame
    mutations: pd.DataFrame
    layers: dict[str, pd.DataFrame]
    cell_lines: pd.DataFrame
    drugs: Drugs
    agreement: pd.DataFrame
    facts: dict[str, Any] = field(default_factory=dict)


def build_tables(inputs: Inputs) -> Tables:
    """Map every identifier and join the tables.

    Raises
    ------
    DataError
        When most ids of a file are unknown, so that the file is probably another one.
    """
    check_between(inputs)
    expression = expression_table(inputs)
    mutations = mutation_table(inputs)
    screens = {
        name: replace(screen, attrition=attrition(screen, expression, mutations))
        for name, screen in read_screens(inputs).items()
    }
    layers = further_layers(inputs)
    _hold_together({"expression": expression, "mutations": mutations, **layers}, inputs)
    used = set(expression.index) | set(mutations.index)
    used = used.union(*(screen.table["cell_line"] for screen in screens.values()))
    used = used.union(*(layer.index for layer in layers.values()))
    annotated = inputs.lines.frame
    table = annotated[annotated["cell_line"].isin(used)].reset_index(drop=True)
    tally = inputs.tally(cell_lines.MODEL_LIST)
    tally.drop("cell line in no screen and no feature table", sorted(set(annotated["cell_line"]) - used))
    tally.rows_out = len(table)
    drugs = read_drugs(inputs)
    agreed = agreement(screens, drugs)
    check_screens(agreed, {name: str(inputs.path(SOURCE_OF[name])) for name in screens})
    made = Tables(screens, expression, mutations, layers, table, drugs, agreed)
    return replace(made, facts=_facts(made, inputs))


def _hold_together(tables: dict[str, pd.DataFrame], inputs: Inputs) -> None:
    """Layers of the same lines and genes agree; those without a partner are noted with their files."""
    sources = {layer.name: layer.source for layer in (*LAYERS, REGIONS, DRIVERS)} | {"expression": depmap.EXPRESSION}
    if inputs.mutation_source is not None:
        sources["mutations"] = inputs.mutation_source
    files = {name: str(inputs.path(sources[name])) for name, table in tables.items() if table.shape[1]}
    for name in check_layers({name: tables[name] for name in files}, files):
        inputs.tally(sources[name]).note("layer that no other one of the same lines and genes was held against", [name])


def _facts(tables: Tables, inputs: Inputs) -> dict[str, Any]:
    sizes = tables.drugs.molecules["molecule"].value_counts()
    return {
        "attrition": tables.screens[DEFAULT_SCREEN].attrition,
        "screens": [_screen_facts(name, screen, inputs) for name, screen in tables.screens.items()],
        "layers": _layer_facts(tables, inputs),
        "molecules": {
            "drugs": int(sizes.sum()),
            "molecules": len(sizes),
            "with_several_drugs": int((sizes > 1).sum()),
        },
        "agreement": summary(tables.agreement),
    }


def _screen_facts(name: str, screen: Screen, inputs: Inputs) -> dict[str, Any]:
    table = screen.table
    flags = table["out_of_range"].value_counts()
    measured = [column for column in ("ln_ic50", "auc", "act_area", "rmse") if table[column].notna().any()]
    return {
        "name": name,
        "screen": SCREENS[name],
        "table": f"tables/screens/{name}.parquet",
        "file": _file(SOURCE_OF[name], inputs),
        "cell_lines": int(table["cell_line"].nunique()),
        "drugs": int(table["drug"].nunique()),
        "rows": len(table),
        "measures": measured,
        "out_of_range": {flag: int(flags.get(flag, 0)) for flag in RANGE_FLAGS},
        "attrition": screen.attrition,
    }


def _layer_facts(tables: Tables, inputs: Inputs) -> list[dict[str, Any]]:
    """What the models see first; the unit of the expression says whether z-scores were given or made."""
    made = "column standardised from log2(TPM + 1)" in inputs.tally(depmap.EXPRESSION).noted
    unit = "z-score, made from log2(TPM + 1)" if made else "z-score"
    seen = [
        _layer_fact("expression", tables.expression, "tables/expression.parquet", depmap.EXPRESSION, unit, inputs),
        _layer_fact(
            "mutations", tables.mutations, "tables/mutations.parquet", inputs.mutation_source, "0 or 1", inputs
        ),
    ]
    units = {layer.name: (layer.source, layer.source.cells.unit if layer.source.cells else "") for layer in LAYERS}
    units |= {layer.name: (layer.source, "0 or 1") for layer in (REGIONS, DRIVERS)}
    return [
        *({**fact, "model_sees": True} for fact in seen),
        *(
            {**_layer_fact(name, table, f"tables/layers/{name}.parquet", *units[name], inputs), "model_sees": False}
            for name, table in tables.layers.items()
        ),
    ]


def _layer_fact(
    name: str, table: pd.DataFrame, path: str, source: Source | None, unit: str, inputs: Inputs
) -> dict[str, Any]:
    return {
        "name": name,
        "table": path,
        "file": "" if source is None else _file(source, inputs),
        "unit": unit,
        "cell_lines": table.shape[0],
        "genes": table.shape[1],
    }


def _file(source: Source, inputs: Inputs) -> str:
    return inputs.path(source).relative_to(inputs.data).as_posix()
