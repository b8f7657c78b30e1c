// name: popular-claims
// for: reviewer
// question: Which genes does an explainer claim for so many drugs that a claim says little?
// param explainer: str (explainer) = "pathproof" -- whose explanations
// param limit: int [1..10000] = 20 -- most rows
// column gene: str -- symbol
// column drugs: int -- number of drugs that it is claimed for
// column share: float -- as a share of the drugs that are explained
// column resistance: int -- drugs with the sign resistance
// column sensitivity: int -- drugs with the sign sensitivity
// column mean_confidence: float -- over its claims
MATCH (e:Explanation {explainer: $explainer})-[:EXPLAINS]->(d:Drug)
WITH count(DISTINCT d.id) AS explained
MATCH (d:Drug)<-[:EXPLAINS]-(e:Explanation {explainer: $explainer})-[:HAS_CLAIM]->(c:GeneClaim)
WITH explained, c.key AS gene, count(DISTINCT d.id) AS drugs, avg(c.confidence) AS mean_confidence,
     count(DISTINCT CASE c.sign WHEN 'resistance' THEN d.id END) AS resistance,
     count(DISTINCT CASE c.sign WHEN 'sensitivity' THEN d.id END) AS sensitivity
RETURN gene, drugs, toFloat(drugs) / explained AS share, resistance, sensitivity, mean_confidence
ORDER BY drugs DESC, gene
LIMIT $limit
