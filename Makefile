# make: install into .venv and build every spec, verified. `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
PYTEST = $(BIN)/python -m pytest --numprocesses auto --dist loadfile
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
SOURCES := $(shell find sheetgen -name '*.py' -not -path '*/__pycache__/*')
SPECS := $(shell find specs -type f -not -path 'specs/more/*')
WEB := sheetgen/web
WEB_SOURCES := $(WEB)/build.mjs $(WEB)/package-lock.json $(WEB)/style.css $(wildcard $(WEB)/src/*.js)

.PHONY: all install check test bench engines pictures lock clean help

all: $(VENV)/.built ## install, build every spec in specs/ into output/, workbooks (verified) and live pages (the default)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "sheetgen needs Python 3.11 or newer; found: $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's venv module is missing; installing Debian's python3-venv"; \
	  { command -v apt-get >/dev/null && $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq python3-venv; } \
	  || { echo "Please install it yourself, for example: sudo apt-get install python3-venv"; exit 1; }; }
	@rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) -e .
	@touch $@

$(VENV)/.built: $(VENV)/.installed $(VENV)/.web $(SOURCES) $(SPECS) $(if $(wildcard output/*.xlsx),,FORCE) \
  $(if $(wildcard output/index.html),,FORCE)
	$(BIN)/sheetgen build
	$(BIN)/sheetgen html
	@touch $@

# The live pages' program is committed, built; only who changes it needs node.
$(VENV)/.web: $(WEB_SOURCES) | $(VENV)/bin/python
	@! command -v npm >/dev/null || ! node $(WEB)/build.mjs --stale || { \
	  echo "Building the live pages' program"; cd $(WEB) && npm ci --silent --no-audit --no-fund && npm run --silent build; }
	@touch $@

FORCE:

install: $(VENV)/.installed ## install the command into .venv/bin/sheetgen

$(VENV)/.test-tools: $(VENV)/.installed
	$(PIP) -e '.[test]'
	@touch $@

$(VENV)/.libreoffice:
	@command -v soffice >/dev/null && command -v pdftoppm >/dev/null || { \
	  echo "LibreOffice or poppler is missing; installing Debian's"; \
	  { command -v apt-get >/dev/null && $(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    $(SUDO) apt-get install -y -qq --no-install-recommends libreoffice-calc poppler-utils fonts-liberation fonts-crosextra-carlito; } \
	  || { echo "Please install soffice and pdftoppm (LibreOffice Calc and poppler)"; exit 1; }; }
	@touch $@

$(VENV)/.readers: $(VENV)/.installed tests/readers/package-lock.json
	@command -v npm >/dev/null && command -v ssconvert >/dev/null || { \
	  echo "npm or Gnumeric is missing; installing Debian's"; \
	  { command -v apt-get >/dev/null && $(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    $(SUDO) apt-get install -y -qq --no-install-recommends nodejs npm gnumeric; } \
	  || { echo "Please install npm and ssconvert (Gnumeric)"; exit 1; }; }
	$(PIP) -e '.[readers]'
	mkdir -p build/readers && cp tests/readers/package.json tests/readers/package-lock.json build/readers
	cd build/readers && npm ci --silent --no-audit --no-fund
	@touch $@

$(VENV)/.chromium:
	@command -v chromium >/dev/null || { \
	  echo "Chromium is missing; installing Debian's"; \
	  { command -v apt-get >/dev/null && $(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    $(SUDO) apt-get install -y -qq --no-install-recommends chromium fonts-liberation; } \
	  || { echo "Please install chromium"; exit 1; }; }
	@touch $@

check: $(VENV)/.test-tools ## lint, types, and the tests that are quick and need no LibreOffice, in a minute or two
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST) -m "not libreoffice and not browser and not slow"

test: $(VENV)/.test-tools $(VENV)/.libreoffice $(VENV)/.readers $(VENV)/.chromium ## lint, types, and every test, those in LibreOffice and in a browser among them
	$(BIN)/ruff check .
	$(BIN)/mypy
	SHEETGEN_ALL_READERS=1 $(PYTEST)

bench: $(VENV)/.installed ## speed and memory against openpyxl and XlsxWriter, engines on cells and blocks, the proof (docs/benchmarks.md)
	$(PIP) -e '.[bench]'
	$(BIN)/python -m benchmarks.bench
	$(BIN)/python -m benchmarks.matrices
	$(BIN)/python -m benchmarks.proof

engines: $(VENV)/.readers $(VENV)/.libreoffice ## every workbook in every program that recalculates or opens it (docs/engines.md), in an hour
	$(PIP) -e '.[engines]'
	$(BIN)/python docs/engines.py

pictures: $(VENV)/.libreoffice $(VENV)/.chromium $(VENV)/.built ## draw the pictures of docs/gallery.md anew
	$(PIP) -e '.[pictures]'
	$(BIN)/python docs/pictures.py
	$(BIN)/python docs/live_picture.py

lock: ## write the newest versions that pyproject.toml allows to constraints.txt (PYTHON= the oldest supported)
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check '.[test,bench,cluster,pictures,readers,engines]'
	{ echo "# Exact versions, which make and CI install. make lock writes them anew."; \
	  build/lock/bin/python -m pip freeze --exclude sheetgen; } > constraints.new
	mv constraints.new constraints.txt
	rm -rf build/lock

clean: ## remove the environment and every cache (output/ stays)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
