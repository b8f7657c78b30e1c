"""The optional files in their providers' layouts, a few rows each, written by hand, to lie beside the other slices."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

GDSC1 = "gdsc/GDSC1_fitted_dose_response.csv"
CCLE = "ccle/CCLE_NP24.2009_Drug_data_2015.02.24.csv"
TPM = "depmap/OmicsExpressionTPMLogp1_top1000.csv"
COPY_NUMBER = "depmap/OmicsCNGene_706.csv"
DAMAGING = "depmap/OmicsSomaticMutationsMatrixDamaging_706.csv"
GDSC_COPY_NUMBER = "gdsc/cell_cna_log2.csv"
NCI60 = "nci60/OmicsExpressionLog2_nci60.csv"

_CCLE_HEADER = (
    "CCLE Cell Line Name,Primary Cell Line Name,Compound,Target,Doses (uM),Activity Data (median),Activity SD,"
    "Num Data,FitType,EC50 (uM),IC50 (uM),Amax,ActArea\n"
)
_DOSES = '".0025,.0080,.025,.080,.25,.80,2.53,8"'


def ccle_row(line: str, compound: str, target: str, ic50: str, area: str, doses: str = _DOSES) -> str:
    """One row of CCLE's file: its list-valued cells are quoted, EC50 is NA where the curve is flat."""
    lists = f'{doses},"1,2","3,4"'
    return f"{line},X,{compound},{target},{lists},8,Constant,NA,{ic50},-12.5,{area}\n"


FURTHER: dict[str, str] = {
    GDSC1: (
        "DATASET,COSMIC_ID,CELL_LINE_NAME,SANGER_MODEL_ID,DRUG_ID,DRUG_NAME,LN_IC50,AUC\n"
        "GDSC1,1001,L-1,SIDM00001,1,Selumetinib,2.0,0.5\n"
        "GDSC1,1001,L 1,SIDM00001,1,Selumetinib,7.0,0.9\n"
        "GDSC1,1002,L-2,SIDM00002,1,Selumetinib,1.0,0.4\n"
        "GDSC1,1001,L-1,SIDM00001,1372,Trametinib,-2.0,0.3\n"
        "GDSC1,1001,L-1,SIDM00001,9,New_Compound,3.5,0.95\n"
        "GDSC1,5,L-9,SIDM00099,9,New_Compound,3.5,0.95\n"
    ),
    CCLE: _CCLE_HEADER
    + ccle_row("L1_SKIN", "AZD6244", "MEK", "8", "0.25")
    + ccle_row("L2_BLOOD", "AZD6244", "MEK", "0.5", "3.75")
    + ccle_row("L1_SKIN", "NVP-X1", "EGFR", ".0025", "7.5")
    + ccle_row("L1_SKIN", "L-685458", "GS", "2.531646", "0", '".025,.080,2.53"')
    + ccle_row("NOWHERE_LUNG", "AZD6244", "MEK", "1", "1"),
    TPM: ",BRAF (673),EGFR (1956)\nACH-000001,6.25,0\nACH-000002;ACH-000003,0.5,\n",
    COPY_NUMBER: ",BRAF (673),KRAS (3845)\nACH-000001,1.0,0\nACH-000002,1.0625,7.2\n",
    DAMAGING: ",BRAF (673),KRAS (3845)\nACH-000001,1.0,0.0\nACH-000002,0.0,2.0\n",
    GDSC_COPY_NUMBER: "COSMIC_ID,673,3845,999999999\n1001,0,-4.32,0\n1003,1.807,0.322,0\n7777,0,0,0\n",
    NCI60: ",BRAF (673),CYR61 (0),NOSUCH (0)\nACH-000001,6.9,7.5,1\nACH-000002,,8.25,1\n",
}


def workbook(text: str) -> bytes:
    """Comma-separated text as the smallest workbook that Excel would open: numbers as numbers, the rest as text."""

    def cell(value: str) -> str:
        try:
            return f"<c><v>{float(value)!r}</v></c>"
        except ValueError:
            return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'

    rows = "".join(f"<row>{''.join(map(cell, line.split(',')))}</row>" for line in text.splitlines())
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">'
        '<sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()
