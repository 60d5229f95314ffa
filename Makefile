# Each target does all of its own set-up: a fresh clone and Python 3.11 or newer are enough.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup train reenact test test-slow faults check docs docs-commands format bench figures networks package clean
.DEFAULT_GOAL := help

help:
	@echo "make setup   make the virtual environment .venv"
	@echo "make train   simulate spectra and train a sequencer (about ten minutes on 2 cores)"
	@echo "make reenact compare the clamped and the logarithmic mass loss (about 15 minutes on 2 cores)"
	@echo "make test    run the tests (six minutes on 2 cores)"
	@echo "make test-slow  run those of more than five seconds each: trainings, kills, notebooks, a browser"
	@echo "make faults  test kills, full disks, damaged files and altered networks; print a table"
	@echo "make check   check formatting, lint and types"
	@echo "make docs    build the documents as a site in site/; fail on every warning"
	@echo "make docs-commands  run the commands of README, tutorials and how-to pages (50 minutes)"
	@echo "make format  format the code and correct lint"
	@echo "make bench   measure speed and memory of every stage, beside other programs (half an hour)"
	@echo "make networks NETWORKS=tmt  train networks of the package anew (half an hour each on 2 cores)"
	@echo "make figures DATA=FOLDER  measure the figures of the documents anew and write them into the text"
	@echo "make package build wheel and source archive, install the wheel elsewhere and try it"
	@echo "make clean   remove .venv and caches"

setup: $(READY)

# torch goes first: asked for by another package, pip may choose a build with gigabytes of CUDA.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("denovo needs Python 3.11 or newer, found " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	@touch $(READY)

train: $(READY)
	$(BIN)/python train.py +experiment=curriculum

# Five branches from one network, three seeds; runs/clamp_vs_log/ then holds table and picture.
reenact: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python train.py -m +experiment=clamp_vs_log hydra/launcher=joblib hydra.launcher.n_jobs=2 '~callbacks.progress'

# One thread per test process: two of them share the cores. A test that hangs is run once more, and its stack printed.
TESTED := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist worksteal --reruns 1 --only-rerun "Timeout .>" --rerun-show-tracebacks

test: $(READY)
	$(TESTED)

test-slow: $(READY)
	$(TESTED) -m slow

# One process: it counts the drills of all files. A test tries hundreds; each drill has a limit of its own.
faults: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m faults --timeout 0 tests/faults tests/io tests/integration/test_going_on.py tests/sequencing/networks

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright

docs: $(READY)
	$(BIN)/mkdocs build --strict

docs-commands: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.run_documented_commands

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/performance.py --write

# Without DATA the figures in docs/figures are written into the text; with it, all are measured first (about five minutes).
figures: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/figures.py $(if $(DATA),--data "$(DATA)")

# EXCLUDE="a.mgf b.mgf" leaves out the peptides of files.
networks: NETWORKS ?= hcd wide nontryptic phospho tmt free-cysteine cid
networks: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python packaging/make_networks.py $(NETWORKS) $(if $(EXCLUDE),--exclude $(EXCLUDE))

# INTERPRETER=python3.13 tries another Python.
package: $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group packaging
	$(BIN)/python packaging/check_files.py
	$(BIN)/python packaging/check_package.py --python "$(INTERPRETER)"

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis dist
