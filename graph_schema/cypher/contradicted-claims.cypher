// name: contradicted-claims
// for: reviewer
// question: Which claims hold the opposite sign of what a reference holds?
// param run: str (run) = null -- id of one validation run; without it every run, told apart by the column run
// column run: str -- id of the validation run
// column explainer: str -- whose claim
// column drug_name: str -- name of the drug
// column claim: str -- gene, A|B, A|B|C or pathway
// column sign: str -- the claim's sign
// column confidence: float -- 0 to 1, formed without any reference
// column contradicted_by: list[str] -- the references
// column evidence: list[str] -- ids of the knowledge edges
// column claim_id: str -- id of the claim
MATCH (v:ValidationRun)-[j:JUDGED]->(c)<-[:HAS_CLAIM]-(e:Explanation)
WHERE size(j.contradicted_by) > 0 AND ($run IS NULL OR v.id = $run)
RETURN v.id AS run, e.explainer AS explainer, e.drug_name AS drug_name, c.key AS claim, c.sign AS sign,
       c.confidence AS confidence, j.contradicted_by AS contradicted_by, j.evidence AS evidence, c.id AS claim_id
ORDER BY run, explainer, drug_name, claim, claim_id
