"""Refuse two test modules of one name: pytest imports them by it, and stops a whole run at the second."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"


def main() -> int:
    """Print each name that several modules bear, with their files; 1 if there is one."""
    files: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("*.py")):
        if path.name != "conftest.py":
            files[path.name].append(str(path.relative_to(TESTS.parent)))
    clashes = {name: paths for name, paths in files.items() if len(paths) > 1}
    for name, paths in clashes.items():
        sys.stderr.write(f"{name} is the name of {len(paths)} modules: {', '.join(paths)}. Rename all but one.\n")
    return 1 if clashes else 0


if __name__ == "__main__":
    sys.exit(main())
