# On a fresh machine: `make report` makes every report, `make test` runs every test.
# Each target sets up what it needs in .venv, once.

SHELL := /bin/sh
VENV ?= .venv
PYTHON ?=
CHROMIUM ?=
WORKERS ?= 2
BENCH ?=

py := $(VENV)/bin/python
ready := $(VENV)/.ready
demo := data/demo/accounts.csv
set_up := PYTHON='$(PYTHON)' sh .ci/set-up '$(VENV)'

.PHONY: help report test lab check format bench clean
.NOTPARALLEL:
.DELETE_ON_ERROR:

help:
	@echo "make report   build the demo company's data and render every report to reports/index.html"
	@echo "make test     run every test, browser and notebooks included"
	@echo "make lab      open JupyterLab in notebooks/"
	@echo "make check    formatting, lint and types (make format mends the first)"
	@echo "make bench    speed and memory against peers, into benchmarks/results.md"
	@echo "make clean    take away what the others made, .venv included"

report: $(ready)-report $(demo)
	@$(py) -m workbench.cli report --all --out reports

test: $(ready)-test $(demo)
	@chromium=$$(CHROMIUM='$(CHROMIUM)' sh .ci/chromium $(py)) \
		&& export CHROMIUM="$$chromium" \
		&& $(py) -m pytest -n $(WORKERS) --dist loadscope tests \
		&& $(py) -m pytest -n $(WORKERS) --dist loadfile --nbval-lax --nbval-current-env \
			--nbval-cell-timeout 300 notebooks

lab: $(ready)-lab $(demo)
	@$(py) -m jupyterlab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks/start.ipynb

check: $(ready)-test
	@$(py) -m ruff format --check .
	@$(py) -m ruff check .
	@$(py) -m mypy

format: $(ready)-test
	@$(py) -m ruff format .
	@$(py) -m ruff check --fix .

bench: $(ready)-bench
	@$(py) -m benchmarks $(BENCH)

clean:
	rm -rf $(VENV) data/demo reports dist

$(ready)-report: pyproject.toml constraints.txt .ci/set-up
	@$(set_up) && touch $@

$(ready)-%: pyproject.toml constraints.txt .ci/set-up
	@$(set_up) $* && touch $(ready)-report $@

$(demo): $(wildcard workbench/data/demo/*.py) | $(ready)-report
	@$(py) -m workbench.cli demo --out data/demo && touch $@
