// name: evidence-in-disease
// for: biologist
// question: What is known of drug response in a disease?
// param disease: str (disease) -- name or id of the disease
// param level: str {A, B, C, D, E} = "B" -- the weakest level that is shown: A (validated) to E (inferential)
// column disease_id: str -- CURIE of the disease
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
MATCH (s:Disease)
WHERE s.name = $disease OR s.id = $disease
MATCH (s)<-[:ABOUT_DISEASE]-(i:EvidenceItem)
WHERE i.evidence_level <= $level
OPTIONAL MATCH (i)-[:ABOUT_GENE]->(a:Gene)
WITH s, i, a.symbol AS altered
ORDER BY altered
WITH s, i, collect(DISTINCT altered) AS genes
OPTIONAL MATCH (i)-[:ABOUT_DRUG]->(t:Drug)
WITH s, i, genes, t.name AS therapy
ORDER BY therapy
WITH s, i, genes, collect(DISTINCT therapy) AS drugs
OPTIONAL MATCH (i)-[:CITES]->(p:Publication)
WITH s, i, genes, drugs, p.id AS publication
ORDER BY publication
WITH s, i, genes, drugs, collect(DISTINCT publication) AS publications
RETURN s.id AS disease_id, genes, drugs,
       i.name AS item, i.direction AS direction, i.supports AS supports, i.evidence_level AS level, i.rating AS rating,
       i.molecular_profile AS profile, i.disease AS disease, i.combination AS combination, i.citation AS citation,
       publications
ORDER BY disease_id, supports DESC, level, direction, item
