// name: knowledge-sources
// for: reviewer
// question: From where does the knowledge come, in which release and under which licence?
// column source: str -- id of the KnowledgeSource
// column name: str -- its name
// column release: str -- release
// column licence: str -- licence
// column sha256: str -- hash of the file that was read
MATCH (s:KnowledgeSource)
RETURN s.id AS source, s.name AS name, s.release AS release, s.licence AS licence, s.sha256 AS sha256
ORDER BY source
