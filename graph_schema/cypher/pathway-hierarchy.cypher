// name: pathway-hierarchy
// for: program
// question: Which pathway is a part of which wider one?
// column child: str -- CURIE of the narrower pathway
// column parent: str -- CURIE of the wider pathway
MATCH (child:Pathway)-[:PART_OF]->(parent:Pathway)
RETURN child.id AS child, parent.id AS parent
ORDER BY child, parent
