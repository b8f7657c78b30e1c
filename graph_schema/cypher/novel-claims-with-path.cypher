// name: novel-claims-with-path
// for: biologist
// question: Which claims that no reference holds have a signed path to a target of the drug?
// param min_confidence: float [0..1] = 0.5 -- the least confidence
// param explainer: str (explainer) = "pathproof" -- whose explanations
// param run: str (run) = null -- id of one validation run; without it every run, told apart by the column run
// param limit: int [1..10000] = 100 -- most rows
// column run: str -- id of the validation run
// column explainer: str -- whose claim
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column kind: str -- label of the claim
// column claim: str -- gene, A|B, A|B|C or pathway
// column sign: str -- the claim's sign
// column confidence: float -- 0 to 1, formed without any reference
// column novel_in: list[str] -- references that could hold the claim and do not
// column path: str -- the first of its shortest paths, in words
// column steps: int -- relationships passed
// column path_sign: int -- product of the steps' signs
// column null_share: float -- 0 to 1: how many genes with about as many signed steps have one as short; near 1: says little
// column paths: int -- number of its paths
// column claim_id: str -- id of the claim
MATCH (v:ValidationRun)-[j:JUDGED]->(c)<-[:HAS_CLAIM]-(e:Explanation {explainer: $explainer})-[:EXPLAINS]->(d:Drug)
WHERE c.confidence >= $min_confidence AND size(j.supported_by) = 0 AND size(j.contradicted_by) = 0
  AND size(j.novel_in) > 0 AND ($run IS NULL OR v.id = $run)
MATCH (c)-[h:HAS_PATH]->(m:MechanismPath)
WITH v, j, c, e, d, h, m
ORDER BY m.n_steps, m.text
WITH v, j, c, e, d, collect(m) AS ways, collect(h) AS ties
RETURN v.id AS run, e.explainer AS explainer, d.id AS drug, d.name AS drug_name, labels(c)[0] AS kind, c.key AS claim,
       c.sign AS sign, c.confidence AS confidence,
       j.novel_in AS novel_in, ways[0].text AS path, ways[0].n_steps AS steps, ways[0].sign AS path_sign,
       ties[0].null_share AS null_share, size(ways) AS paths, c.id AS claim_id
ORDER BY confidence DESC, run, explainer, drug, kind, claim, claim_id
LIMIT $limit
