// name: disputed-evidence
// for: reviewer
// question: For which genes and drugs does the evidence point both ways, for one alteration or for different ones?
// param same_profile: bool = false -- only where one alteration stands on both sides
// param level: str {A, B, C, D, E} = "E" -- the weakest level that counts: A (validated) to E (inferential)
// param combinations: bool = false -- whether evidence about a combination of therapies counts, for each of them
// column drug_name: str -- name of the drug, of the first of its molecule
// column drug_ids: list[str] -- CURIEs of all drugs of the molecule, sorted
// column gene: str -- symbol
// column resistance: int -- number of items that say resistance
// column sensitivity: int -- number of items that say sensitivity
// column resistance_profiles: list[str] -- alterations of the items that say resistance, sorted
// column sensitivity_profiles: list[str] -- alterations of the items that say sensitivity, sorted
MATCH (g:Gene)-[r:CONFERS_RESISTANCE_TO]->(d:Drug)
WHERE r.evidence_level <= $level AND ($combinations OR NOT r.combination)
WITH g, coalesce(d.molecule, d.id) AS molecule, r.evidence_item AS item, r.molecular_profile AS profile
ORDER BY profile
WITH g, molecule, collect(DISTINCT item) AS against, collect(DISTINCT profile) AS resistance_profiles
MATCH (g)-[s:CONFERS_SENSITIVITY_TO]->(d:Drug)
WHERE coalesce(d.molecule, d.id) = molecule AND s.evidence_level <= $level AND ($combinations OR NOT s.combination)
WITH g, molecule, against, resistance_profiles, s.evidence_item AS item, s.molecular_profile AS profile
ORDER BY profile
WITH g, molecule, against, resistance_profiles, collect(DISTINCT item) AS in_favour,
     collect(DISTINCT profile) AS sensitivity_profiles
WHERE NOT $same_profile OR any(profile IN resistance_profiles WHERE profile IN sensitivity_profiles)
MATCH (d:Drug)
WHERE coalesce(d.molecule, d.id) = molecule
WITH g, molecule, against, resistance_profiles, in_favour, sensitivity_profiles, d.id AS id
ORDER BY id
WITH g, molecule, against, resistance_profiles, in_favour, sensitivity_profiles, collect(id) AS drug_ids
MATCH (first:Drug {id: molecule})
RETURN first.name AS drug_name, drug_ids, g.symbol AS gene, size(against) AS resistance,
       size(in_favour) AS sensitivity, resistance_profiles, sensitivity_profiles
ORDER BY size(against) + size(in_favour) DESC, drug_name, gene
