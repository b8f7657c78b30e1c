// name: pathways-of-gene
// for: biologist
// question: In which pathways does a gene take part?
// param gene: str (gene) -- approved symbol or id of the gene
// param max_genes: int [1..100000] = 2000 -- pathways with more members are left out
// column gene: str -- symbol
// column pathway: str -- CURIE of the pathway
// column name: str -- name of the pathway
// column n_genes: int -- members of the pathway
// column parents: list[str] -- names of the wider pathways it is directly a part of, sorted
MATCH (g:Gene)
WHERE g.symbol = $gene OR g.id = $gene
MATCH (g)-[:PARTICIPATES_IN]->(p:Pathway)
WHERE p.n_genes <= $max_genes
OPTIONAL MATCH (p)-[:PART_OF]->(w:Pathway)
WITH g, p, w.name AS wider
ORDER BY wider
WITH g, p, collect(DISTINCT wider) AS parents
RETURN g.symbol AS gene, p.id AS pathway, p.name AS name, p.n_genes AS n_genes, parents
ORDER BY gene, n_genes, pathway
