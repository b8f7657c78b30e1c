"""Broken drug screens: GDSC2, GDSC1, CCLE, and the compounds beside them."""

from __future__ import annotations

from broken_cases import Case, again, counted, error, every, exchange, give, lines, same, swap
from broken_world import CCLE, FILES, GDSC1
from ingest_slices import COMPOUNDS, RESPONSE, TARGETS

_WINDOWS = "\n".join(line.replace(",", ";") for line in FILES[RESPONSE].splitlines()) + "\n"
_COMMA = swap(",1.25,", ',"1,25",')
NOT_A_NUMBER = {"NaN": "NaN", "NA": "NA", "infinity": "inf", "minus infinity": "-inf", "overflow": "1e999", "blank": ""}

GDSC2_CASES: tuple[Case, ...] = (
    error("semicolons", RESPONSE, give(_WINDOWS.encode()), "separated by semicolons, not by commas"),
    error(
        "semicolons and decimal commas",
        RESPONSE,
        give(_WINDOWS.replace(".", ",").encode()),
        "separated by semicolons, not by commas",
    ),
    error("decimal comma in quotes", RESPONSE, _COMMA, "Text where a number belongs(.|\n)*line 3(.|\n)*decimal point"),
    error("tabs under .csv", RESPONSE, every(",", "\t"), "separated by tabs, not by commas"),
    error("AUC and RMSE exchanged", RESPONSE, exchange("AUC", "RMSE"), "another kind or unit: column AUC"),
    error("AUC and IC50 exchanged", RESPONSE, exchange("LN_IC50", "AUC"), "out of its range: column AUC"),
    error("concentrations exchanged", RESPONSE, exchange("MIN_CONC", "MAX_CONC"), "lowest concentration is not below"),
    error(
        "id and name exchanged", RESPONSE, exchange("DRUG_ID", "DRUG_NAME"), "Not a GDSC compound number(.|\n)*line 2"
    ),
    error("AUC in percent", RESPONSE, swap(",0.41,", ",41,"), "out of its range(.|\n)*AUC(.|\n)*0.0 to 1.0"),
    error("AUC beyond 1", RESPONSE, swap(",0.41,", ",1.07,"), "out of its range(.|\n)*line 2, column AUC"),
    error("negative AUC", RESPONSE, swap(",0.41,", ",-0.41,"), "out of its range(.|\n)*AUC"),
    error(
        "IC50 in nM and no logarithm",
        RESPONSE,
        lines(lambda found: [found[0], *(_with(line, -4, str(30 * n)) for n, line in enumerate(found[1:], 1))]),
        "another kind or unit: column LN_IC50(.|\n)*median of 90",
    ),
    error(
        "ln of molar IC50",
        RESPONSE,
        lines(lambda found: [found[0], *(_with(line, -4, str(-11 - n)) for n, line in enumerate(found[1:], 1))]),
        "another kind or unit: column LN_IC50(.|\n)*median of -14",
    ),
    *(
        error(
            f"IC50 is {name}", RESPONSE, swap(",1.25,", f",{text},"), "Text where a number(.|\n)*line 3, column LN_IC50"
        )
        for name, text in NOT_A_NUMBER.items()
    ),
    error("thousands sign", RESPONSE, swap(",1.25,", ',"1,250",'), "line 3, column LN_IC50"),
    error("underscore in a number", RESPONSE, swap(",1.25,", ",1_25,"), "line 3, column LN_IC50"),
    error("negative concentration", RESPONSE, swap(",0.001,", ",-0.001,"), "out of its range(.|\n)*MIN_CONC"),
    error("drug id as a float", RESPONSE, every(",1372,", ",1372.0,"), "Not a GDSC compound number(.|\n)*1372.0"),
    error("drug id in scientific notation", RESPONSE, every(",1372,", ",1.372E+03,"), "compound number(.|\n)*1.372E"),
    error("line id in small letters", RESPONSE, swap("SIDM00002", "sidm00002"), "Sanger model id(.|\n)*line 3"),
    error("line id of another provider", RESPONSE, every("SIDM0000", "ACH-00000"), "5 cells(.|\n)*Sanger model id"),
    error(
        "line id in full-width digits", RESPONSE, swap("SIDM00002", "SIDM0000\uff12"), "Sanger model id(.|\n)*line 3"
    ),
    error("blank line id", RESPONSE, swap("SIDM00002", ""), "empty cell(.|\n)*line 3, column SANGER_MODEL_ID"),
    error("unknown lines", RESPONSE, every("SIDM0000", "SIDM0999"), "0 of 3 screened cell lines are known"),
    counted("spaces behind a line id", RESPONSE, swap("SIDM00002", "SIDM00002  "), "spaces around a cell"),
    counted("a line that nobody knows", RESPONSE, swap("SIDM00002", "SIDM99999"), "cell line without annotation"),
    error("a pair twice", RESPONSE, again(-1), "Duplicate keys(.|\n)*line 7"),
    error(
        "a pair twice, other values",
        RESPONSE,
        lambda c: again(1)(c).replace(b"0.41,0.05,0.1\n", b"0.5,0.05,0.1\n"),
        "Duplicate keys",
    ),
    error("header in the middle", RESPONSE, again(0), "header stands again(.|\n)*line 7"),
    error(
        "a line for spreadsheets", RESPONSE, lambda c: b"sep=,\n" + c, "tells a spreadsheet(.|\n)*line 1(.|\n)*delete"
    ),
    error("no header", RESPONSE, lines(lambda found: found[1:]), "10 of 10 columns are missing"),
    error("header only", RESPONSE, lines(lambda found: found[:1]), "header and no rows"),
    error("column twice in the header", RESPONSE, swap("Z_SCORE", "AUC"), "stands twice in the header(.|\n)*AUC"),
    error("column renamed", RESPONSE, swap("LN_IC50", "IC50"), "1 of 10 columns are missing(.|\n)*LN_IC50: IC50"),
    error("short row", RESPONSE, lambda c: c[: c.rindex(b",0.95")] + b"\n", "16 fields and the header 19(.|\n)*line 6"),
    error(
        "long rows", RESPONSE, lines(lambda found: [found[0], *(f"{line}," for line in found[1:])]), "5 rows have other"
    ),
    error("quote that never ends", RESPONSE, swap("Trametinib", '"Trametinib'), "fields|cannot be read"),
    same("empty lines between rows", RESPONSE, every("\n", "\n\n")),
    same("columns in another order", RESPONSE, lines(lambda found: [_last_first(line) for line in found])),
    error("rows of the other screen", RESPONSE, swap("GDSC2,", "GDSC1,"), "another screen(.|\n)*line 2(.|\n)*GDSC2"),
    error("the other screen's file", RESPONSE, give(FILES[GDSC1].encode()), "another screen"),
    error("the compounds' file", RESPONSE, give(FILES[COMPOUNDS].encode()), "columns are those of the GDSC screened"),
    error("CCLE's file", RESPONSE, give(FILES[CCLE].encode()), "columns are those of the CCLE drug response"),
)


def _with(line: str, position: int, value: str) -> str:
    cells = line.split(",")
    cells[position] = value
    return ",".join(cells)


def _last_first(line: str) -> str:
    cells = line.split(",")
    return ",".join([cells[-1], *cells[:-1]])


OTHER_CASES: tuple[Case, ...] = (
    error("GDSC2 under GDSC1", GDSC1, give(FILES[RESPONSE].encode()), "another screen(.|\n)*allowed: GDSC1"),
    error("GDSC1, AUC in percent", GDSC1, swap(",0.6,", ",60,"), "out of its range(.|\n)*line 3, column AUC"),
    error("GDSC1, a record twice", GDSC1, again(1), "Duplicate keys(.|\n)*line 5"),
    error("GDSC1, no line name", GDSC1, swap("CELL_LINE_NAME", "LINE"), "CELL_LINE_NAME"),
    counted(
        "GDSC1, two records of one line",
        GDSC1,
        swap("1002,L-2,SIDM00002", "1001,L 1,SIDM00001"),
        "second record of a drug",
    ),
    error("CCLE, a pair twice", CCLE, again(1), "Duplicate keys(.|\n)*line 5"),
    error("CCLE, IC50 NA", CCLE, swap(",8,-10,", ",NA,-10,"), "Text where a number belongs: column IC50"),
    error("CCLE, IC50 zero", CCLE, swap(",8,-10,", ",0,-10,"), "out of its range: column IC50"),
    error(
        "CCLE, IC50 in nM",
        CCLE,
        lambda c: swap(",.12,", ",120,")(swap(",8,-10", ",8000,-10")(swap(",7,", ",7000,")(c))),
        "another kind or unit: column IC50",
    ),
    error("CCLE, negative area", CCLE, swap(",3.5", ",-3.5"), "out of its range: column ActArea"),
    error("CCLE, area in percent", CCLE, swap(",3.5", ",43.75"), "out of its range: column ActArea"),
    error("CCLE, doses in semicolons", CCLE, swap(".0025,.08,.8,8", ".0025;.08;.8;8"), "numbers separated by commas"),
    error(
        "CCLE, doses without quotes", CCLE, swap('".0025,.08,.8,8"', ".0025,.08,.8,8"), "16 fields and the header 13"
    ),
    error(
        "CCLE, lines of other names",
        CCLE,
        lambda c: c.replace(b"L1_SKIN", b"X1").replace(b"L2_BLOOD", b"X2"),
        "0 of 2 screened",
    ),
    counted("CCLE, one unknown line", CCLE, swap("L2_BLOOD", "L9_BLOOD"), "cell line without annotation"),
    error("compounds, id as a float", COMPOUNDS, swap("1372,", "1372.0,"), "compound number(.|\n)*line 2"),
    error("compounds, id twice", COMPOUNDS, again(1), "Duplicate keys(.|\n)*line 8(.|\n)*1372"),
    error("compounds, no name", COMPOUNDS, swap(",Trametinib,", ",,"), "empty cell(.|\n)*DRUG_NAME"),
    error(
        "compounds, synonyms without quotes",
        COMPOUNDS,
        swap('"GSK1120212, Mekinist"', "GSK1120212, Mekinist"),
        "7 fields and the header 6",
    ),
    counted(
        "compounds, spaces around a name", COMPOUNDS, swap(",Trametinib,", ", Trametinib ,"), "spaces around a cell"
    ),
    error(
        "compounds of another screen",
        COMPOUNDS,
        lines(lambda found: [found[0], *(f"9{line}" for line in found[1:])]),
        "screened compounds are known",
    ),
    counted("targets, Excel's 2-Sep", TARGETS, swap("JAK2", "2-Sep"), "target that is not one gene|date"),
    counted("targets with bars", TARGETS, swap("MAP2K1;MAP2K2", "MAP2K1|MAP2K2"), "target that is not one gene"),
    counted("targets, PubChem id as a float", TARGETS, swap("11707110,", "11707110.0,"), "PUBCHEM id that is none"),
    counted("targets, ChEMBL id without prefix", TARGETS, swap("CHEMBL2103875", "2103875"), "CHEMBL id that is none"),
    error(
        "targets of proteins",
        TARGETS,
        lambda c: c.replace(b"MAP2K", b"MEK kinase ").replace(b"KRAS", b"p21").replace(b"JAK2", b"?"),
        "targets are known",
    ),
    error("targets, id twice", TARGETS, again(1), "Duplicate keys(.|\n)*1372"),
    error("targets, header in the middle", TARGETS, again(0), "header stands again(.|\n)*line 8"),
)
