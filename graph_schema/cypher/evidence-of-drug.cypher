// name: evidence-of-drug
// for: biologist
// question: Which alterations are known to predict the response to a drug?
// param drug: str (drug) -- name, synonym or id of the drug
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
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
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
MATCH (d)<-[:ABOUT_DRUG]-(i:EvidenceItem)
OPTIONAL MATCH (i)-[:ABOUT_GENE]->(a:Gene)
WITH d, i, a.symbol AS altered
ORDER BY altered
WITH d, i, collect(DISTINCT altered) AS genes
OPTIONAL MATCH (i)-[:ABOUT_DRUG]->(t:Drug)
WITH d, i, genes, t.name AS therapy
ORDER BY therapy
WITH d, i, genes, collect(DISTINCT therapy) AS drugs
OPTIONAL MATCH (i)-[:CITES]->(p:Publication)
WITH d, i, genes, drugs, p.id AS publication
ORDER BY publication
WITH d, i, genes, drugs, collect(DISTINCT publication) AS publications
RETURN d.id AS drug, d.name AS drug_name, genes, drugs,
       i.name AS item, i.direction AS direction, i.supports AS supports, i.evidence_level AS level, i.rating AS rating,
       i.molecular_profile AS profile, i.disease AS disease, i.combination AS combination, i.citation AS citation,
       publications
ORDER BY drug, supports DESC, level, direction, item
