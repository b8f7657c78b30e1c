"""The demonstration world: real names, simulated numbers, a known right answer."""

from pathlib import Path

TRUTH_FILE = "planted.json"


def is_demo(folder: Path) -> bool:
    """Whether a data folder is a demonstration world: its truth lies beside the providers' files."""
    return (folder / TRUTH_FILE).is_file()
