"""Knowledge of the simulated full releases: genes, pathways, networks, evidence, drug-gene interactions."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
from full_ids import Ids

from pathproof.ingest.demo.layouts import EVIDENCE_COLUMNS, INTERACTION_COLUMNS


class Knowledge:
    """One method for each file."""

    def __init__(self, ids: Ids) -> None:
        self.ids = ids
        self.sizes, self.rng = ids.sizes, ids.rng

    def identifiers(self, path: Path) -> None:
        """All genes with their ids."""
        number = np.arange(1, self.sizes.genes + 1)
        frame = {
            "gene_id": np.char.add("SIDG", np.char.zfill(number.astype(str), 5)),
            "cosmic_gene_symbol": self.ids.genes,
            "ensembl_gene_id": np.char.add("ENSG", np.char.zfill(number.astype(str), 11)),
            "entrez_id": np.char.add(self.ids.entrez, ".0"),
            "hgnc_id": np.char.add("HGNC:", (700_000 + number).astype(str)),
            "hgnc_symbol": self.ids.genes,
            "refseq_id": "",
            "uniprot_id": "",
        }
        pd.DataFrame(frame).to_csv(path, index=False)

    def gene_sets(self, path: Path) -> None:
        """Human pathways."""
        rows = [
            "\t".join((f"Simulated pathway {i}", f"R-HSA-{7_000_000 + i}", *members))
            for i, members in enumerate(self._sets(self.ids.genes, self.sizes.sets))
        ]
        path.write_text("\n".join(rows) + "\n")

    def wikipathways(self, path: Path) -> None:
        """Pathways of NCBI Gene ids."""
        rows = [
            "\t".join(
                (f"Simulated {i}%WikiPathways_20260910%WP{i}%Homo sapiens", f"http://example.org/WP{i}", *members)
            )
            for i, members in enumerate(self._sets(self.ids.entrez, self.sizes.wikipathways), start=1)
        ]
        path.write_text("\n".join(rows) + "\n")

    def msigdb(self, path: Path, name: str, count: int) -> None:
        """A collection of MSigDB."""
        sets = self._sets(self.ids.genes, count)
        rows = ["\t".join((name.format(i), "http://example.org", *members)) for i, members in enumerate(sets, start=1)]
        path.write_text("\n".join(rows) + "\n")

    def prism(self, path: Path) -> None:
        """Compounds with mechanism and target."""
        n, targets = self.sizes.prism, self.ids.targets
        screened = list(targets)
        names = [screened[i // 10 % len(screened)] if i % 10 == 0 else f"REPURPOSED-{i}" for i in range(n)]
        others = self.rng.choice(self.ids.genes[:4_000], n)
        frame = {
            "Drug.Name": names,
            "repurposing_target": [
                ", ".join(targets.get(name, [other])) for name, other in zip(names, others, strict=True)
            ],
            "MOA": "SIMULATED INHIBITOR",
            "IDs": [f"BRD:BRD-K{i:08d}" for i in range(n)],
        }
        pd.DataFrame(frame).to_csv(path, index=False)

    def _sets(self, names: np.ndarray, count: int) -> list[list[str]]:
        """Sets of different members, most of them small."""
        sizes = np.minimum(self.rng.lognormal(3.2, 1.1, count).astype(int) + 1, self.sizes.genes // 2)
        return [list(dict.fromkeys(names[self.rng.integers(0, self.sizes.genes, int(n))])) for n in sizes]

    def pathway_names(self, path: Path) -> None:
        """Names, human and mouse."""
        rows = [f"R-HSA-{7_000_000 + i}\tSimulated pathway {i}\tHomo sapiens" for i in range(self.sizes.sets)]
        rows += [f"R-MMU-{7_000_000 + i}\tSimulated pathway {i}\tMus musculus" for i in range(8 * self.sizes.sets)]
        path.write_text("\n".join(rows) + "\n")

    def hierarchy(self, path: Path) -> None:
        """Each pathway but the first is a part of an earlier one."""
        rows = [f"R-HSA-{7_000_000 + i // 6}\tR-HSA-{7_000_000 + i}" for i in range(1, self.sizes.sets)]
        path.write_text("\n".join(rows) + "\n")

    def _edges(self, n: int, of_ten: int = 10) -> pd.DataFrame:
        """Edges among at most 12,000 genes, from so many tenths of them."""
        pool = min(self.sizes.genes, 12_000)
        pair = np.unique(self.rng.integers(0, (pool * of_ten // 10, pool), (2 * n, 2)), axis=0)
        pair = self.rng.permutation(pair[pair[:, 0] != pair[:, 1]])[:n]
        sign = self.rng.choice([-1, 1, 1], len(pair))
        return pd.DataFrame({"source": self.ids.genes[pair[:, 0]], "target": self.ids.genes[pair[:, 1]], "sign": sign})

    def interactions(self, path: Path) -> None:
        """Signed directed interactions."""
        frame = self._edges(self.sizes.interactions).rename(columns={"sign": "interaction"})
        frame[["source", "interaction", "target"]].to_csv(path, index=False, sep="\t")

    def regulation(self, path: Path) -> None:
        """Regulons: few regulators, as there are."""
        self._edges(self.sizes.regulation, 1).rename(columns={"sign": "weight"}).to_csv(path, index=False)

    def evidence(self, path: Path) -> None:
        """Clinical evidence."""
        numbers = range(1, self.sizes.evidence + 1)
        names = [name for _, name in self.ids.drugs]
        frame = pd.DataFrame({name: [""] * len(numbers) for name in EVIDENCE_COLUMNS})
        frame["molecular_profile"] = [
            f"{gene} Mutation" for gene in self.rng.choice(self.ids.genes[:400], len(numbers))
        ]
        frame["therapies"] = self.rng.choice(names, len(numbers))
        frame["significance"] = self.rng.choice(["Resistance", "Sensitivity/Response"], len(numbers))
        frame = frame.assign(disease="Cancer", doid="162", evidence_type="Predictive", evidence_direction="Supports")
        frame = frame.assign(evidence_level="B", source_type="PubMed", evidence_status="accepted", is_flagged="false")
        frame["citation"] = "Simulated et al., 2026"
        frame["evidence_id"] = frame["citation_id"] = list(numbers)
        said = frame["significance"] + ", " + frame["molecular_profile"] + " and " + frame["therapies"]
        frame["evidence_statement"] = said + ": a simulated statement of the length that a statement usually has." * 5
        frame.to_csv(path, index=False, sep="\t")

    def drug_genes(self, path: Path) -> None:
        """Interactions of drugs with genes, one in ten with a target of the drug."""
        n = self.sizes.drug_genes
        frame = pd.DataFrame("NULL", index=range(n), columns=list(INTERACTION_COLUMNS))
        drugs = self.rng.choice(list(self.ids.targets), n)
        others, own = self.rng.choice(self.ids.genes[:4_000], n), self.rng.random(n) < 0.1
        genes = [
            self.ids.targets[drug][0] if told else gene for drug, gene, told in zip(drugs, others, own, strict=True)
        ]
        frame["gene_name"] = frame["gene_claim_name"] = genes
        frame["drug_name"] = frame["drug_claim_name"] = drugs
        frame["interaction_source_db_name"] = "Simulated"
        kinds = self.rng.choice(["inhibitor", "agonist"], len(self.ids.targets))
        types = dict(zip(self.ids.targets, kinds, strict=True))
        frame["interaction_types"] = np.where(self.rng.random(n) < 0.3, "NULL", pd.Series(drugs).map(types))
        text = io.StringIO()
        frame.to_csv(text, index=False, sep="\t")
        path.write_text("# Simulated.\n" + text.getvalue())
