// name: contradicted-claims
// question: Which claims hold the opposite sign of what a reference holds?
// param run: str = null -- id of one validation run; all runs without it
// column run: id of the validation run
// column explainer: whose claim
// column drug_name: name of the drug
// column claim: gene, A|B, A|B|C or pathway
// column sign: the claim's sign
// column confidence: 0 to 1, formed without any reference
// column contradicted_by: the references
// column evidence: ids of the knowledge edges
// column claim_id: id of the claim
MATCH (v:ValidationRun)-[j:JUDGED]->(c)<-[:HAS_CLAIM]-(e:Explanation)
WHERE size(j.contradicted_by) > 0 AND ($run IS NULL OR v.id = $run)
RETURN v.id AS run, e.explainer AS explainer, e.drug_name AS drug_name, c.key AS claim, c.sign AS sign,
       c.confidence AS confidence, j.contradicted_by AS contradicted_by, j.evidence AS evidence, c.id AS claim_id
ORDER BY run, explainer, drug_name, claim, claim_id
