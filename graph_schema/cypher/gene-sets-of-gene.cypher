// name: gene-sets-of-gene
// for: biologist
// question: In which gene sets does a gene lie: states, curated lists and signatures of drug resistance?
// param gene: str (gene) -- approved symbol or id of the gene
// param collection: str {hallmark, canonical, resistance} = null -- one part of the source; all of them without it
// param max_genes: int [1..100000] = 2000 -- sets with more members are left out
// column gene: str -- symbol
// column gene_set: str -- CURIE of the gene set
// column name: str -- name of the gene set
// column collection: str -- part of the source: hallmark, canonical or resistance
// column n_genes: int -- members of the gene set
// column resistance_to: list[str] -- names of the drugs whose resistance it is a signature of, sorted
// column source: str -- id of the KnowledgeSource
MATCH (g:Gene)
WHERE g.symbol = $gene OR g.id = $gene
MATCH (g)-[r:IN_GENE_SET]->(s:GeneSet)
WHERE s.n_genes <= $max_genes AND ($collection IS NULL OR s.collection = $collection)
OPTIONAL MATCH (s)-[:SIGNATURE_OF_RESISTANCE_TO]->(d:Drug)
WITH g, r, s, d.name AS resisted
ORDER BY resisted
WITH g, r, s, collect(DISTINCT resisted) AS resistance_to
RETURN g.symbol AS gene, s.id AS gene_set, s.name AS name, s.collection AS collection, s.n_genes AS n_genes,
       resistance_to, r.primary_knowledge_source AS source
ORDER BY gene, collection, n_genes, gene_set, source
