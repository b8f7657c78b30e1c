// name: evidence-item
// for: reviewer
// question: What does one evidence item say, about what, and on whose word?
// param item: str (evidence_item) -- name or id, as EID1409 or civic.eid:1409
// column id: str -- CURIE of the item
// column item: str -- name of the evidence item
// column direction: str -- what the alteration is said to confer: resistance or sensitivity
// column supports: bool -- false: the item says that this was found not to hold
// column level: str -- A (validated) to E (inferential)
// column rating: int -- trust rating of the source, 1 to 5
// column profile: str -- the alteration, as the source writes it
// column disease: str -- disease, as the source writes it
// column combination: bool -- about a combination of therapies
// column citation: str -- author and year
// column significance: str -- as the source writes it
// column statement: str -- the statement in the source's words
// column url: str -- page of the item at the source
// column genes: list[str] -- symbols of the altered genes, sorted
// column drugs: list[str] -- names of the therapies, sorted
// column diseases: list[str] -- CURIEs of the diseases, sorted
// column publications: list[str] -- CURIEs, sorted
// column release: str -- release of the source
// column licence: str -- licence of the source
MATCH (i:EvidenceItem)
WHERE i.name = $item OR i.id = $item
OPTIONAL MATCH (i)-[:ABOUT_GENE]->(a:Gene)
WITH i, a.symbol AS altered
ORDER BY altered
WITH i, collect(DISTINCT altered) AS genes
OPTIONAL MATCH (i)-[:ABOUT_DRUG]->(t:Drug)
WITH i, genes, t.name AS therapy
ORDER BY therapy
WITH i, genes, collect(DISTINCT therapy) AS drugs
OPTIONAL MATCH (i)-[:ABOUT_DISEASE]->(s:Disease)
WITH i, genes, drugs, s.id AS found_in
ORDER BY found_in
WITH i, genes, drugs, collect(DISTINCT found_in) AS diseases
OPTIONAL MATCH (i)-[:CITES]->(p:Publication)
WITH i, genes, drugs, diseases, p.id AS publication
ORDER BY publication
WITH i, genes, drugs, diseases, collect(DISTINCT publication) AS publications
RETURN i.id AS id,
       i.name AS item, i.direction AS direction, i.supports AS supports, i.evidence_level AS level, i.rating AS rating,
       i.molecular_profile AS profile, i.disease AS disease, i.combination AS combination, i.citation AS citation,
       i.significance AS significance, i.statement AS statement, i.url AS url, genes, drugs, diseases, publications,
       i.dataset_version AS release, i.licence AS licence
ORDER BY id
