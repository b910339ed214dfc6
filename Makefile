# `make help` says what there is. Every target sets up what it needs.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# one more than there are cores: each of them waits for a browser or a server now and then
SIDE_BY_SIDE := -n $(shell expr $$(nproc) + 1) --dist loadgroup
SLOW_TOO := $(if $(filter on,$(SLOW)),--slow)

.PHONY: help install run test faults check bench widget

help: ## Say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(READY) ## Set up: the virtual environment and the command in it
	@echo "Installed: $(BIN)/afterword"

$(READY): pyproject.toml constraints.txt scripts/setup.sh
	@scripts/setup.sh $(VENV)
	@touch $(READY)

run: $(READY) ## Set up and serve the demonstration at http://127.0.0.1:8000/
	@exec $(BIN)/python demo/run.py

test: $(READY) ## Set up and run the tests; SLOW=on: the slow ones, too; DATABASE=postgresql: all there
	@scripts/test-tools.sh
ifeq ($(DATABASE),postgresql)
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(SLOW_TOO) --database postgresql
else
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(SLOW_TOO)
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --database postgresql --chosen
endif

faults: $(READY) ## Everything that may go wrong, on both databases, the long ones too; prints a table
	@scripts/test-tools.sh
	@rm -rf .faults && mkdir .faults
	-$(BIN)/python -m pytest --long tests/faults tests/deploy --junit-xml .faults/sqlite.xml
	-$(BIN)/python -m pytest --long tests/faults tests/deploy tests/postgresql --database postgresql --junit-xml .faults/postgresql.xml
	@$(BIN)/python -m tests.faults.table .faults/sqlite.xml .faults/postgresql.xml

check: $(READY) ## Floors, linters, types
	$(BIN)/lint-imports --no-cache
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY) ## Measure, and print tables
	$(BIN)/python -m tests.bench.reading
	$(BIN)/python -m tests.bench.writing
	$(BIN)/python -m tests.bench.flat --comments 100000
	$(BIN)/python -m tests.bench.proxy
	$(BIN)/python -m tests.bench.widget

widget: ## Build widget/dist anew (needs Node)
	cd widget && npm ci --no-audit --no-fund && npm run build
