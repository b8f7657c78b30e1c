// name: genes
// question: Which genes does the graph hold?
// column id: CURIE of the gene
// column symbol: approved symbol
MATCH (g:Gene)
RETURN g.id AS id, g.symbol AS symbol
ORDER BY id
