#!/bin/sh
# Rewrite the lock files from pyproject.toml. They pin versions and hashes and name no registry.
# Needs `uv` (only here: users and CI install with pip).
set -eu
cd "$(dirname "$0")/.."
lock() { out=$1; shift; uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate "$@" pyproject.toml -o "requirements/$out"; }
lock runtime.txt --group build --extra all
lock test.txt --group build --group test --extra all --extra charts --extra postgres --extra urls
