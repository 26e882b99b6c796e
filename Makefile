# Everything a person or a machine does with Backstay starts here; `make` alone lists it.
# Needs make, git and a Python of 3.11 or newer with its venv module. Nothing is installed outside .venv.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin

UV_VERSION := 0.13.8

# Two stamps, named by what they answer for: a changed lock builds .venv anew, a changed
# pyproject.toml only installs the project again.
LOCKED := .venv/locked-$(shell cksum < requirements-dev.lock | tr ' ' '-')
READY := .venv/ready-$(shell cat requirements-dev.lock pyproject.toml | cksum | tr ' ' '-')

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

.PHONY: setup
setup: $(READY) ## create or refresh .venv (every other target does so by itself)

$(LOCKED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Backstay needs Python 3.11 or newer and '$(PYTHON)' is not; try: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "'$(PYTHON)' lacks its venv module; on Debian: apt install python3-venv" >&2; exit 1; }
	@echo "Creating .venv from requirements-dev.lock; this takes a minute, once."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --only-binary :all: \
	  --require-hashes --requirement requirements-dev.lock
	@touch $@

$(READY): | $(LOCKED)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  --config-settings editable_mode=compat --editable .
	@rm -f .venv/ready-* && touch $@

.PHONY: lock
lock: ## resolve the dependencies again into both locks (needs the network)
	@$(PYTHON) -m venv --clear .lock-venv
	@.lock-venv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@for lock in "requirements-dev.lock --extra dev" "requirements.lock --constraint requirements-dev.lock"; do \
	  .lock-venv/bin/uv pip compile pyproject.toml --quiet --no-config --universal --upgrade --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	    --custom-compile-command "make lock" --output-file $$lock; \
	done
	@rm -rf .lock-venv
