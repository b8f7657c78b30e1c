// name: same-class-drugs
// for: pharmacologist
// question: Which drugs share targets with a drug, and how closely?
// param drug: str (drug) -- name, synonym or id of the drug
// param min_jaccard: float [0..1] = 0.25 -- the least Jaccard index of the target sets
// column drug: str -- CURIE of the molecule, which is that of the first of its drugs
// column drug_name: str -- name of that drug
// column other: str -- CURIE of the other molecule: the drugs of one molecule count as one, with all their targets
// column other_name: str -- its name
// column shared: list[str] -- symbols of the common targets, sorted
// column jaccard: float -- common targets over all targets of both
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
WITH DISTINCT coalesce(d.molecule, d.id) AS molecule
MATCH (d:Drug)-[:TARGETS]->(g:Gene)
WHERE coalesce(d.molecule, d.id) = molecule
WITH molecule, collect(DISTINCT g.symbol) AS mine
MATCH (o:Drug)-[:TARGETS]->(g:Gene)
WHERE coalesce(o.molecule, o.id) <> molecule
WITH molecule, mine, coalesce(o.molecule, o.id) AS other, g.symbol AS gene
ORDER BY gene
WITH molecule, mine, other, collect(DISTINCT gene) AS theirs
WITH molecule, mine, other, theirs, [gene IN theirs WHERE gene IN mine] AS shared
WITH molecule, other, shared, toFloat(size(shared)) / (size(mine) + size(theirs) - size(shared)) AS jaccard
WHERE size(shared) > 0 AND jaccard >= $min_jaccard
MATCH (d:Drug {id: molecule})
MATCH (o:Drug {id: other})
RETURN d.id AS drug, d.name AS drug_name, o.id AS other, o.name AS other_name, shared, jaccard
ORDER BY drug, jaccard DESC, other_name, other
