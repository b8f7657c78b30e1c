// name: genes-of-pathway
// for: biologist
// question: Which genes are in a pathway, and which drugs target them?
// param pathway: str (pathway) -- name or id of the pathway
// column pathway: str -- CURIE of the pathway
// column name: str -- name of the pathway
// column gene: str -- symbol of a member
// column drugs: list[str] -- names of the drugs that target it, sorted
MATCH (p:Pathway)
WHERE p.name = $pathway OR p.id = $pathway
MATCH (g:Gene)-[:PARTICIPATES_IN]->(p)
OPTIONAL MATCH (d:Drug)-[:TARGETS]->(g)
WITH p, g, d.name AS name
ORDER BY name
WITH p, g, collect(DISTINCT name) AS drugs
RETURN p.id AS pathway, p.name AS name, g.symbol AS gene, drugs
ORDER BY pathway, gene
