#!/bin/sh
# Any system that runs a shell: the gate after the end-to-end tests. RECORDINGS, CANARIES and POLICY may be set.
set -eu
hometruth gate "${RECORDINGS:-recordings}" --canaries "${CANARIES:-canaries.json}" --policy "${POLICY:-policy.toml}" \
  --sarif gate.sarif --junit gate.xml --markdown gate.md
