"""`pathproof store export` and `store import`, from the shell's side."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pathproof.graph_schema.fingerprint import fingerprint
from pathproof.graph_schema.store import open_store
from pathproof.workspace import Workspace

CLI = [sys.executable, "-m", "pathproof", "store"]


def said(*words: str | Path, code: int = 0) -> str:
    done = subprocess.run([*CLI, *map(str, words)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def small_graph(place: Workspace) -> str:
    """A Dataset, a source and two genes with an interaction, as a KGX folder."""
    core = "source:hgnc\t{label}"
    folder = place.root / "given"
    folder.mkdir()
    head = "id\tcategory\tname\tprovided_by\tpathproof_label\tdataset_version\tlicence\tsymbol\tkey\tcomplete"
    head += "\trelease\tsha256\n"
    end = "\t\n"
    rows = [f"hgnc:{i}\tbiolink:Gene\tG{i}\t{core.format(label='Gene')}\t1\tnone\tG{i}\t\t\t{end}" for i in (1, 2)]
    rows.append(f"dataset:knowledge\tbiolink:Dataset\t\t\tDataset\t\t\t\tk\ttrue\t{end}")
    source = "source:{0}\tbiolink:InformationResource\t{0}\t\tKnowledgeSource\t\tnone\t\t\t\t1\tabc\n"
    rows += [source.format(name) for name in ("hgnc", "omnipath")]
    (folder / "nodes.tsv").write_text(head + "".join(rows), encoding="utf-8")
    head = (
        "id\tsubject\tpredicate\tobject\tpathproof_type\tprimary_knowledge_source\tknowledge_level\tagent_type\t"
        "publications\tdataset_version\tlicence\tsign\n"
    )
    row = "e\thgnc:1\tbiolink:affects\thgnc:2\tAFFECTS\tsource:omnipath\tobservation\tmanual_agent\t"
    row += "pubmed:1|pubmed:2\t1\tnone\t-1\n"
    (folder / "edges.tsv").write_text(head + row, encoding="utf-8")
    return str(folder)


def test_in_and_out_from_the_shell(tmp_path: Path) -> None:
    """A folder of KGX into a new workspace, out as GraphML, into another one: the same graph."""
    first, second = (Workspace.open(tmp_path / name) for name in ("a", "b"))
    given = small_graph(first)
    text = said("import", "--format", "kgx", "--from", given, "--workspace", first.root)
    assert "5 nodes" not in text  # the Dataset is the marker, not counted as new
    assert "4 nodes and 1 relationships new from" in text
    out = tmp_path / "graph.graphml"
    assert "5 nodes and 1 relationships written to" in said(
        "export", "--format", "graphml", "--to", out, "--workspace", first.root
    )
    assert "here already" in said("export", "--format", "graphml", "--to", out, "--workspace", first.root, code=3)
    said("import", "--format", "graphml", "--from", out, "--workspace", second.root)
    found = []
    for place in (first, second):
        with open_store(None, place) as store:
            found.append(fingerprint(store))
            rows = store.read("MATCH (a)-[r:AFFECTS]->(b) RETURN a.symbol AS a, r.sign AS sign, r.publications AS p")
            assert rows == [{"a": "G1", "sign": -1, "p": ["pubmed:1", "pubmed:2"]}]
    assert found[0] == found[1]


def test_a_wrong_call_starts_nothing(tmp_path: Path) -> None:
    """A format or a path that is none is told before a workspace is made."""
    place = tmp_path / "workspace"
    said("import", "--format", "gml", "--from", tmp_path, "--workspace", place, code=2)
    said("import", "--format", "kgx", "--from", tmp_path / "absent", "--workspace", place, code=3)
    assert not place.exists()
