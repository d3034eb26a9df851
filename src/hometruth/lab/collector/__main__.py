"""The collector's process: says where it listens, then serves until its standard input ends."""

import argparse
import json
import os
import sys
import threading
from pathlib import Path

import uvicorn

from hometruth.errors import LabError
from hometruth.lab.collector.database import parse_db
from hometruth.lab.collector.offer import Offer, parse_settings
from hometruth.lab.collector.schemes import Scheme
from hometruth.lab.collector.server import bind, serve, url_of


def _say(message: dict[str, str]) -> None:
    try:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # whoever started it has gone, and nobody needs a collector any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit()


def main() -> None:
    """Serve with the options `hometruth.lab.start_collector` gives."""
    parser = argparse.ArgumentParser(prog="python -m hometruth.lab.collector")
    parser.add_argument("db", type=parse_db)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--encryption", type=Scheme)
    parser.add_argument("--remote-config", default="{}")
    parser.add_argument("--ledger", type=Path)
    options = parser.parse_args()

    def stop_with_stdin(server: uvicorn.Server) -> None:
        def wait() -> None:
            sys.stdin.buffer.read()
            server.should_exit = True

        threading.Thread(target=wait, daemon=True).start()
        _say({"url": url})

    try:
        listener = bind(options.host, options.port)
        url = url_of(listener)
        serve(
            options.db,
            listener,
            offer=Offer(options.encryption, parse_settings(options.remote_config)),
            ledger=options.ledger,
            on_ready=stop_with_stdin,
        )
    except LabError as err:
        _say({"error": str(err)})


if __name__ == "__main__":
    main()
