// name: explanation-subgraph
// for: reviewer
// question: What are the nodes and edges of one explanation and of the evidence on its claims, as rows ready to draw?
// param explanation: str (explanation) -- id of the explanation
// column source: str -- id of the node where the edge starts
// column source_label: str -- its label
// column source_name: str -- what to write beside it
// column relation: str -- type of the edge
// column target: str -- id of the node where the edge ends
// column target_label: str -- its label
// column target_name: str -- what to write beside it
// column weight: float -- signed attribution of a gene in a claim
// column null_share: float -- of a HAS_PATH, 0 to 1: how many genes with about as many signed steps have a path as short
// column position: int -- place of a gene on a path, 0 for the first
// column edge: str -- id of the edge
// column run: str -- id of the validation run whose word a JUDGED, SUPPORTED_BY or CONTRADICTED_BY is
// column supported_by: list[str] -- of a JUDGED: references that hold the claim
// column contradicted_by: list[str] -- of a JUDGED: references that hold it with the opposite sign
// column evidence: list[str] -- ids of the knowledge edges behind that word; each of them is a row too
MATCH (e:Explanation {id: $explanation})-[:EXPLAINS]->(d:Drug)
OPTIONAL MATCH (e)-[:HAS_CLAIM]->()<-[j:JUDGED]-(:ValidationRun)
UNWIND coalesce(j.evidence, []) + [null] AS one
WITH e, d, collect(DISTINCT one) AS named
CALL {
  WITH e
  MATCH (e)-[r:EXPLAINS|OF_MODEL|HAS_CLAIM]->(b)
  RETURN e AS a, r, b
  UNION ALL
  WITH e
  MATCH (e)-[:HAS_CLAIM]->(a)-[r:CLAIMS_GENE|CLAIMS_PATHWAY|HAS_PATH|SUPPORTED_BY|CONTRADICTED_BY]->(b)
  RETURN a, r, b
  UNION ALL
  WITH e
  MATCH (e)-[:HAS_CLAIM]->()-[:HAS_PATH]->(a:MechanismPath)-[r:PASSES]->(b)
  RETURN a, r, b
  UNION ALL
  WITH e
  MATCH (e)-[:HAS_CLAIM]->(b)<-[r:JUDGED]-(a:ValidationRun)
  RETURN a, r, b
  UNION ALL
  WITH d, named
  MATCH (d)-[r:TARGETS]->(b)
  WITH d AS a, r, b, named
  WHERE r.id IN named
  RETURN a, r, b
  UNION ALL
  WITH d, named
  MATCH (d)-[:TARGETS]->(a)-[r:PARTICIPATES_IN|AFFECTS|REGULATES]->(b)
  WHERE r.id IN named
  RETURN a, r, b
  UNION ALL
  WITH e, named
  MATCH (e)-[:HAS_CLAIM]->()-[:CLAIMS_GENE]->(a)
  WITH DISTINCT a, named
  MATCH (a)-[r:PARTICIPATES_IN|AFFECTS|CONFERS_RESISTANCE_TO|CONFERS_SENSITIVITY_TO]->(b)
  WHERE r.id IN named
  RETURN a, r, b
  UNION ALL
  WITH e, named
  MATCH (e)-[:HAS_CLAIM]->()-[:CLAIMS_GENE]->(b)
  WITH DISTINCT b, named
  MATCH (b)<-[r:AFFECTS|REGULATES]-(a)
  WHERE r.id IN named
  RETURN a, r, b
  UNION ALL
  WITH named
  MATCH (a:Pathway)-[r:DESCRIBES_RESISTANCE_TO]->(b)
  WHERE r.id IN named
  RETURN a, r, b
}
RETURN DISTINCT a.id AS source, labels(a)[0] AS source_label,
       coalesce(a.text, a.key, a.drug_name, a.symbol, a.name, a.id) AS source_name, type(r) AS relation,
       b.id AS target, labels(b)[0] AS target_label,
       coalesce(b.symbol, b.text, b.key, b.name) AS target_name, r.weight AS weight, r.null_share AS null_share,
       r.position AS position,
       r.id AS edge, CASE type(r) WHEN 'JUDGED' THEN a.id ELSE r.run END AS run,
       coalesce(r.supported_by, []) AS supported_by, coalesce(r.contradicted_by, []) AS contradicted_by,
       coalesce(r.evidence, r.edges, []) AS evidence
ORDER BY source, relation, position, target, edge
