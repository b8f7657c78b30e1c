// name: claims-of-gene
// for: biologist
// question: About which drugs is a gene claimed, by whom and with which sign?
// param gene: str (gene) -- approved symbol or id of the gene
// column gene: str -- symbol
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column screen: str -- drug screen
// column explainer: str -- whose claim
// column kind: str -- label of the claim
// column claim: str -- gene, A|B, A|B|C or pathway
// column layer: str -- the feature that is meant: expression or mutation
// column sign: str -- resistance or sensitivity
// column rank: int -- 1 is the strongest of its kind
// column value: float -- signed attribution
// column confidence: float -- 0 to 1, formed without any reference
// column confirmed: bool -- the model shows the effect
// column claim_id: str -- id of the claim
MATCH (g:Gene)
WHERE g.symbol = $gene OR g.id = $gene
MATCH (g)<-[r:CLAIMS_GENE]-(c)<-[:HAS_CLAIM]-(e:Explanation)-[:EXPLAINS]->(d:Drug)
RETURN g.symbol AS gene, d.id AS drug, d.name AS drug_name, e.screen AS screen, e.explainer AS explainer,
       labels(c)[0] AS kind, c.key AS claim, r.layer AS layer, c.sign AS sign, c.rank AS rank, c.value AS value,
       c.confidence AS confidence, c.confirmed AS confirmed, c.id AS claim_id
ORDER BY gene, kind, drug, screen, explainer, rank, claim_id
