// name: claims-against-evidence
// for: reviewer
// question: Which claims does published evidence contradict, and which evidence is it?
// param drug: str (drug) = null -- name, synonym or id of a drug; every one without it
// param explainer: str (explainer) = null -- whose claims; everybody's without it
// param run: str (run) = null -- id of one validation run; without it every run, told apart by the column run
// column run: str -- id of the validation run
// column explainer: str -- whose claim
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column kind: str -- label of the claim
// column claim: str -- gene, A|B, A|B|C or pathway
// column sign: str -- the claim's sign
// column confidence: float -- 0 to 1, formed without any reference
// column item: str -- name of the evidence item
// column direction: str -- what the item says: resistance or sensitivity
// column level: str -- A (validated) to E (inferential)
// column profile: str -- the alteration, as the source writes it
// column disease: str -- disease, as the source writes it
// column citation: str -- author and year
// column edges: list[str] -- ids of the knowledge edges through which it holds
// column claim_id: str -- id of the claim
// column combination: bool -- the item is about a combination of therapies
MATCH (d:Drug)<-[:EXPLAINS]-(e:Explanation)-[:HAS_CLAIM]->(c)-[r:CONTRADICTED_BY]->(i:EvidenceItem)
WHERE ($run IS NULL OR r.run = $run) AND ($explainer IS NULL OR e.explainer = $explainer)
  AND ($drug IS NULL OR d.id = $drug OR toLower(d.name) = toLower($drug)
       OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug)))
RETURN r.run AS run, e.explainer AS explainer, d.id AS drug, d.name AS drug_name, labels(c)[0] AS kind, c.key AS claim,
       c.sign AS sign, c.confidence AS confidence, i.name AS item, i.direction AS direction,
       i.evidence_level AS level, i.molecular_profile AS profile, i.disease AS disease, i.citation AS citation,
       coalesce(r.edges, []) AS edges, c.id AS claim_id,
       i.combination AS combination
ORDER BY run, explainer, drug, kind, claim, level, item, claim_id
