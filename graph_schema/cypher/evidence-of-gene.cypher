// name: evidence-of-gene
// for: biologist
// question: Which drugs are known to work or to fail when a gene is altered?
// param gene: str (gene) -- approved symbol or id of the gene
// column gene: str -- symbol
// column genes: list[str] -- symbols of the altered genes, sorted
// column drugs: list[str] -- names of the therapies, sorted
// column item: str -- name of the evidence item
// column direction: str -- what the alteration is said to confer: resistance or sensitivity
// column supports: bool -- false: the item says that this was found not to hold
// column level: str -- A (validated) to E (inferential)
// column rating: int -- trust rating of the source, 1 to 5
// column profile: str -- the alteration, as the source writes it
// column disease: str -- disease, as the source writes it
// column combination: bool -- about a combination of therapies
// column citation: str -- author and year
// column publications: list[str] -- CURIEs, sorted
MATCH (g:Gene)
WHERE g.symbol = $gene OR g.id = $gene
MATCH (g)<-[:ABOUT_GENE]-(i:EvidenceItem)
OPTIONAL MATCH (i)-[:ABOUT_GENE]->(a:Gene)
WITH g, i, a.symbol AS altered
ORDER BY altered
WITH g, i, collect(DISTINCT altered) AS genes
OPTIONAL MATCH (i)-[:ABOUT_DRUG]->(t:Drug)
WITH g, i, genes, t.name AS therapy
ORDER BY therapy
WITH g, i, genes, collect(DISTINCT therapy) AS drugs
OPTIONAL MATCH (i)-[:CITES]->(p:Publication)
WITH g, i, genes, drugs, p.id AS publication
ORDER BY publication
WITH g, i, genes, drugs, collect(DISTINCT publication) AS publications
RETURN g.symbol AS gene, genes, drugs,
       i.name AS item, i.direction AS direction, i.supports AS supports, i.evidence_level AS level, i.rating AS rating,
       i.molecular_profile AS profile, i.disease AS disease, i.combination AS combination, i.citation AS citation,
       publications
ORDER BY gene, supports DESC, level, direction, item
