// name: pathway-members
// for: program
// question: Which genes are in which pathway?
// param collection: str {reactome, wikipathways} = "reactome" -- whose pathways; claims are about Reactome's
// column pathway: str -- CURIE of the pathway
// column name: str -- name of the pathway
// column gene: str -- symbol
// column edge: str -- stable id of the knowledge edge
// column knowledge_source: str -- id of the KnowledgeSource that says so
MATCH (g:Gene)-[r:PARTICIPATES_IN]->(p:Pathway)
WHERE r.primary_knowledge_source = 'source:' + $collection
RETURN p.id AS pathway, p.name AS name, g.symbol AS gene, r.id AS edge, r.primary_knowledge_source AS knowledge_source
ORDER BY pathway, gene, edge
