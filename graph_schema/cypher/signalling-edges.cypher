// name: signalling-edges
// for: program
// question: Which protein acts on which, and with which sign?
// column source: str -- symbol of the acting gene
// column target: str -- symbol of the gene acted upon
// column sign: int -- +1 activates, -1 inhibits
// column edge: str -- stable id of the knowledge edge
// column knowledge_source: str -- id of the KnowledgeSource that says so
MATCH (a:Gene)-[r:AFFECTS]->(b:Gene)
RETURN a.symbol AS source, b.symbol AS target, r.sign AS sign, r.id AS edge,
       r.primary_knowledge_source AS knowledge_source
ORDER BY source, target, edge
