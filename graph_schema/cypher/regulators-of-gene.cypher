// name: regulators-of-gene
// for: biologist
// question: Which transcription factors regulate a gene, and with which sign?
// param gene: str (gene) -- approved symbol or id of the gene
// column gene: str -- symbol
// column regulator: str -- symbol of the transcription factor
// column sign: int -- +1 activates, -1 inhibits
// column targeted_by: list[str] -- names of the drugs that target the factor, sorted
// column publications: list[str] -- CURIEs
// column source: str -- id of the KnowledgeSource
// column edge: str -- stable id of the knowledge edge
MATCH (g:Gene)
WHERE g.symbol = $gene OR g.id = $gene
MATCH (t:Gene)-[r:REGULATES]->(g)
OPTIONAL MATCH (d:Drug)-[:TARGETS]->(t)
WITH g, t, r, d.name AS name
ORDER BY name
WITH g, t, r, collect(DISTINCT name) AS targeted_by
RETURN g.symbol AS gene, t.symbol AS regulator, r.sign AS sign, targeted_by,
       coalesce(r.publications, []) AS publications, r.primary_knowledge_source AS source, r.id AS edge
ORDER BY gene, regulator, sign, edge
