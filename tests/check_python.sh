#!/usr/bin/env bash
# check_python.sh BUILD_DIR - the Python module agrees with the C headers and the library, and its type hints
# with its code, its example and its test (where mypy is installed).
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "$1")
export PYTHONPATH=$build/python HOLDFAST_LIBRARY=$build/libholdfast.so PYTHONDONTWRITEBYTECODE=1
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
compiler=$(cached CMAKE_C_COMPILER)
python=$(cached HF_PYTHON3)
agreed=$("$python" tests/client/python_abi.py "$compiler" include "$HOLDFAST_LIBRARY") || {
    echo "check_python: FAILED"
    exit 1
}
echo "check_python: $agreed"
command -v mypy >/dev/null || { echo "check_python: no mypy here; type hints were not looked at"; exit 0; }
cache=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-mypy.XXXXXX")
trap 'rm -rf "$cache"' EXIT
MYPYPATH=$PYTHONPATH mypy --strict --no-error-summary --cache-dir "$cache" "$build"/python/holdfast \
    client/examples/*.py tests/integration/python_client.py || {
    echo "check_python: FAILED: type hints"
    exit 1
}
echo "check_python: type hints hold"
