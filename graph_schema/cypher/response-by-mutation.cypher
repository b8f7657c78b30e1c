// name: response-by-mutation
// for: biologist
// question: Do cell lines with a mutated gene respond to a drug otherwise, before any correction?
// param drug: str (drug) -- name, synonym or id of the drug
// param gene: str (gene) -- approved symbol or id of the gene
// param screen: str {GDSC2, GDSC1, CCLE} = "GDSC2" -- the drug screen
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column gene: str -- symbol; no row for a gene in which no cell line at all was found mutated
// column n_mutated: int -- screened lines with a driver mutation of the gene
// column n_other: int -- screened lines with driver mutations, but none of this gene
// column mean_mutated: float -- mean ln IC50 (uM) of the mutated lines
// column mean_other: float -- mean ln IC50 (uM) of the others
// column difference: float -- mutated minus others; above 0 is resistance; NOT corrected for tissue or anything else
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
MATCH (g:Gene)
WHERE (g.symbol = $gene OR g.id = $gene) AND (g)<-[:HAS_MUTATION_IN]-()
MATCH (d)<-[r:RESPONDS_TO {screen: $screen}]-(l:CellLine)
WHERE (l)-[:HAS_MUTATION_IN]->()
OPTIONAL MATCH (l)-[m:HAS_MUTATION_IN]->(g)
WITH d, g, l, r.ln_ic50 AS ln_ic50, m IS NOT NULL AS mutated
WITH d, g, count(DISTINCT CASE WHEN mutated THEN l.id END) AS n_mutated,
     count(DISTINCT CASE WHEN mutated THEN null ELSE l.id END) AS n_other,
     avg(CASE WHEN mutated THEN ln_ic50 END) AS mean_mutated,
     avg(CASE WHEN mutated THEN null ELSE ln_ic50 END) AS mean_other
RETURN d.id AS drug, d.name AS drug_name, g.symbol AS gene, n_mutated, n_other, mean_mutated, mean_other,
       mean_mutated - mean_other AS difference
ORDER BY drug, gene
