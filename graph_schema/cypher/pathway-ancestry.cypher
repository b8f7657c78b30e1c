// name: pathway-ancestry
// for: biologist
// question: Of which wider pathways is a pathway a part?
// param pathway: str (pathway) -- name or id of the pathway
// column pathway: str -- CURIE of the pathway
// column wider: str -- CURIE of the wider pathway
// column name: str -- name of the wider pathway
// column n_genes: int -- its members; 0 for a pathway without a gene set
// column steps: int -- fewest steps up the hierarchy
MATCH (p:Pathway)
WHERE p.name = $pathway OR p.id = $pathway
MATCH way = (p)-[:PART_OF*1..12]->(w:Pathway)
RETURN p.id AS pathway, w.id AS wider, w.name AS name, w.n_genes AS n_genes, min(length(way)) AS steps
ORDER BY pathway, steps, wider
