// name: same-class-drugs
// for: pharmacologist
// question: Which drugs share targets with a drug, and how closely?
// param drug: str (drug) -- name, synonym or id of the drug
// param min_jaccard: float [0..1] = 0.25 -- the least Jaccard index of the target sets
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column other: str -- CURIE of the other drug; none that has the name of the first, also as a synonym
// column other_name: str -- its name
// column shared: list[str] -- symbols of the common targets, sorted
// column jaccard: float -- common targets over all targets of both
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
MATCH (d)-[:TARGETS]->(t:Gene)
WITH d, collect(DISTINCT t.id) AS mine
MATCH (d)-[:TARGETS]->(g:Gene)<-[:TARGETS]-(o:Drug)
WHERE toLower(o.name) <> toLower(d.name)
  AND NOT any(one IN coalesce(d.synonyms, []) WHERE toLower(one) = toLower(o.name))
  AND NOT any(one IN coalesce(o.synonyms, []) WHERE toLower(one) = toLower(d.name))
WITH d, mine, o, g.symbol AS gene
ORDER BY gene
WITH d, mine, o, collect(DISTINCT gene) AS shared
MATCH (o)-[:TARGETS]->(t:Gene)
WITH d, o, shared, size(mine) AS n, count(DISTINCT t.id) AS m
WITH d, o, shared, toFloat(size(shared)) / (n + m - size(shared)) AS jaccard
WHERE jaccard >= $min_jaccard
RETURN d.id AS drug, d.name AS drug_name, o.id AS other, o.name AS other_name, shared, jaccard
ORDER BY drug, jaccard DESC, other_name, other
