"""The command `hometruth`, and `python -m hometruth`: what Ctrl-C meets before and after the rest can."""

import os
import sys
from contextlib import suppress
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; an interruption while it loads, or tells an error, is told as it tells it."""
    try:
        from hometruth.cli import main as run  # noqa: PLC0415 - loading it is what may be interrupted

        run()
    except KeyboardInterrupt:
        with suppress(OSError, ValueError, AttributeError):  # streams may be full, closed or not there
            sys.stdout.flush()  # what was found until now stays found
            sys.stderr.write("hometruth: interrupted\n")
            sys.stderr.flush()
        os._exit(2)


if __name__ == "__main__":
    main()
