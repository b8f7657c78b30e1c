// name: drugs-sharing-module
// for: pharmacologist
// question: Which drugs have modules with genes in common?
// param min_shared: int [1..1000] = 2 -- the least number of common genes
// param explainer: str (explainer) = "pathproof" -- whose explanations
// column drug: str -- CURIE of one drug
// column drug_name: str -- its name
// column other: str -- CURIE of the other drug
// column other_name: str -- its name
// column shared: int -- number of common genes
// column genes: list[str] -- their symbols, sorted
// column module: str -- id of the one module
// column other_module: str -- id of the other module
MATCH (d:Drug)<-[:EXPLAINS]-(:Explanation {explainer: $explainer})-[:HAS_CLAIM]->(m:ModuleClaim)
MATCH (m)-[:CLAIMS_GENE]->(g:Gene)
MATCH (g)<-[:CLAIMS_GENE]-(n:ModuleClaim)<-[:HAS_CLAIM]-(:Explanation {explainer: $explainer})-[:EXPLAINS]->(o:Drug)
WHERE d.id < o.id
WITH DISTINCT d, o, m, n, g.symbol AS gene
ORDER BY gene
WITH d, o, m, n, collect(gene) AS genes
WHERE size(genes) >= $min_shared
RETURN d.id AS drug, d.name AS drug_name, o.id AS other, o.name AS other_name, size(genes) AS shared, genes,
       m.id AS module, n.id AS other_module
ORDER BY shared DESC, drug, other, module, other_module
