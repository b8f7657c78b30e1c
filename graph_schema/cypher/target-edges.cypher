// name: target-edges
// for: program
// question: Which genes does each drug target directly?
// column drug: str -- CURIE of the drug
// column gene: str -- symbol
// column edge: str -- stable id of the knowledge edge
// column knowledge_source: str -- id of the KnowledgeSource that says so
MATCH (d:Drug)-[r:TARGETS]->(g:Gene)
RETURN d.id AS drug, g.symbol AS gene, r.id AS edge, r.primary_knowledge_source AS knowledge_source
ORDER BY drug, gene, edge
