"""Ask the graph ten questions on knowledge, as a user would, and print the answers as Markdown.

Where the graph holds one validation run, three more are asked of its explanations.

    python examples/ten_questions.py WORKSPACE
    python examples/ten_questions.py WORKSPACE --write docs/graph.md    # in place of what stands there

Each answer is what `pathproof query` printed; of a long one the first rows. `pathproof store start --workspace
WORKSPACE` before it saves the start of the embedded server for each question.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pathproof
from pathproof.workspace import Workspace, read_json, write_text

SHOWN = 8
BEGIN = "<!-- ten questions -->"


@dataclass(frozen=True)
class Asked:
    """A question in plain words, its words on the command line, and what it is asked of: "knowledge" or "run"."""

    title: str
    words: tuple[str, ...]
    of: str = "knowledge"

    @property
    def command(self) -> str:
        """What is typed."""
        return " ".join(["pathproof query", *(f"'{word}'" if " " in word else word for word in self.words)])


QUESTIONS = (
    Asked("What does trametinib target, and what does it do to it?", ("targets-of-drug", "drug=Trametinib")),
    Asked("What links KRAS to cetuximab?", ("evidence-for-claim", "drug=Cetuximab", "gene=KRAS")),
    Asked(
        "Which drugs are of the class of dabrafenib, by their targets?",
        ("same-class-drugs", "drug=Dabrafenib", "min_jaccard=0.5"),
    ),
    Asked(
        "In which narrow pathways do the targets of lapatinib act, and which describe resistance to it?",
        ("drug-target-pathways", "drug=Lapatinib", "max_genes=15"),
    ),
    Asked(
        "By which chains of signed steps does a target of dabrafenib act on DUSP6?",
        ("signed-paths", "drug=Dabrafenib", "gene=DUSP6"),
    ),
    Asked(
        "Do cell lines with mutated BRAF respond to dabrafenib otherwise?",
        ("response-by-mutation", "drug=dabrafenib", "gene=BRAF"),
    ),
    Asked(
        "Which melanoma lines resist dabrafenib most, and what do they carry?",
        ("resistant-lines", "drug=Dabrafenib", "tissue=Skin", "limit=8"),
    ),
    Asked("In which tissues does trametinib work?", ("tissue-of-response", "drug=Trametinib", "min_lines=20")),
    Asked("Where does the best evidence point both ways?", ("disputed-evidence", "level=A")),
    Asked("Of which wider pathways is RAF activation a part?", ("pathway-ancestry", "pathway=RAF activation")),
    Asked("Which genes are claimed for so many drugs that a claim says little?", ("popular-claims", "limit=8"), "run"),
    Asked(
        "By which paths are the claims about trametinib tied to its targets?",
        ("mechanism-of-claim", "drug=Trametinib"),
        "run",
    ),
    Asked(
        "Which claims of PathProof about dabrafenib does published evidence support?",
        ("supported-claims", "drug=Dabrafenib", "explainer=pathproof"),
        "run",
    ),
)
RUNS = Asked("Which validation runs are there?", ("validation-runs",), "run")


def answer(asked: Asked, workspace: Path) -> str:
    """What `pathproof query` prints."""
    command = [sys.executable, "-m", "pathproof", "query", *asked.words, "--workspace", str(workspace)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return done.stdout


def section(asked: Asked, printed: str) -> str:
    """Question, command and answer as Markdown; of a long answer the first rows, with a sentence that says so."""
    head, *rows = [line.rstrip() for line in printed.splitlines()]
    lines = [f"### {asked.title}", "", "```console", f"$ {asked.command}", head, *rows[:SHOWN], "```"]
    if len(rows) > SHOWN:
        lines += ["", f"These are the first {SHOWN} of {len(rows):,} rows."]
    elif not rows:
        lines += ["", "There is no row."]
    return "\n".join(lines) + "\n"


def page(workspace: Path) -> str:
    """A heading and the sections."""
    manifest = read_json(Workspace.open(workspace, create=False).root / "manifest.json")
    knowledge, run = ([one for one in QUESTIONS if one.of == of] for of in ("knowledge", "run"))
    parts = [
        BEGIN,
        "## Ten questions\n\n"
        f"Asked with `examples/ten_questions.py` of the {manifest['kind']} graph with key `{manifest['key']}`, on "
        f"{datetime.now(UTC):%Y-%m-%d} with\nPathProof {pathproof.__version__}; a test asks them anew.\n",
        *(section(one, answer(one, workspace)) for one in knowledge),
    ]
    runs = [line.split()[0] for line in answer(RUNS, workspace).splitlines()[1:]]
    if len(runs) > 1:
        raise SystemExit(f"The graph holds {len(runs)} validation runs, and the answers on claims would mix them.")
    if runs:
        parts += [
            "## Three more, of explanations\n\n"
            f"Asked on the same day of the explanations of one run, as they were printed; judged by `{runs[0]}`.\n",
            *(section(one, answer(one, workspace)) for one in run),
        ]
    return "\n".join(parts)


def main() -> None:
    """Print the page, or write it after its mark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--write", type=Path, metavar="FILE")
    given = parser.parse_args()
    text = page(given.workspace)
    if given.write is None:
        print(text, end="")
        return
    before = given.write.read_text(encoding="utf-8").partition(BEGIN)[0].rstrip("\n")
    write_text(given.write, f"{before}\n\n{text}")


if __name__ == "__main__":
    main()
