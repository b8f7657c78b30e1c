// name: claims-that-explainers-dispute
// for: reviewer
// question: Which genes do explainers claim for a drug with opposite signs?
// param drug: str (drug) -- name, synonym or id of the drug
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column screen: str -- drug screen
// column gene: str -- symbol
// column layer: str -- the feature that is meant, the same for all: expression or mutation
// column said: list[str] -- who says what, sorted
// column best_rank: int -- the best rank among them
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
MATCH (d)<-[:EXPLAINS]-(e:Explanation)-[:HAS_CLAIM]->(c:GeneClaim)-[r:CLAIMS_GENE]->(:Gene)
WITH d, e.screen AS screen, c.key AS gene, r.layer AS layer, e.explainer AS explainer, c.sign AS sign, c.rank AS rank
ORDER BY explainer, sign
WITH d, screen, gene, layer, collect(DISTINCT sign) AS signs,
     collect(explainer + ': ' + coalesce(sign, 'no sign')) AS said, min(rank) AS best_rank
WHERE size(signs) > 1
RETURN d.id AS drug, d.name AS drug_name, screen, gene, layer, said, best_rank
ORDER BY best_rank, drug, screen, gene, layer
