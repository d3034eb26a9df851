"""`python -m hometruth.peel.sieve.core`: builds the compiled core into this environment."""

import subprocess
import sys

from hometruth.peel.sieve.core.library import build, compiler, places


def main() -> int:
    """Exit code 2 where it cannot be built, with a line that says why."""
    command = compiler()
    if not command:
        print("no C compiler (cc, gcc or clang) on PATH", file=sys.stderr)
        return 2
    try:
        build(places()[-1], command)
    except (OSError, subprocess.CalledProcessError) as err:
        print(f"{command[0]} could not build the compiled core: {err}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
