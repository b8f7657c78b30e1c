// name: drugs-of-target
// for: pharmacologist
// question: Which drugs target a gene, and what do they do to it?
// param gene: str (gene) -- approved symbol or id of the gene
// column gene: str -- symbol of the target
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column actions: list[str] -- what the drug does to it; empty where no source says
// column actions_source: str -- id of the KnowledgeSource that gives the actions
// column mechanisms: list[str] -- what the drug does, of any of its targets, as PRISM's annotation gives it
// column other_targets: int -- number of further targets of the drug
// column screened: bool -- the graph holds responses of cell lines to the drug
// column source: str -- id of the KnowledgeSource
MATCH (g:Gene)
WHERE g.symbol = $gene OR g.id = $gene
MATCH (d:Drug)-[r:TARGETS]->(g)
MATCH (d)-[:TARGETS]->(t:Gene)
WITH g, d, r, count(DISTINCT t.id) - 1 AS other_targets
RETURN g.symbol AS gene, d.id AS drug, d.name AS drug_name, coalesce(r.actions, []) AS actions,
       r.actions_source AS actions_source, coalesce(d.mechanisms, []) AS mechanisms, other_targets,
       EXISTS { MATCH (d)<-[:RESPONDS_TO]-(:CellLine) } AS screened, r.primary_knowledge_source AS source
ORDER BY gene, drug_name, drug, source
