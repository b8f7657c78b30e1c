"""Broken knowledge: identifiers, pathways, networks, evidence."""

from __future__ import annotations

from broken_cases import Case, again, counted, emptied, error, every, exchange, give, lines, moved, same, swap
from broken_world import COMPLETE, FILES
from ingest_slices import (
    CIVIC,
    COLLECTRI,
    DGIDB,
    GENES,
    GMT,
    HIERARCHY,
    MODEL,
    MODEL_LIST,
    NAMES,
    OMNIPATH,
    SYMBOLS,
)

LINE_CASES: tuple[Case, ...] = (
    error("model list, COSMIC as a float", MODEL_LIST, swap(",1001,", ",1001.0,"), "COSMIC numbers(.|\n)*line 2"),
    error("model list, COSMIC in scientific notation", MODEL_LIST, swap(",1001,", ",1.001E+03,"), "COSMIC numbers"),
    error(
        "model list, ids exchanged",
        MODEL_LIST,
        exchange("COSMIC_ID", "BROAD_ID"),
        "has 2 problems(.|\n)*COSMIC_ID(.|\n)*BROAD_ID",
    ),
    error("model list, ids with bars", MODEL_LIST, swap("1002;1003", "1002|1003"), "COSMIC numbers(.|\n)*line 3"),
    error("model list, id of another provider", MODEL_LIST, swap("SIDM00001", "ACH-1"), "line 2, column model_id"),
    counted("model list, a line twice", MODEL_LIST, again(1), "repeated model"),
    counted("model list, spaces behind a tissue", MODEL_LIST, swap(",Skin,", ",Skin ,"), "spaces around a cell"),
    counted("model list, one id for two lines", MODEL_LIST, swap(",1009,", ",1002,"), "id shared by two lines"),
    error("model list, semicolons", MODEL_LIST, every(",", ";"), "separated by semicolons"),
    error("models, ids exchanged", MODEL, exchange("SangerModelID", "ModelID"), "DepMap id|columns"),
    error("models, COSMIC in scientific notation", MODEL, swap("1001.0", "1.001E+03"), "a COSMIC number(.|\n)*line 2"),
    same("models, COSMIC as a whole number", MODEL, swap("1001.0", "1001")),
    counted(
        "models, two of one line",
        MODEL,
        lines(lambda found: [*found, "ACH-000008,P8,L-8,SIDM00001,Adherent,1001.0,Glioma"]),
        "second DepMap model",
    ),
    error("models, header in the middle", MODEL, again(0), "header stands again"),
    error(
        "models, Sanger ids of no line", MODEL, every("SIDM0", "SIDM9"), "No model has the Sanger id(.|\n)*SIDM90001"
    ),
)
GENE_CASES: tuple[Case, ...] = (
    error("genes, Excel's 2-Sep", GENES, swap(",BRAF,NM", ",2-Sep,NM"), "spreadsheet(.|\n)*line 2, column hgnc_symbol"),
    error(
        "genes, Excel's Mar-01", GENES, swap(",BRAF,NM", ",Mar-01,NM"), "spreadsheet(.|\n)*line 2, column hgnc_symbol"
    ),
    error("genes, Entrez id in scientific notation", GENES, swap("673.0", "6.73E+02"), "an NCBI Gene id(.|\n)*line 2"),
    error("genes, HGNC id without prefix", GENES, swap("HGNC:1097", "1097"), "an HGNC id(.|\n)*line 2"),
    error("genes, ids exchanged", GENES, exchange("ensembl_gene_id", "hgnc_id"), "has 2 problems"),
    error("genes, a symbol twice", GENES, swap(",KRAS,,", ",BRAF,,"), "Duplicate keys(.|\n)*line 3(.|\n)*BRAF"),
    error("genes, an Entrez id twice", GENES, swap("3845.0", "673.0"), "Duplicate keys(.|\n)*line 3(.|\n)*673"),
    error("genes, header in the middle", GENES, again(0), "header stands again"),
    error("symbols, Excel's 1-Dec", SYMBOLS, swap("BRAF", "1-Dec"), "spreadsheet(.|\n)*line 3"),
    error("symbols, Entrez id as a float", SYMBOLS, swap("\t673", "\t673.0"), "an NCBI Gene id(.|\n)*line 3"),
    error("symbols, a symbol twice", SYMBOLS, swap("EML4", "BRAF"), "Duplicate keys(.|\n)*line 4"),
    error("symbols, commas", SYMBOLS, every("\t", ","), "separated by commas, not by tabs"),
    error("complete set, Excel's 2-Sep", COMPLETE, swap("\tSEPTIN2\t", "\t2-Sep\t"), "spreadsheet(.|\n)*line 6"),
    error("complete set, an id twice", COMPLETE, swap("HGNC:6407", "HGNC:1097"), "Duplicate keys(.|\n)*line 3"),
    error("complete set, ids without prefix", COMPLETE, every("HGNC:", ""), "5 cells(.|\n)*an HGNC id"),
    error(
        "symbols, ids moved by a row", SYMBOLS, moved(1), "1 of 2 genes have other symbols than in the gene(.|\n)*BRAF"
    ),
    error("complete set, ids moved by a row", COMPLETE, moved(4), "have other symbols than in the gene(.|\n)*BRAF"),
    error(
        "complete set, the symbols' file",
        COMPLETE,
        give(FILES[SYMBOLS].encode()),
        "columns are those of the HGNC custom",
    ),
)
REACTOME_CASES: tuple[Case, ...] = (
    error("sets, spaces for tabs", GMT, every("\t", " "), "not the file of Reactome gene sets(.|\n)*line 1"),
    error("sets, semicolons", GMT, every("\t", ";"), "not the file of Reactome gene sets"),
    error(
        "sets, one line with spaces", GMT, swap("by KRAS\tR-HSA-1\t", "by KRAS R-HSA-1 "), "1 of 2 lines(.|\n)*line 2"
    ),
    error("sets in the order of MSigDB", GMT, swap("R-HSA-164843", "http://www.gsea-msigdb.org"), "line 1"),
    error("sets, a set twice", GMT, again(0), "stands twice(.|\n)*line 3"),
    counted("sets, an empty set", GMT, swap("BRAF\tKRAS\tgag-pol", "\t\t"), "gene set without genes"),
    counted("sets, no genes at all", GMT, swap("\tBRAF\tKRAS\tgag-pol", ""), "gene set without genes"),
    error("sets, commas", GMT, swap("BRAF\tKRAS\tgag", "BRAF,KRAS,gag"), "several names in one field(.|\n)*line 1"),
    error(
        "sets, spaces", GMT, swap("BRAF\tKRAS\tgag-pol", "BRAF KRAS EGFR"), "several names in one field(.|\n)*line 1"
    ),
    counted("sets, a space", GMT, swap("BRAF\tKRAS\tgag", "BRAF KRAS\tgag"), "set of which most members are unknown"),
    counted("sets, a gene twice", GMT, swap("gag-pol", "BRAF"), "gene that stands twice"),
    same("sets, an empty line", GMT, swap("gag-pol\n", "gag-pol\n\n")),
    counted("sets, Excel's 1-Mar", GMT, swap("gag-pol", "1-Mar"), "date"),
    error(
        "sets of Entrez ids",
        GMT,
        lambda c: c.replace(b"BRAF", b"673").replace(b"\tKRAS", b"\t3845").replace(b"MAP2K1", b"5604"),
        "gene symbols are known",
    ),
    error(
        "sets of mouse symbols",
        GMT,
        lambda c: c.replace(b"\tBRAF", b"\tBraf").replace(b"\tKRAS", b"\tKras").replace(b"MAP2K1", b"Map2k1"),
        "gene symbols are known",
    ),
    counted("sets, cow", GMT, swap("R-HSA-164843", "R-BTA-164843"), "another species"),
    error(
        "sets, cow alone", GMT, every("R-HSA", "R-BTA"), "No row of the Reactome gene sets(.|\n)*2 gene set of another"
    ),
    error("names, cow alone", NAMES, every("R-HSA", "R-BTA"), "Only 0 of 9 lines name a human pathway"),
    error(
        "hierarchy, cow alone",
        HIERARCHY,
        every("R-HSA", "R-BTA"),
        "No row of the Reactome pathway hi(.|\n)*another spe",
    ),
    error("hierarchy, ids of no name", HIERARCHY, every("R-HSA-", "R-HSA-9"), "Only 0 of 4 human relations are of"),
    same("sets, tabs at the end of a line", GMT, swap("gag-pol\n", "gag-pol\t\t\n")),
    error("names, the hierarchy", NAMES, give(FILES[HIERARCHY].encode()), "not the file of Reactome pathway names"),
    error("names, two names", NAMES, swap("R-HSA-2\tSignal", "R-HSA-1\tSignal"), "two names(.|\n)*line 4"),
    counted("names, a line twice", NAMES, again(1), "repeated pathway"),
    error("names, no name", NAMES, swap("\tDisease\t", "\t\t"), "1 of 9 lines(.|\n)*line 5"),
    error(
        "hierarchy with a circle",
        HIERARCHY,
        lines(lambda found: [*found, "R-HSA-1\tR-HSA-3"]),
        "goes in a circle(.|\n)*R-HSA-1 in",
    ),
    counted(
        "hierarchy, a part of itself", HIERARCHY, lines(lambda found: [*found, "R-HSA-1\tR-HSA-1"]), "part of itself"
    ),
    counted(
        "hierarchy, an id of no name", HIERARCHY, lines(lambda found: [*found, "R-HSA-1\tR-HSA-99"]), "no file names"
    ),
    counted("hierarchy, a relation twice", HIERARCHY, again(0), "repeated relation"),
    error(
        "hierarchy, columns exchanged",
        HIERARCHY,
        lines(lambda found: ["\t".join(line.split("\t")[::-1]) for line in found]),
        "upside down",
    ),
    error("hierarchy, a symbol", HIERARCHY, swap("R-HSA-1\n", "KRAS\n"), "1 of 5 lines(.|\n)*line 1"),
    same("hierarchy, semicolons and a header", HIERARCHY, lambda c: b"Parent;Child\n" + c.replace(b"\t", b";")),
)
NETWORK_CASES: tuple[Case, ...] = (
    error("OmniPath, sign 0", OMNIPATH, swap("KRAS\t1\tBRAF", "KRAS\t0\tBRAF"), "may not stand here(.|\n)*line 2"),
    error(
        "OmniPath, half a sign", OMNIPATH, swap("KRAS\t1\tBRAF", "KRAS\t0.5\tBRAF"), "may not stand here(.|\n)*line 2"
    ),
    error(
        "OmniPath, + for a sign", OMNIPATH, swap("KRAS\t1\tBRAF", "KRAS\t+\tBRAF"), "Text where a number(.|\n)*line 2"
    ),
    error(
        "OmniPath, no source", OMNIPATH, swap("KRAS\t1\tBRAF", "\t1\tBRAF"), "empty cell(.|\n)*line 2, column source"
    ),
    error("OmniPath, commas", OMNIPATH, every("\t", ","), "separated by commas, not by tabs"),
    counted("OmniPath, Excel's 2-Sep", OMNIPATH, swap("BRAF\t1\tMAP2K1", "2-Sep\t1\tMAP2K1"), "date"),
    counted(
        "OmniPath, UniProt ids",
        OMNIPATH,
        lambda c: (
            c.replace(b"KRAS", b"P01116")
            .replace(b"BRAF", b"P15056")
            .replace(b"EGFR", b"P00533")
            .replace(b"MAP2K1", b"Q02750")
        ),
        "unmapped symbol",  # no file gives the accession of MAP2K1
    ),
    error(
        "OmniPath, signs turned around",
        OMNIPATH,
        lambda c: c.replace(b"\t1\t", b"\t+\t").replace(b"\t-1\t", b"\t1\t").replace(b"\t+\t", b"\t-1\t"),
        "another kind or unit: column interaction",
    ),
    same("OmniPath, signs as 1.0", OMNIPATH, swap("KRAS\t1\tBRAF", "KRAS\t1.0\tBRAF")),
    counted("OmniPath, a row twice", OMNIPATH, again(1), "repeated pair"),
    error("CollecTRI, weight 2", COLLECTRI, swap('"EGFR",1', '"EGFR",2'), "may not stand here(.|\n)*line 2"),
    error("CollecTRI, no weight", COLLECTRI, swap('"EGFR",1', '"EGFR",'), "line 2, column weight"),
    counted("CollecTRI, Excel's 1-Dec", COLLECTRI, swap("CYR61", "1-Dec"), "date"),
    error("CollecTRI, the other network", COLLECTRI, give(FILES[OMNIPATH].encode()), "not the CollecTRI"),
    error("CollecTRI, header in the middle", COLLECTRI, again(0), "header stands again(.|\n)*line 6"),
)
EVIDENCE_CASES: tuple[Case, ...] = (
    error("CIViC, a number twice", CIVIC, again(-1), "Duplicate keys(.|\n)*line 15"),
    error("CIViC, header of version 1", CIVIC, swap("molecular_profile\t", "variant\t"), "1 of 13 columns"),
    error("CIViC, level Z", CIVIC, swap("\tB\tResistance", "\tZ\tResistance"), "evidence level(.|\n)*line 2(.|\n)*Z"),
    error("CIViC, rating 9", CIVIC, swap("\t4\taccepted", "\t9\taccepted"), "rating from 1 to 5(.|\n)*line 2"),
    error("CIViC, rating as a float", CIVIC, swap("\t4\taccepted", "\t4.0\taccepted"), "rating from 1 to 5(.|\n)*4.0"),
    error("CIViC, citation as a float", CIVIC, swap("\t101\t", "\t101.0\t"), "whole number or a DOI(.|\n)*line 2"),
    error(
        "CIViC, evidence number as a float",
        CIVIC,
        swap("accepted\t1\t", "accepted\t1.0\t"),
        "evidence number(.|\n)*line 2",
    ),
    error(
        "CIViC, disease number as a name", CIVIC, swap("\t1909\t", "\tdoid\t"), "Disease Ontology number(.|\n)*line 2"
    ),
    error("CIViC, flag as a number", CIVIC, swap("\tfalse\n", "\t0\n"), "true or false(.|\n)*line 2"),
    error(
        "CIViC, tab in the statement", CIVIC, swap("commas\t", "com\tmas\t"), "26 fields and the header 25(.|\n)*line 2"
    ),
    counted(
        "CIViC, direction in capitals",
        CIVIC,
        swap("\tSupports\tB\tResistance", "\tSUPPORTS\tB\tResistance"),
        "direction SUPPORTS",
    ),
    counted(
        "CIViC, significance in capitals", CIVIC, swap("\tB\tResistance", "\tB\tRESISTANCE"), "significance RESISTANCE"
    ),
    error(
        "CIViC, words exchanged",
        CIVIC,
        exchange("evidence_direction", "significance"),
        "has 2 problems(.|\n)*say something else: column evidence_direction(.|\n)*column significance",
    ),
    *(
        error(f"CIViC, no {column}", CIVIC, emptied(column), f"Too few cells are filled: column {column}")
        for column in ("evidence_type", "evidence_direction", "evidence_level", "significance", "therapies", "disease")
    ),
    error("CIViC, diseases for therapies", CIVIC, exchange("therapies", "disease"), "0 of 2 therapies are known"),
    error("CIViC, all flagged", CIVIC, every("\tfalse\n", "\ttrue\n"), "usable"),
    counted("CIViC, Excel's 2-Sep", CIVIC, swap("MAP2K1 P124S", "2-Sep P124S"), "no gene of the profile is known"),
    counted("CIViC, parentheses that do not close", CIVIC, swap("MAP2K1 P124S", "( MAP2K1 P124S"), "cannot be read"),
    error(
        "DGIdb, no types", DGIDB, swap("\tinteraction_types\t", "\tkinds\t"), "interaction_types or interaction_type"
    ),
    error("DGIdb, no type", DGIDB, emptied("interaction_types"), "0 of 12 rows have an interaction type"),
    error("DGIdb, no source", DGIDB, emptied("interaction_source_db_name"), "Too few cells(.|\n)*source_db_name"),
    error(
        "DGIdb, sources for types",
        DGIDB,
        lambda c: (
            c.replace(b"interaction_types", b"?")
            .replace(b"interaction_source_db_name", b"interaction_types")
            .replace(b"?", b"interaction_source_db_name")
        ),
        "interaction types are DGIdb's",
    ),
    error("DGIdb, drugs of nobody", DGIDB, lambda c: emptied("drug_name")(emptied("drug_claim_name", "X")(c)), "drugs"),
    error("DGIdb, genes of nobody", DGIDB, lambda c: emptied("gene_name", "X")(emptied("gene_concept_id")(c)), "genes"),
    error("DGIdb, comments only", DGIDB, give(b"# only\n# comments\n"), "5 of 5 columns are missing"),
    error("DGIdb, short row", DGIDB, swap("\tTRUE", ""), "10 fields and the header 11(.|\n)*line 4"),
    counted("DGIdb, cut off", DGIDB, lambda c: c[:-20], "cut off"),
    counted(
        "DGIdb, an unknown type",
        DGIDB,
        swap("Allosteric Modulator,inhibitor", "n/a"),
        "no interaction type and no publication",
    ),
    counted(
        "DGIdb, Excel's 2-Sep",
        DGIDB,
        swap("ALK!\thgnc:427\tALK", "ALK!\tNULL\t2-Sep"),
        "unmapped gene",
    ),
    error(
        "DGIdb, the interactions of OmniPath",
        DGIDB,
        give(FILES[OMNIPATH].encode()),
        "columns are those of the OmniPath",
    ),
)
