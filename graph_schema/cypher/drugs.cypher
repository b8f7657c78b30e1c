// name: drugs
// for: program
// question: Which drugs does the graph hold, and what do they target?
// column id: str -- CURIE of the drug
// column name: str -- name as the source writes it
// column synonyms: list[str] -- other names
// column target_pathway: str -- target pathway class
// column pubchem: str -- PubChem compound id
// column chembl: str -- ChEMBL id
// column targets: list[str] -- symbols of the direct targets, sorted
// column provided_by: str -- id of the KnowledgeSource that names it
MATCH (d:Drug)
OPTIONAL MATCH (d)-[:TARGETS]->(g:Gene)
WITH d, g.symbol AS target
ORDER BY target
WITH d, collect(DISTINCT target) AS targets
RETURN d.id AS id, d.name AS name, coalesce(d.synonyms, []) AS synonyms, d.target_pathway AS target_pathway,
       d.pubchem AS pubchem, d.chembl AS chembl, targets,
       d.provided_by AS provided_by
ORDER BY id
