// name: evidence-for-claim
// for: reviewer
// question: What does the knowledge say that links a gene to a drug?
// param drug: str (drug) -- name, synonym or id of the drug
// param gene: str (gene) -- approved symbol or id of the gene
// column drug: str -- CURIE of the drug
// column relation: str -- type of the knowledge edge that touches the gene
// column through: str -- empty for a direct link, else the target or pathway that it goes through
// column says: str -- direction, sign or level, as the edge says it
// column source: str -- id of the KnowledgeSource
// column publications: list[str] -- CURIEs
// column edge: str -- stable id of the knowledge edge
// column item: str -- name of the evidence item; like the next five empty where the link is none
// column direction: str -- resistance or sensitivity
// column supports: bool -- false: the item says that this was found not to hold; such rows come last
// column level: str -- A (validated) to E (inferential)
// column disease: str -- disease, as the source writes it
// column citation: str -- author and year
// column combination: bool -- the evidence is about a combination of therapies; empty where the link is none
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
MATCH (g:Gene)
WHERE g.symbol = $gene OR g.id = $gene
CALL {
  WITH d, g
  MATCH (d)-[r:TARGETS]->(g)
  RETURN r, '' AS through, 'direct target' AS says, null AS evidence
  UNION ALL
  WITH d, g
  MATCH (g)-[r:CONFERS_RESISTANCE_TO|CONFERS_SENSITIVITY_TO]->(d)
  RETURN r, '' AS through, r.significance + ', level ' + r.evidence_level + ', ' + r.molecular_profile AS says,
         r.evidence_item AS evidence
  UNION ALL
  WITH d, g
  MATCH (d)<-[:ABOUT_DRUG]-(e:EvidenceItem)-[r:ABOUT_GENE]->(g)
  WHERE e.supports = false
  RETURN r, '' AS through,
         'found not to hold: ' + e.significance + ', level ' + e.evidence_level + ', ' + e.molecular_profile AS says,
         e.id AS evidence
  UNION ALL
  WITH d, g
  MATCH (p:Pathway)-[r:DESCRIBES_RESISTANCE_TO]->(d)
  WHERE r.gene = g.id
  RETURN r, p.name AS through, 'resistance' AS says, null AS evidence
  UNION ALL
  WITH d, g
  MATCH (d)-[:TARGETS]->(t:Gene)-[r:AFFECTS|REGULATES]->(g)
  RETURN r, t.symbol AS through,
         CASE r.sign WHEN 1 THEN 'the target activates it' ELSE 'the target inhibits it' END AS says, null AS evidence
  UNION ALL
  WITH d, g
  MATCH (d)-[:TARGETS]->(t:Gene)<-[r:AFFECTS|REGULATES]-(g)
  RETURN r, t.symbol AS through,
         CASE r.sign WHEN 1 THEN 'it activates the target' ELSE 'it inhibits the target' END AS says, null AS evidence
}
OPTIONAL MATCH (i:EvidenceItem {id: evidence})
RETURN d.id AS drug, type(r) AS relation, through, says, r.primary_knowledge_source AS source,
       coalesce(r.publications, []) AS publications, r.id AS edge, i.name AS item, i.direction AS direction,
       i.supports AS supports, i.evidence_level AS level, i.disease AS disease, i.citation AS citation,
       i.combination AS combination
ORDER BY coalesce(i.supports, true) DESC, drug, relation, through, says, edge
