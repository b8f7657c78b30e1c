"""Broken feature tables: expression, copy number, mutations."""

from __future__ import annotations

from broken_cases import Case, again, counted, error, every, give, lines, same, swap
from broken_screens import NOT_A_NUMBER
from broken_world import COPY_NUMBER, DAMAGING, FILES, GDSC_COPY_NUMBER, NCI60, TPM
from ingest_slices import EXPRESSION, FEATURES, RESPONSE

EXPRESSION_CASES: tuple[Case, ...] = (
    *(
        error(
            f"expression is {name}", EXPRESSION, swap("0.25", text), "Text where a number(.|\n)*line 2, column OLDKRAS"
        )
        for name, text in NOT_A_NUMBER.items()
        if text
    ),
    error("counts", EXPRESSION, swap("0.25", "15234"), "out of its range(.|\n)*line 2, column OLDKRAS"),
    error("decimal comma", EXPRESSION, swap("0.25", '"0,25"'), "line 2, column OLDKRAS"),
    error("underscore in a number", EXPRESSION, swap("0.25", "1_0"), "line 2, column OLDKRAS"),
    error("a line for spreadsheets", EXPRESSION, lambda c: b"sep=,\n" + c, "tells a spreadsheet the separator"),
    error("a line for spreadsheets", FEATURES, lambda c: b'"sep=;"\n' + c, "tells a spreadsheet the separator"),
    error("semicolons", EXPRESSION, every(",", ";"), "not a gene|separated by semicolons"),
    error("genes without Entrez ids", EXPRESSION, swap("BRAF (673)", "BRAF"), "a column is not a gene(.|\n)*BRAF"),
    error("Entrez id as a float", EXPRESSION, swap("(673)", "(673.0)"), "a column is not a gene(.|\n)*673.0"),
    error("a gene twice", EXPRESSION, swap("CCN1 (3491)", "BRAF (673)"), "a gene stands twice"),
    error("a line twice", EXPRESSION, again(1), "Duplicate keys(.|\n)*line 6(.|\n)*ACH-000001"),
    error("genes in rows", EXPRESSION, give(b",ACH-000001,ACH-000002\nBRAF (673),1,2\n"), "a column is not a gene"),
    error("line names for ids", EXPRESSION, swap("ACH-000003", "HELA"), "a DepMap model(.|\n)*line 3(.|\n)*HELA"),
    error("header in the middle", EXPRESSION, again(0), "header stands again(.|\n)*line 6"),
    error("short row", EXPRESSION, swap(",0.5,9.0", ",0.5"), "5 fields and the header 6(.|\n)*line 2"),
    error("no rows", EXPRESSION, lines(lambda found: found[:1]), "header and no rows"),
    error("a screen", EXPRESSION, give(FILES[RESPONSE].encode()), "columns are those of the GDSC2"),
    error("unknown lines", EXPRESSION, every("ACH-00000", "ACH-99900"), "cell lines are known"),
    error(
        "unknown genes",
        EXPRESSION,
        lines(lambda found: [",A1 (0),A2 (0),A3 (0),A4 (0),EGFR (1956)", *found[1:]]),
        "gene columns are known",
    ),
    counted("Excel's 2-Sep", EXPRESSION, swap("EGFR (1956)", "2-Sep (4735)"), "renamed to the approved symbol"),
    counted("Excel's 1-Mar without an id", EXPRESSION, swap("EGFR (1956)", "1-Mar (0)"), "date"),
    counted("a line without a number", EXPRESSION, swap("-0.5,9.0,1.5,,-1", ",,,,"), "without any number"),
    counted(
        "log2(TPM + 1) under this name",
        EXPRESSION,
        lines(lambda found: [line.replace("-", "") if n else line for n, line in enumerate(found)])
        and (lambda content: content.replace(b",-", b",")),
        "standardised from log2",
    ),
    same("scientific notation", EXPRESSION, swap("0.25", "2.5E-1")),
)
OTHER_CASES: tuple[Case, ...] = (
    error("TPM, z-scores", TPM, swap("3.5", "-3.5"), "out of its range(.|\n)*line 2, column BRAF"),
    error("TPM, counts", TPM, swap("3.5", "3500"), "out of its range(.|\n)*line 2, column BRAF"),
    error("TPM, another file", TPM, give(FILES[GDSC_COPY_NUMBER].encode()), "not a gene"),
    error("copy number, log2 ratios", COPY_NUMBER, swap("0.9", "-0.9"), "out of its range(.|\n)*line 3"),
    error(
        "copy number around 2",
        COPY_NUMBER,
        lambda c: c.replace(b"1.0,1.5,1.0", b"2,3,2").replace(b"0.9,,2.5", b"2,,4"),
        "another kind or unit",
    ),
    error("copy number, a line twice", COPY_NUMBER, again(1), "Duplicate keys"),
    error("damaging, True and False", DAMAGING, swap("0,1,0", "False,True,False"), "3 cells(.|\n)*False"),
    error("damaging, a share", DAMAGING, swap("0,1,0", "0,0.5,0"), "0 or 1"),
    error("damaging, a count", DAMAGING, swap("0,1,0", "0,7,0"), "0 or 1"),
    error("damaging, blank", DAMAGING, swap("0,1,0", "0,,0"), "number"),
    error("GDSC copy number, id as a float", GDSC_COPY_NUMBER, swap("1001,", "1001.0,"), "COSMIC(.|\n)*1001.0"),
    error(
        "GDSC copy number, gene as a float", GDSC_COPY_NUMBER, swap(",673,", ",673.0,"), "not an Entrez id(.|\n)*673.0"
    ),
    error("GDSC copy number, symbols", GDSC_COPY_NUMBER, swap(",673,", ",BRAF,"), "not an Entrez id(.|\n)*BRAF"),
    error("GDSC copy number, a gene twice", GDSC_COPY_NUMBER, swap(",673,", ",3845,"), "a gene stands twice"),
    error(
        "GDSC copy number, copies",
        GDSC_COPY_NUMBER,
        lambda c: c.replace(b"0.1,-0.5,1.25", b"2,2,3").replace(b"0.0,,2.5", b"2,,4"),
        "another kind or unit",
    ),
    error("NCI-60, counts", NCI60, swap("5.5", "5500"), "out of its range"),
    error("NCI-60, text", NCI60, swap("5.5", "n.d."), "Text where a number(.|\n)*n.d."),
    error("features, 2", FEATURES, swap("1001,skin,0,1", "1001,skin,0,2"), "BRAF_mut"),
    error("features, a share", FEATURES, swap("1001,skin,0,1", "1001,skin,0,0.4"), "BRAF_mut"),
    error("features, blank", FEATURES, swap("1001,skin,0,1", "1001,skin,0,"), "BRAF_mut"),
    error("features, yes", FEATURES, swap("1001,skin,0,1", "1001,skin,0,yes"), "BRAF_mut(.|\n)*yes"),
    error("features, id as a float", FEATURES, every("100", "100.0"), "COSMIC"),
    error("features, id in scientific notation", FEATURES, swap("1001,", "1.001E+03,"), "COSMIC(.|\n)*1.001E"),
    error("features, a line twice", FEATURES, again(1), "Duplicate keys(.|\n)*1001"),
    error("features, a gene twice", FEATURES, swap("KRAS_mut", "BRAF_mut"), "stands twice"),
    error("features, no mutations", FEATURES, every("_mut", "_call"), "no column that ends in _mut"),
    counted("features, Excel's 2-Sep", FEATURES, swap("KRAS_mut", "2-Sep_mut"), "date"),
    counted("features, a line of nobody", FEATURES, swap("1003,", "9999,"), "row without a known cell line"),
)
