// name: explanation-subgraph
// for: reviewer
// question: What are the nodes and edges of one explanation, as rows ready to draw?
// param explanation: str (explanation) -- id of the explanation
// column source: str -- id of the node where the edge starts
// column source_label: str -- its label
// column source_name: str -- what to write beside it
// column relation: str -- type of the edge
// column target: str -- id of the node where the edge ends
// column target_label: str -- its label
// column target_name: str -- what to write beside it
// column weight: float -- signed attribution of a gene in a claim
// column position: int -- place of a gene on a path, 0 for the first
MATCH (e:Explanation {id: $explanation})
CALL {
  WITH e
  MATCH (e)-[r:EXPLAINS|OF_MODEL|HAS_CLAIM]->(b)
  RETURN e AS a, r, b
  UNION
  WITH e
  MATCH (e)-[:HAS_CLAIM]->(a)-[r:CLAIMS_GENE|CLAIMS_PATHWAY|HAS_PATH|SUPPORTED_BY|CONTRADICTED_BY]->(b)
  RETURN a, r, b
  UNION
  WITH e
  MATCH (e)-[:HAS_CLAIM]->()-[:HAS_PATH]->(a:MechanismPath)-[r:PASSES]->(b)
  RETURN a, r, b
}
RETURN a.id AS source, labels(a)[0] AS source_label,
       coalesce(a.text, a.key, a.drug_name) AS source_name, type(r) AS relation,
       b.id AS target, labels(b)[0] AS target_label,
       coalesce(b.symbol, b.text, b.key, b.name) AS target_name, r.weight AS weight, r.position AS position
ORDER BY source, relation, position, target
