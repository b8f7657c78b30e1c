// name: validation-runs
// for: reviewer
// question: Which validation runs does the graph hold, and what did they find?
// column run: str -- id of the validation run
// column status: str -- the verdict: PASS, FAIL or INCONCLUSIVE
// column judged: int -- number of claims that it judged and that are still there
// column supported: int -- of them, claims that a reference holds
// column contradicted: int -- of them, claims that a reference holds with the opposite sign
// column report_sha256: str -- hash of report.json without its run block
MATCH (v:ValidationRun)
OPTIONAL MATCH (v)-[j:JUDGED]->()
WITH v, count(j) AS judged, count(CASE WHEN size(j.supported_by) > 0 THEN 1 END) AS supported,
     count(CASE WHEN size(j.contradicted_by) > 0 THEN 1 END) AS contradicted
RETURN v.id AS run, v.status AS status, judged, supported, contradicted, v.report_sha256 AS report_sha256
ORDER BY run
