"""Install torch without CUDA where there is no GPU; leave an installed torch alone.

usage: install_torch.py torch==X.Y.Z [INDEX_URL]

pip is asked first, with --dry-run, what it would install. If that brings CUDA packages (gigabytes)
and this machine has no NVIDIA GPU, nothing is installed and the message says what to do instead.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys

HELP = """\
pip would install a CUDA build of torch (several GB), and there is no NVIDIA GPU here.
  what to do: choose the CPU build at https://pytorch.org/get-started/locally/ and either
              install it into .venv with the command shown there, then run make again, or
              make install TORCH_INDEX=<the index address shown there>"""


def main(requirement: str, index_url: str = "") -> int:
    """Return the exit status of the installation."""
    if importlib.util.find_spec("torch") is not None:
        return 0
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if index_url:
        pip += ["--index-url", index_url]
    plan = subprocess.run([*pip, "--dry-run", "--report", "-", requirement], stdout=subprocess.PIPE, text=True)
    if plan.returncode != 0:
        return plan.returncode
    names = [item["metadata"]["name"].lower() for item in json.loads(plan.stdout)["install"]]
    brings_cuda = any(name.startswith(("nvidia", "cuda", "triton")) for name in names)
    if brings_cuda and shutil.which("nvidia-smi") is None:
        sys.stderr.write(HELP + "\n")
        return 3
    return subprocess.run([*pip, requirement]).returncode


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
