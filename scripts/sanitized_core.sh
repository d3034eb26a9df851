#!/bin/sh
# sanitized_core.sh PYTHON: the compiled core under sanitizers for addresses and undefined behaviour, on made-up values.
set -eu
cd "$(dirname "$0")/.."
command -v gcc >/dev/null 2>&1 && asan=$(gcc -print-file-name=libasan.so) && [ -e "$asan" ] \
    || { echo "no gcc with libasan here: the core was not run under sanitizers" >&2; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" -c "
import sys
from pathlib import Path
from hometruth.peel.sieve.core.library import build
build(Path(sys.argv[1]), ['gcc'], ('-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'))
" "$work"
LD_PRELOAD=$asan ASAN_OPTIONS=detect_leaks=0 HOMETRUTH_CORE=$work "$1" -m benchmarks.sieves --rounds "${2:-3}" --seed "${3:-1}"
