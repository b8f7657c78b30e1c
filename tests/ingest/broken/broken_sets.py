"""Broken gene sets and compound lists: WikiPathways, MSigDB, PRISM."""

from __future__ import annotations

from broken_cases import Case, again, counted, error, every, exchange, give, lines, same, swap
from broken_world import FILES
from ingest_slices import CANONICAL, COMPOUND_LIST, GMT, HALLMARK, SIGNATURES, TREATMENTS, WIKIPATHWAYS

SET_CASES: tuple[Case, ...] = (
    error("WikiPathways, spaces for tabs", WIKIPATHWAYS, every("\t", " "), "4 of 4 lines have another form"),
    error("WikiPathways, a pathway twice", WIKIPATHWAYS, again(1), "stands twice(.|\n)*line 5"),
    error("WikiPathways, names without numbers", WIKIPATHWAYS, swap("%WP10%", "%"), "Not the name(.|\n)*line 1"),
    error(
        "WikiPathways, symbols",
        WIKIPATHWAYS,
        lambda c: c.replace(b"\t3845", b"\tKRAS").replace(b"\t673", b"\tBRAF").replace(b"\t1956", b"\tEGFR"),
        "NCBI Gene ids are known",
    ),
    same("WikiPathways, ids as floats", WIKIPATHWAYS, swap("\t3845", "\t3845.0")),
    counted("WikiPathways, an id in scientific notation", WIKIPATHWAYS, swap("\t3845", "\t3.845E+03"), "unknown NCBI"),
    counted("WikiPathways, an empty set", WIKIPATHWAYS, swap("WP2\t1956", "WP2\t"), "pathway without a gene"),
    counted("WikiPathways, a gene twice", WIKIPATHWAYS, swap("\t1956", "\t1956\t1956"), "gene that stands twice"),
    error("WikiPathways, Reactome's sets", WIKIPATHWAYS, give(FILES[GMT].encode()), "those of the Reactome gene sets"),
    error("hallmark, spaces for tabs", HALLMARK, every("\t", " "), "1 of 1 lines have another form"),
    error("hallmark, a set twice", HALLMARK, again(0), "stands twice(.|\n)*line 2"),
    error(
        "hallmark, no genes",
        HALLMARK,
        swap("\tKRAS\tCYR61\tKRAS\tNO-GENE", ""),
        "No row of the MSigDB hallmark(.|\n)*1 set without a gene",
    ),
    error(
        "hallmark, Entrez ids", HALLMARK, lambda c: c.replace(b"\tKRAS", b"\t3845").replace(b"CYR61", b"3491"), "known"
    ),
    error("hallmark, semicolons", HALLMARK, swap("KRAS\tCYR61\tKRAS\t", "KRAS;CYR61;KRAS;"), "several names in one"),
    counted("hallmark, Excel's 2-Sep", HALLMARK, swap("NO-GENE", "2-Sep"), "date"),
    same("hallmark, empty lines", HALLMARK, every("\n", "\n\n")),
    error("canonical, commas", CANONICAL, every("\t", ","), "6 of 6 lines have another form"),
    error("canonical, no set with genes", CANONICAL, swap("\tKRAS\tBRAF", "\t"), "No row of the MSigDB canonical"),
    error(
        "hallmark, the canonical pathways", HALLMARK, give(FILES[CANONICAL].encode()), "those of the MSigDB canonical"
    ),
    error("canonical, the hallmark sets", CANONICAL, give(FILES[HALLMARK].encode()), "those of the MSigDB hallmark"),
    error("canonical, the signatures", CANONICAL, give(FILES[SIGNATURES].encode()), "those of the MSigDB drug-resist"),
    error(
        "canonical, sets of ontologies", CANONICAL, give(b"GOBP_APOPTOSIS\thttp\tKRAS\n"), "those of the MSigDB gene"
    ),
    error("Reactome, hallmark sets", GMT, give(FILES[HALLMARK].encode()), "those of the MSigDB hallmark"),
    error("signatures, a set twice", SIGNATURES, again(2), "stands twice(.|\n)*line 7"),
    counted("signatures, an unknown drug", SIGNATURES, swap("TRAMETINIB_SENSITIVE", "TRAMETINIX_SENSITIVE"), "no drug"),
    counted("signatures, Excel's 1-Dec", SIGNATURES, swap("JAK2", "1-Dec"), "date"),
)
PRISM_CASES: tuple[Case, ...] = (
    error("compound list, semicolons", COMPOUND_LIST, every(",", ";"), "separated by semicolons"),
    error("compound list, the treatments", COMPOUND_LIST, give(FILES[TREATMENTS].encode()), "those of the PRISM"),
    error("compound list, targets without quotes", COMPOUND_LIST, swap('"ABL1, NO-GENE"', "ABL1, NO-GENE"), "8 fields"),
    error("compound list, header in the middle", COMPOUND_LIST, again(0), "header stands again"),
    error(
        "compound list, mechanisms for targets",
        COMPOUND_LIST,
        exchange("repurposing_target", "MOA"),
        "gene symbols are known",
    ),
    counted("compound list, Excel's 2-Sep", COMPOUND_LIST, swap("NO-GENE", "2-Sep"), "date"),
    error(
        "compound list, compounds of nobody",
        COMPOUND_LIST,
        lines(lambda found: [line.replace(",2.5,", ",2.5,X", 1) for line in found]),
        "compounds are known",
    ),
    counted("compound list, no name", COMPOUND_LIST, swap(",TRAMETINIB,", ",,"), "no name"),
    counted("compound list, spaces", COMPOUND_LIST, swap(",ASPIRIN,", ", ASPIRIN ,"), "spaces around a cell"),
    error("treatments, a column renamed", TREATMENTS, swap(",moa,", ",mechanism,"), "1 of 4 columns are missing"),
    error("treatments, no rows", TREATMENTS, lines(lambda found: found[:1]), "header and no rows"),
)
