# make demo: the embedded benchmark, from nothing to the report. make test: the tests that need
# nothing else; make test-slurm: on a real Slurm (root, Debian's slurm-wlm and munge).
PYTHON ?= python3
CORES ?= all
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# A broken or foreign package outside the environment must change nothing.
export PYTHONNOUSERSITE := 1
unexport PYTHONPATH

.PHONY: demo test test-container test-slurm test-slow test-chaos check-images check-pacs image lint lock clean
demo: .venv/.ready
	@snakemake --cores "$(CORES)"
	@rise show

test: .venv/.ready
	@pytest -q -n 2 -m "not container and not slurm and not dockerfile and not slow and not chaos"

# What make test leaves out: the workflow inside Apptainer, and on a Slurm of one machine; and by
# hand, both image recipes.
test-container: .venv/.ready
	@pytest -q -m container

test-slow: .venv/.ready
	@pytest -q -s -m slow

# Dies at every moment of a run's steps, and goes on (minutes).
test-chaos: .venv/.ready
	@pytest -q -s -n 2 -m chaos

test-slurm: .venv/.ready
	@PATH="$$PATH:/usr/sbin" pytest -q -m slurm

check-images: .venv/.ready
	@pytest -q -s -m dockerfile

# On a complete PACS: make check-pacs DIR="$HOME/data/PACS"
check-pacs: .venv/.ready
	@rise data fetch pacs --from "$$DIR"
	@rise data verify pacs
	@rise data decode pacs
	@RISE_PACS="$$DIR" pytest -q tests/datasets

# The container that --use-singularity runs jobs in. BASE names another base image.
image:
	@envs/build_image.sh rise.sif "$(BASE)"

lint: .venv/.ready
	ruff format --check .
	ruff check .
	mypy rise
	lint-imports
	snakefmt --check Snakefile workflow
	snakemake --lint

# Rewrite the lock from pyproject.toml, with the newest versions that it allows.
lock: .venv/.ready
	uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
	  --no-emit-index-url --extra dev pyproject.toml --output-file envs/lock.txt

clean:
	rm -rf work results reports/*/ .snakemake

.venv/.ready: envs/lock.txt envs/install.sh pyproject.toml
	@echo "Set-up of .venv: about 3 GB to download (once), 6.5 GB of disk, 1 to 4 minutes."
	@envs/install.sh "$(PYTHON)" .venv
	@touch $@
