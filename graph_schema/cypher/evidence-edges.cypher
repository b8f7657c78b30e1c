// name: evidence-edges
// for: program
// question: Which genes have accepted evidence of resistance or sensitivity to which drug?
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column gene: str -- symbol
// column direction: str -- resistance or sensitivity
// column evidence_level: str -- A (validated) to E (inferential)
// column disease: str -- disease, as the source writes it
// column combination: bool -- the evidence is about a combination of therapies
// column publications: list[str] -- CURIEs
// column molecular_profile: str -- the alteration, as the source writes it
// column citation: str -- what the evidence item rests on, in short
// column url: str -- page of the evidence item at its source
// column edge: str -- stable id of the knowledge edge
// column knowledge_source: str -- id of the KnowledgeSource that says so
MATCH (g:Gene)-[r:CONFERS_RESISTANCE_TO|CONFERS_SENSITIVITY_TO]->(d:Drug)
OPTIONAL MATCH (i:EvidenceItem {id: r.evidence_item})
RETURN d.id AS drug, d.name AS drug_name, g.symbol AS gene,
       CASE type(r) WHEN 'CONFERS_RESISTANCE_TO' THEN 'resistance' ELSE 'sensitivity' END AS direction,
       r.evidence_level AS evidence_level, r.disease AS disease, r.combination AS combination,
       coalesce(r.publications, []) AS publications, r.molecular_profile AS molecular_profile,
       i.citation AS citation, i.url AS url, r.id AS edge, r.primary_knowledge_source AS knowledge_source
ORDER BY drug, gene, direction, edge
