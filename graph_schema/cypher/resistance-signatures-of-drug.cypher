// name: resistance-signatures-of-drug
// for: biologist
// question: Which genes were found expressed otherwise in cells that resist a drug?
// param drug: str (drug) -- name, synonym or id of the drug
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column gene_set: str -- CURIE of the gene set
// column name: str -- name of the gene set: first author, drug and direction
// column expression: str -- of its genes in resistant cells: higher or lower; empty where the name does not say
// column n_genes: int -- members of the gene set
// column targets: list[str] -- symbols of its genes that the drug targets, sorted
// column genes: list[str] -- symbols of its genes, sorted
// column source: str -- id of the KnowledgeSource
// column edge: str -- stable id of the knowledge edge
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
MATCH (s:GeneSet)-[r:SIGNATURE_OF_RESISTANCE_TO]->(d)
OPTIONAL MATCH (d)-[:TARGETS]->(t:Gene)-[:IN_GENE_SET]->(s)
WITH d, s, r, t.symbol AS target
ORDER BY target
WITH d, s, r, collect(DISTINCT target) AS targets
OPTIONAL MATCH (g:Gene)-[:IN_GENE_SET]->(s)
WITH d, s, r, targets, g.symbol AS gene
ORDER BY gene
WITH d, s, r, targets, collect(DISTINCT gene) AS genes
RETURN d.id AS drug, d.name AS drug_name, s.id AS gene_set, s.name AS name, r.expression AS expression,
       s.n_genes AS n_genes, targets, genes, r.primary_knowledge_source AS source, r.id AS edge
ORDER BY drug, name, gene_set, edge
