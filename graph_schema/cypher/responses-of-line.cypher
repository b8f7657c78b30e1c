// name: responses-of-line
// for: pharmacologist
// question: To which drugs does a cell line respond best?
// param line: str (cell_line) -- name or id of the cell line
// param limit: int [1..10000] = 20 -- most rows of each line, where the name is that of several
// param screen: str {GDSC2, GDSC1, CCLE} = "GDSC2" -- the drug screen
// column line: str -- CURIE of the cell line
// column line_name: str -- its name
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column auc: float -- area under the fitted curve, the order of the rows; 1 is no effect; empty for CCLE
// column act_area: float -- activity area of CCLE, there the order of the rows; 0 is no effect
// column ln_ic50: float -- natural log of the IC50 in uM; not to be compared between drugs
// column targets: list[str] -- symbols of the drug's targets, sorted
MATCH (l:CellLine)
WHERE l.name = $line OR l.id = $line
CALL {
  WITH l
  MATCH (l)-[r:RESPONDS_TO {screen: $screen}]->(d:Drug)
  RETURN r, d
  ORDER BY coalesce(r.auc, -r.act_area), d.id
  LIMIT $limit
}
OPTIONAL MATCH (d)-[:TARGETS]->(g:Gene)
WITH l, r, d, g.symbol AS gene
ORDER BY gene
WITH l, r, d, collect(DISTINCT gene) AS targets
RETURN l.id AS line, l.name AS line_name, d.id AS drug, d.name AS drug_name, r.auc AS auc, r.act_area AS act_area,
       r.ln_ic50 AS ln_ic50, targets
ORDER BY coalesce(auc, -act_area), drug, line
