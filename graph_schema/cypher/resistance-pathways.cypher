// name: resistance-pathways
// for: program
// question: Which curated pathways describe resistance of a mutant gene to a drug?
// column pathway: str -- CURIE of the pathway
// column name: str -- name of the pathway
// column drug: str -- CURIE of the drug
// column gene: str -- symbol of the mutant gene
// column edge: str -- stable id of the knowledge edge
// column knowledge_source: str -- id of the KnowledgeSource that says so
MATCH (p:Pathway)-[r:DESCRIBES_RESISTANCE_TO]->(d:Drug)
MATCH (g:Gene {id: r.gene})
RETURN p.id AS pathway, p.name AS name, d.id AS drug, g.symbol AS gene, r.id AS edge,
       r.primary_knowledge_source AS knowledge_source
ORDER BY pathway, drug, gene, edge
