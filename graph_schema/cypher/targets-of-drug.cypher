// name: targets-of-drug
// for: pharmacologist
// question: What does a drug target, and what does it do to it?
// param drug: str (drug) -- name, synonym or id of the drug
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column gene: str -- symbol of the target
// column gene_id: str -- CURIE of the target
// column actions: list[str] -- what the drug does to it; empty where no source says
// column actions_source: str -- id of the KnowledgeSource that gives the actions
// column mechanisms: list[str] -- what the drug does, of any of its targets, as PRISM's annotation gives it
// column source: str -- id of the KnowledgeSource
// column publications: list[str] -- CURIEs
// column edge: str -- stable id of the knowledge edge
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
MATCH (d)-[r:TARGETS]->(g:Gene)
RETURN d.id AS drug, d.name AS drug_name, g.symbol AS gene, g.id AS gene_id, coalesce(r.actions, []) AS actions,
       r.actions_source AS actions_source, coalesce(d.mechanisms, []) AS mechanisms,
       r.primary_knowledge_source AS source, coalesce(r.publications, []) AS publications, r.id AS edge
ORDER BY drug, gene, edge
