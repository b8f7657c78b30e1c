// name: target-edges
// question: Which genes does each drug target directly?
// column drug: CURIE of the drug
// column gene: symbol
// column edge: stable id of the knowledge edge
MATCH (d:Drug)-[r:TARGETS]->(g:Gene)
RETURN d.id AS drug, g.symbol AS gene, r.id AS edge
ORDER BY drug, gene, edge
