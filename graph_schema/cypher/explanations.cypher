// name: explanations
// for: reviewer
// question: Which explanations does the graph hold, and how faithful and stable are they?
// param explainer: str (explainer) = null -- whose; everybody's without it
// column explanation: str -- id of the explanation
// column explainer: str -- whose
// column version: str -- its version
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column screen: str -- drug screen
// column claims: int -- number of claims
// column fidelity: float -- R2 against the model on unseen lines
// column stability: float -- top-k Jaccard over seeds
// column data_stability: float -- top-k Jaccard over samples of lines
MATCH (e:Explanation)-[:EXPLAINS]->(d:Drug)
WHERE $explainer IS NULL OR e.explainer = $explainer
OPTIONAL MATCH (e)-[:HAS_CLAIM]->(c)
WITH e, d, count(c) AS claims
RETURN e.id AS explanation, e.explainer AS explainer, e.version AS version, d.id AS drug, d.name AS drug_name,
       e.screen AS screen, claims, e.fidelity AS fidelity, e.stability AS stability, e.data_stability AS data_stability
ORDER BY explainer, drug, screen, explanation
