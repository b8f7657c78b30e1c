"""Cypher that could write is refused, Cypher that reads is not."""

from __future__ import annotations

import pytest

from pathproof.errors import UsageError
from pathproof.graph_schema.guard import check_read_only
from pathproof.graph_schema.queries import list_queries
from pathproof.graph_schema.store import GraphStore

ATTACKS = {
    "CREATE (n:Gene {id: 'x'})": "CREATE does not begin",
    "create (n)": "create does not begin",
    "MATCH (n) SET n.x = 1": "SET writes",
    "MATCH (n)\nSET n:Gene": "SET writes",
    "MATCH (n) REMOVE n.x": "REMOVE deletes",
    "MATCH (n) DELETE n": "DELETE deletes",
    "MATCH (n) DETACH DELETE n": "DETACH deletes",
    "MATCH (n) NODETACH DELETE n": "NODETACH deletes",
    "MERGE (n:Gene {id: 'x'})": "MERGE does not begin",
    "MATCH (n) MERGE (m:Gene {id: n.id}) RETURN m": "MERGE writes",
    "INSERT (n:Gene)": "INSERT writes|INSERT does not begin",
    "MATCH (n) INSERT (m:Gene)": "INSERT writes",
    "MATCH (n) FOREACH (x IN [1] | SET n.x = x)": "FOREACH writes",
    "LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row": "LOAD does not begin",
    "WITH 1 AS x LOAD CSV FROM 'http://a.b/c' AS row RETURN row": "LOAD reads a file",
    "WITH 1 AS x LOAD /**/ CSV FROM 'http://a.b/c' AS row RETURN row": "LOAD reads a file",
    "CALL db.labels()": "CALL runs a procedure",
    "CALL apoc.cypher.doIt('CREATE (n)', {})": "CALL runs a procedure",
    "MATCH (n) CALL apoc.create.node(['X'], {}) YIELD node RETURN node": "CALL runs a procedure",
    "CALL { CREATE (n) RETURN n } RETURN n": "CREATE writes",
    "MATCH (n) CALL (n) { SET n.x = 1 } RETURN n": "SET writes",
    "CALL (*) { MATCH (n) DELETE n } IN TRANSACTIONS": "DELETE deletes",
    "DROP CONSTRAINT gene_id": "DROP does not begin|DROP deletes",
    "CREATE INDEX x FOR (n:Gene) ON (n.x)": "CREATE",
    "SHOW USERS": "SHOW does not begin",
    "ALTER USER neo4j SET PASSWORD 'abc'": "ALTER does not begin",
    "GRANT ROLE admin TO eve": "GRANT does not begin",
    "START DATABASE neo4j": "START does not begin",
    "TERMINATE TRANSACTIONS 'x'": "TERMINATE does not begin",
    "USE system RETURN 1": "USE does not begin|USE switches",
    "CALL { USE other MATCH (n) RETURN n } RETURN n": "USE switches",
    "MATCH (n) RETURN n; MATCH (n) DELETE n": "second statement",
    "RETURN 1 UNION SHOW DATABASES": "SHOW does not begin",
    "EXPLAIN CREATE (n)": "CREATE does not begin",
    "PROFILE MATCH (n) SET n.x = 1": "SET writes",
    "CYPHER 5 CREATE (n)": "CYPHER does not begin",
    "MATCH (n) /* harmless */ SET /* x */ n.x = 1": "SET writes",
    "MATCH (n) // a comment\nSET n.x = 1": "SET writes",
    "MATCH (n) WHERE n.x = '\\' ' SET n.x = 1 //'": "SET writes",
    'MATCH (n) WHERE n.x = "it\'s" SET n.y = "x"': "SET writes",
    "MATCH (n) WHERE n.x = '/*' SET n.y = '*/'": "SET writes",
    "MATCH (n) WHERE n.`a``//` = 1 SET n.x = 2": "SET writes",
    "MATCH (n) WHERE n.x = '//' SET n.y = 1": "SET writes",
    "MATCH (n) WITH n, 1. SET n.x = 1": "SET writes",
    "MATCH (as) WITH as SET as.x = 1": "SET writes",
    "MATCH (n) WHERE n.x = 1SET n.x = 2": "runs into a word",
    "MATCH (n) WHERE n.x = 0x1DELETE n": "runs into a word",
    "MATCH (n) WHERE n.x = 1.5e3SET n.x = 2": "runs into a word",
    "MATCH (n) WHERE n.x = 0x1 SET n.x = 2": "SET writes",
    "MATCH (n) \\u0053ET n.x = 1": "Unicode escapes",
    "RETURN '\\u0027 CREATE (n) //'": "Unicode escapes",
    "RETURN 1 // it's\r' \nCREATE (n) //'": "control or invisible",
    "MATCH (n) S\u200bET n.x = 1": "control or invisible",
    "MATCH (n) \u017fET n.x = 1": "writes",
    "MATCH (n) RETURN 'open": "not closed",
    "MATCH (n) RETURN n /* open": "not closed",
    "MATCH (n:`open) RETURN n": "not closed",
    "": "empty",
    " ; ": "empty",
    "// only a comment": "empty",
}
HONEST = [
    "RETURN 1",
    "MATCH (n) RETURN n LIMIT 5",
    "match (n:Gene) return n.symbol order by n.symbol;",
    "MATCH (n) RETURN n.set, n.create, n.delete",
    "MATCH (n) WHERE n . set = 1 RETURN n",
    "MATCH (n:Set) RETURN count(n)",
    "MATCH (n:Create|Delete) RETURN n",
    "MATCH (a)-[:DELETE]->(b) RETURN a, b",
    "MATCH (a)-[r:CREATE|SET]->(b) RETURN type(r)",
    "MATCH (a)-[r:`DETACH DELETE`]->(b) RETURN r",
    "RETURN 'CREATE (n) SET n.x = 1' AS text",
    'RETURN "it\'s; DELETE n" AS text',
    "RETURN 'a // b' AS text, 1 AS one",
    "RETURN '/* CREATE */' AS text",
    "MATCH (n) // CREATE nothing\nRETURN n",
    "MATCH (n) /* DELETE; nothing */ RETURN n",
    "MATCH (`set`) RETURN `set`.x",
    "RETURN $set AS x, $create AS y",
    "RETURN {set: 1, delete: 2} AS map",
    "MATCH (n) RETURN n {.set, .name} AS map",
    "OPTIONAL MATCH (n:Gene) RETURN n",
    "WITH 1 AS x RETURN x",
    "UNWIND [1, 2] AS x RETURN x",
    "CALL { MATCH (n) RETURN count(n) AS n } RETURN n",
    "MATCH (g:Gene) CALL (g) { MATCH (g)-->(x) RETURN count(x) AS n } RETURN g.symbol, n",
    "MATCH (g:Gene) CALL { WITH g MATCH (g)-->(x) RETURN count(x) AS n } RETURN n",
    "MATCH (n) WHERE EXISTS { (n)-[:TARGETS]->() } RETURN n",
    "MATCH p = shortestPath((a:Drug {name: 'x'})-[*..4]-(b:Gene)) RETURN p",
    "MATCH (a)-[*1..3]->(b) RETURN a.x, .5 + 1.5e3 + 0.1",
    "RETURN 1 AS x UNION ALL RETURN 2 AS x",
    "EXPLAIN MATCH (n) RETURN n",
    "PROFILE MATCH (n) RETURN n",
    "MATCH (n) WHERE n.name STARTS WITH 'Set' RETURN replace(n.name, 'Set', '') AS offset",
    "MATCH (reset) RETURN reset.created AS created_at",
    "RETURN [x IN range(1, 3) WHERE x > 1 | x * 2] AS xs",
    "RETURN CASE WHEN 1 = 1 THEN 'DROP' ELSE 'MERGE' END AS x",
    "MATCH (start:Gene)-->(end) RETURN start, end, reduce(s = 0, x IN [1, 2] | s + x) AS load",
    "MATCH (n)\r\nRETURN n",
    "MATCH (g:Gene) WHERE g.name = 'µ – É' RETURN g",
]


@pytest.mark.parametrize("cypher", ATTACKS)
def test_what_could_write_is_refused(cypher: str) -> None:
    with pytest.raises(UsageError, match=ATTACKS[cypher]):
        check_read_only(cypher)


@pytest.mark.parametrize("cypher", HONEST)
def test_what_only_reads_is_allowed(cypher: str) -> None:
    assert check_read_only(cypher) is None  # type: ignore[func-returns-value]


def test_the_library_itself_only_reads() -> None:
    queries = list_queries()
    for query in queries:
        check_read_only(query.cypher)
    assert len(queries) >= 14


def test_the_message_says_where() -> None:
    with pytest.raises(UsageError, match=r"DELETE deletes(.|\n)*line 3"):
        check_read_only("MATCH (n)\n// x\nDELETE n")


_RUN = [cypher for cypher in HONEST if "$" not in cypher and not cypher.startswith(("EXPLAIN", "PROFILE"))]


def test_honest_queries_are_queries_and_attacks_change_nothing(both: GraphStore) -> None:
    both.write("CREATE (:Gene {id: 'hgnc:1', name: 'Set'})-[:TARGETS]->(:Drug {id: 'x', name: 'x'})")
    for cypher in _RUN:
        both.user_query(cypher)
    for cypher in ATTACKS:
        with pytest.raises(UsageError):
            both.user_query(cypher)
    assert both.read("MATCH (n) RETURN count(n) AS n") == [{"n": 2}]
