#!/usr/bin/env bash
# Install the locked environment and this package: envs/install.sh PYTHON VENV
# The one recipe: the Makefile, the Dockerfile and envs/rise.def all run it.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1 venv=$2 uv_version=0.13.9

"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || {
  echo "rise: $("$python" --version 2>&1) is not supported; name a Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 ..." >&2
  exit 1
}
if [ ! -x "$venv/bin/uv" ] || [ "$("$venv/bin/uv" --version | cut -d' ' -f2)" != "$uv_version" ]; then
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$uv_version"
fi
# Compiled once here: otherwise each job would compile torch again where it may not write.
"$venv/bin/uv" pip sync --quiet --require-hashes --compile-bytecode --python "$venv/bin/python" envs/lock.txt
"$venv/bin/uv" pip install --quiet --no-deps --no-build-isolation --python "$venv/bin/python" --editable .
