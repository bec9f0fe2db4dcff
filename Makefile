VENV := .venv
LINT := .ci/lint
SITE := .ci/site
STACK := tests/second_stack/server
PY := $(VENV)/bin/python
PIP := env -u PIP_REQUIRE_HASHES PIP_USER=0 PIP_NO_INPUT=1 $(PY) -m pip --disable-pip-version-check

PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

ifneq ($(BASE_URL),)
export CONFORMANCE_BASE_URL := $(BASE_URL)
endif

# quiet,LOG,COMMAND: the output of COMMAND is shown only if it fails.
quiet = { $(2); } >$(1) 2>&1 || { cat $(1) >&2; exit 1; }

# install,LOCK: dependencies by hash, then the project itself, which has no hash.
install = $(call quiet,$(VENV)/install.log,$(PIP) install --require-hashes -r $(1) && \
	$(PIP) install --no-deps --no-build-isolation -e .)

# Make turns every failure into status 2, so the real one is printed. If the number matters, call
# $(VENV)/bin/conformance itself.
status = || { status=$$?; echo "exit status $$status" >&2; exit $$status; }
module = $(PY) -m $(1) $(status)

# The tests on all cores, and one worker more, since some tests wait; tests/conftest.py says which of
# them stay together in one worker. ARGS="-n 0" runs them in one process, TESTS=tests/http only those
# of a folder or a file. Bytecode is kept, because compiling takes longer than many tests.
TESTS := tests
cores := $(shell nproc 2>/dev/null || echo 2)
workers = $(shell [ $(cores) -lt 8 ] && echo $$(($(cores) + 1)) || echo 8)
tests = env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest $(TESTS) -n $(workers) --dist load

# The tests that start no process and judge no server with all cases, and those that take no second.
parts := not process and not judges and not broad and not second_stack
quick := $(parts) and not diagnoses

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help conformance doctor docs sample prove bench bench-diagnosis bench-tools generators browser fuzz second-stack test broad check coverage lint lint-tools lock package templates clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'ARGS="..." is passed on. Another interpreter: PYTHON=python3.13'

conformance: $(VENV)/.run ## check BASE_URL=..., or the embedded server
	@$(call module,conformance run $(ARGS))

prove: $(VENV)/.run ## run the suite on every faulty and lawful server
	@$(call module,conformance prove $(ARGS))

bench: $(VENV)/.run ## compare this suite with other tools
	@export PATH="$(abspath $(VENV))/bin:$$PATH"; $(call module,benchmarks $(ARGS))

bench-diagnosis: $(VENV)/.run ## how often the diagnosis names the cause of a single fault
	@$(call module,benchmarks.diagnosis $(ARGS))

package: $(VENV)/.run $(VENV)/package/.done ## build wheel and sdist, check them, and run the wheel in an empty folder
	@VENV=$(VENV) .ci/package $(status)

templates: $(VENV)/package/.done ## check the action, the image and the templates for CI systems
	@TOOLS=$(VENV)/package .ci/templates $(status)

generators: $(VENV)/.dev $(VENV)/generators/.done ## clients for Python and Go by openapi-generator; needs Java (and Go)
	@export OPENAPI_GENERATOR_JAR='$(abspath $(VENV)/generators/openapi_generator_cli/openapi-generator.jar)'; \
	$(call module,pytest tests/contract/test_openapi_generator.py -q -n 0 $(ARGS))

browser: $(VENV)/.dev $(VENV)/browser/.done $(SITE)/node_modules/.package-lock.json ## the pages in Chromium, with axe-core; needs the program chromium
	@PYTHONPATH='$(abspath $(VENV))/browser' $(PY) -m pytest tests/browser -q -n 0 $(ARGS) $(status)

bench-tools: $(VENV)/bench/.done benchmarks/node/node_modules/.package-lock.json ## install the tools of the benchmark that need packages of their own

fuzz: $(VENV)/.dev ## runs on servers that spoil their responses at random; ARGS="--minutes 30 --seed 1"
	@$(call module,tests.hostile $(ARGS))

# The server's packages come by their hashes; PostgreSQL and nginx by the system (.ci/run installs them).
second-stack: $(VENV)/.dev $(STACK)/node_modules/.package-lock.json ## judge a server on Fastify, PostgreSQL and nginx, and its faults
	@export PATH="$(abspath $(VENV))/bin:$$PATH"; $(call module,pytest tests/second_stack -q -n 0 -m second_stack $(ARGS))

test: $(VENV)/.dev ## the tests, on all cores: less than four minutes on two
	@$(tests) -m 'not broad and not second_stack' $(ARGS) $(status)

broad: $(VENV)/.dev ## tests of make test on further servers
	@$(tests) -m broad $(ARGS) $(status)

# Lint runs beside the tests, into a file, so that their lines do not mix.
check: $(VENV)/.dev ## lint without Node, and the tests that start no process and no full run: about a minute
	@PATH="$(abspath $(VENV))/bin:$$PATH" $(LINT)/run python >$(VENV)/lint.log 2>&1 & lint=$$!; tests=0; \
	$(tests) -q -m '$(quick)' $(ARGS) || tests=$$?; \
	wait $$lint || { tests=1; }; cat $(VENV)/lint.log; exit $$tests

coverage: $(VENV)/.dev ## branch coverage of the tests without processes and full runs, and the files below 90 %
	@$(tests) -q -m '$(parts)' --cov --cov-report= $(ARGS) $(status)
	@$(PY) -m coverage report | awk 'NR <= 2 || /^(---|TOTAL)/ || $$NF + 0 < 90'

lint: $(VENV)/.dev ## style, types, imports and the contract; needs lint-tools
	@PATH="$(abspath $(VENV))/bin:$$PATH" $(LINT)/run

docs: $(VENV)/.dev $(SITE)/node_modules/.package-lock.json ## build docs/ into build/site, and update the settings table and requirements.html
	@$(PY) -m conformance.running.settings_table docs/usage.md
	@$(PY) -m conformance.running.config_schema conformance/running/config.schema.json
	@$(PY) -m conformance.proof.requirements_page conformance/report/requirements.html
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --quiet

sample: $(VENV)/.run ## write the sample reports again
	@.ci/sample

doctor: $(VENV)/.run ## check that a run on BASE_URL=... can succeed
	@$(call module,conformance doctor $(ARGS))

lint-tools: $(LINT)/node_modules/.package-lock.json ## install the linters that need Node

lock: $(VENV)/.dev ## update the lock files; ARGS=--upgrade takes newer versions
	$(call compile,node.txt) requirements/node.in
	$(call compile,bench.txt) requirements/bench.in
	$(call compile,generators.txt) requirements/generators.in
	$(call compile,package.txt) requirements/package.in
	$(call compile,browser.txt) -c requirements/dev.txt requirements/browser.in
	$(call compile,run.txt) $(build_deps) pyproject.toml
	$(call compile,dev.txt) $(build_deps) --extra dev -c requirements/run.txt pyproject.toml
	for folder in $(LINT) $(STACK) benchmarks/node; do \
		(cd $$folder && npm install --package-lock-only $(if $(findstring --upgrade,$(ARGS)),&& npm update --package-lock-only)) && \
		$(PY) $(LINT)/strip_lock.py $$folder/package-lock.json || exit 1; done
	cd $(SITE) && npm install --package-lock-only $(site_flags) $(if $(findstring --upgrade,$(ARGS)),&& npm update --package-lock-only $(site_flags))
	$(PY) $(LINT)/strip_lock.py $(SITE)/package-lock.json

compile = CUSTOM_COMPILE_COMMAND='make lock' $(PY) -m piptools compile --quiet --no-config \
	--generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --no-emit-options $(ARGS) -o requirements/$(1)
build_deps := --build-deps-for wheel --build-deps-for editable

clean: ## remove everything that these commands made, except reports
	rm -rf $(VENV) $(LINT)/generated build dist *.egg-info
	rm -rf $(addsuffix /node_modules,$(LINT) $(SITE) $(STACK) benchmarks/node)
	rm -rf .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find benchmarks conformance tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@test -n "$(PYTHON)" || { echo 'No Python of version 3.11 or later was found: install one (on Debian: python3 and python3-venv), or name it with PYTHON=' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(PYTHON) does not run as Python 3.11 or later: name another with PYTHON=' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo '$(PYTHON) cannot make virtual environments: install its venv module (on Debian: the package python3-venv)' >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

# dev.txt holds all of run.txt at the same versions (make lock sees to it), so that what .dev
# installs serves .run too, and neither undoes the other.
$(VENV)/.run: requirements/run.txt pyproject.toml $(PY)
	@echo 'Setting up $(VENV) ...'
	@$(call install,requirements/run.txt)
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml $(PY)
	@echo 'Setting up $(VENV) for development ...'
	@$(call install,requirements/dev.txt)
	@touch $(VENV)/.run $@

$(VENV)/bench/.done: requirements/bench.txt $(PY)
	@$(PY) -m venv --clear $(VENV)/bench
	@$(call quiet,$(VENV)/install.log,env -u PIP_REQUIRE_HASHES PIP_USER=0 PIP_NO_INPUT=1 $(VENV)/bench/bin/python -m pip \
		--disable-pip-version-check install --require-hashes -r requirements/bench.txt)
	@touch $@

$(VENV)/package/.done: requirements/package.txt $(PY)
	@$(PY) -m venv --clear $(VENV)/package
	@$(call quiet,$(VENV)/install.log,env -u PIP_REQUIRE_HASHES PIP_USER=0 PIP_NO_INPUT=1 $(VENV)/package/bin/python -m pip \
		--disable-pip-version-check install --require-hashes -r requirements/package.txt)
	@touch $@

# The generator is one jar in a wheel, so it needs no environment.
$(VENV)/generators/.done: requirements/generators.txt $(PY)
	@rm -rf $(VENV)/generators
	@$(call quiet,$(VENV)/install.log,$(PIP) install --require-hashes --no-deps --target $(VENV)/generators \
		-r requirements/generators.txt)
	@touch $@

$(VENV)/browser/.done: requirements/browser.txt $(PY)
	@rm -rf $(VENV)/browser
	@$(call quiet,$(VENV)/install.log,$(PIP) install --require-hashes --no-deps --target $(VENV)/browser -r requirements/browser.txt)
	@touch $@

# Node itself comes as a wheel where the machine's own is absent or older than the linters want.
$(VENV)/.node: requirements/node.txt $(PY)
	@{ npm --version && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'; } >/dev/null 2>&1 || \
		$(call quiet,$(VENV)/install.log,$(PIP) install --require-hashes -r requirements/node.txt)
	@touch $@

$(LINT)/node_modules/.package-lock.json $(STACK)/node_modules/.package-lock.json benchmarks/node/node_modules/.package-lock.json: %/node_modules/.package-lock.json: %/package.json %/package-lock.json $(VENV)/.node
	@echo 'Setting up $*/node_modules ...'
	@export PATH="$(abspath $(VENV))/bin:$$PATH"; $(call quiet,$(VENV)/install.log,(cd $* && npm ci))
	@touch $@

# Redoc for a browser is one file: the packages beside which it would run in Node are left out.
site_flags := --ignore-scripts --legacy-peer-deps --no-audit --no-fund
$(SITE)/node_modules/.package-lock.json: $(SITE)/package.json $(SITE)/package-lock.json $(VENV)/.node
	@echo 'Setting up $(SITE)/node_modules ...'
	@export PATH="$(abspath $(VENV))/bin:$$PATH"; $(call quiet,$(VENV)/install.log,(cd $(SITE) && npm ci $(site_flags)))
	@touch $@
