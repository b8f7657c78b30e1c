// name: pathway-hierarchy
// question: Which pathway is a part of which wider one?
// column child: CURIE of the narrower pathway
// column parent: CURIE of the wider pathway
MATCH (child:Pathway)-[:PART_OF]->(parent:Pathway)
RETURN child.id AS child, parent.id AS parent
ORDER BY child, parent
