// name: confident-claims-without-support
// for: reviewer
// question: Which claims is an explainer sure of although no reference that could hold them does?
// param min_confidence: float [0..1] = 0.5 -- the least confidence, 0 to 1
// param run: str (run) = null -- id of one validation run; without it every run, told apart by the column run
// column run: str -- id of the validation run
// column explainer: str -- whose claim
// column drug_name: str -- name of the drug
// column claim: str -- gene, A|B, A|B|C or pathway
// column sign: str -- the claim's sign
// column confidence: float -- 0 to 1, formed without any reference
// column novel_in: list[str] -- references that could hold the claim and do not
// column contradicted_by: list[str] -- references that hold the opposite sign
// column claim_id: str -- id of the claim
MATCH (v:ValidationRun)-[j:JUDGED]->(c)<-[:HAS_CLAIM]-(e:Explanation)
WHERE c.confidence >= $min_confidence AND size(j.supported_by) = 0 AND size(j.novel_in) + size(j.contradicted_by) > 0
  AND ($run IS NULL OR v.id = $run)
RETURN v.id AS run, e.explainer AS explainer, e.drug_name AS drug_name, c.key AS claim, c.sign AS sign,
       c.confidence AS confidence, j.novel_in AS novel_in, j.contradicted_by AS contradicted_by, c.id AS claim_id
ORDER BY confidence DESC, run, explainer, drug_name, claim, claim_id
