# zhnews: `make help` lists the targets. Everything runs in .venv, made on first use.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= out
ZHNEWS_DATA ?= $(abspath ../shared/data)
export ZHNEWS_DATA
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help run test test-torch check lint types layers build eval bench model model-smoke docs docs-write clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/.run  ## Turn corpus/articles into tables in out/ and show a preview of each
	@if [ -e $(OUT)/run.json ] && ! grep -A1 '"inputs"' $(OUT)/run.json | grep -q '"corpus/articles"'; then \
	  echo "$(OUT) holds a run over other articles: it is left as it is; make run OUT=another_folder"; exit 1; fi
	@rm -rf $(OUT)
	@$(BIN)/zhnews run corpus/articles -o $(OUT) --format parquet --format csv --preview 5
	@echo
	@echo "The tables are in $(OUT)/. To read the articles with their marks in a browser:"
	@echo "  $(BIN)/zhnews report $(OUT) --open"

test: $(VENV)/.dev  ## Run the tests (all but those that need torch)
	$(BIN)/pytest

test-torch: $(VENV)/.torch  ## Run the tests that need torch
	$(BIN)/pytest -m torch

check: lint types layers build docs test  ## Everything that CI holds the code to

lint: $(VENV)/.dev  ## Style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev  ## Types, strict
	$(BIN)/mypy

layers: $(VENV)/.dev  ## Which module may import which (design: data flows one way)
	$(BIN)/lint-imports

build: $(VENV)/.dev  ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --outdir dist

eval: $(VENV)/.dev  ## Score the default configuration on the gold corpora, against tests/floors.json
	$(BIN)/python -m pytest tests/test_floors.py -q -rA

bench: $(VENV)/.dev  ## Measure speed beside peers, as ratios in one run
	for script in benchmarks/normalize.py benchmarks/ner.py benchmarks/quantities.py; do \
	  $(BIN)/python $$script || exit 1; done

docs: $(VENV)/.docs  ## Build the documentation into site/; a warning is an error
	$(BIN)/zensical build --strict --clean
	$(BIN)/python -m tests.docs_pages site
	@echo "to read it, with search: $(BIN)/python -m http.server --directory site"

docs-write: $(VENV)/.dev  ## Write what the documentation takes from code, outputs and scores
	$(BIN)/python -m tests.docs_pages

model: $(VENV)/.torch  ## Train the default model anew from ZHNEWS_DATA (hours; goes on where it stopped)
	$(BIN)/python -m models.recipe build --work out/model --out models/default

model-smoke: $(VENV)/.torch  ## The same recipe on a few sentences, into out/smoke (minutes)
	$(BIN)/python -m models.recipe build --smoke --work out/smoke --out out/smoke/default

clean:  ## Remove environments, caches and outputs
	rm -rf $(VENV) $(OUT) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .cache site

$(VENV)/bin/python:
	@echo "making $(VENV) with all that is needed: once, about a minute"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	@$(BIN)/python -m pip install -qq --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --requirement requirements-dev.txt
	@touch $@

$(VENV)/.docs: requirements-docs.txt $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --requirement requirements-docs.txt
	@touch $@

$(VENV)/.torch: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --constraint constraints.txt "torch==2.13.0"
	@touch $@
