# Two commands for a fresh machine: `make run` and `make test`. Neither needs root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check bench fuzz clean

run: $(BIN)/pknet
	$(BIN)/pknet run topologies/chapter11.yaml

test: $(VENV)/dev
	$(BIN)/python -m pytest

# Types, style and the floors of ARCHITECTURE.md.
check: $(VENV)/dev
	$(BIN)/mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

$(BIN)/pknet: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/dev: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(BIN)/pknet

# Made-up networks against this machine's kernel, as root: make fuzz SEEDS=1000 START=0
SEEDS ?= 100
START ?= 0

fuzz: $(VENV)/dev
	PYTHONPATH=tests $(BIN)/python -m fuzz --seeds $(SEEDS) --start $(START)

# What it costs, beside what others cost; as root for all peers. make bench ROWS="walk ns3" prints
# those alone; without ROWS, docs/bench.md is written anew.
ROWS ?=

bench: $(VENV)/dev
	PYTHONPATH=tests $(BIN)/python -m bench --date "$$(date +%F)" \
		$(if $(ROWS),--rows "$(ROWS)",--out docs/bench.md)

clean:
	rm -rf $(VENV) build dist *.egg-info
