# `make run` and `make test` on a fresh clone create .venv, install, and do the job.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# More processes for the tests: make test JOBS=2. One after the other is what CI does.
JOBS ?= 0
# The CPU build of torch, at the version that was tested: a bare `pip install torch` on Linux brings several GB of CUDA.
# On a machine with a GPU the build that pip finds is taken; TORCH_INDEX=address chooses another index.
TORCH := $(shell sed -n 's/^torch==/torch==/p' constraints.txt)

.PHONY: run test check bench clean install
install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "PathProof needs Python 3.11 or later: make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python scripts/install_torch.py "$(TORCH)" $(TORCH_INDEX)
	$(BIN)/pip install --quiet --no-warn-script-location -c constraints.txt -e '.[dev,py2neo]'
	@touch $@

# make run                         the demonstration: no data needed
# make run DATA=dir STORE=uri OUT=dir WORKSPACE=dir
# An exit status of 1 (a gate failed) or 4 (inconclusive) is a finished run with that verdict, not a failure of make.
run: $(STAMP)
	@$(BIN)/pathproof run $(if $(DATA),--data "$(DATA)") $(if $(STORE),--store "$(STORE)") $(if $(OUT),--out "$(OUT)") $(if $(WORKSPACE),--workspace "$(WORKSPACE)") \
	  || { status=$$?; case $$status in 1|4) ;; *) exit $$status;; esac; }

test: $(STAMP)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python scripts/same_names.py

bench: $(STAMP)
	$(BIN)/python benchmarks/bench.py $(if $(DATA),--data "$(DATA)")
	$(BIN)/python benchmarks/bench_store.py $(if $(DATA),--data "$(DATA)")
	$(BIN)/python benchmarks/bench_ingest.py $(if $(DATA),--data "$(DATA)")
	$(BIN)/python benchmarks/bench_explainer.py
	env -u PATHPROOF_DATA $(BIN)/pathproof run --workspace build/demonstration --out build/demonstration/report \
	  || { status=$$?; case $$status in 1|4) ;; *) exit $$status;; esac; }
	env -u PATHPROOF_DATA $(BIN)/pathproof explain --explainer multivariate --workspace build/demonstration --out build/demonstration/explained
	$(BIN)/python benchmarks/bench_demonstration.py --workspace build/demonstration --explained build/demonstration/explained
	$(BIN)/python benchmarks/bench_data_claims.py --workspace build/demonstration --pairs --worlds 41 42 43 44 45 46
	$(BIN)/python benchmarks/bench_peers.py --workspace build/demonstration --drugs 14 --subsamples 2
	$(BIN)/python benchmarks/bench_validate.py
	$(BIN)/python benchmarks/bench_validate.py --drugs 6000 --genes 20000 --no-rankings --speed-only

clean:
	rm -rf $(VENV) build dist *.egg-info src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
