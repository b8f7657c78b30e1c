"""A graph to files and into another store: nothing is lost, nothing else is touched, a killed import goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import query_world as world
from small_graph import small_tables, write_workspace

from pathproof.errors import DataError, PathproofError, StoreError, UsageError
from pathproof.graph_schema import writer
from pathproof.graph_schema.exchange.export import export_graph
from pathproof.graph_schema.exchange.formats import FORMATS
from pathproof.graph_schema.exchange.imports import import_graph
from pathproof.graph_schema.fingerprint import fingerprint
from pathproof.graph_schema.records import Explanation, ModelRecord
from pathproof.graph_schema.store import GraphStore, open_store

EMPTY = "MATCH (n) DETACH DELETE n"


@pytest.fixture(scope="module")
def source(embedded_store: GraphStore, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The world of the queries in the embedded store, exported in every format, with its fingerprint."""
    world.fill(embedded_store, tmp_path_factory.mktemp("workspace"))
    folder = tmp_path_factory.mktemp("exported")
    made: dict[str, Any] = {"counts": embedded_store.counts(), "fingerprint": fingerprint(embedded_store)}
    for form in FORMATS:
        for what in ("all", "knowledge", "explanations"):
            made[form, what] = folder / f"{form}-{what}"
            export_graph(embedded_store, form, made[form, what], what)
    return made


def contents(path: Path) -> dict[str, bytes]:
    """Bytes of a file, or of each file of a folder."""
    return {one.name: one.read_bytes() for one in path.iterdir()} if path.is_dir() else {"": path.read_bytes()}


@pytest.mark.parametrize("form", FORMATS)
def test_a_whole_graph_comes_back(source: dict[str, Any], both: GraphStore, form: str, tmp_path: Path) -> None:
    """Into either server: same counts, same fingerprint, and exported again the same bytes; again, nothing is new."""
    new = import_graph(both, form, source[form, "all"])
    assert both.counts() == source["counts"]
    assert fingerprint(both) == source["fingerprint"]
    assert sum(new["edges"].values()) == sum(source["counts"]["edges"].values())
    export_graph(both, form, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(source[form, "all"])
    again = import_graph(both, form, source[form, "all"])
    assert {n for part in again.values() for n in part.values()} == {0}
    assert fingerprint(both) == source["fingerprint"]


@pytest.mark.parametrize("form", FORMATS)
def test_knowledge_and_explanations_come_apart_and_together(
    source: dict[str, Any], both: GraphStore, form: str
) -> None:
    with pytest.raises(StoreError, match=r"holds none yet(?s:.*)load the knowledge first"):
        import_graph(both, form, source[form, "explanations"])
    import_graph(both, form, source[form, "knowledge"])
    assert both.counts()["nodes"]["Explanation"] == 0
    import_graph(both, form, source[form, "explanations"])
    assert both.counts() == source["counts"]
    assert fingerprint(both) == source["fingerprint"]


def test_a_load_sees_what_was_imported(source: dict[str, Any], both: GraphStore, tmp_path: Path) -> None:
    """The marker comes along: the same knowledge is not loaded twice, explanations are whole."""
    import_graph(both, "kgx", source["kgx", "all"])
    assert both.load_knowledge(write_workspace(tmp_path, world.tables(), "queries")) is False
    assert len(both.read_explanations()) == source["counts"]["nodes"]["Explanation"]
    kept = fingerprint(both)
    model = ModelRecord(id="model:m1", name="ridge", universe=("BRAF", "EGFR"), sources=("gdsc", "omnipath"))
    both.write_explanations(model, world.explanations())
    assert fingerprint(both) == kept


class _Killed(Exception):
    pass


def dying(store: GraphStore, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a store end at its write number `after`, as a kill would: nothing of it or after it happens."""
    write, left = store.write, [after]

    def once(cypher: str, params: Any = None) -> None:
        if not left[0]:
            raise _Killed
        left[0] -= 1
        write(cypher, params)

    monkeypatch.setattr(store, "write", once)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.999])
def test_a_killed_import_goes_on(
    source: dict[str, Any], both: GraphStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    """Until it does, loads, exports and other imports refuse the graph."""
    both.apply_schema()
    writes = _writes(both, lambda: import_graph(both, "graphml", source["graphml", "all"]), monkeypatch)
    both.write(EMPTY)
    with monkeypatch.context() as patch:
        dying(both, int(writes * share), patch)
        with pytest.raises(_Killed):
            import_graph(both, "graphml", source["graphml", "all"])
    if both.read("MATCH (d:Dataset) RETURN d.complete AS complete") == [{"complete": False}]:
        with pytest.raises(StoreError, match=r"import into this graph was interrupted(?s:.*)again"):
            both.load_knowledge(write_workspace(tmp_path / "w", world.tables(), "queries"))
        with pytest.raises(StoreError, match=r"not completely loaded(?s:.*)the interrupted `pathproof store import`"):
            export_graph(both, "kgx", tmp_path / "out")
        with pytest.raises(StoreError, match=r"import into this graph was interrupted(?s:.*)with the same file"):
            import_graph(both, "kgx", source["kgx", "all"])
    else:
        assert share < 0.5
    import_graph(both, "graphml", source["graphml", "all"])
    assert fingerprint(both) == source["fingerprint"]


def _writes(store: GraphStore, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> int:
    n = 0
    write = store.write

    def counted(cypher: str, params: Any = None) -> None:
        nonlocal n
        n += 1
        write(cypher, params)

    with monkeypatch.context() as patch:
        patch.setattr(store, "write", counted)
        act()
    return n


def test_what_differs_is_refused_whole(source: dict[str, Any], both: GraphStore) -> None:
    """Same id and other properties: all are listed and nothing is written."""
    import_graph(both, "kgx", source["kgx", "knowledge"])
    both.write("MATCH (g:Gene {symbol: 'BRAF'}) SET g.entrez = '1'")
    both.write("MATCH ()-[r:PART_OF]->() SET r.licence = 'other'")
    before = fingerprint(both)
    with pytest.raises(DataError) as told:
        import_graph(both, "kgx", source["kgx", "all"])
    assert "Gene: not the same in file and graph: 1 (e.g. hgnc:1097 in nodes.tsv, line" in str(told.value)
    assert "PART_OF: not the same in file and graph: 1" in str(told.value)
    assert "nothing was written" in str(told.value)
    assert fingerprint(both) == before


def test_an_edited_file_is_refused_whole(source: dict[str, Any], both: GraphStore, tmp_path: Path) -> None:
    """Invented predicates, sources and references and emptied names: all are told, with their lines."""
    folder = tmp_path / "edited"
    shutil.copytree(source["kgx", "all"], folder)
    set_cell(folder / "edges.tsv", "predicate", "biolink:NONSENSE", pathproof_type="AFFECTS")
    set_cell(folder / "edges.tsv", "primary_knowledge_source", "source:i_made_it_up", pathproof_type="PART_OF")
    set_cell(folder / "edges.tsv", "evidence_item", "civic.eid:DOES_NOT_EXIST", pathproof_type="CONFERS_RESISTANCE_TO")
    set_cell(folder / "nodes.tsv", "symbol", "", symbol="BRAF")
    set_cell(folder / "nodes.tsv", "symbol", "\\e", symbol="EGFR")
    with pytest.raises(DataError) as told:
        import_graph(both, "kgx", folder)
    for part in (
        ".predicate: not biolink:affects: 1 (e.g. 'biolink:NONSENSE' in edges.tsv, line ",
        "no KnowledgeSource that is there: 1 (e.g. source:i_made_it_up in edges.tsv, line ",
        ".evidence_item: no EvidenceItem that is there: 1 (e.g. 'civic.eid:DOES_NOT_EXIST' in edges.tsv, line ",
        "Gene.symbol: required and missing: 2 (e.g. hgnc:1097 in nodes.tsv, line ",
    ):
        assert part in str(told.value)
    assert both.read("MATCH (n) RETURN count(n) AS n") == [{"n": 0}]


def set_cell(path: Path, column: str, value: str, **of: str) -> None:
    """Put a value into the first row of a KGX file that has these cells."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n")]
    at = {name: i for i, name in enumerate(rows[0])}
    row = next(row for row in rows[1:] if all(row[at[name]] == cell for name, cell in of.items()))
    row[at[column]] = value
    path.write_text("\n".join("\t".join(row) for row in rows), encoding="utf-8", newline="")


def test_knowledge_is_not_smuggled_in_with_explanations(
    source: dict[str, Any], both: GraphStore, tmp_path: Path
) -> None:
    import_graph(both, "kgx", source["kgx", "knowledge"])
    folder = tmp_path / "edited"
    shutil.copytree(source["kgx", "explanations"], folder)
    header, *rows = (folder / "nodes.tsv").read_text(encoding="utf-8").splitlines()
    label = header.split("\t").index("pathproof_label")
    genes = [row.split("\t")[0] for row in rows if row.split("\t")[label] == "Gene"]
    theirs = (source["kgx", "knowledge"] / "edges.tsv").read_text(encoding="utf-8").splitlines()
    line = next(row for row in theirs if "\tAFFECTS\t" in row).split("\t")
    line[0], line[1], line[3] = "made_up", genes[0], genes[1]
    with (folder / "edges.tsv").open("a", encoding="utf-8", newline="") as out:
        out.write("\t".join(line) + "\n")
    with pytest.raises(DataError, match="AFFECTS: the graph lacks some that the explanations name: 1"):
        import_graph(both, "kgx", folder)


def test_other_knowledge_is_refused(source: dict[str, Any], both: GraphStore, tmp_path: Path) -> None:
    both.load_knowledge(write_workspace(tmp_path, small_tables(), "small"))
    both.write("MATCH (g:Gene {symbol: 'BRAF'}) DETACH DELETE g")
    before = fingerprint(both)
    for form in FORMATS:
        with pytest.raises(StoreError, match=r"holds other knowledge(?s:.*)empty database"):
            import_graph(both, form, source[form, "all"])
        with pytest.raises(DataError, match="the graph lacks some that the explanations name"):
            import_graph(both, form, source[form, "explanations"])
    assert fingerprint(both) == before


def test_a_graph_of_somebody_else_is_refused(source: dict[str, Any], both: GraphStore) -> None:
    both.write("CREATE (:Gene {id: 'theirs'})")
    with pytest.raises(StoreError, match="PathProof did not write"):
        import_graph(both, "graphml", source["graphml", "all"])
    assert both.counts()["nodes"]["Gene"] == 1


def test_other_explanations_stay(
    source: dict[str, Any], both: GraphStore, model: ModelRecord, explanations: list[Explanation]
) -> None:
    import_graph(both, "graphml", source["graphml", "knowledge"])
    mine = [one.model_copy(update={"screen": "mine"}) for one in explanations]
    both.write_explanations(model.model_copy(update={"id": "model:mine"}), [_of(one, "mine") for one in mine])
    before = {one.id for one in both.read_explanations()}
    import_graph(both, "graphml", source["graphml", "explanations"])
    theirs = {one.id for one in world.explanations()}
    assert {one.id for one in both.read_explanations()} == before | theirs
    assert before.isdisjoint(theirs)


def _of(one: Explanation, model_id: str) -> Explanation:
    return one if one.model_id is None else one.model_copy(update={"model_id": model_id})


def test_what_the_schema_does_not_name_is_not_exported(
    source: dict[str, Any], both: GraphStore, tmp_path: Path
) -> None:
    """All violations at once, and no file is left."""
    import_graph(both, "graphml", source["graphml", "all"])
    both.write("MATCH (g:Gene {symbol: 'BRAF'}) SET g.colour = 'red', g.entrez = 673")
    both.write("MATCH ()-[r:AFFECTS]->() SET r.sign = 2")
    with pytest.raises(DataError) as told:
        export_graph(both, "graphml", tmp_path / "out.graphml")
    for part in ("Gene: no such property in the schema", "Gene.entrez: not of type str", "AFFECTS.sign: not one of"):
        assert part in str(told.value)
    both.write("MATCH (g:Gene {symbol: 'BRAF'}) SET g.entrez = '673' REMOVE g.colour")
    both.write("MATCH ()-[r:AFFECTS]->() SET r.sign = 1")
    both.write("MATCH (a:Disease) MATCH (b:Publication) CREATE (a)-[:CITES {id: 'x'}]->(b)")
    with pytest.raises(StoreError, match=r"nodes of the wrong kinds(?s:.*)CITES"):
        export_graph(both, "graphml", tmp_path / "out.graphml")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", FORMATS)
def test_an_interrupted_export_leaves_nothing(
    source: dict[str, Any], both: GraphStore, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_graph(both, form, source[form, "all"])
    read = both.read

    def dies(cypher: str, params: Any = None) -> Any:
        if "-[r:CLAIMS_GENE]->() RETURN a.id" in cypher:
            raise KeyboardInterrupt
        return read(cypher, params)

    monkeypatch.setattr(both, "read", dies)
    with pytest.raises(KeyboardInterrupt):
        export_graph(both, form, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_graph_that_changes_meanwhile_is_not_exported(
    source: dict[str, Any], both: GraphStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_graph(both, "kgx", source["kgx", "all"])
    read = both.read

    def meddles(cypher: str, params: Any = None) -> Any:
        if "-[r:CLAIMS_GENE]->() RETURN a.id" in cypher:
            both.write("MATCH ()-[r:AFFECTS]->() DELETE r")
        return read(cypher, params)

    monkeypatch.setattr(both, "read", meddles)
    with pytest.raises(StoreError, match="changed while it was read"):
        export_graph(both, "kgx", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_nobody_of_ours_writes_while_a_graph_is_exported(
    source: dict[str, Any],
    both: GraphStore,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every door that writes is refused meanwhile, and the bytes are those of the graph as it was."""
    import_graph(both, "kgx", source["kgx", "all"])
    monkeypatch.setattr(writer, "WAIT_SECONDS", 0.2)
    one, read, refused = both.read_explanations()[0], both.read, []
    model = ModelRecord(id="model:m1", name="ridge", universe=("BRAF",), sources=())

    def meddles(cypher: str, params: Any = None) -> Any:
        if "-[r:CLAIMS_GENE]->() RETURN a.id" in cypher and not refused:
            with second(both, request) as other:
                for door in (
                    lambda: other.write_explanations(model, [one]),
                    lambda: other.delete_explanations([one.id]),
                    other.apply_schema,
                    lambda: import_graph(other, "kgx", source["kgx", "all"]),
                ):
                    with pytest.raises(StoreError, match="Another process is writing to this graph") as told:
                        door()
                    refused.append(told.value)
        return read(cypher, params)

    monkeypatch.setattr(both, "read", meddles)
    export_graph(both, "kgx", tmp_path / "out")
    assert len(refused) == 4
    assert contents(tmp_path / "out") == contents(source["kgx", "all"])


def second(store: GraphStore, request: pytest.FixtureRequest) -> GraphStore:
    """Another connection to the server of a store."""
    if store.kind == "embedded":
        return open_store(None, request.getfixturevalue("embedded_workspace"))
    opened: GraphStore = request.getfixturevalue("neo4j_server").open()
    return opened


def test_what_stands_at_the_target_stays(source: dict[str, Any], embedded_store: GraphStore, tmp_path: Path) -> None:
    world.fill(embedded_store, tmp_path / "workspace")
    target = tmp_path / "there"
    target.write_text("mine")
    with pytest.raises(DataError, match=r"here already(?s:.*)choose another path"):
        export_graph(embedded_store, "graphml", target)
    assert target.read_text() == "mine"
    with pytest.raises(DataError, match="Cannot write x: "):
        export_graph(embedded_store, "graphml", target / "x")


def test_nothing_to_export(both: GraphStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="holds no knowledge"):
        export_graph(both, "graphml", tmp_path / "out")
    both.load_knowledge(write_workspace(tmp_path / "w", small_tables()))
    with pytest.raises(StoreError, match="holds no explanations"):
        export_graph(both, "graphml", tmp_path / "out", "explanations")
    for form, what, said in (("grafml", "all", "graphml"), ("graphml", "knowlege", "knowledge")):
        with pytest.raises(UsageError) as told:
            export_graph(both, form, tmp_path / "out", what)
        assert f"did you mean: {said}" in str(told.value)
    assert [one.name for one in tmp_path.iterdir()] == ["w"]


def test_errors_are_ours(source: dict[str, Any], both: GraphStore, tmp_path: Path) -> None:
    """A path that is not there, in every format."""
    for form in FORMATS:
        with pytest.raises(PathproofError, match="nothing to import here"):
            import_graph(both, form, tmp_path / "absent")
