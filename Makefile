# Set-up, run, test and build. `make` and Python 3.11 or newer are all that must be there before.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run setup test lint unit bench soak translations build clean

help: ## List these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: setup ## Open the app, or with ARGS="upload talk.mp4" run the command line
	@$(BIN)/recorder-desktop $(ARGS)

setup: $(VENV)/.run-ready ## Make .venv with everything the app needs

# One more than the two processors of a usual build machine: a test often waits for a server or a deadline.
test: lint ## Every check: lint, types, import rules, all tests
	$(BIN)/python -m pytest --numprocesses 3 --dist worksteal

lint: $(VENV)/.test-ready ## Lint, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.test-ready ## The quick tests only
	$(BIN)/python -m pytest tests/unit

bench: $(VENV)/.bench-ready ## Measure against other uploaders, or with ARGS="throughput --rounds 1" a part of it
	$(BIN)/python -m tests.benchmarks $(ARGS)

soak: $(VENV)/.test-ready ## Kill everything at random while files flow, or with ARGS="--minutes 2 --seed N" for less
	$(BIN)/python -m tests.soak $(ARGS)

translations: $(VENV)/.run-ready ## Bring resources/translations up to date with the texts in the code
	$(BIN)/python -m tools.translations

build: $(VENV)/.test-ready ## A one-folder app in dist/recorder
	$(BIN)/pyinstaller --noconfirm build.spec

clean: ## Remove what the other targets made
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/.run-ready: pyproject.toml constraints.txt tools/system_packages.sh
	@sh tools/system_packages.sh run
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.test-ready: $(VENV)/.run-ready tools/browser_packages.sh $(wildcard tests/browser/*.js*)
	@sh tools/system_packages.sh test
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@sh tools/browser_packages.sh $(VENV)/browser
	@touch $@

$(VENV)/.bench-ready: $(VENV)/.test-ready
	@sh tools/system_packages.sh bench
	@$(PIP) install --constraint constraints.txt --editable '.[dev,bench]'
	@touch $@
