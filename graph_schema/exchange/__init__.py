"""The graph in and out of files: GraphML, KGX TSV and the CSV of neo4j-admin import."""
