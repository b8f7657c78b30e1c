// name: disputed-evidence
// for: reviewer
// question: For which genes and drugs does the evidence point both ways?
// param level: str {A, B, C, D, E} = "E" -- the weakest level that counts: A (validated) to E (inferential)
// param combinations: bool = false -- whether evidence about a combination of therapies counts, for each of them
// column drug_name: str -- name of the drug
// column drug_ids: list[str] -- CURIEs of all drugs of this name, sorted; upper and lower case are the same
// column gene: str -- symbol
// column resistance: int -- number of items that say resistance
// column sensitivity: int -- number of items that say sensitivity
// column resistance_profiles: list[str] -- alterations of the items that say resistance, sorted
// column sensitivity_profiles: list[str] -- alterations of the items that say sensitivity, sorted
MATCH (g:Gene)-[r:CONFERS_RESISTANCE_TO]->(d:Drug)
WHERE r.evidence_level <= $level AND ($combinations OR NOT r.combination)
WITH g, toLower(d.name) AS named, r.evidence_item AS item, r.molecular_profile AS profile
ORDER BY profile
WITH g, named, collect(DISTINCT item) AS against, collect(DISTINCT profile) AS resistance_profiles
MATCH (g)-[s:CONFERS_SENSITIVITY_TO]->(d:Drug)
WHERE toLower(d.name) = named AND s.evidence_level <= $level AND ($combinations OR NOT s.combination)
WITH g, named, against, resistance_profiles, s.evidence_item AS item, s.molecular_profile AS profile
ORDER BY profile
WITH g, named, against, resistance_profiles, collect(DISTINCT item) AS in_favour,
     collect(DISTINCT profile) AS sensitivity_profiles
MATCH (d:Drug)
WHERE toLower(d.name) = named
WITH g, against, resistance_profiles, in_favour, sensitivity_profiles, named, d.id AS id, d.name AS name
ORDER BY id
WITH g, against, resistance_profiles, in_favour, sensitivity_profiles, named, collect(id) AS drug_ids,
     collect(name) AS names
RETURN names[0] AS drug_name, drug_ids, g.symbol AS gene, size(against) AS resistance, size(in_favour) AS sensitivity,
       resistance_profiles, sensitivity_profiles
ORDER BY size(against) + size(in_favour) DESC, drug_name, gene
