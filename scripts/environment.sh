# Sourced by ./demo and ./test: makes a private environment in .venv and changes nothing else on the machine.
# Needs Python 3.11 or newer with venv; installs only what requirements/*.txt pin, checked by hash.

die() { echo "hometruth: $1" >&2; exit 2; }

find_python() {
    for candidate in "${HOMETRUTH_PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] || continue
        command -v "$candidate" >/dev/null 2>&1 || continue
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        echo "$candidate"; return 0
    done
    return 1
}

# prepare_environment LOCK: leaves $environment ready to use.
prepare_environment() {
    lock=$1
    environment=${HOMETRUTH_ENVIRONMENT:-.venv}
    python=$(find_python) || die "needs Python 3.11 or newer; on Debian or Ubuntu: apt install python3 python3-venv"
    "$python" -c 'import ensurepip, venv' 2>/dev/null \
        || die "this Python has no venv; on Debian or Ubuntu: apt install python3-venv"
    wanted=$(cat "$lock" pyproject.toml | "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
    if [ "$(cat "$environment/.$(basename "$lock")" 2>/dev/null)" = "$wanted" ]; then prepare_core; return 0; fi
    echo "Setting up in $environment (once, about a minute) ..." >&2
    [ -x "$environment/bin/python" ] || "$python" -m venv "$environment" || die "cannot make $environment"
    "$environment/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock" \
        || die "could not install what $lock lists; is a package index reachable?"
    "$environment/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e . \
        || die "could not install hometruth itself"
    echo "$wanted" > "$environment/.$(basename "$lock")"
    prepare_core
}

# The compiled core is optional: built where a C compiler is, in some seconds, and never by downloading one.
prepare_core() {
    sources=$(cat src/hometruth/peel/sieve/core/*.[ch] | cksum)
    if [ "$(cat "$environment/.core" 2>/dev/null)" = "$sources" ]; then return 0; fi
    if said=$("$environment/bin/python" -m hometruth.peel.sieve.core 2>&1); then echo "$sources" > "$environment/.core"; else
        echo "hometruth: $said: it scans without its compiled core, slower; on Debian or Ubuntu: apt install gcc libc6-dev" >&2
    fi
}
