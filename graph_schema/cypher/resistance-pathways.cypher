// name: resistance-pathways
// question: Which curated pathways describe resistance of a mutant gene to a drug?
// column pathway: CURIE of the pathway
// column name: name of the pathway
// column drug: CURIE of the drug
// column gene: symbol of the mutant gene
// column edge: stable id of the knowledge edge
MATCH (p:Pathway)-[r:DESCRIBES_RESISTANCE_TO]->(d:Drug)
MATCH (g:Gene {id: r.gene})
RETURN p.id AS pathway, p.name AS name, d.id AS drug, g.symbol AS gene, r.id AS edge
ORDER BY pathway, drug, gene, edge
