#!/usr/bin/env bash
# Makes the virtual environment given as the only argument, with the service, its tools and the versions of
# constraints.txt in it. On a machine without Python's venv module it asks the system's packages for it.
set -euo pipefail
venv=$1

python=
for name in python3.11 python3.12 python3.13 python3.14 python3; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$(command -v "$name")
        break
    fi
done
if [ -z "$python" ]; then
    echo "Afterword needs Python 3.11 or newer: install the package python3.11." >&2
    exit 1
fi

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print(f"{sys.version_info.major}.{sys.version_info.minor}")')
    "$(dirname "$0")/packages.sh" "python$version-venv"
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
pip install --upgrade --constraint constraints.txt pip
pip install --constraint constraints.txt --editable . --group dev
