# Handraise. `make help` lists what there is.
#
# On a fresh machine only git, make and python3 (3.11 or newer) are needed: each target prepares what it uses
# and skips what is there already (packaging/prepare.py).

PYTHON ?= python3
BIN := .venv/bin
PREPARE := $(PYTHON) packaging/prepare.py --quiet
CODE := app tests packaging

.DEFAULT_GOAL := help
.PHONY: help setup run test lint unit e2e prism faults bench fuzz gallery lock messages clean

help:  ## this list
	@awk -F ':.*## +' '/^[a-z0-9]+:.*##/ {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## everything that the other targets need: system packages, .venv, dependencies
	@$(PYTHON) packaging/prepare.py --with desktop --with servers

run:  ## the demo: on this display, or without one as a story with pictures in build/demo/
	@$(PREPARE) --with run
ifneq ($(strip $(DISPLAY)$(WAYLAND_DISPLAY)),)
	@$(BIN)/handraise demo
else
	@$(BIN)/python -m tests.e2e.story
endif

test:  ## lint, then every test (with end-to-end tests on virtual desktops)
	@$(PREPARE) --with desktop --with servers
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory unit

lint:  ## style, formatting, types, import contracts
	@$(PREPARE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check --quiet $(CODE)
	$(BIN)/mypy
	$(BIN)/mypy packaging
	$(BIN)/lint-imports --no-logo

# Two workers; the tests of one file stay together, so that a shared desktop is started once. A worker that
# dies ends the run: a new one in its place can wait for ever for tests that were already run (pytest-xdist
# #1323, #1378). A test that hangs says where, and ends the run as well.
PYTEST := QT_QPA_PLATFORM=offscreen $(BIN)/pytest -n 2 --dist loadfile --max-worker-restart=0 \
    -o faulthandler_timeout=300 -o faulthandler_exit_on_timeout=true

unit:  ## the tests alone; ARGS="-k escalation" chooses
	@$(PREPARE) --with desktop --with servers
	$(PYTEST) $(ARGS)

e2e:  ## the end-to-end tests alone
	@$(PREPARE) --with desktop
	$(PYTEST) tests/e2e $(ARGS)

prism:  ## what is sent to Twilio, held against its OpenAPI description by a mock server (npm installs it)
	@$(PREPARE)
	@test -x build/prism/node_modules/.bin/prism || \
	    npm install --prefix build/prism --no-save --no-audit --no-fund @stoplight/prism-cli@5
	$(BIN)/pytest tests/e2e/test_prism.py $(ARGS)

faults:  ## the runs with faults on real sockets and processes, in their full size; ARGS="-k storm" chooses
	@$(PREPARE) --with desktop --with servers
	HANDRAISE_FAULTS=full QT_QPA_PLATFORM=offscreen $(BIN)/pytest tests/faults --durations=0 $(ARGS)

simulate:  ## the simulator: SEEDS=10000 looks for a seed that fails, SEED=123 shows one
	@$(PREPARE)
	@$(BIN)/python -m tests.sim $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),1000)) $(ARGS)

bench:  ## the benchmarks, with the programs that ours is compared with
	@$(PREPARE) --with desktop --with bench
	$(BIN)/python -m tests.bench $(ARGS)

fuzz:  ## hostile input for every parser; SECONDS=600 for each, ARGS="wire" chooses
	@$(PREPARE)
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),30) $(ARGS)

gallery:  ## pictures of every view, in each theme and language, in build/gallery/
	@$(PREPARE)
	$(BIN)/python -m tests.ui.gallery $(ARGS)

lock:  ## resolve the dependencies anew; ARGS=--upgrade takes newer ones
	@$(PREPARE)
	$(BIN)/python packaging/lock.py $(ARGS)

messages:  ## bring the message catalogues up to date with the code, and compile them
	@$(PREPARE)
	$(BIN)/python packaging/messages.py

clean:  ## remove what was built, and the environment
	rm -rf build dist .venv *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
