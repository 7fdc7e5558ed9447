#!/usr/bin/env bash
# check_format.sh - every C source is as .clang-format says (but the common stream, which came as it is).
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.c' '*.h' ':!tests/bench/stream.h' | xargs -r clang-format-14 --dry-run -Werror
