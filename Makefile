# make smoke       everything on tiny data, in minutes
# make check       style, import contracts and quick unit tests, under a minute
# make test        the whole test suite
# make reproduce   the paper
# make bench       what each stack, layer and library costs, on made-up data;
#                  DATA=official or local: on data that is prepared already
# make gpu         what only an NVIDIA GPU can tell, in a quarter of an hour;
#                  ARCHIVES=FOLDER takes MNIST from there, GPU="--rehearse" needs no card
# make doctor      what this machine has and lacks, with what to do; before and after
#                  setup; ONLINE=1 asks the network too
# make wheels      everything in the lock as wheels in the folder WHEELS=…; make setup
#                  with the same WHEELS installs from it, without internet
# make resolve     whether the lock has a solution for each Python of PYTHONS
# make soak        kills at random points for an hour, or MINUTES=…
#
# A machine without a GPU saves 4 GB with the CPU builds of torch and torchvision:
#   make smoke PIP_OPTIONS="--extra-index-url https://download.pytorch.org/whl/cpu"
PYTHON ?= python3
PIP_OPTIONS ?=
WHEELS ?=
PYTHONS ?= 3.11 3.12 3.13
MINUTES ?= 60
DATA ?= sample
ARCHIVES ?=
GPU ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
LOCK := envs/requirements.lock
# From a folder of wheels, or from the net.
FROM := $(PIP_OPTIONS) $(if $(WHEELS),--no-index --find-links "$(WHEELS)")
# Snakemake wants a cache; where the home folder is closed, it gets one here.
CACHE := $(shell mkdir -p "$$HOME/.cache" 2>/dev/null && test -w "$$HOME/.cache" \
  || echo 'XDG_CACHE_HOME="$(CURDIR)/.snakemake/cache"')
SNAKEMAKE := PATH="$(CURDIR)/$(BIN):$$PATH" $(CACHE) $(BIN)/snakemake

.PHONY: setup smoke check test oracles slurm reproduce bench gpu soak lock clean doctor \
  wheels resolve

setup: $(READY)

$(READY): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "spikewatt needs Python 3.11 or newer; name one with make PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
	  || { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	@echo "1 of 3: an environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@echo "2 of 3: the $$(grep -c == $(LOCK)) packages of" \
	  "$(LOCK), each with its size (torch for a GPU brings 3 GB more)"
	@$(BIN)/python envs/install.py install $(FROM) -r $(LOCK)
	@echo "3 of 3: spikewatt itself"
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
	@echo "Ready: . $(BIN)/activate"

smoke: $(READY)
	$(SNAKEMAKE) --cores all --configfile config/smoke.yaml
	@echo "Look at results/smoke/report.html, results/smoke/tables and results/smoke/figures."

# No Snakemake, no browser, nothing that takes seconds.
check: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto -m "not slow and not workflow" \
	  tests/unit tests/workflow/test_style.py

# Libraries that tests ask whether counts are right; where they cannot be had, those
# tests are skipped with the reason.
ORACLES := $(VENV)/oracles
oracles: $(ORACLES)/ready

$(ORACLES)/ready: envs/oracles.txt envs/onnx.txt | $(READY)
	-$(BIN)/pip install --quiet $(PIP_OPTIONS) --no-deps --upgrade --target $(ORACLES) \
	  -r envs/oracles.txt -r envs/onnx.txt
	mkdir -p $(ORACLES) && touch $@

# Snakemake's plugin for Slurm, for the tests of it; who uses it installs it beside
# Snakemake (docs/CLUSTER.md).
SLURM := $(VENV)/slurm
slurm: $(SLURM)/ready

$(SLURM)/ready: envs/slurm.txt | $(READY)
	-$(BIN)/pip install --quiet $(PIP_OPTIONS) --no-deps --upgrade --target $(SLURM) \
	  -r envs/slurm.txt
	mkdir -p $(SLURM) && touch $@

# One test process per core, each computing with one thread; loadgroup: what takes long
# to make is made by one of them alone, and the largest groups come first.
test: $(READY) $(ORACLES)/ready $(SLURM)/ready
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadgroup

reproduce: $(READY)
	$(SNAKEMAKE) --cores 1

BENCH := --out results/bench --datasets resources/$(DATA)/datasets
OTHERS := $(VENV)/bench
SETS := $(patsubst %,resources/$(DATA)/datasets/%.safetensors,mnist cifar10 nmnist)

# Every benchmark stands for itself; the last one puts the tables on one page.
bench: $(READY) $(OTHERS)/ready sets-of-$(DATA)
	$(BIN)/python bench/stacks.py $(BENCH)
	$(BIN)/python bench/profile_step.py $(BENCH)
	$(BIN)/python bench/libraries.py $(BENCH) --packages $(OTHERS)
	$(BIN)/python bench/growth.py $(BENCH)
	$(BIN)/python bench/density.py --out results/bench
	$(BIN)/python bench/roofline.py --out results/bench
	$(BIN)/python bench/smoke.py --out results/bench --repeats 1
	$(BIN)/python bench/report.py --out results/bench --data $(DATA) \
	  --packages $(OTHERS)

sets-of-sample: $(READY)
	$(SNAKEMAKE) --cores all $(SETS) --config source=sample

sets-of-%:
	@ls $(SETS) >/dev/null || { echo "prepare them first, see README"; exit 1; }

# A machine that cannot get them still runs the rest; their rows say why they are empty.
$(OTHERS)/ready: envs/bench.txt | $(READY)
	-$(BIN)/pip install --quiet $(PIP_OPTIONS) --no-deps --upgrade --target $(OTHERS) \
	  -r envs/bench.txt
	mkdir -p $(OTHERS) && touch $@

# Its own exit status says whether a step is lacking.
gpu: $(READY)
	$(CACHE) $(BIN)/python bench/gpu.py $(if $(ARCHIVES),--archives "$(ARCHIVES)") $(GPU)

soak: $(READY)
	$(BIN)/python bench/soak.py --minutes $(MINUTES)

doctor:
	@$(PYTHON) envs/doctor.py --venv $(VENV) $(if $(ONLINE),--online)

# Wheels alone, those that are compiled too: a node without internet may lack gcc. They
# fit machines of this Python, system and processor.
wheels:
	@test -n "$(WHEELS)" || { echo "name the folder: make wheels WHEELS=FOLDER"; exit 1; }
	@rm -rf $(VENV)/wheels && $(PYTHON) -m venv $(VENV)/wheels
	@$(VENV)/wheels/bin/python envs/install.py wheel $(PIP_OPTIONS) \
	  --wheel-dir "$(WHEELS)" -r $(LOCK)
	@rm -rf $(VENV)/wheels
	@echo "$$(ls "$(WHEELS)" | wc -l) wheels, $$(du -sh "$(WHEELS)" | cut -f1). Where there" \
	  "is no internet: make setup WHEELS=FOLDER"

# Asks the package index and installs nothing but uv, which can ask for other Pythons.
resolve:
	@rm -rf $(VENV)/resolve && $(PYTHON) -m venv $(VENV)/resolve
	@$(VENV)/resolve/bin/pip install --quiet uv
	@for version in $(PYTHONS); do \
	  $(VENV)/resolve/bin/uv pip compile --quiet --python-version $$version \
	    --output-file $(VENV)/resolve/$$version.txt $(LOCK) \
	  && echo "Python $$version: $$(grep -c == $(VENV)/resolve/$$version.txt) packages" \
	  || exit 1; done
	@rm -rf $(VENV)/resolve

# Pins what envs/requirements.in asks for, in a fresh environment.
lock:
	rm -rf $(VENV)/lock && $(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/pip install --quiet -r envs/requirements.in
	{ echo "# Made by 'make lock' from requirements.in. torch brings its own CUDA"; \
	  echo "# libraries, pinned by its metadata, where its build needs them."; \
	  $(VENV)/lock/bin/pip freeze --exclude-editable \
	  | sed -e '/^cuda-/d' -e '/^nvidia-ml-py/!{/^nvidia-/d;}' -e 's/+cpu$$//' \
	    -e '/^audioop-lts/d' -e '/^standard-/d' \
	    -e '/^triton/s/$$/; platform_system == "Linux"/'; \
	  grep == envs/newer.txt; } > envs/requirements.lock
	rm -rf $(VENV)/lock

clean:
	rm -rf $(VENV) .snakemake
