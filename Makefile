# Two commands do all the set-up: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
export DJANGO_SETTINGS_MODULE := portal.settings

.DEFAULT_GOAL := help
.PHONY: help run test check demo bench peers mutate format requirements

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /: /' | sort

.venv/.made-%: requirements-web.txt requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tollgate needs Python 3.11 or newer: install it and name it with PYTHON=python3.11."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Python's venv module is missing: install your system's python3-venv package."; exit 1; }
	@echo "Installing the pinned requirements (about a minute the first time)."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(if $(filter dev,$*),requirements-dev.txt,requirements.txt)
	@touch $@

run: .venv/.made-run ## Start web, worker, scheduler and broker, with the demo story in an empty database
	@exec $(BIN)/python -m foundation.jobs.supervisor

demo: .venv/.made-run ## Play the journey over the REST API only, and check each step
	@exec $(BIN)/python -m demo.journey

bench: .venv/.made-dev ## Measure speed and memory beside references (NAMES="api pages", JSON=file, FULL=1)
	@$(BIN)/python -m bench $(NAMES) $(if $(FULL),--full) $(if $(JSON),--json $(JSON))

test: .venv/.made-dev ## Run the test suite
	@$(BIN)/python -m tests.run

check: .venv/.made-dev ## Lint, types, imports, templates, security, migrations, deployment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r portal lifecycle explain foundation demo bench
	$(BIN)/python manage.py makemigrations --check --dry-run
	@TOLLGATE_PRODUCTION=1 TOLLGATE_HTTPS=1 DATABASE_URL=postgres://tollgate@localhost/tollgate REDIS_URL=redis://localhost:6379/0 \
	  TOLLGATE_SECRET_KEY=a-key-of-the-check-only-which-is-long-enough-0123456789-abcdefghij TOLLGATE_HOSTS=tollgate.example.org \
	  $(BIN)/python manage.py check --deploy --fail-level WARNING

# Of its own: what it brings along are web frameworks and another version of NumPy.
.venv-peers/.made: requirements-peers.txt
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	@echo "Installing what explanations are measured beside (1 GB, a few minutes)."
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-peers.txt
	@touch $@

peers: .venv-peers/.made ## Install other tools for explanations, which `make bench NAMES=peers` measures beside ours

# Of its own: what it brings along changes the titles of processes, by which the supervisor's tests go.
.venv-mutate/.made: requirements-dev.txt
	@test -x .venv-mutate/bin/python || $(PYTHON) -m venv .venv-mutate
	@.venv-mutate/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt mutmut==3.8.1
	@touch $@

mutate: .venv-mutate/.made ## Change sign-off in small ways and see whether its tests notice (NAMES="lifecycle.signoff.seats*")
	@.venv-mutate/bin/mutmut run --max-children 1 $(NAMES)
	@.venv-mutate/bin/mutmut results

format: .venv/.made-dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

requirements: .venv/.made-dev ## Compile the pinned requirements from the .in files
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-emit-index-url requirements-web.in -o requirements-web.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-emit-index-url requirements.in -c requirements-web.txt -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-emit-index-url requirements-dev.in -c requirements.txt -o requirements-dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-emit-index-url requirements-peers.in -o requirements-peers.txt
