// name: claims-shared-by-explainers
// for: reviewer
// question: Which genes do several explainers claim for a drug, with one sign?
// param drug: str (drug) -- name, synonym or id of the drug
// param min_explainers: int [2..100] = 2 -- the least number of explainers
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column screen: str -- drug screen
// column gene: str -- symbol
// column layer: str -- the feature that is meant, the same for all: expression or mutation
// column sign: str -- the one sign; empty where nobody gives one
// column explainers: list[str] -- who claims it, sorted
// column best_rank: int -- the best rank among them
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
MATCH (d)<-[:EXPLAINS]-(e:Explanation)-[:HAS_CLAIM]->(c:GeneClaim)-[r:CLAIMS_GENE]->(:Gene)
WITH d, e.screen AS screen, c.key AS gene, r.layer AS layer, e.explainer AS explainer, c.sign AS sign, c.rank AS rank
ORDER BY explainer, sign
WITH d, screen, gene, layer, collect(DISTINCT explainer) AS explainers, collect(DISTINCT sign) AS signs,
     min(rank) AS best_rank
WHERE size(explainers) >= $min_explainers AND size(signs) <= 1
RETURN d.id AS drug, d.name AS drug_name, screen, gene, layer, signs[0] AS sign, explainers, best_rank
ORDER BY size(explainers) DESC, best_rank, drug, screen, gene, layer
