// name: resistant-lines
// for: biologist
// question: Which cell lines resist a drug most, and what do they carry?
// param drug: str (drug) -- name, synonym or id of the drug
// param tissue: str (tissue) = null -- tissue of origin; every one without it
// param limit: int [1..10000] = 20 -- most rows of each drug, where the name is that of several
// param screen: str {GDSC2, GDSC1, CCLE} = "GDSC2" -- the drug screen
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column line: str -- CURIE of the cell line
// column line_name: str -- its name
// column tissue: str -- tissue of origin
// column cancer_type: str -- cancer type
// column ln_ic50: float -- natural log of the IC50 in uM
// column above_max_conc: bool -- the fitted IC50 lies beyond the highest concentration that was tested
// column mutations: list[str] -- symbols of genes with a driver mutation, sorted; empty also where none was looked for
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
CALL {
  WITH d
  MATCH (d)<-[r:RESPONDS_TO {screen: $screen}]-(l:CellLine)
  WHERE $tissue IS NULL OR l.tissue = $tissue
  RETURN r, l
  ORDER BY r.ln_ic50 DESC, l.id
  LIMIT $limit
}
OPTIONAL MATCH (l)-[:HAS_MUTATION_IN]->(g:Gene)
WITH d, r, l, g.symbol AS gene
ORDER BY gene
WITH d, r, l, collect(DISTINCT gene) AS mutations
RETURN d.id AS drug, d.name AS drug_name, l.id AS line, l.name AS line_name, l.tissue AS tissue,
       l.cancer_type AS cancer_type, r.ln_ic50 AS ln_ic50, exp(r.ln_ic50) > r.max_conc AS above_max_conc, mutations
ORDER BY ln_ic50 DESC, drug, line
