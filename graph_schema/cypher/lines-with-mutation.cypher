// name: lines-with-mutation
// for: biologist
// question: Which cell lines carry driver mutations of all these genes?
// param genes: list[str] (gene) -- approved symbols or ids, as BRAF,PTEN
// column line: str -- CURIE of the cell line
// column line_name: str -- its name
// column tissue: str -- tissue of origin
// column cancer_type: str -- cancer type
// column mutations: list[str] -- symbols of all genes with a driver mutation, sorted
MATCH (g:Gene)
WHERE g.symbol IN $genes OR g.id IN $genes
WITH collect(g.id) AS ids, collect(g.symbol) AS symbols
WHERE all(one IN $genes WHERE one IN ids OR one IN symbols)
MATCH (l:CellLine)-[:HAS_MUTATION_IN]->(g:Gene)
WHERE g.id IN ids
WITH l, ids, count(DISTINCT g.id) AS found
WHERE found = size(ids)
MATCH (l)-[:HAS_MUTATION_IN]->(o:Gene)
WITH l, o.symbol AS gene
ORDER BY gene
WITH l, collect(DISTINCT gene) AS mutations
RETURN l.id AS line, l.name AS line_name, l.tissue AS tissue, l.cancer_type AS cancer_type, mutations
ORDER BY tissue, line_name, line
