// name: explanation-of-drug
// for: biologist
// question: What does an explainer claim about a drug?
// param drug: str (drug) -- name, synonym or id of the drug
// param explainer: str (explainer) = "pathproof" -- whose explanations
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column screen: str -- drug screen
// column kind: str -- label of the claim
// column rank: int -- 1 is the strongest of its kind
// column claim: str -- gene, A|B, A|B|C or pathway
// column sign: str -- resistance or sensitivity
// column value: float -- signed attribution
// column confidence: float -- 0 to 1, formed without any reference
// column confirmed: bool -- whether the model shows the effect
// column genes: list[str] -- symbols that the claim names, sorted
// column claim_id: str -- id of the claim
MATCH (d:Drug)<-[:EXPLAINS]-(e:Explanation {explainer: $explainer})-[:HAS_CLAIM]->(c)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
OPTIONAL MATCH (c)-[:CLAIMS_GENE]->(g:Gene)
WITH d, e, c, g.symbol AS gene
ORDER BY gene
WITH d, e, c, collect(DISTINCT gene) AS genes
RETURN d.id AS drug, d.name AS drug_name, e.screen AS screen, labels(c)[0] AS kind, c.rank AS rank, c.key AS claim,
       c.sign AS sign, c.value AS value, c.confidence AS confidence, c.confirmed AS confirmed, genes, c.id AS claim_id
ORDER BY drug, screen, kind, rank, claim_id
