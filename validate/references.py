"""References: for each drug the genes and pathways that curated knowledge connects with it.

Each reference is a table of its own and says what it holds and what it is blind to; they are
never merged into one score. Every fact keeps its sources and the ids of its edges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pathproof.validate.alteration import expression_sign, mutation_sign
from pathproof.validate.knowledge import Knowledge, records
from pathproof.validate.reference import Inside, Reference, fact_frame

MIN_PATHWAY, MAX_PATHWAY = 10, 200
PRECLINICAL = "D"
SCREEN_PAPERS = frozenset(  # GDSC (Garnett 2012, Yang 2013, Iorio 2016), CCLE (Barretina 2012, Ghandi 2019)
    f"pubmed:{number}" for number in (22460902, 23180760, 27397505, 22460905, 31068700)
)


def _fact(drug: str, item: str, sources: Sequence[str], edges: Sequence[str], text: str) -> dict[str, Any]:
    return {
        "drug": drug,
        "item": item,
        "sign_mutation": 0,
        "sign_expression": 0,
        "sources": tuple(sorted(set(sources))),
        "edges": tuple(edges),
        "text": text,
    }


def _screened(frame: pd.DataFrame, known: Knowledge) -> pd.DataFrame:
    return frame[frame["drug"].isin(known.screened)]


def targets(known: Knowledge, inside: Inside) -> Reference:
    """The drug's direct gene targets."""
    rows = [
        _fact(row.drug, row.gene, [row.source], [row.edge], f"direct target ({row.source})")
        for row in records(_screened(known["target-edges"], known))
        if row.gene in inside
    ]
    return Reference(
        "targets",
        "the drug's direct gene targets",
        "off-targets that nobody annotated, and everything downstream of a target",
        fact_frame(rows),
    )


def target_pathways(known: Knowledge, inside: Inside) -> Reference:
    """Pathways of 10 to 200 genes that contain a target, and their genes without the target itself."""
    members = known["pathway-members"]
    sets = {pathway: genes for pathway, genes in known.pathways.items() if MIN_PATHWAY <= len(genes) <= MAX_PATHWAY}
    member_edges = {(row.pathway, row.gene): (row.edge, row.source) for row in records(members)}
    names = dict(zip(members["pathway"], members["name"], strict=True))
    of_gene: dict[str, list[str]] = {}
    for pathway, genes in sets.items():
        for gene in genes:
            of_gene.setdefault(gene, []).append(pathway)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for edge in records(_screened(known["target-edges"], known)):
        for pathway in of_gene.get(edge.gene, ()):
            via, source = member_edges[pathway, edge.gene]
            text = f"{names[pathway]} holds the target {edge.gene}"
            fact = _fact(edge.drug, pathway, [edge.source, source], [edge.edge, via], text)
            if pathway in inside:
                rows.setdefault((edge.drug, pathway), fact)
            own = known.targets[edge.drug]
            for gene in sets[pathway]:
                if gene in inside and gene not in own and (edge.drug, gene) not in rows:
                    links = [edge.edge, via, member_edges[pathway, gene][0]]
                    rows[edge.drug, gene] = _fact(edge.drug, gene, [edge.source, source], links, f"in {text}")
    return Reference(
        "target_pathways",
        f"pathways of {MIN_PATHWAY} to {MAX_PATHWAY} genes that contain a target, and their genes (target set aside)",
        "which member matters: a popular pathway agrees with almost any list of genes, so it never carries a verdict",
        fact_frame(rows.values()),
        set_aside=frozenset((drug, gene) for drug in known.screened for gene in known.targets.get(drug, ())),
        gating=False,
    )


def _steps(frame: pd.DataFrame) -> dict[str, list[tuple[str, int, str, str]]]:
    found: dict[str, list[tuple[str, int, str, str]]] = {}
    for row in records(frame):
        if row.start != row.end:
            found.setdefault(str(row.start), []).append((str(row.end), int(row.sign), str(row.edge), str(row.source)))
    return found


def signed_neighbourhood(known: Knowledge, inside: Inside) -> Reference:
    """Genes one signed, directed step from a target, in either direction."""
    edges = known["signalling-edges"]
    forward = _steps(edges)
    backward = _steps(edges.rename(columns={"start": "end", "end": "start"}))
    rows = []
    for edge in records(_screened(known["target-edges"], known)):
        for steps, arrow in ((forward, "{t} {how} it"), (backward, "it {how} {t}")):
            for gene, sign, via, source in (step for step in steps.get(edge.gene, ()) if step[0] in inside):
                how = "activates" if sign > 0 else "inhibits"
                text = arrow.format(t=edge.gene, how=how) + f" ({source})"
                rows.append(_fact(edge.drug, gene, [edge.source, source], [edge.edge, via], text))
    return Reference(
        "signed_neighbourhood",
        "genes one signed, directed step up or down from a target",
        "longer paths, and the direction of the drug's effect (the step's sign is not a sign of resistance)",
        fact_frame(rows),
    )


def regulons(known: Knowledge, inside: Inside) -> Reference:
    """Genes regulated by a factor that is a target or one signalling step downstream of one."""
    regulated = _steps(known["regulation-edges"])
    forward = _steps(known["signalling-edges"])
    rows: dict[tuple[str, str, tuple[str, ...]], dict[str, Any]] = {}
    for edge in records(_screened(known["target-edges"], known)):
        factors = [(edge.gene, (), ()), *((g, (via,), (src,)) for g, _, via, src in forward.get(edge.gene, ()))]
        for factor, links, through in factors:
            for gene, _, via, source in (step for step in regulated.get(factor, ()) if step[0] in inside):
                fact = _fact(
                    edge.drug,
                    gene,
                    [edge.source, *through, source],
                    [edge.edge, *links, via],
                    f"regulated by {factor} ({source})",
                )
                rows.setdefault((edge.drug, gene, fact["sources"]), fact)
    return Reference(
        "regulons",
        "genes regulated by a factor that is a target or one signalling step downstream of one",
        "whether the factor is active; large regulons agree with many lists of genes",
        fact_frame(rows.values()),
        gating=False,
    )


def _same_screen(row: Any) -> str:
    """What marks an evidence item that may rest on the screen in which claims are found: its citation or level."""
    cited = getattr(row, "publications", None)
    if cited is not None and SCREEN_PAPERS & {str(one) for one in cited}:
        return " (cites a paper of a screen: not independent of it)"
    return " (preclinical: may rest on the same screens)" if row.level == PRECLINICAL else ""


def _evidence(known: Knowledge, of: Mapping[str, Sequence[str]], without_level: str) -> list[dict[str, Any]]:
    """Facts for each drug from the evidence items of the drugs in `of[drug]`."""
    items = known["evidence-edges"]
    items = items[~items["combination"].astype(bool) & (items["level"] != without_level)]
    by_drug: dict[str, list[Any]] = {}
    for row in records(items):
        by_drug.setdefault(str(row.drug), []).append(row)
    rows = []
    for drug in sorted(of):
        for other in of[drug]:
            for row in by_drug.get(other, ()):
                sign = int(row.sign)
                what = "resistance" if sign > 0 else "sensitivity"
                about = "" if other == drug else f" (to {known.names.get(other, other)}, same class)"
                text = f"{row.profile}: {what}{about}, level {row.level} ({row.source}){_same_screen(row)}"
                fact = _fact(drug, row.gene, [row.source], [row.edge], text)
                fact |= {name: getattr(row, name, None) or "" for name in ("citation", "url")}
                fact["sign_mutation"] = mutation_sign(sign, row.profile, row.gene)
                fact["sign_expression"] = expression_sign(sign, row.profile, row.gene)
                rows.append(fact)
    return rows


def resistance_evidence(known: Knowledge, inside: Inside, *, by_class: bool, without_level: str = "") -> Reference:
    """Genes with accepted predictive evidence of resistance or sensitivity to the drug (or its class).

    Evidence about combinations of therapies is left out: it is not about the drug alone.
    """
    alone = {drug: (drug,) for drug in known.screened}
    found = _evidence(known, known.relatives if by_class else alone, without_level)
    rows = [row for row in found if row["item"] in inside]
    name = "resistance_evidence" + ("_class" if by_class else "") + (f"_no_{without_level}" if without_level else "")
    alike = "the drug or a drug of its class (same name, or target sets with a Jaccard index of 0.5)"
    whom = alike if by_class else "the drug"
    without = f"; without level {without_level} (preclinical: it may rest on the same screens)" if without_level else ""
    return Reference(
        name,
        f"genes with accepted predictive evidence, signed, for {whom}, no combinations{without}",
        "genes that nobody has studied with this drug: a true finding may be missing",
        fact_frame(rows),
        signed=True,
    )


def resistance_pathways(known: Knowledge, inside: Inside) -> Reference:
    """Curated pathways about resistance to the drug or its class, and the mutant gene in their names."""
    frame = known["resistance-pathways"]
    by_drug: dict[str, list[Any]] = {}
    for row in records(frame):
        by_drug.setdefault(str(row.drug), []).append(row)
    rows = []
    for drug in known.screened:
        for other in known.relatives[drug]:
            for row in by_drug.get(other, ()):
                text = f"{row.name} ({row.source})"
                # Unsigned: some mutants of the gene resist the drug while others make cells sensitive to it.
                rows += [_fact(drug, item, [row.source], [row.edge], text) for item in (row.gene, row.pathway)]
    rows = [row for row in rows if row["item"] in inside]
    return Reference(
        "resistance_pathways",
        "curated pathways about resistance to the drug or its class, and the mutant gene that they name",
        "drugs and genes without such a pathway (the list is short), and directions",
        fact_frame(rows),
    )


EXPRESSION = {"higher": 1, "lower": -1}


def resistance_signatures(known: Knowledge, inside: Inside) -> Reference:
    """Genes of published expression signatures of resistance to the drug, signed where the signature says how.

    A gene that is higher in resistant cells goes with resistance when its expression is high; of a mutation a
    signature says nothing.
    """
    rows = []
    for row in records(_screened(known["resistance-signatures"], known)):
        if row.gene in inside:
            how = row.expression if row.expression in EXPRESSION else None
            text = f"in {row.name} ({row.source})" + (f", {how} in resistant cells" if how else "")
            fact = _fact(row.drug, row.gene, [row.source], [row.edge], text)
            rows.append({**fact, "sign_expression": EXPRESSION.get(how or "", 0)})
    return Reference(
        "resistance_signatures",
        "genes of published expression signatures of resistance to the drug (MSigDB C2 CGP), higher and lower apart",
        "which of its many genes matter, most drugs, and mutations; a signature is of one experiment",
        fact_frame(rows),
        signed=True,
        gating=False,
    )


def build_references(known: Knowledge, items: frozenset[str] | None = None) -> tuple[Reference, ...]:
    """All references in the order in which they are printed.

    Parameters
    ----------
    known : Knowledge
    items : frozenset of str, optional
        Keep facts about these genes and pathways only (the universe).
    """
    inside = Inside(items)
    return (
        resistance_evidence(known, inside, by_class=True),
        resistance_evidence(known, inside, by_class=True, without_level="D"),
        resistance_evidence(known, inside, by_class=False),
        resistance_evidence(known, inside, by_class=False, without_level="D"),
        resistance_pathways(known, inside),
        resistance_signatures(known, inside),
        targets(known, inside),
        target_pathways(known, inside),
        signed_neighbourhood(known, inside),
        regulons(known, inside),
    )
