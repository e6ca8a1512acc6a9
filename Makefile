# `make demo` and `make test` need nothing but Python 3.11 or newer with pip, and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_STORE := .demo/store
PYTEST_FLAGS ?=

.PHONY: demo test check bench format docs clean

demo: $(VENV)/installed-demo ## Fit the demo once, then answer a request with the offline brain.
	@test -f $(DEMO_STORE)/current || $(BIN)/concierge fit --demo --store $(DEMO_STORE)
	@$(BIN)/concierge chat --store $(DEMO_STORE) --brain offline --show-plan --once \
	  "I loved Toy Story and Aladdin. Something animated from the 90s, but no musicals, please."
	@echo "Go on:"
	@echo "  talk to it              $(BIN)/concierge chat --store $(DEMO_STORE)"
	@echo "  connect Claude Desktop  $(BIN)/concierge install claude-desktop --store $(DEMO_STORE)"
	@echo "  use your own data       $(BIN)/concierge init items.csv interactions.csv && $(BIN)/concierge fit concierge.toml"

test: $(VENV)/installed-test ## Run every test.
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

check: $(VENV)/installed-test ## Format, lint, types, import directions, tests.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

bench: $(VENV)/installed-test ## Print speed as ratios against named baselines; the first run writes its data.
	$(BIN)/python -m benchmarks.speed

format: $(VENV)/installed-test ## Put the code in its format.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Concierge needs Python 3.11 or newer; run: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed-%: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable ".[$*]"
	@touch $@

docs: $(VENV)/installed-test ## Write the generated pages of docs/ anew.
	$(BIN)/python docs/generate.py

clean: ## Remove what make made.
	rm -rf $(VENV) .demo dist build
