// name: signed-paths
// for: biologist
// question: By which shortest chains of at most three steps does a target of a drug act on a gene?
// param drug: str (drug) -- name, synonym or id of the drug
// param gene: str (gene) -- approved symbol or id of the gene
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column target: str -- symbol of the drug's target
// column gene: str -- symbol of the gene
// column steps: int -- relationships passed, 1 to 3; 0 where the gene is itself a target
// column sign: int -- product of the steps' signs: +1 the target raises the gene's activity, -1 it lowers it
// column genes: list[str] -- symbols on the way, target first
// column signs: list[int] -- sign of each step
// column edges: list[str] -- ids of the knowledge edges, in order; of several that say the same of a step one
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
MATCH (g:Gene)
WHERE g.symbol = $gene OR g.id = $gene
CALL {
  WITH d, g
  MATCH (d)-[:TARGETS]->(t:Gene)
  WHERE t.id = g.id
  RETURN t, [t.symbol] AS genes, [] AS signs, [] AS way
  UNION ALL
  WITH d, g
  MATCH (d)-[:TARGETS]->(t:Gene)
  WHERE t.id <> g.id
  MATCH found = allShortestPaths((t)-[:AFFECTS|REGULATES*..3]->(g))
  RETURN t, [one IN nodes(found) | one.symbol] AS genes, [one IN relationships(found) | one.sign] AS signs,
         [one IN relationships(found) | one.id] AS way
}
WITH d, t, g, genes, signs, way
ORDER BY way
WITH d, t, g, genes, signs, collect(way)[0] AS edges
RETURN d.id AS drug, d.name AS drug_name, t.symbol AS target, g.symbol AS gene, size(signs) AS steps,
       reduce(product = 1, one IN signs | product * one) AS sign, genes, signs, edges
ORDER BY drug, steps, target, genes, signs, edges
