// name: resistance-signatures
// for: program
// question: Which genes are in which signature of resistance to a drug?
// column gene_set: str -- CURIE of the gene set
// column name: str -- name of the gene set: first author, drug and direction
// column drug: str -- CURIE of the drug
// column gene: str -- symbol of a member
// column expression: str -- of its genes in resistant cells: higher or lower; empty where the name does not say
// column edge: str -- stable id of the knowledge edge from the gene set to the drug
// column knowledge_source: str -- id of the KnowledgeSource that says so
MATCH (s:GeneSet)-[r:SIGNATURE_OF_RESISTANCE_TO]->(d:Drug)
MATCH (g:Gene)-[:IN_GENE_SET]->(s)
RETURN s.id AS gene_set, s.name AS name, d.id AS drug, g.symbol AS gene, r.expression AS expression, r.id AS edge,
       r.primary_knowledge_source AS knowledge_source
ORDER BY gene_set, drug, gene, edge
