// name: pathway-members
// question: Which genes are in which pathway?
// column pathway: CURIE of the pathway
// column name: name of the pathway
// column gene: symbol
// column edge: stable id of the knowledge edge
MATCH (g:Gene)-[r:PARTICIPATES_IN]->(p:Pathway)
RETURN p.id AS pathway, p.name AS name, g.symbol AS gene, r.id AS edge
ORDER BY pathway, gene, edge
