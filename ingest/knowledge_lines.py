"""Cell lines in the graph: which driver genes they carry mutated, and how they respond to the drugs."""

from __future__ import annotations

import numpy as np

from pathproof.ingest.builder import Builder
from pathproof.ingest.sources import cell_lines
from pathproof.ingest.tables_screens import SOURCE_OF

_MEASURES = ("screen", "ln_ic50", "auc", "act_area", "max_conc", "rmse", "out_of_range")


def add_lines(builder: Builder) -> None:
    """CellLine nodes, HAS_MUTATION_IN for each call of 1, and RESPONDS_TO for each row of the screens."""
    table = builder.tables.cell_lines
    builder.nodes(
        "CellLine",
        cell_lines.MODEL_LIST,
        {
            "id": table["cell_line"].tolist(),
            **{name: table[name].tolist() for name in ("name", "tissue", "cancer_type")},
        },
    )
    _mutations(builder)
    _responses(builder)


def _mutations(builder: Builder) -> None:
    """The calls of lines that are nodes; a line that the model list lacks stays in the tables only."""
    source, calls = builder.inputs.mutation_source, builder.tables.mutations
    if source is None:
        return
    nodes = calls.index.isin(builder.tables.cell_lines["cell_line"])
    builder.inputs.tally(source).note("cell line without annotation: not in the graph", calls.index[~nodes])
    calls = calls[nodes]
    genes = builder.inputs.genes.map([str(symbol) for symbol in calls.columns])
    rows, columns = np.nonzero(calls.to_numpy() == 1)
    ends = [
        (line, builder.gene(gene))
        for line, column in zip(calls.index[rows].astype(str), columns, strict=True)
        if (gene := genes[column]) is not None
    ]
    builder.edges("HAS_MUTATION_IN", source, ends)


def _responses(builder: Builder) -> None:
    """One edge for each row of each screen: its id is the screen's own key, so that two screens of one pair are two."""
    for name, screen in builder.tables.screens.items():
        table, source = screen.table, SOURCE_OF[name]
        drug = table["drug"].str.split(":", n=1).str
        ids = drug[0].str.removesuffix(".drug") + ".response:" + table["screen"] + ":" + drug[1] + ":"
        ids += table["cell_line"].str.removeprefix("sidm:")
        builder.edges(
            "RESPONDS_TO",
            source,
            list(zip(table["cell_line"], table["drug"], strict=True)),
            {column: table[column].tolist() for column in _MEASURES},
            ids.tolist(),
        )
