# Everything that is done with Backstay starts here; `make` alone lists it. It needs git and a
# Python of 3.11 or newer with its venv module; everything else goes into .venv by itself.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
# One process a core.
PARALLEL := --numprocesses auto --dist worksteal
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

UV_VERSION := 0.13.8
# Universal: one lock for every platform and every Python that pyproject.toml allows.
RESOLVE := .lock-venv/bin/uv pip compile pyproject.toml --quiet --no-config --universal \
  --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
  --custom-compile-command "make lock"

# Two stamps, named by what they answer for: a changed lock builds .venv anew, a changed
# pyproject.toml only installs the project again.
LOCKED := .venv/locked-$(shell cksum < requirements-dev.lock | tr ' ' '-')
READY := .venv/ready-$(shell cat requirements-dev.lock pyproject.toml | cksum | tr ' ' '-')

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(READY) ## start everything on a fresh folder and tell four stories; ARGS=--once ends by itself
	@$(BIN)/backstay demo $(ARGS)

.PHONY: test
test: coverage ## run the tests; those of the domain must cover each of its branches
	@$(BIN)/pytest $(PARALLEL) -m exploration tests/domain
	@$(BIN)/pytest $(PARALLEL) -m "not long" --ignore=tests/domain

.PHONY: stories
stories: $(READY) ## run what takes real time: trades on a real engine, among processes that die
	@$(BIN)/pytest $(PARALLEL) -m long tests/durable tests/process

.PHONY: coverage
coverage: $(READY) ## run the domain's tests and report the branches that they leave out
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(PARALLEL) -m "not exploration" tests/domain
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

.PHONY: check
check: $(READY) ## lint, format, types, import contracts and house rules; under a minute
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pytest tests/tidy

.PHONY: requirements
requirements: $(READY) ## list every requirement with the tests that prove it
	@$(BIN)/python -m tests.tidy.requirements_table

.PHONY: mutants
mutants: $(READY) ## break the rules of the domain on purpose and see that a test notices
	@$(BIN)/python -m tests.tidy.mutants

.PHONY: simulate
simulate: $(READY) ## simulate 5,000 seeds and every crash of the stories; ten minutes on two cores
	@status=0; \
	$(BIN)/backstay simulate --seeds 1:5000 --marks --table $(ARGS) || status=1; \
	$(BIN)/backstay simulate --story all --every-await --table || status=1; \
	exit $$status

.PHONY: planted
planted: $(READY) ## plant the known bugs and see that the simulation catches each; ARGS="NAME..."
	@$(BIN)/python -m tests.simulation.planting $(ARGS)

.PHONY: histories
histories: $(READY) ## record what workflows do anew, after a change of it; tests replay it from each event
	@$(BIN)/python -m tests.replay.record

.PHONY: bench
bench: $(READY) ## measure the embedded gateway, as docs/figures.md reports it; on a quiet machine
	@$(BIN)/python -m backstay.lab.benches.market_data
	@$(BIN)/python -m backstay.lab.benches.memory

.PHONY: pictures
pictures: $(READY) ## take the pictures of the documents anew, from today's build; needs tmux and Chromium
	@$(BIN)/python -m tests.pictures.draw

.PHONY: format
format: $(READY) ## mend what can be mended by itself
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: setup
setup: $(READY) ## create or refresh .venv, as every other target does by itself

$(LOCKED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo >&2 \
	  "Backstay needs Python 3.11 or newer; '$(PYTHON)' is not. Try: make PYTHON=python3.13"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo >&2 \
	  "'$(PYTHON)' has no venv module. On Debian: apt install python3-venv"; exit 1; }
	@echo "Creating .venv from requirements-dev.lock; this takes a minute, once."
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) --only-binary :all: --require-hashes --requirement requirements-dev.lock
	@touch $@

$(READY): | $(LOCKED)
	@$(PIP) --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	@rm -f .venv/ready-*
	@touch $@

.PHONY: lock
lock: ## resolve the dependencies again into both locks; needs the network
	@$(PYTHON) -m venv --clear .lock-venv
	@.lock-venv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(RESOLVE) --upgrade --group dev --output-file requirements-dev.lock
	@$(RESOLVE) --constraint requirements-dev.lock --output-file requirements.lock
	@rm -rf .lock-venv

.PHONY: clean
clean: ## remove .venv, caches and what the tests leave behind
	@rm -rf .venv .lock-venv backstay.egg-info .coverage mutants \
	  .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
