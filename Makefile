# make compare   set everything up and run the study in conf/
# make test      set everything up and run the tests
# make check     formatting, lint, types, import contracts, workflow
# make format    put the formatting right
# make docs      build the pages of docs/ into docs/_build/html

PYTHON ?= python3
CORES ?= all
PYTEST_ARGS ?= -n auto --dist loadfile

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable

.PHONY: compare test check format docs schemas clean

compare: $(VENV)/examples.stamp
	$(BIN)/snakemake --cores $(CORES) --quiet rules
	$(BIN)/mushin show

test: $(VENV)/test.stamp
	$(BIN)/pytest $(PYTEST_ARGS)

check: $(VENV)/check.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/python .ci/lint-workflow

format: $(VENV)/check.stamp
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

docs: $(VENV)/docs.stamp
	$(BIN)/sphinx-build --quiet --fail-on-warning docs docs/_build/html

schemas: $(VENV)/examples.stamp
	$(BIN)/python -m mushin.config.json_schema workflow/schemas

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .snakemake logs

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "mushin needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/%.stamp: $(BIN)/python pyproject.toml constraints.txt
	$(INSTALL) '.[$*]'
	@touch $@
