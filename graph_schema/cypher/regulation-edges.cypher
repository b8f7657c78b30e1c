// name: regulation-edges
// question: Which transcription factor regulates which gene, and with which sign?
// column source: symbol of the acting gene
// column target: symbol of the gene acted upon
// column sign: +1 activates, -1 inhibits
// column edge: stable id of the knowledge edge
MATCH (a:Gene)-[r:REGULATES]->(b:Gene)
RETURN a.symbol AS source, b.symbol AS target, r.sign AS sign, r.id AS edge
ORDER BY source, target, edge
