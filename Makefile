# make serve   the chat on the bundled documents, at http://127.0.0.1:7860
# make test    everything a change must pass
# make check   style, types and layers only
# make audit   known vulnerabilities of what is pinned, and a list of it (needs the network)
# make bench   the figures of docs/measurements.md (needs READOUT_TEST_DATA)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: serve test check audit bench figures clean

serve: $(VENV)/installed
	$(BIN)/readout serve

test: $(VENV)/installed-test check
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# In an environment of their own: what looks at the dependencies must not be one of them.
audit: $(VENV)-audit/installed
	$(PYTHON) -m tests.audit $(VENV)-audit/bin build

$(VENV)-audit/installed:
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/pip install -q 'pip-audit>=2.10,<3' 'cyclonedx-bom>=7.3,<8'
	touch $@

bench: $(VENV)/installed-test
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf $(VENV) $(VENV)-audit build dist *.egg-info

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install -q -c constraints.txt -e .
	touch $@

$(VENV)/installed-test: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install -q -c constraints.txt -e '.[test]'
	touch $@ $(VENV)/installed
