# Two commands matter: `make demo` shows it, `make test` proves it. Both prepare everything they need in .venv.

PYTHON ?= python3
UV_VERSION = 0.13.9
BIN = .venv/bin
UV = $(BIN)/uv

.PHONY: help setup demo test matrix check lint format bench validity faults migrate lock browser
.DEFAULT_GOAL = help
MAKEFLAGS += --no-print-directory

help:
	@echo "make demo     a database, the shipped surveys and demo answers, served on http://127.0.0.1:8000"
	@echo "make test     all tests, a part of the walks in a browser"
	@echo "make matrix   every page of every survey, variant and language, measured in a browser"
	@echo "make check    format, lint, types, import contracts, tests"
	@echo "make bench    how fast, as ratios"
	@echo "make validity whether intervals cover and tests keep their error, by simulation"
	@echo "make faults   processes killed, disks filled, connections cut under load: what is lost"
	@echo "make migrate  bring the schema up to date"
	@echo "make format   put the code in its one format"
	@echo "make lock     choose the versions of the dependencies anew"
	@echo "make browser  the Chromium that tests and bench use, where this machine may install one"
	@echo "make setup    .venv alone; the others make it by themselves"

setup: .venv/.ok
	@:

$(UV): Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed as $(PYTHON): install python3, or name another with make PYTHON=python3.12." >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv is missing: install it with apt-get install python3-venv, then try again." >&2; exit 1; }
	@echo "Preparing .venv (once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.ok: requirements.lock pyproject.toml $(UV)
	@echo "Installing what requirements.lock names"
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@$(BIN)/python -m survey demo

test: setup browser
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4

matrix: setup browser
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 -m "" tests/browser/test_matrix.py tests/browser/test_journeys.py

check: lint test

lint: setup
	@$(BIN)/ruff format --check --quiet . || { echo "The files above are not in format: make format." >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup
	@$(BIN)/python -m bench

validity: setup
	@$(BIN)/python -m validity

faults: setup
	@$(BIN)/python -m faults

migrate: setup
	@$(BIN)/python -m survey migrate

browser:
	@tools/browser.sh

lock: $(UV)
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra dev \
	  --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
