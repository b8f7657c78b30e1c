// name: drug-target-pathways
// for: pharmacologist
// question: In which pathways do the targets of a drug act?
// param drug: str (drug) -- name, synonym or id of the drug
// param max_genes: int [1..100000] = 200 -- pathways with more members are left out
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column pathway: str -- CURIE of the pathway
// column name: str -- name of the pathway
// column n_genes: int -- members of the pathway
// column targets: list[str] -- symbols of the drug's targets in it, sorted
// column describes_resistance: bool -- the pathway is a curated one about resistance to this drug
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
MATCH (d)-[:TARGETS]->(g:Gene)-[:PARTICIPATES_IN]->(p:Pathway)
WHERE p.n_genes <= $max_genes
WITH d, p, g.symbol AS target
ORDER BY target
WITH d, p, collect(DISTINCT target) AS targets
OPTIONAL MATCH (p)-[r:DESCRIBES_RESISTANCE_TO]->(d)
WITH d, p, targets, count(r) AS about
RETURN d.id AS drug, d.name AS drug_name, p.id AS pathway, p.name AS name, p.n_genes AS n_genes, targets,
       about > 0 AS describes_resistance
ORDER BY drug, describes_resistance DESC, n_genes, pathway
