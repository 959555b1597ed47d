# `make run` and `make test` are all a newcomer needs; both set up what they use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The study of `make run`: default, quick, smollm2, or another file of studies/ by its name.
STUDY ?= default
OUT ?= runs/$(STUDY)
# What `make gallery` writes, and the scenario of its projection.
GALLERY ?= runs/gallery
SCENARIO ?= llama-3.1-8b-chat
# Two workers with one thread each: small tensors gain nothing from more, and waiting threads cost time.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2
# The third worker sits through the two hours of `watch`, which are mostly waiting; the others take its tests.
NIGHTLY := $(PYTEST) -n 3 --dist worksteal

COMMA := ,
EXTRAS := run,dev,noise,estimate
# What the slow cases need besides.
NIGHTLY_EXTRAS := docs,cluster,fast,reinforce,ray

.DEFAULT_GOAL := help
.PHONY: help run gallery test nightly setup lock sbom audit dist test-dist docs labs bench-engine bench-projection bench-futures bench-cli bench-runs bench-dedup bench-rounding bench-meter bench-host-work bench-host-forecast search-grid reference-effects clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 20

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -c constraints.txt torch
ifdef LOCKED
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements.lock
endif
	$(BIN)/pip install --quiet -c constraints.txt -e '.[$(EXTRAS)]'
	touch $(STAMP)

setup: $(STAMP)  ## Create .venv and install (LOCKED=1: only files whose hashes are in requirements.lock)

SUPPLY := .venv-supply

$(SUPPLY)/.installed:
	$(PYTHON) -m venv $(SUPPLY)
	$(SUPPLY)/bin/pip install --quiet uv cyclonedx-bom pip-audit
	touch $@

lock: $(SUPPLY)/.installed  ## Make requirements.lock, with the hash of every file, anew
	$(SUPPLY)/bin/uv pip compile --quiet pyproject.toml --extra $(subst $(COMMA), --extra ,$(EXTRAS)) \
	  -c constraints.txt --python-version 3.11 --universal --generate-hashes --no-annotate --no-header -o requirements.lock
	$(PYTHON) supply/without_torch.py requirements.lock

sbom: $(STAMP) $(SUPPLY)/.installed  ## Write dist/sbom.cdx.json, a CycloneDX list of what is installed
	mkdir -p dist
	$(SUPPLY)/bin/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --of JSON -o dist/sbom.cdx.json
	$(PYTHON) supply/without_paths.py dist/sbom.cdx.json

audit: $(STAMP) $(SUPPLY)/.installed  ## Hold what is installed against known advisories, where the index gives them
	$(PYTHON) supply/audit.py $(SUPPLY)/bin/pip-audit $(VENV)/lib/python3.*/site-packages

run: $(STAMP)  ## Run the default study and write its report (STUDY=quick: a minute, all seven stages, tiny)
ifneq ($(STUDY),quick)
	$(BIN)/qwatt data fetch
endif
	$(BIN)/qwatt run studies/$(STUDY).toml --out $(OUT)

gallery: $(STAMP)  ## Every figure of a run and its projection as SVG, and a page of them (GALLERY=folder STUDY=quick)
	test -f $(OUT)/trials.jsonl || $(MAKE) run
	$(BIN)/qwatt report $(OUT) --scenario $(SCENARIO) --figures svg --out $(GALLERY)

test: $(STAMP)  ## Lint, type-check and run the test suite
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(PYTEST)

nightly: $(STAMP)  ## Run everything, the slow cases and those that need the package registry; writes runs/nightly.txt
	$(BIN)/pip install --quiet -c constraints.txt -e '.[$(NIGHTLY_EXTRAS)]'
	$(NIGHTLY) -m 'nightly or network or not nightly' --figures runs/nightly.txt

dist: $(STAMP)  ## Build wheel and source distribution into dist/, the same bytes for the same commit
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --outdir dist .

test-dist: $(STAMP)  ## Install the wheel outside the repository, on each Python from 3.11 to 3.13 that is here, and use it
	$(BIN)/python -m pytest -m nightly tests/install

labs: $(STAMP)  ## Execute the seven labs again, and keep what they print in docs/labs/*.ipynb
	$(BIN)/python docs/generate/run_labs.py

docs: $(STAMP)  ## Build the documentation into site/, offline; a broken link fails
	$(BIN)/pip install --quiet -c constraints.txt -e '.[docs]'
	$(BIN)/mkdocs build --strict --quiet

DEDUP_VENV := .venv-bench-dedup
DEDUP_STAMPS := $(addprefix $(DEDUP_VENV)/,shared/.installed daft/.installed datatrove/.installed text-dedup/.installed semhash/.installed)

$(DEDUP_VENV)/shared/.installed: DEDUP_PEER := -c constraints.txt datasketch rensa
# The newest Daft asks for an older pyarrow than ours: beside ours pip would take a Daft of a year ago.
$(DEDUP_VENV)/daft/.installed: DEDUP_PEER := daft
$(DEDUP_VENV)/datatrove/.installed: DEDUP_PEER := "datatrove[io,processing]"
$(DEDUP_VENV)/text-dedup/.installed: DEDUP_PEER := text-dedup
$(DEDUP_VENV)/semhash/.installed: DEDUP_PEER := semhash pyarrow

$(DEDUP_STAMPS): constraints.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --upgrade pip
	$(@D)/bin/pip install --quiet $(DEDUP_PEER)
	touch $@

bench-dedup: $(STAMP) $(DEDUP_STAMPS)  ## Measure qwatt dedup against its peers (BENCH_ARGS="--megabytes 98.5 985")
	$(BIN)/python benchmarks/dedup.py --peers $(DEDUP_VENV)/shared/bin/python \
	  daft_minhash=$(DEDUP_VENV)/daft/bin/python \
	  datatrove_minhash=$(DEDUP_VENV)/datatrove/bin/python text_dedup_minhash=$(DEDUP_VENV)/text-dedup/bin/python \
	  semhash_near=$(DEDUP_VENV)/semhash/bin/python $(BENCH_ARGS)

ROUNDING_VENV := .venv-bench-rounding

$(ROUNDING_VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --upgrade pip
	$(@D)/bin/pip install --quiet -c constraints.txt auto-round==0.16.1 -e '.[run]'
	touch $@

bench-rounding: $(STAMP) $(ROUNDING_VENV)/.installed  ## Measure rounding to few bits beside auto-round (BENCH_ARGS="--decoder smollm2")
	$(BIN)/python benchmarks/rounding.py --peer $(ROUNDING_VENV)/bin/python $(BENCH_ARGS)

BENCH_VENV := .venv-bench
BENCH_STAMP := $(BENCH_VENV)/.installed
PEERS := jax==0.7.1 jaxlib==0.7.1 tensorcircuit-ng qulacs qiskit-aer prism-q==0.35.0 panta-sim==1.9.0 matplotlib

$(BENCH_STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/pip install --quiet --upgrade pip
	$(BENCH_VENV)/bin/pip install --quiet -c constraints.txt torch $(PEERS) -e '.[run]'
	touch $(BENCH_STAMP)

bench-engine: $(BENCH_STAMP)  ## Measure the engine against its peers (BENCH_ARGS=--quick for a short run)
	$(BENCH_VENV)/bin/python benchmarks/engine.py $(BENCH_ARGS)

bench-projection: $(STAMP)  ## Hold the calculators against published records
	$(BIN)/python benchmarks/projection.py

reference-effects: $(STAMP)  ## Measure the downstream effects that ship with qwatt (about an hour)
	$(BIN)/qwatt run studies/reference.toml --out runs/reference
	$(BIN)/python benchmarks/reference_effects.py runs/reference

bench-futures: $(STAMP)  ## Measure CPU time and memory of the Monte Carlo over possible futures
	$(BIN)/python benchmarks/futures.py

bench-decoder: $(STAMP)  ## Measure training of the small decoder beside transformers' Trainer
	$(BIN)/pip install --quiet -c constraints.txt -e .[bench]
	$(BIN)/python benchmarks/decoder.py

bench-cli: $(STAMP)  ## Measure how long the command line takes to answer
	$(BIN)/python benchmarks/cli.py

bench-runs: $(STAMP)  ## Measure indexing, listing and comparing 10,000 runs of 100 trials
	$(BIN)/python benchmarks/runs.py $(BENCH_ARGS)

bench-meter: $(STAMP)  ## Measure what the energy meter costs and how exactly it counts
	$(BIN)/python benchmarks/meter.py

bench-host-work: $(STAMP)  ## Calibrate the core-seconds of each kind of host work; prints TOML for the catalogue
	$(BIN)/python benchmarks/host_work.py

bench-host-forecast: $(STAMP)  ## Hold the joules that a plan forecasts against those that a run measures
	$(BIN)/python benchmarks/host_forecast.py

search-grid: $(STAMP)  ## Train the grids of architecture/search anew and ship their tables
	$(BIN)/python benchmarks/search_grid.py

clean:  ## Remove the environment and the caches
	rm -rf $(VENV) $(SUPPLY) $(BENCH_VENV) $(DEDUP_VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
