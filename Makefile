# Latent Loom. `make run` opens the app on the demo, `make test` checks everything.
# Without make, see the pip lines in the README.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done

.PHONY: run test setup lint bench bench-maps bench-gpu stress monkey clean

run: $(STAMP)
	$(BIN)/python main.py

setup: $(STAMP)

$(STAMP): requirements.txt requirements-dev.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11 setup") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $(STAMP)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Two processes, a core for each: the window's tests with those of the maps, and all others, whose output follows.
WINDOW := tests/app tests/benchmarks tests/engine/maps tests/monkey tests/stress
test: lint
	@others=$$(mktemp); export QT_QPA_PLATFORM=offscreen; \
	$(BIN)/python -m pytest $(WINDOW:%=--ignore=%) > $$others 2>&1 & first=$$!; \
	trap 'kill $$first 2>/dev/null' INT TERM; \
	$(BIN)/python -m pytest $(WINDOW); window=$$?; \
	wait $$first; rest=$$?; cat $$others; rm -f $$others; \
	[ $$window -eq 0 ] && [ $$rest -eq 0 ]

bench: $(STAMP)
	$(BIN)/python -m tests.benchmarks

bench-maps: $(STAMP)
	$(BIN)/python -m tests.benchmarks tests.benchmarks.bench_maps

# On a machine with an NVIDIA GPU, by .venv if there is one, else by $(PYTHON), which then has torch and the rest already.
bench-gpu:
	@if test -x $(BIN)/python; then $(BIN)/python -m tests.benchmarks.on_gpu; else $(PYTHON) -m tests.benchmarks.on_gpu; fi

stress: $(STAMP)
	$(BIN)/python -m tests.stress

monkey: $(STAMP)
	$(BIN)/python -m tests.monkey

clean:
	rm -rf $(VENV) out .mypy_cache .ruff_cache
