# `make run` and `make test` are all a new machine needs; the rest is for who works on the harness.
PYTHON ?= python3
ENGINE ?= embedded
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test check format bench codes lock clean

run: $(VENV)/.run                ## Make .venv, install, bring both databases up, prove A–E.
	$(BIN)/harness run --engine $(ENGINE)

test: $(VENV)/.dev               ## Install what the tests need and run them.
	$(BIN)/pytest

check: $(VENV)/.dev              ## Format, lint, types, import contracts, unit tests.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/unit tests/test_architecture.py

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev              ## Print the figures of docs/benchmarks.md, measured here and now.
	$(BIN)/python -m tests.benchmarks

codes: $(VENV)/.dev              ## Write the codes of docs/doctor.md from the checks.
	$(BIN)/python -m tests.code_book

lock: $(VENV)/.dev               ## Refresh both lock files from pyproject.toml.
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --python-version 3.11 --no-strip-extras --group dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || { echo "hint: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.run: $(VENV)/bin/python pyproject.toml requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
