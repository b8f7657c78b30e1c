// name: neighbours-of-gene
// for: biologist
// question: What acts on a gene, and on what does it act?
// param gene: str (gene) -- approved symbol or id of the gene
// column gene: str -- symbol of the gene that was asked about
// column arrow: str -- out: the gene acts on the other; in: the other acts on it
// column other: str -- symbol of the other gene
// column relation: str -- AFFECTS (proteins) or REGULATES (transcription)
// column sign: int -- +1 activates, -1 inhibits
// column publications: int -- number of publications; 0 where the source's file names none (OmniPath's, CollecTRI's)
// column source: str -- id of the KnowledgeSource
// column edge: str -- stable id of the knowledge edge
MATCH (g:Gene)
WHERE g.symbol = $gene OR g.id = $gene
CALL {
  WITH g
  MATCH (g)-[r:AFFECTS|REGULATES]->(o:Gene)
  RETURN r, o, 'out' AS arrow
  UNION ALL
  WITH g
  MATCH (g)<-[r:AFFECTS|REGULATES]-(o:Gene)
  RETURN r, o, 'in' AS arrow
}
RETURN g.symbol AS gene, arrow, o.symbol AS other, type(r) AS relation, r.sign AS sign,
       size(coalesce(r.publications, [])) AS publications, r.primary_knowledge_source AS source, r.id AS edge
ORDER BY gene, arrow, other, relation, sign, edge
