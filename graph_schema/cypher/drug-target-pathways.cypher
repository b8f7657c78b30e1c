// name: drug-target-pathways
// for: pharmacologist
// question: In which pathways do the targets of a drug act, and which describe resistance to it?
// param drug: str (drug) -- name, synonym or id of the drug
// param max_genes: int [1..100000] = 200 -- pathways with more members are left out
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column pathway: str -- CURIE of the pathway
// column name: str -- name of the pathway
// column n_genes: int -- members of the pathway; 0 for one without a gene set
// column genes: list[str] -- symbols of the drug's targets in it, and of the gene whose mutants resist it, sorted
// column describes_resistance: bool -- the pathway is a curated one about resistance to this drug
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
CALL {
  WITH d
  MATCH (d)-[:TARGETS]->(t:Gene)-[:PARTICIPATES_IN]->(p:Pathway)
  WHERE p.n_genes <= $max_genes
  RETURN p, t.id AS involved, 0 AS about
  UNION ALL
  WITH d
  MATCH (p:Pathway)-[r:DESCRIBES_RESISTANCE_TO]->(d)
  RETURN p, r.gene AS involved, 1 AS about
}
MATCH (g:Gene {id: involved})
WITH d, p, about, g.symbol AS gene
ORDER BY gene
WITH d, p, max(about) AS about, collect(DISTINCT gene) AS genes
RETURN d.id AS drug, d.name AS drug_name, p.id AS pathway, p.name AS name, p.n_genes AS n_genes, genes,
       about = 1 AS describes_resistance
ORDER BY drug, describes_resistance DESC, n_genes, pathway
