// name: mechanism-of-claim
// for: biologist
// question: By which signed paths are the claims about a drug tied to its targets?
// param drug: str (drug) -- name, synonym or id of the drug
// param gene: str (gene) = null -- symbol or id of one gene on which the paths end; every one without it
// param explainer: str (explainer) = "pathproof" -- whose explanations
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column screen: str -- drug screen
// column kind: str -- label of the claim
// column claim: str -- gene, A|B, A|B|C or pathway
// column sign: str -- the claim's sign
// column confidence: float -- 0 to 1, formed without any reference
// column path: str -- the path in words
// column direction: str -- downstream: target to gene; upstream: gene to target; same: the gene is the target
// column steps: int -- relationships passed
// column path_sign: int -- product of the steps' signs
// column null_share: float -- 0 to 1: how many genes with about as many signed steps have one as short; near 1: says little
// column edges: list[str] -- ids of the knowledge edges, in order
// column claim_id: str -- id of the claim
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
OPTIONAL MATCH (g:Gene)
WHERE g.symbol = $gene OR g.id = $gene
WITH d, g.symbol AS ending
MATCH (d)<-[:EXPLAINS]-(e:Explanation {explainer: $explainer})-[:HAS_CLAIM]->(c)-[h:HAS_PATH]->(m:MechanismPath)
WHERE $gene IS NULL OR m.gene = ending
RETURN d.id AS drug, d.name AS drug_name, e.screen AS screen, labels(c)[0] AS kind, c.key AS claim, c.sign AS sign,
       c.confidence AS confidence, m.text AS path, m.direction AS direction, m.n_steps AS steps, m.sign AS path_sign,
       h.null_share AS null_share, coalesce(m.edges, []) AS edges, c.id AS claim_id
ORDER BY drug, screen, kind, claim, steps, path, claim_id
