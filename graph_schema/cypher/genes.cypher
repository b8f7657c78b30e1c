// name: genes
// for: program
// question: Which genes does the graph hold?
// column id: str -- CURIE of the gene
// column symbol: str -- approved symbol
MATCH (g:Gene)
RETURN g.id AS id, g.symbol AS symbol
ORDER BY id
