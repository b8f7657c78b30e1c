// name: evidence-edges
// question: Which genes have accepted evidence of resistance or sensitivity to which drug?
// column drug: CURIE of the drug
// column drug_name: name of the drug
// column gene: symbol
// column direction: resistance or sensitivity
// column evidence_level: A (validated) to E (inferential)
// column disease: disease, as the source writes it
// column combination: the evidence is about a combination of therapies
// column publications: CURIEs
// column molecular_profile: the alteration, as the source writes it
// column edge: stable id of the knowledge edge
MATCH (g:Gene)-[r:CONFERS_RESISTANCE_TO|CONFERS_SENSITIVITY_TO]->(d:Drug)
RETURN d.id AS drug, d.name AS drug_name, g.symbol AS gene,
       CASE type(r) WHEN 'CONFERS_RESISTANCE_TO' THEN 'resistance' ELSE 'sensitivity' END AS direction,
       r.evidence_level AS evidence_level, r.disease AS disease, r.combination AS combination,
       coalesce(r.publications, []) AS publications, r.molecular_profile AS molecular_profile, r.id AS edge
ORDER BY drug, gene, direction, edge
